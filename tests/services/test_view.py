"""What a browser receives: the shape of `docs/visit-protocol.md`, and for each person only their part."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from tests.services.acts import (
	CLIENT,
	GUARDIAN,
	GUESTS,
	HOST,
	INTERPRETER,
	STAND_IN,
	Unavailable,
	Visit,
	outcome,
	reused,
)
from theranvio_telehealth.domain.entities import Caller
from theranvio_telehealth.providers.external_link import ExternalLinkProvider
from theranvio_telehealth.providers.peer_to_peer import PeerToPeerProvider
from theranvio_telehealth.services import hosting
from theranvio_telehealth.services.view import instant
from tools.harness.ports import NOON

PROTOCOL = Path(__file__).parents[2] / "docs" / "visit-protocol.md"
LINK = "https://meet.test/secret-room"


def people(visit: Visit, user: str) -> dict[str, dict[str, Any]]:
	return {p["display_name"]: p for p in visit.state(user)["people"]}


class TestShape:
	def test_is_the_protocols(self, visit: Visit) -> None:
		"""Every key that the document shows, in the order it shows them, and no other."""
		visit.in_call()
		block = re.search(r"```\n(\{ \"room\".*?)```", PROTOCOL.read_text(), re.S)
		assert block
		documented = set(re.findall(r'"(\w+)":', block.group(1)))
		seen = visit.state(HOST)
		keys = (
			set(seen) | set(seen["provider"]) | set(seen["about"]) | set(seen["me"]) | set(seen["people"][0])
		)
		assert keys | {"code", "url", "active", "why", "by_me"} == documented

	def test_is_json(self, visit: Visit) -> None:
		visit.in_call()
		for user in (HOST, CLIENT):
			seen = visit.state(user)
			assert json.loads(json.dumps(seen)) == seen

	def test_before_coming(self, visit: Visit) -> None:
		assert visit.state(CLIENT) == {
			"room": visit.name,
			"status": "Scheduled",
			"phase": "open",
			"now": "2027-03-03T12:00:00.000Z",
			"opens_on": "2027-03-03T11:45:00.000Z",
			"starts_on": "2027-03-03T12:00:00.000Z",
			"ends_on": "2027-03-03T12:50:00.000Z",
			"closes_on": "2027-03-03T13:20:00.000Z",
			"extends_to": None,
			"locked": False,
			"provider": {
				"adapter": "Fake",
				"embedded": True,
				"end_to_end_encrypted": False,
				"carrier": "",
				"call": "",
			},
			"blocked": None,
			"fallback": None,
			"about": {"clinic": "Clinic", "clinician": "", "patient": "", "zone": ""},
			"over": None,
			"me": {
				"role": "Client",
				"display_name": "Client",
				"participant": None,
				"state": "Invited",
				"waiting_since": None,
				"was_admitted": False,
				"attendee": False,
			},
			"people": [],
		}

	def test_every_act_answers_with_it(self, visit: Visit) -> None:
		visit.enter(HOST)
		visit.enter()
		assert visit.host(hosting.admit) == visit.state(HOST)
		assert hosting.lock(visit.ports, Caller(HOST), visit.name, True) == visit.state(HOST)
		assert hosting.queue(visit.ports, Caller(HOST), visit.name) == visit.state(HOST)
		assert visit.enter() == visit.state(CLIENT)

	def test_looking_writes_nothing(self, visit: Visit) -> None:
		visit.in_call()
		before = visit.stored()
		for user in (HOST, CLIENT, GUARDIAN):
			visit.state(user)
		assert visit.stored() == before


class TestTime:
	@pytest.mark.parametrize(
		("after", "phase"), [(-16, "early"), (-15, "open"), (79, "open"), (80, "closed")]
	)
	def test_phases(self, visit: Visit, after: int, phase: str) -> None:
		visit.at(NOON + timedelta(minutes=after))
		assert visit.state()["phase"] == phase

	def test_the_close_is_the_one_that_counts_unless_more_is_given(self, visit: Visit) -> None:
		"""A host's being there gives more only when it comes to that."""
		visit.in_call()
		assert visit.state()["closes_on"] == visit.state(HOST)["closes_on"] == "2027-03-03T13:20:00.000Z"

	def test_hosts_see_how_far_they_may_extend(self, visit: Visit) -> None:
		seen = []
		for _ in range(3):
			state = visit.state(HOST)
			seen.append(state["extends_to"])
			assert visit.state()["extends_to"] is None
			if state["extends_to"]:
				hosting.extend(visit.ports, Caller(HOST), visit.name, state["closes_on"])
		assert seen == ["2027-03-03T13:35:00.000Z", "2027-03-03T13:50:00.000Z", None]
		hosting.end(visit.ports, Caller(HOST), visit.name)
		assert visit.state(HOST)["extends_to"] is None

	def test_instants_are_utc_in_milliseconds(self) -> None:
		east = timezone(timedelta(hours=5, minutes=30))
		assert instant(datetime(2027, 3, 3, 17, 30, 0, 7999, tzinfo=east)) == "2027-03-03T12:00:00.007Z"
		assert instant(None) is None


