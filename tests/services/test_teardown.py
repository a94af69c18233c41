"""Destroying at the provider what no participant is entitled to any more: repeatable, also for what is gone already."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.services.acts import CLIENT, HOST, Rejected, Unavailable, Visit, outcome
from theranvio_telehealth.domain.entities import Caller, Person
from theranvio_telehealth.domain.enums import Role, RoomStatus
from theranvio_telehealth.services import hosting, sweep
from theranvio_telehealth.services.teardown import tear_down
from tools.harness.factories import Harness


@pytest.fixture
def ended(visit: Visit) -> Visit:
	"""Everybody is out, and the provider has not heard of it."""
	visit.in_call()
	visit.media.fails = Unavailable
	hosting.end(visit.ports, Caller(HOST), visit.name)
	visit.media.fails = None
	return visit


def test_of_a_room_that_is_not_there_is_nothing(visit: Visit) -> None:
	tear_down(visit.ports, "no such room")
	assert visit.media.asked == []


def test_of_a_running_visit_takes_nothing_from_anybody(visit: Visit) -> None:
	visit.in_call()
	before, attendees = visit.stored(), visit.attendees()
	tear_down(visit.ports, visit.name)
	assert (visit.stored(), visit.attendees()) == (before, attendees)


def test_twice_asks_the_provider_once(ended: Visit) -> None:
	tear_down(ended.ports, ended.name)
	asked = len(ended.media.asked)
	tear_down(ended.ports, ended.name)
	assert len(ended.media.asked) == asked
	assert ended.attendees() == set()


def test_a_failure_is_recorded_by_an_opaque_name(ended: Visit) -> None:
	((what, subject, error),) = ended.harness.log.failures
	assert (what, subject, type(error)) == ("teardown", ended.name, Unavailable)


def test_a_provider_whose_row_was_deleted_is_not_asked_for_ever(ended: Visit) -> None:
	ended.harness.store.remove(ended.harness.store.provider("Video"))
	tear_down(ended.ports, ended.name)
	assert ended.harness.store.rooms_to_tear_down(10) == []


def test_a_room_deleted_while_the_provider_was_asked(ended: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
	monkeypatch.setattr(ended.harness.store, "lock", lambda room: None)
	tear_down(ended.ports, ended.name)
	assert ended.attendees() == set()


def test_a_room_deleted_while_a_person_enters_is_not_found(
	visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
	monkeypatch.setattr(visit.harness.store, "lock", lambda room: None)
	before = visit.stored()
	assert outcome(visit.enter) == "not_found"
	assert visit.stored() == before


def test_a_meeting_made_for_a_room_that_was_brought_back_meanwhile_is_forgotten(ended: Visit) -> None:
	"""The meeting is being closed for the ended visit while the clinic gives it a new time."""
	closing = ended.media.inner.close_meeting

	def brought_back_first(meeting: Any) -> None:
		ended.rewrite(starts_on=ended.room.starts_on + timedelta(minutes=5))
		ended.harness.background.at_once = None
		ended.sync_rooms()
		closing(meeting)

	ended.media.inner.close_meeting = brought_back_first  # type: ignore[method-assign]
	tear_down(ended.ports, ended.name)
	assert ended.room.status is RoomStatus.SCHEDULED
	assert (ended.room.meeting_id, ended.room.meeting_token) == ("", "")


class TestLostAnswers:
	"""The provider did what it was asked, and its answer was lost."""

	def test_a_meeting_known_by_its_token_only_is_closed_too(self, visit: Visit) -> None:
		visit.let_in()
		visit.media.meanwhile = [dies]
		with pytest.raises(Died):
			visit.join(HOST)
		assert (visit.room.meeting_id, bool(visit.room.meeting_token)) == ("", True)
		assert len(visit.media.inner.meetings) == 1  # type: ignore[attr-defined]
		hosting.end(visit.ports, Caller(HOST), visit.name)
		assert visit.media.inner.meetings == {}  # type: ignore[attr-defined]
		assert visit.room.meeting_token == ""

	def test_an_attendee_known_by_its_pseudonym_only_is_removed_by_that(self, visit: Visit) -> None:
		visit.in_call()
		visit.leave(visit.participant().attendee_id)
		visit.enter()
		visit.admit()
		visit.media.meanwhile = [dies]
		with pytest.raises(Died):
			visit.join()
		pseudonym = visit.participant().pseudonym
		visit.media.removed.clear()
		visit.join()
		assert visit.media.removed == [pseudonym]
		assert visit.participant().revoked_attendees == ()


class Died(Exception):
	"""The process did."""


def dies() -> None:
	raise Died


def test_removing_a_person_leaves_the_meeting_and_closing_it_removes_no_one_one_by_one(visit: Visit) -> None:
	visit.in_call()
	visit.media.asked.clear()
	visit.host(hosting.send_back)
	assert visit.media.asked == ["remove_attendee"]
	visit.media.asked.clear()
	hosting.end(visit.ports, Caller(HOST), visit.name)
	assert visit.media.asked == ["close_meeting"]


def test_a_provider_that_is_down_is_asked_once_in_a_pass(harness: Harness) -> None:
	visits = [Visit(harness, name=f"APP-{n}", key=f"APP-{n}|k") for n in range(3)]
	for visit in visits:
		visit.in_call()
	media = visits[0].media
	media.fails = Unavailable
	for visit in visits:
		hosting.end(visit.ports, Caller(HOST), visit.name)
	media.asked.clear()
	sweep.sweep(harness.ports)
	assert media.asked == ["close_meeting"]
	media.fails = None
	sweep.sweep(harness.ports)
	assert harness.store.rooms_to_tear_down(9) == []


class TestARefusalForGood:
	def test_is_tried_again_while_the_meeting_may_be_alive(self, ended: Visit) -> None:
		ended.media.fails = Rejected
		ended.later(hours=23)
		sweep.sweep(ended.ports)
		assert ended.harness.store.rooms_to_tear_down(9) == [ended.name]

	def test_and_no_longer(self, ended: Visit) -> None:
		ended.media.fails = Rejected
		ended.later(hours=25)
		sweep.sweep(ended.ports)
		assert ended.harness.store.rooms_to_tear_down(9) == []

	def test_of_one_room_holds_up_no_other(self, harness: Harness) -> None:
		first, second = (Visit(harness, name=f"APP-{n}", key=f"APP-{n}|k") for n in range(2))
		for visit in (first, second):
			visit.in_call()
		first.media.fails = Rejected
		for visit in (first, second):
			hosting.end(visit.ports, Caller(HOST), visit.name)
		first.media.asked.clear()
		sweep.sweep(harness.ports)
		assert first.media.asked == ["close_meeting"] * 2


class TestStrangers:
	"""A person in the call is no longer part of the appointment, and there was no event."""

	def test_are_put_out_at_the_next_pass(self, visit: Visit) -> None:
		_, attendee = visit.in_call()
		visit.later(seconds=10)
		del visit.harness.directory.people[CLIENT, "APP-1"]
		sweep.sweep(visit.ports)
		person = visit.participant()
		assert (person.state.value, person.attendee_id, person.revoked_attendees) == ("Invited", "", ())
		assert attendee not in visit.attendees()
		assert [e.seconds for e in visit.entries()] == [10]

	def test_so_are_hosts_that_are_hosts_no_longer(self, visit: Visit) -> None:
		host, _ = visit.in_call()
		visit.harness.directory.add(HOST, Person(Role.GUEST), "APP-1")
		sweep.sweep(visit.ports)
		assert host not in visit.attendees()

	def test_no_one_else_is(self, visit: Visit) -> None:
		visit.in_call()
		before = visit.everyone()
		sweep.sweep(visit.ports)
		assert visit.everyone() == before
