"""The list of clients who wait for a host, over all visits, and its notification in the desk."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.services.acts import GUARDIAN, GUESTS, HOST, STAND_IN, STRANGER, Visit, outcome
from tests.services.test_outside import correct_address
from theranvio_telehealth.domain.entities import Caller
from theranvio_telehealth.domain.presence import SILENCE
from theranvio_telehealth.services import hosting
from theranvio_telehealth.services.waiting import waiting

LONG = SILENCE.total_seconds() + 1


def names(visit: Visit, user: str = HOST) -> list[str]:
	return [line["display_name"] for line in waiting(visit.ports, Caller(user))["waiting"]]


class TestList:
	def test_says_who_waits_where_and_since_when(self, visit: Visit) -> None:
		visit.enter()
		assert waiting(visit.ports, Caller(HOST)) == {
			"waiting": [
				{
					"room": visit.name,
					"participant": visit.participant().name,
					"display_name": "Client",
					"waiting_since": "2027-03-03T12:00:00.000Z",
				}
			]
		}

	def test_of_all_visits_longest_first(self, visit: Visit) -> None:
		other = Visit(visit.harness, name="APP-2")
		other.enter(GUARDIAN)
		visit.later(seconds=10)
		visit.enter()
		assert names(visit) == ["Guardian", "Client"]

	@pytest.mark.parametrize("user", [*GUESTS, STRANGER, STAND_IN])
	def test_no_one_else_is_notified(self, visit: Visit, user: str) -> None:
		"""Not even who might stand in, until they have come."""
		visit.enter()
		assert names(visit, user) == []

	def test_who_has_stood_in_is_notified(self, visit: Visit) -> None:
		visit.enter(STAND_IN)
		visit.enter()
		assert names(visit, STAND_IN) == ["Client"]

	def test_a_practitioner_who_may_no_longer_see_the_appointment_is_not(self, visit: Visit) -> None:
		visit.enter()
		del visit.harness.directory.people[HOST, visit.appointment.name]
		assert names(visit) == []

	def test_who_only_checks_a_device_does_not_wait(self, visit: Visit) -> None:
		visit.here()
		assert names(visit) == []

	def test_who_is_away_does_not_count_until_they_are_back(self, visit: Visit) -> None:
		visit.enter()
		visit.later(seconds=LONG)
		assert names(visit) == []
		visit.here()
		assert names(visit) == ["Client"]

	def test_nor_who_is_no_longer_part_of_it(self, visit: Visit) -> None:
		visit.enter()
		correct_address(visit)
		assert names(visit) == []

	@pytest.mark.parametrize("how", ["admitted", "declined", "left", "cancelled", "ended", "closed"])
	def test_nor_whose_waiting_is_over(self, visit: Visit, how: str) -> None:
		visit.enter(HOST)
		visit.enter()
		{
			"admitted": lambda: visit.admit(),
			"declined": lambda: visit.host(hosting.decline),
			"left": lambda: visit.leave(),
			"cancelled": lambda: visit.rewrite(status="Cancelled"),
			"ended": lambda: hosting.end(visit.ports, Caller(HOST), visit.name),
			"closed": lambda: visit.later(hours=2),
		}[how]()
		assert names(visit) == []


class TestBell:
	def test_rings_for_the_practitioner_when_a_person_begins_to_wait(self, visit: Visit) -> None:
		visit.enter()
		assert visit.harness.bell.take() == [(HOST, visit.name)]

	def test_and_for_anyone_who_stands_in(self, visit: Visit) -> None:
		visit.enter(STAND_IN)
		visit.enter()
		assert visit.harness.bell.take() == [(STAND_IN, visit.name), (HOST, visit.name)]

	@pytest.mark.parametrize("act", ["again", "here", "host", "sent back"])
	def test_but_for_nothing_else(self, visit: Visit, act: str) -> None:
		visit.let_in()
		visit.harness.bell.take()
		{
			"again": lambda: visit.enter(),
			"here": lambda: visit.here(GUARDIAN),
			"host": lambda: visit.enter(HOST),
			"sent back": lambda: visit.host(hosting.send_back),
		}[act]()
		assert visit.harness.bell.take() == []

	def test_reloading_the_waiting_room_rings_no_second_time(self, visit: Visit) -> None:
		visit.enter()
		visit.enter()
		assert len(visit.harness.bell.take()) == 1

	def test_one_that_fails_keeps_no_one_out(self, visit: Visit) -> None:
		def broken(*_: Any) -> None:
			raise OSError

		visit.harness.bell.ring = broken  # type: ignore[method-assign]
		assert visit.enter()["me"]["state"] == "Waiting"
		assert [what for what, _, _ in visit.harness.log.failures] == ["bell"]

	def test_who_is_refused_rings_nothing(self, visit: Visit) -> None:
		visit.harness.store.save_room(replace(visit.room, locked=True))
		assert outcome(visit.enter) == "visit_locked"
		assert visit.harness.bell.take() == []
