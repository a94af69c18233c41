"""Events of a provider: recorded once, in any order, and preferred to heartbeats."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import permutations

import pytest

from tests.services.acts import CLIENT, HOST, Visit
from tests.services.store_contract import undone
from theranvio_telehealth.domain.entities import Allowance, Caller
from theranvio_telehealth.domain.enums import StaySource
from theranvio_telehealth.domain.provider_events import Kind, ProviderEvent
from theranvio_telehealth.services import hosting, sweep
from theranvio_telehealth.services.events import record_provider_event
from tools.harness.factories import booked, make_allowance
from tools.harness.ports import NOON


@pytest.fixture
def attendee(visit: Visit) -> Iterator[str]:
	"""The client's, who joined at noon sharp, as the provider will say."""
	_, attendee = visit.in_call()
	return attendee


def at(seconds: float) -> datetime:
	return NOON + timedelta(seconds=seconds)


def record(visit: Visit, kind: Kind, seconds: float, attendee: str = "", meeting: str = "") -> ProviderEvent:
	event = ProviderEvent(meeting or visit.room.meeting_id, attendee, kind, at(seconds))
	record_provider_event(visit.ports, event)
	return event


def stands(visit: Visit, user: str = CLIENT) -> list[tuple[float, float]]:
	"""The stays that are booked and not withdrawn, in seconds after noon."""
	theirs = [e for e in visit.entries() if e.participant == visit.participant(user).name]
	spans = booked(theirs)
	return [((s.started_on - NOON).total_seconds(), (s.ended_on - NOON).total_seconds()) for s in spans]


def beats_until(visit: Visit, attendee: str, seconds: int) -> None:
	while visit.harness.clock.now() < at(seconds):
		visit.later(seconds=10)
		visit.beat(attendee)


def test_events_say_how_long_it_was(visit: Visit, attendee: str) -> None:
	record(visit, Kind.JOINED, 2, attendee)
	beats_until(visit, attendee, 60)
	visit.leave(attendee)
	record(visit, Kind.LEFT, 61, attendee)
	assert stands(visit) == [(2, 61)]
	assert {e.source for e in visit.entries()} == {StaySource.PROVIDER_EVENT}


def test_without_events_heartbeats_say_it(visit: Visit, attendee: str) -> None:
	beats_until(visit, attendee, 60)
	visit.leave(attendee)
	assert stands(visit) == [(0, 60)]
	assert {e.source for e in visit.entries()} == {StaySource.HEARTBEAT}


def test_events_that_come_hours_late_correct_what_was_booked(visit: Visit, attendee: str) -> None:
	beats_until(visit, attendee, 60)
	hosting.end(visit.ports, Caller(HOST), visit.name)
	meeting = visit.harness.store.joins(visit.name)[0].meeting_id
	visit.later(hours=5)
	assert visit.room.meeting_id == ""
	record(visit, Kind.LEFT, 58, attendee, meeting)
	assert stands(visit) == [(0, 60)]
	record(visit, Kind.JOINED, 3, attendee, meeting)
	assert stands(visit) == [(3, 58)]
	client = visit.participant().name
	assert [e.seconds for e in visit.entries() if e.participant == client] == [60, -60, 55]


def test_every_order_and_repetition_comes_to_the_same(visit: Visit, attendee: str) -> None:
	story = [(Kind.JOINED, 1), (Kind.DROPPED, 20), (Kind.JOINED, 25), (Kind.LEFT, 50), (Kind.DELETED, 51)]
	results = set()
	for number, order in enumerate(permutations(story)):
		if number % 7:
			continue
		with undone(visit.harness.store):
			for kind, seconds in (*order, *order[:2]):
				record(visit, kind, seconds, attendee)
			results.add(tuple(stands(visit)))
	assert results == {((1, 20), (25, 50))}


def test_an_event_is_taken_once(visit: Visit, attendee: str) -> None:
	record(visit, Kind.JOINED, 2, attendee)
	record(visit, Kind.LEFT, 30, attendee)
	before = visit.stored()
	record(visit, Kind.LEFT, 30, attendee)
	assert visit.stored() == before


@pytest.mark.parametrize("kind", Kind)
def test_of_a_meeting_or_an_attendee_that_is_not_ours_nothing_is_stored(
	visit: Visit, attendee: str, kind: Kind
) -> None:
	before = visit.stored()
	record(visit, kind, 5, attendee, "another's meeting")
	record(visit, kind, 5, "somebody else")
	assert visit.stored() == before


