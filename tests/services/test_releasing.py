"""Destroying at the provider what nobody is entitled to any more: repeatable, and calm about what has vanished meanwhile."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.services.acts import HOST, Unavailable, Visit, outcome
from theranvio_telehealth.domain.words import RoomStatus
from theranvio_telehealth.services import queue
from theranvio_telehealth.services.release import release


@pytest.fixture
def ended(visit: Visit) -> Visit:
	"""Everybody is out, and the provider has not heard of it."""
	visit.in_call()
	visit.media.fails = Unavailable
	queue.end(visit.ports, HOST, visit.name)
	visit.media.fails = None
	return visit


def test_of_a_room_that_is_not_there_is_nothing(visit: Visit) -> None:
	release(visit.ports, "no such room")
	assert visit.media.asked == []


def test_of_a_running_visit_takes_nothing_from_anybody(visit: Visit) -> None:
	visit.in_call()
	before, attendees = visit.stored(), visit.attendees()
	release(visit.ports, visit.name)
	assert (visit.stored(), visit.attendees()) == (before, attendees)


def test_twice_asks_the_provider_once(ended: Visit) -> None:
	release(ended.ports, ended.name)
	asked = len(ended.media.asked)
	release(ended.ports, ended.name)
	assert len(ended.media.asked) == asked
	assert ended.attendees() == set()


def test_a_failure_is_recorded_by_an_opaque_name(ended: Visit) -> None:
	((what, subject, error),) = ended.house.log.failures
	assert (what, subject, type(error)) == ("release", ended.name, Unavailable)


def test_a_provider_whose_row_was_deleted_is_not_asked_for_ever(ended: Visit) -> None:
	del ended.house.store.rows.provider["Video"]
	release(ended.ports, ended.name)
	assert ended.house.store.rooms_to_release(10) == []


def test_a_room_deleted_while_the_provider_was_asked(ended: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
	monkeypatch.setattr(ended.house.store, "lock", lambda room: None)
	release(ended.ports, ended.name)
	assert ended.attendees() == set()


def test_a_room_deleted_while_somebody_enters_is_not_found(
	visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
	monkeypatch.setattr(visit.house.store, "lock", lambda room: None)
	before = visit.stored()
	assert outcome(visit.enter) == "not_found"
	assert visit.stored() == before


def test_a_meeting_made_for_a_room_that_was_brought_back_meanwhile_is_forgotten(ended: Visit) -> None:
	"""The meeting is being closed for the ended visit while the clinic gives it a new time."""
	closing = ended.media.inner.close_meeting

	def brought_back_first(meeting: Any) -> None:
		ended.rewrite(starts_on=ended.room.starts_on + timedelta(minutes=5))
		ended.house.later.at_once = None
		ended.follow()
		closing(meeting)

	ended.media.inner.close_meeting = brought_back_first  # type: ignore[method-assign]
	release(ended.ports, ended.name)
	assert ended.room.status is RoomStatus.SCHEDULED
	assert (ended.room.meeting_id, ended.room.meeting_token) == ("", "")
