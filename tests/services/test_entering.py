"""Coming to a visit: hosts walk in and start it, everybody else waits."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.services.acts import CLIENT, GUARDIAN, GUESTS, HOST, INTERPRETER, STAND_IN, Visit, outcome
from theranvio_telehealth.domain.entities import Caller, Person, Settings
from theranvio_telehealth.domain.enums import AgreementState, AgreementType, Role, RoomStatus
from theranvio_telehealth.domain.enums import ParticipantState as State
from theranvio_telehealth.services import hosting
from tools.harness.factories import make_agreement, make_provider
from tools.harness.ports import NOON

AMERICAN = {"company_country": "United States"}


class TestHost:
	def test_walks_in_and_the_visit_runs(self, visit: Visit) -> None:
		seen = visit.enter(HOST)
		assert (seen["status"], seen["me"]["state"]) == ("Live", "Admitted")
		host = visit.participant(HOST)
		assert (host.state, host.admitted_on, host.admitted_by) == (State.ADMITTED, NOON, HOST)
		assert visit.room.status is RoomStatus.LIVE

	def test_is_shown_on_the_appointment(self, visit: Visit) -> None:
		assert visit.harness.store.shown("APP-1") == visit.name
		visit.enter(HOST)
		assert visit.harness.store.shown("APP-1") == visit.name

	def test_has_no_credentials_for_having_come(self, visit: Visit) -> None:
		visit.enter(HOST)
		assert visit.participant(HOST).attendee_id == ""
		assert visit.attendees() == set()

	def test_a_stand_in_is_recorded_as_one(self, visit: Visit) -> None:
		visit.enter(STAND_IN)
		visit.enter(HOST)
		assert visit.participant(STAND_IN).stand_in
		assert not visit.participant(HOST).stand_in
		assert visit.participant(STAND_IN).admitted_by == STAND_IN

	def test_may_come_back_after_hanging_up(self, visit: Visit) -> None:
		visit.enter(HOST)
		visit.leave(user=HOST)
		visit.later(minutes=5)
		assert visit.enter(HOST)["me"]["state"] == "Admitted"
		assert visit.room.status is RoomStatus.LIVE

	def test_is_stopped_by_no_lock(self, visit: Visit) -> None:
		hosting.lock(visit.ports, Caller(HOST), visit.name, True)
		assert visit.enter(HOST)["me"]["state"] == "Admitted"

	def test_entering_again_changes_nothing(self, visit: Visit) -> None:
		visit.enter(HOST)
		before = visit.stored()
		visit.later(minutes=1)
		visit.enter(HOST)
		assert visit.stored() == before


class TestGuest:
	@pytest.mark.parametrize("user", GUESTS)
	def test_waits(self, visit: Visit, user: str) -> None:
		seen = visit.enter(user)
		assert (seen["status"], seen["me"]["state"]) == ("Scheduled", "Waiting")
		assert seen["me"]["waiting_since"] == "2027-03-03T12:00:00.000Z"
		assert visit.participant(user).waiting_since == NOON

	def test_comes_as_the_server_knows_them(self, visit: Visit) -> None:
		visit.enter(GUARDIAN)
		person = visit.participant(GUARDIAN)
		assert (person.role, person.display_name, person.user) == (Role.GUARDIAN, "Guardian", GUARDIAN)
		assert (person.room, person.stand_in) == (visit.name, False)

	def test_reloading_keeps_the_place(self, visit: Visit) -> None:
		visit.enter()
		visit.later(minutes=3)
		visit.enter()
		assert visit.participant().waiting_since == NOON
		assert len(visit.everyone()) == 1

	def test_reloading_in_the_call_stays_admitted(self, visit: Visit) -> None:
		visit.in_call()
		before = visit.stored()
		assert visit.enter()["me"]["state"] == "Admitted"
		assert visit.stored() == before

	def test_who_left_waits_anew(self, visit: Visit) -> None:
		visit.enter()
		visit.leave()
		visit.later(minutes=3)
		visit.enter()
		assert visit.participant().waiting_since == NOON + timedelta(minutes=3)

	def test_the_visit_is_not_started_by_waiting(self, visit: Visit) -> None:
		visit.enter()
		assert visit.room.status is RoomStatus.SCHEDULED

	@pytest.mark.parametrize(("act", "refusal"), [(hosting.decline, "declined"), (hosting.remove, "removed")])
	def test_who_was_turned_away_stays_out(self, visit: Visit, act: Any, refusal: str) -> None:
		visit.enter()
		visit.host(act)
		assert outcome(visit.enter) == refusal
		visit.host(hosting.send_back)
		assert outcome(visit.enter) == "ok"

	def test_a_lock_stops_the_next_and_not_those_who_wait(self, visit: Visit) -> None:
		visit.enter(GUARDIAN)
		hosting.lock(visit.ports, Caller(HOST), visit.name, True)
		assert outcome(visit.enter) == "visit_locked"
		assert visit.everyone() == [visit.participant(GUARDIAN)]
		assert outcome(lambda: visit.enter(GUARDIAN)) == "ok"
		hosting.lock(visit.ports, Caller(HOST), visit.name, False)
		assert outcome(visit.enter) == "ok"


class TestWhen:
	@pytest.mark.parametrize("user", [HOST, CLIENT])
	def test_from_the_opening_to_just_before_the_close(self, visit: Visit, user: str) -> None:
		for moment in (visit.room.opens_on, visit.room.closes_on - timedelta(milliseconds=1)):
			visit.at(moment)
			assert outcome(lambda: visit.enter(user)) == "ok"

	def test_into_the_overrun_while_the_host_is_in_the_call(self, visit: Visit) -> None:
		attendee = visit.in_call()[0]
		visit.at(visit.room.closes_on)
		assert outcome(lambda: visit.enter(INTERPRETER)) == "window_closed"
		visit.at(NOON)
		while visit.harness.clock.now() < visit.room.closes_on:
			visit.later(seconds=30)
			visit.beat(attendee, HOST)
		assert outcome(lambda: visit.enter(INTERPRETER)) == "ok"
		visit.leave(attendee, HOST)
		assert outcome(lambda: visit.enter(GUARDIAN)) == "window_closed"


class TestNudges:
	def test_the_practitioner_who_has_not_come_is_notified_of_a_waiting_client(self, visit: Visit) -> None:
		visit.enter()
		assert HOST in visit.harness.nudge.take()

	def test_stand_ins_hear_of_it_once_they_have_come(self, visit: Visit) -> None:
		visit.enter()
		assert STAND_IN not in visit.harness.nudge.take()
		visit.enter(STAND_IN)
		visit.enter(GUARDIAN)
		assert STAND_IN in visit.harness.nudge.take()

	def test_a_refused_person_causes_no_notification(self, visit: Visit) -> None:
		hosting.lock(visit.ports, Caller(HOST), visit.name, True)
		visit.harness.nudge.take()
		assert outcome(visit.enter) == "visit_locked"
		assert visit.harness.nudge.take() == set()

	def test_strangers_are_never_announced(self, visit: Visit) -> None:
		visit.in_call()
		assert visit.harness.nudge.take() <= {HOST, CLIENT}


class TestRoleChanged:
	"""A part is what the appointment says now, not what it was at the first coming."""

	def test_a_host_no_more_waits_like_anybody(self, visit: Visit) -> None:
		visit.in_call()
		visit.harness.directory.add(HOST, Person(Role.GUARDIAN, "Dr. Host"), "APP-1")
		attendee = visit.participant(HOST).attendee_id
		for act in (
			lambda: visit.join(HOST),
			lambda: visit.beat(attendee, HOST),
			lambda: visit.signal(attendee, user=HOST),
		):
			assert outcome(act) == "not_admitted"
		seen = visit.enter(HOST)
		assert (seen["me"]["role"], seen["me"]["state"]) == ("Guardian", "Waiting")
		assert len(visit.everyone()) == 2
		assert visit.participant(HOST).revoked_attendees == (attendee,)

	def test_who_became_a_host_walks_in(self, visit: Visit) -> None:
		visit.enter(STAND_IN)
		visit.enter(INTERPRETER)
		visit.harness.directory.add(INTERPRETER, Person(Role.HOST, "Interpreter", stand_in=True), "APP-1")
		assert visit.enter(INTERPRETER)["me"] | {"participant": ""} == {
			"role": "Host",
			"display_name": "Interpreter",
			"participant": "",
			"state": "Admitted",
			"waiting_since": None,
			"was_admitted": True,
			"attendee": False,
		}
		assert visit.participant(INTERPRETER).stand_in

	def test_no_one_sees_their_former_self(self, visit: Visit) -> None:
		visit.in_call()
		visit.harness.directory.add(CLIENT, Person(Role.HOST, "Client", stand_in=True), "APP-1")
		assert [p["display_name"] for p in visit.state(CLIENT)["people"]] == ["Dr. Host"]


#: What one agreement may turn into, or be, that counts for nothing.
UNCOVERED: list[dict[str, Any]] = [
	{"state": AgreementState.TERMINATED},
	{"agreement_type": AgreementType.OTHER},
	{"company": "Another clinic"},
	{"services": "Paper"},
	{"file_pages": 0},
	{"attested_by": ""},
	{"provider_account_id": "other"},
]


def permitted() -> Visit:
	"""A visit in the United States, with an agreement that counts and the switch on."""
	visit = Visit(**AMERICAN)
	visit.harness.store.put(Settings(default_provider="Video", us_phi_enabled=True))
	visit.harness.agreements.put(make_agreement())
	return visit


class TestPhi:
	"""A clinic in the United States whose switch is off: embedded video does not start, the appointment goes on."""

	def test_the_host_sees_why_and_the_visit_does_not_start(self) -> None:
		visit = Visit(**AMERICAN)
		assert outcome(lambda: visit.enter(HOST)) == "phi_not_permitted"
		assert visit.room.status is RoomStatus.SCHEDULED
		assert visit.everyone() == []
		assert visit.state(HOST)["blocked"]["code"] == "phi_not_permitted"

	def test_the_fallback_goes_on(self) -> None:
		visit = Visit(fallback_url="https://meet.test/x", **AMERICAN)
		visit.enter(CLIENT)
		hosting.use_fallback(visit.ports, Caller(HOST), visit.name, True)
		assert visit.state(CLIENT)["fallback"] == {"url": "https://meet.test/x", "active": True}

	def test_with_the_switch_on_and_an_agreement_it_starts(self) -> None:
		assert permitted().enter(HOST)["blocked"] is None

	@pytest.mark.parametrize("country", ["Puerto Rico", "Guam", "American Samoa", ""])
	def test_so_does_one_in_its_territories_or_without_a_country(self, country: str) -> None:
		assert outcome(lambda: Visit(company_country=country).enter(HOST)) == "phi_not_permitted"

	@pytest.mark.parametrize("change", UNCOVERED, ids=str)
	def test_what_counts_no_more_closes_the_door_at_the_next_request(self, change: dict[str, Any]) -> None:
		"""Without a sweep in between: the switch is still on."""
		visit = permitted()
		visit.harness.agreements.put(make_agreement(**change))
		assert visit.harness.store.settings().us_phi_enabled
		assert visit.state(HOST)["blocked"]["code"] == "phi_not_permitted"
		assert outcome(lambda: visit.enter(HOST)) == "phi_not_permitted"

	def test_it_closes_on_the_day_after_the_agreements_last(self) -> None:
		visit = permitted()
		visit.harness.agreements.put(make_agreement(expires_on=NOON.date()))
		visit.rewrite(starts_on=NOON + timedelta(days=1))
		visit.at(NOON + timedelta(days=1))
		assert outcome(lambda: visit.enter(HOST)) == "phi_not_permitted"

	def test_it_closes_where_the_rooms_media_goes_to_a_region_that_is_not_covered(self) -> None:
		visit = permitted()
		visit.harness.store.put(replace(visit.room, media_region="eu-west-2"))
		assert outcome(lambda: visit.enter(HOST)) == "phi_not_permitted"
		visit.harness.agreements.put(make_agreement(regions=("eu-west-2",)))
		assert outcome(lambda: visit.enter(HOST)) == "ok"

	def test_a_deleted_appointments_visit_is_over_rather_than_blocked(self) -> None:
		visit = permitted()
		visit.enter(CLIENT)
		visit.harness.store.remove_appointment(visit.appointment.name)
		assert visit.state(CLIENT)["blocked"] is None

	def test_the_switch_has_no_effect_elsewhere(self, visit: Visit) -> None:
		assert visit.enter(HOST)["blocked"] is None

	def test_a_visit_that_runs_is_not_cut_when_the_switch_falls(self) -> None:
		visit = permitted()
		_, attendee = visit.in_call()
		visit.harness.store.put(replace(visit.harness.store.settings(), us_phi_enabled=False))
		assert outcome(lambda: visit.beat(attendee)) == "ok"
		assert outcome(visit.join) == "phi_not_permitted"


class TestWithoutAProvider:
	@pytest.mark.parametrize("how", ["none", "deleted", "disabled"])
	def test_the_visit_goes_on_without_video(self, visit: Visit, how: str) -> None:
		store = visit.harness.store
		if how == "none":
			store.put(Settings())
			store.put(replace(visit.room, provider=""))
		elif how == "deleted":
			store.remove(store.provider("Video"))
		else:
			visit.harness.store.put(make_provider(enabled=False))
		visit.let_in()
		assert outcome(visit.join) == "provider_unavailable"
		assert visit.state()["provider"] == {
			"adapter": "",
			"embedded": False,
			"end_to_end_encrypted": False,
			"carrier": "",
			"call": "",
		}

	def test_a_disabled_provider_gives_nothing_to_anybody(self, visit: Visit) -> None:
		"""The gate asks for agreements of enabled providers only: a disabled one must not carry a visit."""
		visit.let_in()
		visit.harness.store.put(make_provider(enabled=False))
		assert outcome(visit.join) == "provider_unavailable"
		assert visit.media.asked == []