class TestProviders:
	@pytest.mark.parametrize(
		("provider", "embedded", "encrypted"),
		[(PeerToPeerProvider(), True, True), (ExternalLinkProvider(LINK), False, False)],
		ids=["peer to peer", "external link"],
	)
	def test_nothing_is_promised_that_they_do_not_keep(
		self, provider: Any, embedded: bool, encrypted: bool
	) -> None:
		seen = Visit(provider=provider).state()["provider"]
		assert (seen["embedded"], seen["end_to_end_encrypted"]) == (embedded, encrypted)

	def test_a_blocked_visit_says_why(self) -> None:
		assert Visit(company_country="United States").state()["blocked"] == {"code": "phi_not_permitted"}

	def test_what_is_held_elsewhere_is_not_blocked(self) -> None:
		visit = Visit(provider=ExternalLinkProvider(LINK), company_country="United States")
		assert visit.state()["blocked"] is None


class TestFallback:
	@pytest.mark.parametrize("user", [HOST, STAND_IN])
	def test_hosts_always_see_it(self, user: str) -> None:
		visit = Visit(fallback_url=LINK)
		assert visit.state(user)["fallback"] == {"url": LINK, "active": False}
		visit.at(visit.room.opens_on - timedelta(days=3))
		assert visit.state(user)["fallback"] == {"url": LINK, "active": False}

	@pytest.mark.parametrize("user", GUESTS)
	def test_others_only_once_it_is_offered(self, user: str) -> None:
		visit = Visit(fallback_url=LINK)
		visit.enter(user)
		visit.admit(user)
		assert visit.state(user)["fallback"] is None
		assert LINK not in json.dumps(visit.state(user))
		hosting.use_fallback(visit.ports, Caller(HOST), visit.name, True)
		assert visit.state(user)["fallback"] == {"url": LINK, "active": True}

	@pytest.mark.parametrize("act", [hosting.decline, hosting.remove])
	def test_who_was_turned_away_is_not_shown_it(self, act: Any) -> None:
		visit = Visit(fallback_url=LINK)
		hosting.use_fallback(visit.ports, Caller(HOST), visit.name, True)
		visit.enter(HOST)
		visit.enter()
		assert visit.state()["fallback"] == {"url": LINK, "active": True}
		visit.host(act)
		assert LINK not in json.dumps(visit.state())
		visit.host(hosting.send_back)
		assert visit.state()["fallback"] == {"url": LINK, "active": True}

	@pytest.mark.parametrize("user", [HOST, CLIENT])
	def test_a_visit_that_is_over_shows_no_one(self, user: str) -> None:
		visit = Visit(fallback_url=LINK)
		visit.let_in()
		hosting.use_fallback(visit.ports, Caller(HOST), visit.name, True)
		hosting.end(visit.ports, Caller(HOST), visit.name)
		assert visit.state(user)["fallback"] is None


class TestAbout:
	NAMES = {"practitioner_name": "Dr. Host", "patient_name": "Cleo Client"}

	@pytest.mark.parametrize("user", [HOST, STAND_IN, CLIENT, GUARDIAN])
	def test_clinic_clinician_and_patient_are_named_from_the_beginning(self, user: str) -> None:
		visit = Visit(**self.NAMES)
		visit.at(visit.room.opens_on - timedelta(days=3))
		about = visit.state(user)["about"]
		assert about == {"clinic": "Clinic", "clinician": "Dr. Host", "patient": "Cleo Client", "zone": ""}

	def test_an_interpreter_does_not_see_the_patient(self) -> None:
		about = Visit(**self.NAMES).state(INTERPRETER)["about"]
		assert (about["clinician"], about["patient"]) == ("Dr. Host", "")

	def test_the_clinics_zone_is_in_the_state(self, visit: Visit) -> None:
		visit.harness.store.put(replace(visit.harness.store.settings(), zone="Europe/Berlin"))
		assert visit.state()["about"]["zone"] == "Europe/Berlin"

	def test_an_appointment_of_another_patient_by_now_is_not_shown(self) -> None:
		visit = Visit(**self.NAMES)
		visit.enter()
		reused(visit.harness, patient_name="Somebody Else")
		assert visit.state()["about"] == {"clinic": "", "clinician": "", "patient": "", "zone": ""}


class TestOver:
	@pytest.mark.parametrize(
		("user", "expected"),
		[
			(HOST, {"why": "host", "by_me": True}),
			(STAND_IN, {"why": "host", "by_me": False}),
			(CLIENT, {"why": "host", "by_me": False}),
		],
	)
	def test_by_whom(self, visit: Visit, user: str, expected: dict[str, Any]) -> None:
		visit.let_in()
		hosting.end(visit.ports, Caller(HOST), visit.name)
		assert visit.state(user)["over"] == expected

	@pytest.mark.parametrize(
		("changes", "why"),
		[
			({"status": "Cancelled"}, "cancelled"),
			({"status": "No Show"}, "no_show"),
			({"video": False}, "video_off"),
		],
	)
	def test_by_the_appointment(self, visit: Visit, changes: dict[str, Any], why: str) -> None:
		visit.rewrite(**changes)
		assert {visit.state(user)["over"]["why"] for user in (HOST, CLIENT)} == {why}

	def test_by_its_window(self, visit: Visit) -> None:
		visit.later(hours=3)
		assert visit.state()["over"] == {"why": "not_held", "by_me": False}


