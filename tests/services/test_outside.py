"""People outside the call: who has the page open, who is away, who is no longer part of the appointment."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.services.acts import CLIENT, GUARDIAN, HOST, PEOPLE, STAND_IN, STRANGER, Visit, outcome
from theranvio_telehealth.domain.entities import Person
from theranvio_telehealth.domain.enums import ParticipantState, Role
from theranvio_telehealth.domain.presence import SILENCE
from theranvio_telehealth.services import hosting

NEW_ADDRESS = "client.new@home.test"


def shown(visit: Visit, by: str = HOST) -> list[dict[str, Any]]:
	"""Whom a host is shown, other hosts left out."""
	return [p for p in visit.state(by)["people"] if p["role"] != "Host"]


def correct_address(visit: Visit, old: str = CLIENT, new: str = NEW_ADDRESS) -> None:
	"""The patient's e-mail address is corrected: the client has another login, and the appointment has not changed."""
	del visit.harness.directory.people[old, visit.appointment.name]
	visit.harness.directory.add(new, Person(Role.CLIENT, "Client"), visit.appointment.name)


class TestABrowserThatCannotCall:
	@pytest.mark.parametrize("lack", ["insecure", "calls", "devices"])
	def test_the_hosts_see_the_reason_and_are_nudged(self, visit: Visit, lack: str) -> None:
		visit.here()
		visit.harness.nudge.take()
		visit.here(lack=lack)
		assert [p["lack"] for p in shown(visit)] == [lack]
		assert HOST in visit.harness.nudge.take()
		visit.here(lack=lack)
		assert visit.harness.nudge.take() == set()

	def test_another_browser_that_can_takes_that_back(self, visit: Visit) -> None:
		visit.here(lack="calls")
		visit.here()
		assert [p["lack"] for p in shown(visit)] == [""]

	def test_only_hosts_see_it(self, visit: Visit) -> None:
		visit.here(lack="calls")
		assert not any(p["lack"] for p in visit.state(GUARDIAN)["people"])

	@pytest.mark.parametrize("lack", ["camera", "Calls", "<b>", "x" * 5000])
	def test_only_known_words_are_taken(self, visit: Visit, lack: str) -> None:
		assert outcome(lambda: visit.here(lack=lack)) == "malformed"
		assert shown(visit) == []


class TestAtTheDeviceCheck:
	def test_a_client_with_the_page_open_is_shown_before_they_enter(self, visit: Visit) -> None:
		assert shown(visit) == []
		assert visit.here()["me"]["state"] == "Invited"
		(client,) = shown(visit)
		assert (client["display_name"], client["state"], client["seen"]) == ("Client", "Invited", True)

	def test_and_no_more_once_it_is_closed(self, visit: Visit) -> None:
		visit.here()
		visit.later(seconds=SILENCE.total_seconds() + 1)
		(client,) = shown(visit)
		assert not client["seen"]

	def test_entering_makes_no_second_person(self, visit: Visit) -> None:
		visit.here()
		visit.enter()
		assert [p["state"] for p in shown(visit)] == ["Waiting"]

	def test_the_hosts_are_nudged_once(self, visit: Visit) -> None:
		visit.here()
		assert HOST in visit.harness.nudge.take()
		visit.later(seconds=15)
		visit.here()
		assert visit.harness.nudge.take() == set()

	def test_and_again_by_who_was_away(self, visit: Visit) -> None:
		visit.enter()
		visit.later(seconds=SILENCE.total_seconds() + 1)
		visit.harness.nudge.take()
		visit.here()
		assert HOST in visit.harness.nudge.take()

	@pytest.mark.parametrize("minutes", [-16, 80], ids=["before", "after"])
	def test_outside_the_window_nothing_is_stored(self, visit: Visit, minutes: int) -> None:
		visit.at(visit.appointment.starts_on + timedelta(minutes=minutes))
		visit.here()
		assert visit.everyone() == []
		assert visit.harness.presence.seen == {}

	@pytest.mark.parametrize("user", [HOST, STAND_IN])
	def test_a_host_who_only_looks_has_not_come(self, visit: Visit, user: str) -> None:
		visit.here(user)
		assert visit.everyone() == []

	def test_strangers_learn_nothing(self, visit: Visit) -> None:
		assert outcome(lambda: visit.here(STRANGER)) == "not_found"
		assert visit.everyone() == []

	def test_others_do_not_see_who_checks_a_device(self, visit: Visit) -> None:
		visit.let_in(GUARDIAN)
		visit.here()
		assert [p["display_name"] for p in visit.state(GUARDIAN)["people"]] == ["Dr. Host"]
		assert not any(p["seen"] for p in visit.state(GUARDIAN)["people"])


