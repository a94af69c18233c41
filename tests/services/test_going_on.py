"""What ends no visit: statuses the platform writes by itself, and a room that is empty for a moment. And what is found only
when a person enters."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.services.acts import HOST, Visit, outcome
from theranvio_telehealth.domain.entities import Caller, Room, Settings
from theranvio_telehealth.domain.enums import RevokedReason, RoomStatus
from theranvio_telehealth.services import hosting, sweep
from tools.harness.factories import Harness, make_provider
from tools.harness.ports import NOON


def rooms(harness: Harness) -> list[Room]:
	return list(harness.store.all(Room))


class TestClosedAppointment:
	"""An encounter closes it: before, during or after the call."""

	def test_before_the_visit_it_stays_open(self, visit: Visit) -> None:
		visit.rewrite(status="Closed")
		visit.sync_rooms()
		assert outcome(visit.enter) == "ok"

	def test_during_the_visit_no_one_is_cut_off(self, visit: Visit) -> None:
		_, attendee = visit.in_call()
		visit.rewrite(status="Closed")
		visit.sync_rooms()
		assert outcome(lambda: visit.beat(attendee)) == "ok"

	def test_while_the_client_waits_the_host_still_comes(self, visit: Visit) -> None:
		visit.enter()
		visit.rewrite(status="Closed")
		visit.sync_rooms()
		visit.let_in()
		assert outcome(visit.join) == outcome(lambda: visit.join(HOST)) == "ok"

	def test_when_all_were_silent_they_come_back(self, visit: Visit) -> None:
		hosts, clients = visit.in_call()
		visit.rewrite(status="Closed")
		visit.later(seconds=31)
		sweep.sweep(visit.ports)
		assert outcome(lambda: visit.beat(clients)) == outcome(lambda: visit.beat(hosts, HOST)) == "ok"

	def test_when_all_have_left_they_come_back(self, visit: Visit) -> None:
		hosts, clients = visit.in_call()
		visit.rewrite(status="Closed")
		visit.leave(clients)
		visit.leave(hosts, HOST)
		sweep.sweep(visit.ports)
		visit.let_in()
		assert outcome(visit.join) == "ok"

	def test_it_ends_when_the_host_ends_it_or_its_window_closes(self, visit: Visit) -> None:
		other = Visit(visit.harness, name="APP-2")
		for each in (visit, other):
			each.rewrite(status="Closed")
			each.in_call()
		hosting.end(visit.ports, Caller(HOST), visit.name)
		assert visit.room.status is RoomStatus.ENDED
		visit.at(other.room.closes_on)
		sweep.sweep(visit.ports)
		assert (other.room.status, other.room.ended_by) == (RoomStatus.ENDED, "")

	def test_a_room_that_no_event_made_is_made(self, harness: Harness) -> None:
		"""The encounter was begun before the sweep came round."""
		harness.appointment(status="Closed")
		sweep.sweep(harness.ports)
		assert [r.status for r in rooms(harness)] == [RoomStatus.SCHEDULED]


class TestPastTheClinicsMidnight:
	"""The visit began before it and runs on; the platform's daily job calls it a no-show."""

	@pytest.fixture
	def late(self, visit: Visit) -> Visit:
		visit.rewrite(day_ends_on=NOON + timedelta(minutes=5))
		return visit

	def test_a_no_show_by_the_calendar_cuts_no_one_off(self, late: Visit) -> None:
		late.in_call()
		late.later(minutes=5)
		late.join()
		late.rewrite(status="No Show")
		late.sync_rooms()
		sweep.sweep(late.ports)
		assert late.room.status is RoomStatus.LIVE
		assert outcome(late.join) == "ok"

	def test_nor_keeps_out_anyone_who_comes_late(self, late: Visit) -> None:
		late.later(minutes=10)
		late.rewrite(status="No Show")
		assert outcome(late.let_in) == "ok"

	def test_and_the_window_closes_as_ever(self, late: Visit) -> None:
		late.in_call()
		late.rewrite(status="No Show")
		late.at(late.room.closes_on)
		sweep.sweep(late.ports)
		assert late.room.status is RoomStatus.ENDED

	def test_a_no_show_before_it_is_the_clinics_word(self, late: Visit) -> None:
		late.enter()
		late.rewrite(status="No Show")
		late.sync_rooms()
		late.later(minutes=10)
		sweep.sweep(late.ports)
		assert (late.room.status, outcome(late.enter)) == (RoomStatus.REVOKED, "visit_over")


class TestFoundBackground:
	"""A change without an event is found when a person enters, or by the sweep; it is not recorded as that person's."""

	@pytest.mark.parametrize("act", ["enter", "sweep"])
	def test_a_silent_cancellation_has_no_author(self, visit: Visit, act: str) -> None:
		visit.rewrite(status="Cancelled")
		visit.later(minutes=1)
		if act == "enter":
			assert outcome(visit.enter) == "visit_over"
		else:
			sweep.sweep(visit.ports)
		room = visit.room
		assert (room.status, room.revoked_by) == (RoomStatus.REVOKED, "")
		assert (room.revoked_on, room.revoked_reason) == (visit.harness.clock.now(), RevokedReason.CANCELLED)


class TestBookedBeforeThereWasAProvider:
	@pytest.fixture
	def unserved(self, harness: Harness) -> Visit:
		harness.store.put(Settings())
		visit = Visit(harness)
		harness.store.put(Settings(default_provider="Video"))
		return visit

	def test_it_has_one_when_a_person_comes(self, unserved: Visit) -> None:
		assert unserved.room.provider == ""
		assert unserved.state()["provider"]["adapter"] == "Fake"
		unserved.let_in()
		assert unserved.room.provider == "Video"
		assert outcome(unserved.join) == "ok"

	def test_or_before_by_the_sweep(self, unserved: Visit) -> None:
		sweep.sweep(unserved.ports)
		assert unserved.room.provider == "Video"

	def test_a_room_at_one_that_was_switched_off_goes_to_the_new_default(self, visit: Visit) -> None:
		visit.harness.store.put(make_provider(enabled=False))
		visit.harness.store.put(make_provider(name="Other", media_region="ca-central-1"))
		visit.harness.store.put(Settings(default_provider="Other"))
		visit.let_in()
		assert (visit.room.provider, visit.room.media_region) == ("Other", "ca-central-1")

	def test_but_no_one_is_taken_out_of_a_meeting_for_it(self, visit: Visit) -> None:
		visit.in_call()
		visit.harness.store.put(make_provider(enabled=False))
		visit.harness.store.put(make_provider(name="Other"))
		visit.harness.store.put(Settings(default_provider="Other"))
		sweep.sweep(visit.ports)
		assert visit.room.provider == "Video"