class TestPeople:
	def test_a_host_sees_everybody_who_has_come(self, visit: Visit) -> None:
		visit.enter(HOST)
		for user in GUESTS:
			visit.enter(user)
		visit.host(hosting.decline, GUARDIAN)
		visit.leave(user=INTERPRETER)
		seen = people(visit, HOST)
		assert {name: p["state"] for name, p in seen.items()} == {
			"Client": "Waiting",
			"Guardian": "Declined",
			"Interpreter": "Left",
		}
		assert seen["Client"]["waiting_since"] == "2027-03-03T12:00:00.000Z"

	@pytest.mark.parametrize("reached", ["invited", "waiting", "declined", "removed", "left"])
	def test_outside_no_one_sees_another_client(self, visit: Visit, reached: str) -> None:
		visit.in_call(GUARDIAN)
		if reached != "invited":
			visit.enter()
		if reached in ("declined", "removed"):
			visit.host({"declined": hosting.decline, "removed": hosting.remove}[reached])
		if reached == "left":
			visit.leave()
		assert list(people(visit, CLIENT)) == ["Dr. Host"]
		answer = json.dumps(visit.state(CLIENT))
		assert "Guardian" not in answer
		assert visit.participant(GUARDIAN).name not in answer

	def test_inside_one_sees_those_who_are_inside(self, visit: Visit) -> None:
		visit.let_in(CLIENT, GUARDIAN)
		visit.enter(INTERPRETER)
		assert list(people(visit, CLIENT)) == ["Dr. Host", "Guardian"]

	def test_sent_back_one_sees_them_no_more(self, visit: Visit) -> None:
		visit.let_in(CLIENT, GUARDIAN)
		visit.host(hosting.send_back)
		assert list(people(visit, CLIENT)) == ["Dr. Host"]

	def test_no_one_sees_themself_among_the_others(self, visit: Visit) -> None:
		visit.let_in(*GUESTS)
		for user, name in ((HOST, "Dr. Host"), (CLIENT, "Client")):
			assert name not in people(visit, user)

	def test_users_and_contacts_are_shown_to_no_one(self, visit: Visit) -> None:
		visit.in_call(*GUESTS)
		for user in (HOST, *GUESTS):
			answer = json.dumps(visit.state(user))
			assert not [secret for secret in (*GUESTS, HOST, "PAT-1", "PRAC-1", "APP-1") if secret in answer]

	def test_no_credential_is_in_any_state(self, visit: Visit) -> None:
		visit.in_call(*GUESTS)
		secrets = [p.attendee_id for p in visit.everyone()] + [
			visit.room.meeting_id,
			visit.room.meeting_token,
		]
		for user in (HOST, *GUESTS):
			answer = json.dumps(visit.state(user))
			assert not [secret for secret in secrets if secret in answer]

	@pytest.mark.parametrize(("one", "other"), list(product([True, False], repeat=2)))
	def test_pseudonyms_are_shown_to_the_admitted_only(self, visit: Visit, one: bool, other: bool) -> None:
		visit.in_call(CLIENT, GUARDIAN)
		names = {user: visit.participant(user).pseudonym for user in (HOST, CLIENT, GUARDIAN)}
		if not one:
			visit.leave(visit.participant(HOST).attendee_id, HOST)
		if not other:
			visit.host(hosting.send_back)
		expected = {
			"Client": names[CLIENT] if one and other else "",
			"Guardian": names[GUARDIAN] if one else "",
		}
		assert {n: p["pseudonym"] for n, p in people(visit, HOST).items()} == expected

	def test_a_waiting_client_learns_no_pseudonym(self, visit: Visit) -> None:
		visit.in_call(GUARDIAN)
		visit.enter()
		assert people(visit, CLIENT)["Dr. Host"]["pseudonym"] == ""

	def test_present_means_in_the_call_now(self, visit: Visit) -> None:
		visit.let_in()
		assert not people(visit, HOST)["Client"]["present"]
		attendee = visit.join()
		assert people(visit, HOST)["Client"]["present"]
		visit.later(seconds=31)
		assert not people(visit, HOST)["Client"]["present"]
		visit.beat(attendee)
		visit.host(hosting.send_back)
		assert not people(visit, HOST)["Client"]["present"]

	def test_who_is_only_just_rejoining_is_not_present(self, visit: Visit) -> None:
		visit.in_call()
		visit.media.fails = Unavailable
		assert outcome(visit.join) == "provider_unavailable"
		assert not people(visit, HOST)["Client"]["present"]
		assert visit.state(CLIENT)["me"]["attendee"] is False
