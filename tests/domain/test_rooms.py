"""The room's state machine, edge by edge and non-edge by non-edge."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from itertools import product
from typing import Any

import pytest

from theranvio_telehealth.domain import rooms
from theranvio_telehealth.domain.entities import Policy, Room
from theranvio_telehealth.domain.enums import RevokedReason
from theranvio_telehealth.domain.enums import RoomStatus as Status
from theranvio_telehealth.domain.errors import VisitOver, WrongMove
from theranvio_telehealth.domain.rooms import EDGES, Act
from tools.harness.factories import HOST, make_appointment, make_provider, make_room
from tools.harness.ports import NOON

POLICY = Policy()
AFTER_CLOSE = NOON + timedelta(hours=3)
OVER = {Status.ENDED, Status.EXPIRED, Status.REVOKED}

#: What each act is allowed to do, written down a second time and by hand. None: refused. Same status: nothing changes.
EXPECTED: dict[tuple[Act, Status], Status | None] = {
	(Act.START, Status.SCHEDULED): Status.LIVE,
	(Act.START, Status.LIVE): Status.LIVE,
	(Act.START, Status.ENDED): None,
	(Act.START, Status.EXPIRED): None,
	(Act.START, Status.REVOKED): None,
	(Act.END, Status.SCHEDULED): Status.ENDED,
	(Act.END, Status.LIVE): Status.ENDED,
	(Act.END, Status.ENDED): Status.ENDED,
	(Act.END, Status.EXPIRED): None,
	(Act.END, Status.REVOKED): None,
	(Act.CLOSE, Status.SCHEDULED): Status.EXPIRED,
	(Act.CLOSE, Status.LIVE): Status.ENDED,
	(Act.CLOSE, Status.ENDED): Status.ENDED,
	(Act.CLOSE, Status.EXPIRED): Status.EXPIRED,
	(Act.CLOSE, Status.REVOKED): Status.REVOKED,
	(Act.REVOKE, Status.SCHEDULED): Status.REVOKED,
	(Act.REVOKE, Status.LIVE): Status.REVOKED,
	(Act.REVOKE, Status.ENDED): Status.ENDED,
	(Act.REVOKE, Status.EXPIRED): Status.EXPIRED,
	(Act.REVOKE, Status.REVOKED): Status.REVOKED,
}

DO: dict[Act, Callable[[Room], Room]] = {
	Act.START: rooms.start,
	Act.END: lambda room: rooms.end(room, HOST, AFTER_CLOSE),
	Act.CLOSE: lambda room: rooms.close(room, POLICY, AFTER_CLOSE, host_present=False),
	Act.REVOKE: lambda room: rooms.revoke(room, HOST, RevokedReason.CANCELLED, AFTER_CLOSE),
}


def room_in(status: Status, **overrides: object) -> Room:
	return make_room(status=status, **overrides)


def test_the_table_above_leaves_nothing_out() -> None:
	assert set(EXPECTED) == set(product(DO, Status))


@pytest.mark.parametrize(("act", "status"), list(EXPECTED), ids=str)
def test_every_act_from_every_status(act: Act, status: Status) -> None:
	room, expected = room_in(status), EXPECTED[act, status]
	if expected is None:
		with pytest.raises(WrongMove):
			DO[act](room)
	else:
		assert DO[act](room).status is expected


@pytest.mark.parametrize(("act", "status"), [k for k, to in EXPECTED.items() if k[1] is to], ids=str)
def test_what_changes_no_status_changes_nothing(act: Act, status: Status) -> None:
	room = room_in(status)
	assert DO[act](room) is room


@pytest.mark.parametrize(("act", "status"), [k for k, to in EXPECTED.items() if to], ids=str)
def test_every_act_can_be_repeated(act: Act, status: Status) -> None:
	once = DO[act](room_in(status))
	assert DO[act](once) is once


@pytest.mark.parametrize("edge", EDGES, ids=str)
def test_no_edge_leads_back_to_itself(edge: tuple[Status, Act]) -> None:
	assert EDGES[edge] is not edge[0]


def test_nothing_but_reinstating_leaves_what_is_over() -> None:
	assert {act for (status, act) in EDGES if status in OVER} == {Act.REINSTATE}
	assert {to for (_, act), to in EDGES.items() if act is Act.REINSTATE} == {Status.SCHEDULED}


@pytest.mark.parametrize("status", Status, ids=str)
def test_over_is_ended_expired_or_revoked(status: Status) -> None:
	room = room_in(status)
	assert room.is_over is (status in OVER)
	if status in OVER:
		with pytest.raises(VisitOver):
			rooms.require_running(room)
	else:
		rooms.require_running(room)


class TestWhatIsWrittenDown:
	def test_starting_writes_the_status_only(self) -> None:
		room = room_in(Status.SCHEDULED, fallback_active=True, locked=True)
		assert rooms.start(room) == replace(room, status=Status.LIVE)

	def test_ending_says_who_and_when_and_hides_the_fallback(self) -> None:
		room = room_in(Status.LIVE, fallback_active=True)
		assert rooms.end(room, HOST, NOON) == replace(
			room, status=Status.ENDED, ended_on=NOON, ended_by=HOST, fallback_active=False
		)

	def test_closing_records_when_and_no_author(self) -> None:
		room = room_in(Status.LIVE, fallback_active=True)
		assert rooms.close(room, POLICY, AFTER_CLOSE, host_present=False) == replace(
			room, status=Status.ENDED, ended_on=AFTER_CLOSE, ended_by="", fallback_active=False
		)

	def test_revoking_says_who_when_why_and_kills_every_older_link(self) -> None:
		room = room_in(Status.LIVE, fallback_active=True, link_version=4)
		assert rooms.revoke(room, HOST, RevokedReason.CANCELLED, NOON) == replace(
			room,
			status=Status.REVOKED,
			revoked_on=NOON,
			revoked_by=HOST,
			revoked_reason=RevokedReason.CANCELLED,
			link_version=5,
			fallback_active=False,
		)


class TestClosing:
	@pytest.mark.parametrize("status", [Status.SCHEDULED, Status.LIVE], ids=str)
	@pytest.mark.parametrize("host_present", [False, True])
	def test_not_before_the_last_call(self, status: Status, host_present: bool) -> None:
		room = room_in(status)
		last = room.ends_on + (POLICY.overrun if host_present else POLICY.grace)
		just_before = last - timedelta(milliseconds=1)
		stored = rooms.close(room, POLICY, just_before, host_present=host_present)
		assert stored == (extended(room, 30) if host_present else room)
		assert rooms.close(room, POLICY, last, host_present=host_present).is_over

	@pytest.mark.parametrize(("late", "minutes"), [(0, 15), (14, 15), (15, 30), (29, 30)])
	def test_a_host_in_the_call_gets_as_much_more_as_is_needed(self, late: int, minutes: int) -> None:
		room = room_in(Status.LIVE)
		now = room.closes_on + timedelta(minutes=late)
		assert rooms.close(room, POLICY, now, host_present=True) == extended(room, minutes)

	def test_which_lasts_when_the_host_is_away_for_a_moment(self) -> None:
		room = rooms.close(room_in(Status.LIVE), POLICY, AFTER_CLOSE, host_present=True)
		just_before = room.closes_on - timedelta(milliseconds=1)
		assert rooms.close(room, POLICY, just_before, host_present=False) is room
		assert rooms.close(room, POLICY, room.closes_on, host_present=False).status is Status.ENDED


def extended(room: Room, minutes: int) -> Room:
	return replace(room, closes_on=room.closes_on + timedelta(minutes=minutes), extended_minutes=minutes)


class TestBooking:
	def test_the_room_of_an_appointment(self) -> None:
		appointment = make_appointment(minutes=20, fallback_url="https://meet.test/x")
		room = rooms.new_room("name", appointment, "Video", "ca-central-1", POLICY)
		assert room == Room(
			name="name",
			appointment=appointment.name,
			appointment_key=appointment.key,
			company=appointment.company,
			practitioner=appointment.practitioner,
			patient=appointment.patient,
			status=Status.SCHEDULED,
			starts_on=NOON,
			ends_on=NOON + timedelta(minutes=20),
			opens_on=NOON - timedelta(minutes=15),
			closes_on=NOON + timedelta(minutes=50),
			provider="Video",
			media_region="ca-central-1",
			fallback_url="https://meet.test/x",
		)

	def test_a_new_room_wants_nothing_changed(self) -> None:
		for minutes in (0, 50):
			appointment = make_appointment(minutes=minutes)
			room = rooms.new_room("name", appointment, "", "", POLICY)
			step = rooms.reconcile(appointment, room, POLICY, NOON, HOST)
			assert step == rooms.Step(room)

	@pytest.mark.parametrize(
		"status", ["Scheduled", "Open", "Checked In", "Checked Out", "Confirmed", "Closed", "", "Bogus"]
	)
	def test_any_status_that_is_not_known_to_be_over_is_alive(self, status: str) -> None:
		assert rooms.is_bookable(make_appointment(status=status), POLICY, NOON)

	@pytest.mark.parametrize("status", ["Cancelled", "No Show"])
	def test_none_for_one_that_will_not_take_place(self, status: str) -> None:
		assert not rooms.is_bookable(make_appointment(status=status), POLICY, NOON)

	def test_none_without_video(self) -> None:
		assert not rooms.is_bookable(make_appointment(video=False), POLICY, NOON)

	def test_none_once_its_window_has_closed(self) -> None:
		appointment = make_appointment(minutes=0)
		closes_on = NOON + timedelta(minutes=80)
		assert rooms.is_bookable(appointment, POLICY, closes_on - timedelta(milliseconds=1))
		assert not rooms.is_bookable(appointment, POLICY, closes_on)

	def test_none_for_a_visit_that_midnight_made_a_no_show_after_its_window(self) -> None:
		no_show = make_appointment(status="No Show", day_ends_on=NOON)
		assert rooms.is_bookable(no_show, POLICY, NOON)
		assert not rooms.is_bookable(no_show, POLICY, NOON - timedelta(milliseconds=1))
		assert not rooms.is_bookable(no_show, POLICY, NOON + timedelta(minutes=80))


class TestProvided:
	DEFAULT = make_provider(name="Default", media_region="ca-central-1")

	@pytest.mark.parametrize("own", [None, make_provider(enabled=False)], ids=["none", "switched off"])
	@pytest.mark.parametrize("status", [Status.SCHEDULED, Status.LIVE], ids=str)
	def test_a_room_that_cannot_be_served_gets_the_default(self, own: Any, status: Status) -> None:
		room = room_in(status, provider=own.name if own else "")
		expected = replace(room, provider="Default", media_region="ca-central-1")
		assert rooms.provided(room, own, self.DEFAULT) == expected

	def test_a_room_with_a_provider_keeps_it(self) -> None:
		room = room_in(Status.SCHEDULED, provider="Video")
		assert rooms.provided(room, make_provider(), self.DEFAULT) is room

	def test_no_one_is_taken_out_of_a_meeting(self) -> None:
		room = room_in(Status.LIVE, provider="Video", meeting_token="t")
		assert rooms.provided(room, make_provider(enabled=False), self.DEFAULT) is room

	@pytest.mark.parametrize("status", [Status.ENDED, Status.EXPIRED, Status.REVOKED], ids=str)
	def test_what_is_over_needs_none(self, status: Status) -> None:
		room = room_in(status)
		assert rooms.provided(room, None, self.DEFAULT) is room

	@pytest.mark.parametrize("default", [None, make_provider(enabled=False)], ids=["none", "switched off"])
	def test_a_default_that_cannot_serve_changes_nothing(self, default: Any) -> None:
		room = room_in(Status.SCHEDULED)
		assert rooms.provided(room, None, default) is room
