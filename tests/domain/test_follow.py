"""How a room follows its appointment, for every way in which the host changes one."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.factories import HOST, make_appointment, make_room
from tests.memory import NOON
from theranvio_telehealth.domain import rooms
from theranvio_telehealth.domain.entities import Appointment, Policy, Room
from theranvio_telehealth.domain.rooms import Step
from theranvio_telehealth.domain.words import RoomStatus as Status

POLICY = Policy()
HOUR = timedelta(hours=1)
RUNNING = [Status.SCHEDULED, Status.LIVE]
OVER = [Status.ENDED, Status.EXPIRED, Status.REVOKED]
APPOINTMENT = make_appointment(fallback_url="https://meet.test/x")


def room_in(status: Status, **overrides: Any) -> Room:
	return make_room(APPOINTMENT, status=status, **overrides)


def follow(appointment: Appointment | None, room: Room, now: Any = NOON, *, occupied: bool = False) -> Step:
	return rooms.follow(appointment, room, POLICY, now, HOST, occupied=occupied)


def changed(**changes: Any) -> Appointment:
	return replace(APPOINTMENT, **changes)


CALLED_OFF = {
	"deleted": (None, "Appointment deleted"),
	"name reused": (changed(key="APP-1|later"), "Appointment deleted"),
	"video unticked": (changed(video=False), "Video switched off"),
	"cancelled": (changed(status="Cancelled"), "Appointment Cancelled"),
	"no show": (changed(status="No Show"), "Appointment No Show"),
}


class TestCalledOff:
	@pytest.mark.parametrize("status", RUNNING, ids=str)
	@pytest.mark.parametrize("occupied", [False, True])
	@pytest.mark.parametrize("how", CALLED_OFF)
	def test_revokes_the_room_and_puts_everybody_out(self, how: str, status: Status, occupied: bool) -> None:
		appointment, reason = CALLED_OFF[how]
		room = room_in(status, fallback_active=True)
		assert follow(appointment, room, occupied=occupied) == Step(
			replace(
				room,
				status=Status.REVOKED,
				revoked_on=NOON,
				revoked_by=HOST,
				revoked_reason=reason,
				link_version=2,
				fallback_active=False,
			),
			everybody_out=True,
		)

	@pytest.mark.parametrize("status", OVER, ids=str)
	@pytest.mark.parametrize("how", CALLED_OFF)
	def test_changes_nothing_of_what_is_over(self, how: str, status: Status) -> None:
		appointment, _ = CALLED_OFF[how]
		room = room_in(status)
		assert follow(appointment, room) == Step(room)

	def test_goes_before_everything_else(self) -> None:
		moved_too = changed(status="Cancelled", starts_on=NOON + HOUR, patient="PAT-2")
		assert follow(moved_too, room_in(Status.LIVE)).room.status is Status.REVOKED


MOVES = {
	"later": {"starts_on": NOON + HOUR},
	"earlier": {"starts_on": NOON - HOUR},
	"by a second": {"starts_on": NOON + timedelta(seconds=1)},
	"shortened": {"minutes": 20},
	"lengthened": {"minutes": 90},
}


class TestMoved:
	@pytest.mark.parametrize("status", Status, ids=str)
	@pytest.mark.parametrize("how", MOVES)
	def test_puts_everybody_out_of_a_room_with_a_new_window(self, how: str, status: Status) -> None:
		appointment = changed(**MOVES[how])
		room = room_in(
			status, locked=True, fallback_active=True, ended_by=HOST, ended_on=NOON, revoked_by=HOST
		)
		step = follow(appointment, room)
		ends_on = appointment.starts_on + timedelta(minutes=appointment.minutes)
		assert step.everybody_out
		assert step.room == replace(
			room_in(Status.SCHEDULED),
			starts_on=appointment.starts_on,
			ends_on=ends_on,
			opens_on=appointment.starts_on - POLICY.lead,
			closes_on=ends_on + POLICY.grace,
			link_version=2,
		)

	@pytest.mark.parametrize("how", MOVES)
	def test_the_meeting_is_kept_for_whoever_closes_it(self, how: str) -> None:
		room = room_in(Status.LIVE, meeting_id="m", meeting_token="t")
		step = follow(changed(**MOVES[how]), room)
		assert (step.room.meeting_id, step.room.meeting_token) == ("m", "t")

	def test_a_visit_of_no_stated_length_is_not_moved_by_a_new_default(self) -> None:
		appointment = changed(minutes=0)
		room = rooms.booked("r", appointment, "", "", POLICY)
		other = Policy(default_duration=HOUR, lead=HOUR, grace=HOUR)
		assert rooms.follow(appointment, room, other, NOON, HOST, occupied=False) == Step(room)

	def test_a_new_policy_moves_no_window_that_is_booked(self) -> None:
		other = Policy(lead=HOUR, grace=HOUR, overrun=HOUR)
		room = room_in(Status.SCHEDULED)
		assert rooms.follow(APPOINTMENT, room, other, NOON, HOST, occupied=False) == Step(room)


OTHER_PEOPLE = {
	"patient merged": {"patient": "PAT-2"},
	"another practitioner": {"practitioner": "PRAC-2"},
}


class TestOtherPeople:
	@pytest.mark.parametrize("status", RUNNING, ids=str)
	@pytest.mark.parametrize("who", OTHER_PEOPLE)
	def test_puts_everybody_out_of_a_running_visit(self, who: str, status: Status) -> None:
		room = room_in(status)
		step = follow(changed(**OTHER_PEOPLE[who]), room)
		assert step.everybody_out
		assert step.room == replace(room, status=Status.SCHEDULED, link_version=2, **OTHER_PEOPLE[who])

	@pytest.mark.parametrize("status", OVER, ids=str)
	@pytest.mark.parametrize("who", OTHER_PEOPLE)
	def test_reopens_nothing_that_is_over(self, who: str, status: Status) -> None:
		"""A merge of patients touches years of past visits: each stays as it ended."""
		room = room_in(status, ended_by=HOST, ended_on=NOON)
		step = follow(changed(**OTHER_PEOPLE[who]), room, now=NOON + 24 * HOUR)
		assert step == Step(replace(room, **OTHER_PEOPLE[who]))

	@pytest.mark.parametrize("status", Status, ids=str)
	def test_another_company_is_written_down_and_nobody_disturbed(self, status: Status) -> None:
		room = room_in(status)
		step = follow(changed(company="Other"), room, now=room.closes_on)
		assert step == Step(replace(room, company="Other"))


class TestFallback:
	@pytest.mark.parametrize("status", RUNNING, ids=str)
	def test_another_link_stays_offered(self, status: Status) -> None:
		room = room_in(status, fallback_active=True)
		step = follow(changed(fallback_url="https://other.test/y"), room)
		assert step == Step(replace(room, fallback_url="https://other.test/y"))

	@pytest.mark.parametrize("status", RUNNING, ids=str)
	def test_no_link_is_not_offered(self, status: Status) -> None:
		room = room_in(status, fallback_active=True)
		step = follow(changed(fallback_url=""), room)
		assert step == Step(replace(room, fallback_url="", fallback_active=False))


class TestClosed:
	CLOSED = changed(status="Closed")

	def test_before_the_visit_cuts_nothing(self) -> None:
		room = room_in(Status.SCHEDULED)
		assert follow(self.CLOSED, room) == Step(room)

	def test_during_the_visit_cuts_nothing(self) -> None:
		room = room_in(Status.LIVE)
		assert follow(self.CLOSED, room, occupied=True) == Step(room)

	def test_after_the_visit_ends_it(self) -> None:
		room = room_in(Status.LIVE, fallback_active=True)
		assert follow(self.CLOSED, room) == Step(
			replace(room, status=Status.ENDED, ended_on=NOON, ended_by=HOST, fallback_active=False),
			everybody_out=True,
		)

	@pytest.mark.parametrize("status", OVER, ids=str)
	def test_of_what_is_over_changes_nothing(self, status: Status) -> None:
		room = room_in(status)
		assert follow(self.CLOSED, room) == Step(room)

	def test_and_opened_again_does_not_bring_an_ended_visit_back(self) -> None:
		ended = follow(self.CLOSED, room_in(Status.LIVE)).room
		assert follow(APPOINTMENT, ended) == Step(ended)


class TestResurrected:
	def test_is_scheduled_again_under_a_new_link_version(self) -> None:
		revoked = follow(changed(status="Cancelled"), room_in(Status.LIVE)).room
		step = follow(changed(status="Open"), revoked)
		assert step == Step(replace(room_in(Status.SCHEDULED), link_version=3), everybody_out=True)

	def test_video_ticked_again(self) -> None:
		revoked = follow(changed(video=False), room_in(Status.SCHEDULED)).room
		assert follow(APPOINTMENT, revoked).room.status is Status.SCHEDULED

	def test_not_after_its_window(self) -> None:
		revoked = follow(changed(status="Cancelled"), room_in(Status.SCHEDULED)).room
		assert follow(APPOINTMENT, revoked, now=revoked.closes_on) == Step(revoked)
		just_before = revoked.closes_on - timedelta(milliseconds=1)
		assert follow(APPOINTMENT, revoked, now=just_before).room.status is Status.SCHEDULED

	def test_not_by_being_closed(self) -> None:
		revoked = follow(changed(status="Cancelled"), room_in(Status.LIVE)).room
		assert follow(changed(status="Closed"), revoked) == Step(revoked)

	@pytest.mark.parametrize("status", [Status.ENDED, Status.EXPIRED], ids=str)
	def test_no_visit_that_took_place_or_time_that_passed_comes_back(self, status: Status) -> None:
		room = room_in(status)
		assert follow(APPOINTMENT, room) == Step(room)

	@pytest.mark.parametrize("status", OVER, ids=str)
	def test_but_a_new_time_brings_any_back(self, status: Status) -> None:
		step = follow(changed(starts_on=NOON + 24 * HOUR), room_in(status))
		assert step.room.status is Status.SCHEDULED


@pytest.mark.parametrize(
	"word", ["", "Confirmed", "Needs Rescheduling", "cancelled", "closed", "Checked Out"]
)
@pytest.mark.parametrize("status", [*RUNNING, Status.ENDED, Status.EXPIRED], ids=str)
def test_unknown_words_of_the_host_change_nothing(word: str, status: Status) -> None:
	room = room_in(status)
	assert follow(changed(status=word), room) == Step(room)


appointments = st.builds(
	make_appointment,
	key=st.sampled_from([APPOINTMENT.key, "another"]),
	patient=st.sampled_from(["PAT-1", "PAT-2"]),
	practitioner=st.sampled_from(["PRAC-1", "PRAC-2"]),
	starts_on=st.sampled_from([NOON, NOON + HOUR, NOON - 5 * HOUR]),
	minutes=st.sampled_from([0, 20, 50]),
	status=st.sampled_from(["Scheduled", "Open", "Closed", "Cancelled", "No Show", "Confirmed"]),
	video=st.booleans(),
	fallback_url=st.sampled_from(["", "https://meet.test/x"]),
)
some_rooms = st.builds(
	room_in,
	st.sampled_from(Status),
	fallback_active=st.booleans(),
	locked=st.booleans(),
	link_version=st.integers(1, 9),
)
nows = st.integers(-180, 180).map(lambda minutes: NOON + timedelta(minutes=minutes))


@given(st.none() | appointments, some_rooms, nows, st.booleans())
def test_following_settles(appointment: Appointment | None, room: Room, now: Any, occupied: bool) -> None:
	"""Nobody is put out twice for one change; a visit that was both closed and moved takes two steps."""
	once = follow(appointment, room, now, occupied=occupied).room
	twice = follow(appointment, once, now).room
	assert follow(appointment, twice, now) == Step(twice)


@given(st.none() | appointments, some_rooms, nows, st.booleans())
def test_whoever_is_put_out_finds_old_links_dead_or_the_visit_ended(
	appointment: Appointment | None, room: Room, now: Any, occupied: bool
) -> None:
	step = follow(appointment, room, now, occupied=occupied)
	assert step.everybody_out == (step.room.link_version > room.link_version or step.room.ended_on is now)
	assert step.room.link_version - room.link_version in (0, 1)
	assert (step.room.name, step.room.appointment_key) == (room.name, room.appointment_key)


@given(st.none() | appointments, some_rooms, nows, st.booleans())
def test_no_running_room_outlives_its_appointment(
	appointment: Appointment | None, room: Room, now: Any, occupied: bool
) -> None:
	after = follow(appointment, room, now, occupied=occupied).room
	alive = (
		appointment is not None
		and appointment.key == room.appointment_key
		and appointment.video
		and appointment.status not in ("Cancelled", "No Show")
	)
	assert alive or after.is_over


@given(appointments, some_rooms, nows, st.booleans())
def test_a_running_room_is_at_its_appointments_time_with_its_people(
	appointment: Appointment, room: Room, now: Any, occupied: bool
) -> None:
	after = follow(appointment, room, now, occupied=occupied).room
	if not after.is_over:
		assert after.starts_on == appointment.starts_on
		assert (after.patient, after.practitioner) == (appointment.patient, appointment.practitioner)
		assert after.fallback_url == appointment.fallback_url