class TestWaiting:
	def test_a_closed_page_is_away(self, visit: Visit) -> None:
		visit.enter()
		visit.later(seconds=SILENCE.total_seconds() + 1)
		(client,) = shown(visit)
		assert (client["state"], client["seen"]) == ("Waiting", False)

	def test_an_open_one_is_not_however_long_it_takes(self, visit: Visit) -> None:
		visit.enter()
		for _ in range(20):
			visit.later(seconds=60)
			visit.here()
		assert shown(visit)[0]["seen"]

	def test_coming_back_keeps_the_place(self, visit: Visit) -> None:
		visit.enter()
		visit.later(minutes=10)
		visit.here()
		(client,) = shown(visit)
		assert client["seen"]
		assert client["waiting_since"] == "2027-03-03T12:00:00.000Z"

	def test_without_a_cache_no_one_is_called_away(self, visit: Visit) -> None:
		visit.enter()
		visit.harness.presence.is_lost = True
		visit.later(minutes=10)
		assert shown(visit)[0]["seen"]


class TestLetIn:
	def test_who_is_let_in_with_the_page_closed_is_not_seen(self, visit: Visit) -> None:
		visit.let_in()
		assert shown(visit)[0]["seen"] is True
		visit.later(seconds=SILENCE.total_seconds() + 1)
		assert shown(visit)[0]["seen"] is False
		visit.here()
		assert shown(visit)[0]["seen"] is True
		visit.later(seconds=SILENCE.total_seconds() + 1)
		assert shown(visit)[0]["seen"] is False


class TestNoLongerPart:
	@pytest.mark.parametrize("reached", ["seen", "waiting", "left", "declined"])
	def test_the_former_login_is_shown_no_more(self, visit: Visit, reached: str) -> None:
		visit.enter(HOST)
		visit.here() if reached == "seen" else visit.enter()
		if reached == "left":
			visit.leave()
		if reached == "declined":
			visit.host(hosting.decline)
		correct_address(visit)
		visit.enter(NEW_ADDRESS)
		(client,) = shown(visit)
		assert client["participant"] == visit.participant(NEW_ADDRESS).name

	@pytest.mark.parametrize("act", [hosting.admit, hosting.decline, hosting.send_back, hosting.remove])
	def test_and_nothing_can_be_done_to_it(self, visit: Visit, act: Any) -> None:
		visit.enter(HOST)
		visit.enter()
		correct_address(visit)
		before = visit.participant()
		assert outcome(lambda: visit.host(act)) == "wrong_move"
		assert visit.participant() == before

	def test_following_the_appointment_puts_it_out(self, visit: Visit) -> None:
		visit.enter()
		correct_address(visit)
		visit.sync_rooms()
		assert visit.participant().state is ParticipantState.INVITED

	def test_anyone_who_is_still_in_the_call_is_shown_and_can_be_removed(self, visit: Visit) -> None:
		visit.in_call()
		correct_address(visit)
		assert [p["present"] for p in shown(visit)] == [True]
		visit.host(hosting.remove)
		assert shown(visit) == []
		assert len(visit.attendees()) == 1

	def test_who_comes_in_another_role_waits_as_that(self, visit: Visit) -> None:
		visit.enter(GUARDIAN)
		visit.harness.directory.add(GUARDIAN, Person(Role.GUEST, "Guest"), visit.appointment.name)
		assert shown(visit) == []
		visit.enter(GUARDIAN)
		assert [p["role"] for p in shown(visit)] == ["Guest"]

	def test_those_who_are_part_of_it_are_shown(self, visit: Visit) -> None:
		for user, person in PEOPLE.items():
			if person.role is not Role.HOST:
				visit.enter(user)
		assert len(shown(visit)) == 3