def test_whom_the_provider_saw_leave_is_not_shown_as_present(visit: Visit, attendee: str) -> None:
	record(visit, Kind.JOINED, 0, attendee)
	visit.later(seconds=5)
	visit.harness.nudge.take()
	record(visit, Kind.DROPPED, 5, attendee)
	(client,) = [p for p in visit.state(HOST)["people"] if p["role"] == "Client"]
	assert client["present"] is False
	assert HOST in visit.harness.nudge.take()


def test_and_is_again_once_heard_of(visit: Visit, attendee: str) -> None:
	record(visit, Kind.JOINED, 0, attendee)
	visit.later(seconds=5)
	record(visit, Kind.DROPPED, 5, attendee)
	visit.later(seconds=5)
	visit.beat(attendee)
	record(visit, Kind.JOINED, 9, attendee)
	beats_until(visit, attendee, 40)
	visit.leave(attendee)
	record(visit, Kind.LEFT, 40, attendee)
	assert stands(visit) == [(0, 5), (9, 40)]


def test_an_old_goodbye_ends_nothing_that_went_on_since(visit: Visit, attendee: str) -> None:
	record(visit, Kind.JOINED, 0, attendee)
	beats_until(visit, attendee, 60)
	record(visit, Kind.DROPPED, 20, attendee)
	assert visit.participant().stay_started_on is not None


def test_a_meeting_that_ended_ends_everybodys_stay(visit: Visit, attendee: str) -> None:
	host = visit.participant(HOST).attendee_id
	record(visit, Kind.JOINED, 0, host)
	record(visit, Kind.JOINED, 1, attendee)
	visit.later(seconds=30)
	record(visit, Kind.MEETING_ENDED, 30)
	assert (stands(visit, HOST), stands(visit)) == ([(0, 30)], [(1, 30)])


class TestAnEndNobodyTold:
	"""The provider saw a join begin, and its end got lost."""

	def test_lasts_to_the_last_sign_of_life(self, visit: Visit, attendee: str) -> None:
		record(visit, Kind.JOINED, 0, attendee)
		beats_until(visit, attendee, 60)
		visit.later(minutes=20)
		sweep.sweep(visit.ports)
		assert stands(visit) == []
		hosting.end(visit.ports, Caller(HOST), visit.name)
		assert stands(visit) == [(0, 60)]

	def test_and_is_corrected_when_it_is_reported_after_all(self, visit: Visit, attendee: str) -> None:
		meeting = visit.room.meeting_id
		record(visit, Kind.JOINED, 0, attendee)
		beats_until(visit, attendee, 60)
		hosting.end(visit.ports, Caller(HOST), visit.name)
		visit.later(hours=2)
		record(visit, Kind.LEFT, 75, attendee, meeting)
		assert stands(visit) == [(0, 75)]

	def test_of_a_join_that_was_given_up_is_settled_when_it_is_destroyed(
		self, visit: Visit, attendee: str
	) -> None:
		record(visit, Kind.JOINED, 0, attendee)
		beats_until(visit, attendee, 30)
		visit.host(hosting.send_back)
		assert stands(visit) == [(0, 30)]


def test_two_joins_of_one_person_count_each_second_once(visit: Visit, attendee: str) -> None:
	record(visit, Kind.JOINED, 0, attendee)
	visit.later(seconds=10)
	again = visit.join()
	record(visit, Kind.JOINED, 10, again)
	record(visit, Kind.DELETED, 12, attendee)
	beats_until(visit, again, 40)
	record(visit, Kind.LEFT, 40, again)
	assert sum(end - start for start, end in stands(visit)) == 40


def test_the_allowance_pays_for_what_stands(visit: Visit, attendee: str) -> None:
	visit.harness.store.put(make_allowance())
	beats_until(visit, attendee, 60)
	visit.leave(attendee)
	record(visit, Kind.JOINED, 5, attendee)
	record(visit, Kind.LEFT, 50, attendee)
	(allowance,) = visit.harness.store.all(Allowance)
	assert stands(visit) == [(5, 50)]
	assert allowance.used_seconds == 45


def test_an_event_that_is_still_to_happen_is_not_stored(visit: Visit, attendee: str) -> None:
	record(visit, Kind.JOINED, 2, attendee)
	record(visit, Kind.LEFT, 30 * 3600, attendee)
	assert [what for what, *_ in visit.harness.log.failures] == ["event from the future"]
	beats_until(visit, attendee, 60)
	record(visit, Kind.LEFT, 61, attendee)
	visit.later(seconds=60)
	assert stands(visit) == [(2, 61)]


def test_no_stay_is_longer_than_a_meeting_lives(visit: Visit, attendee: str) -> None:
	record(visit, Kind.JOINED, 2, attendee)
	visit.later(hours=31)
	record(visit, Kind.LEFT, 30 * 3600, attendee)
	assert stands(visit) == [(2, 2 + 24 * 3600)]
