"""A client's list of visits: upcoming and past ones, and no other client's."""

from __future__ import annotations

from datetime import timedelta

from tests.services.acts import CLIENT, HOST, STRANGER, Visit
from theranvio_telehealth.domain.entities import Caller
from theranvio_telehealth.domain.enums import Phase, RoomStatus
from theranvio_telehealth.services import hosting
from theranvio_telehealth.services.portal import Visit as Line
from theranvio_telehealth.services.portal import visits
from tools.harness.ports import NOON


def names(lines: list[Line]) -> list[str]:
	return [line.room for line in lines]


def test_a_line_says_what_the_list_shows(visit: Visit) -> None:
	upcoming, past = visits(visit.ports, Caller(CLIENT))
	assert past == []
	assert upcoming == [
		Line(
			room=visit.name,
			status=RoomStatus.SCHEDULED,
			practitioner="PRAC-1",
			patient="PAT-1",
			starts_on=NOON,
			opens_on=NOON - timedelta(minutes=15),
			phase=Phase.OPEN,
		)
	]


def test_upcoming_comes_soonest_first_and_past_latest_first(visit: Visit) -> None:
	days = {
		n: Visit(visit.harness, name=f"APP-{10 + n}", starts_on=NOON + timedelta(days=n)).name
		for n in (3, 1, 5, 4)
	}
	visit.at(NOON + timedelta(days=3, hours=12))
	upcoming, past = visits(visit.ports, Caller(CLIENT))
	assert names(upcoming) == [days[4], days[5]]
	assert names(past) == [days[3], days[1], visit.name]


def test_what_is_over_is_past_whatever_its_time(visit: Visit) -> None:
	tomorrow = Visit(visit.harness, name="APP-2", starts_on=NOON + timedelta(days=1))
	tomorrow.rewrite(status="Cancelled")
	tomorrow.sync_rooms()
	hosting.end(visit.ports, Caller(HOST), visit.name)
	upcoming, past = visits(visit.ports, Caller(CLIENT))
	assert upcoming == []
	assert [(line.status, line.phase) for line in past] == [
		(RoomStatus.REVOKED, None),
		(RoomStatus.ENDED, None),
	]


def test_early_and_closed(visit: Visit) -> None:
	visit.at(NOON - timedelta(days=1))
	assert [line.phase for line in visits(visit.ports, Caller(CLIENT))[0]] == [Phase.EARLY]
	visit.at(visit.room.closes_on)
	assert [line.phase for line in visits(visit.ports, Caller(CLIENT))[1]] == [Phase.CLOSED]


def test_a_visit_that_the_host_keeps_open_is_not_past(visit: Visit) -> None:
	attendee = visit.in_call()[0]
	while visit.harness.clock.now() < visit.room.closes_on:
		visit.later(seconds=30)
		visit.beat(attendee, HOST)
	assert [line.phase for line in visits(visit.ports, Caller(CLIENT))[0]] == [Phase.OPEN]


def test_a_visit_that_an_encounter_closed_is_not_past(visit: Visit) -> None:
	visit.in_call()
	visit.rewrite(status="Closed")
	visit.later(minutes=5)
	visit.sync_rooms()
	assert [line.status for line in visits(visit.ports, Caller(CLIENT))[0]] == [RoomStatus.LIVE]


def test_no_visits_of_others(visit: Visit) -> None:
	Visit(visit.harness, name="APP-2", patient="PAT-2")
	assert names(visits(visit.ports, Caller(CLIENT))[0]) == [visit.name]
	assert visits(visit.ports, Caller(STRANGER)) == ([], [])
	assert visits(visit.ports, Caller(HOST)) == ([], [])
