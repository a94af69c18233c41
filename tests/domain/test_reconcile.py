"""How a room follows its appointment, for every way in which the platform changes one."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from theranvio_telehealth.domain import rooms
from theranvio_telehealth.domain.entities import Appointment, FormerVisit, Policy, Room
from theranvio_telehealth.domain.enums import RevokedReason
from theranvio_telehealth.domain.enums import RoomStatus as Status
from theranvio_telehealth.domain.rooms import Step
from tools.harness.factories import HOST, make_appointment, make_room
from tools.harness.ports import NOON

POLICY = Policy()
HOUR = timedelta(hours=1)
RUNNING = [Status.SCHEDULED, Status.LIVE]
OVER = [Status.ENDED, Status.EXPIRED, Status.REVOKED]
APPOINTMENT = make_appointment(fallback_url="https://meet.test/x")


def room_in(status: Status, **overrides: Any) -> Room:
	return make_room(APPOINTMENT, status=status, **overrides)


def reconcile(appointment: Appointment | None, room: Room, now: Any = NOON) -> Step:
	return rooms.reconcile(appointment, room, POLICY, now, HOST)


def changed(**changes: Any) -> Appointment:
	return replace(APPOINTMENT, **changes)


CALLED_OFF = {
	"deleted": (None, RevokedReason.DELETED),
	"name reused": (changed(key="APP-1|later"), RevokedReason.DELETED),
	"video unticked": (changed(video=False), RevokedReason.VIDEO_OFF),
	"cancelled": (changed(status="Cancelled"), RevokedReason.CANCELLED),
	"no show": (changed(status="No Show"), RevokedReason.NO_SHOW),
}


class TestCalledOff:
	@pytest.mark.parametrize("status", RUNNING, ids=str)
	@pytest.mark.parametrize("how", CALLED_OFF)
	def test_revokes_the_room_and_puts_everybody_out(self, how: str, status: Status) -> None:
		appointment, reason = CALLED_OFF[how]
		room = room_in(status, fallback_active=True)
		assert reconcile(appointment, room) == Step(
			replace(
				room,
				status=Status.REVOKED,
				revoked_on=NOON,
				revoked_by=HOST,
				revoked_reason=reason,
				link_version=2,
				fallback_active=False,
			),
			reset_participants=True,
		)

	@pytest.mark.parametrize("status", OVER, ids=str)
	@pytest.mark.parametrize("how", CALLED_OFF)
	def test_changes_nothing_of_what_is_over(self, how: str, status: Status) -> None:
		appointment, _ = CALLED_OFF[how]
		room = room_in(status)
		assert reconcile(appointment, room) == Step(room)

	def test_goes_before_everything_else(self) -> None:
		moved_too = changed(status="Cancelled", starts_on=NOON + HOUR, patient="PAT-2")
		assert reconcile(moved_too, room_in(Status.LIVE)).room.status is Status.REVOKED


def at(room: Room, appointment: Appointment, **changes: Any) -> Room:
	"""The room at the appointment's times."""
	ends_on = appointment.starts_on + timedelta(minutes=appointment.minutes)
	times = {
		"starts_on": appointment.starts_on,
		"ends_on": ends_on,
		"opens_on": appointment.starts_on - POLICY.lead,
		"closes_on": ends_on + POLICY.grace,
	}
	return replace(room, **(times | changes))


AWAY = {
	"tomorrow": {"starts_on": NOON + 24 * HOUR},
	"later than its door opens": {"starts_on": NOON + timedelta(minutes=16)},
}
SMALL = {
	"lengthened": {"minutes": 90},
	"shortened": {"minutes": 20},
	"later": {"starts_on": NOON + timedelta(minutes=15)},
	"by a second": {"starts_on": NOON + timedelta(seconds=1)},
	"earlier": {"starts_on": NOON - timedelta(minutes=30)},
	"earlier and shorter": {"starts_on": NOON - timedelta(minutes=20), "minutes": 10},
}
PAST = {
	"two hours earlier": {"starts_on": NOON - timedelta(minutes=120)},
	"yesterday": {"starts_on": NOON - 24 * HOUR},
}


class TestMovedAway:
	@pytest.mark.parametrize("status", [Status.SCHEDULED, Status.EXPIRED, Status.REVOKED], ids=str)
	@pytest.mark.parametrize("how", AWAY)
	def test_puts_everybody_out_of_a_room_with_a_new_window(self, how: str, status: Status) -> None:
		appointment = changed(**AWAY[how])
		room = room_in(status, locked=True, fallback_active=True, revoked_by=HOST, extended_minutes=15)
		step = reconcile(appointment, room)
		assert step == Step(
			at(room_in(Status.SCHEDULED), appointment, link_version=2), reset_participants=True
		)

	@pytest.mark.parametrize("how", AWAY)
	def test_the_meeting_stays_recorded_until_it_is_closed(self, how: str) -> None:
		room = room_in(Status.LIVE, meeting_id="m", meeting_token="t")
		step = reconcile(changed(**AWAY[how]), room)
		assert (step.room.meeting_id, step.room.meeting_token) == ("m", "t")

	@pytest.mark.parametrize("how", AWAY)
	def test_a_running_visit_stays_on_record(self, how: str) -> None:
		step = reconcile(changed(**AWAY[how]), room_in(Status.LIVE))
		assert (step.room.status, step.reset_participants) == (Status.SCHEDULED, True)
		assert step.room.former_visits == (FormerVisit(NOON, NOON, HOST),)

	def test_before_its_day_the_waiting_room_is_emptied_too(self) -> None:
		early = NOON - timedelta(days=2)
		step = reconcile(changed(starts_on=NOON + HOUR), room_in(Status.SCHEDULED), now=early)
		assert (step.reset_participants, step.room.link_version) == (True, 2)


class TestMovedALittle:
	@pytest.mark.parametrize("status", RUNNING, ids=str)
	@pytest.mark.parametrize("how", SMALL)
	def test_leaves_everybody_where_they_are(self, how: str, status: Status) -> None:
		appointment = changed(**SMALL[how])
		room = room_in(status, locked=True, fallback_active=True)
		assert reconcile(appointment, room) == Step(at(room, appointment))

	@pytest.mark.parametrize("how", ["lengthened", "shortened"])
	def test_before_it_opens_links_live_on(self, how: str) -> None:
		appointment, room = changed(**SMALL[how]), room_in(Status.SCHEDULED)
		assert reconcile(appointment, room, now=NOON - timedelta(days=2)) == Step(at(room, appointment))

	def test_the_last_moment_of_the_new_window_is_inside_it(self) -> None:
		appointment, room = changed(minutes=20), room_in(Status.LIVE)
		latest = NOON + timedelta(minutes=80)
		inside = latest - timedelta(milliseconds=1)
		assert reconcile(appointment, room, now=inside) == Step(at(room, appointment))
		assert reconcile(appointment, room, now=latest).room.status is Status.ENDED

	def test_whose_time_was_over_before_is_not_inside(self) -> None:
		"""The sweep has not closed the room; its people are not those of the new time."""
		appointment, room = changed(starts_on=NOON + 2 * HOUR), room_in(Status.LIVE)
		latest = NOON + timedelta(minutes=110)
		assert reconcile(appointment, room, now=latest - timedelta(milliseconds=1)) == Step(
			at(room, appointment)
		)
		assert reconcile(appointment, room, now=latest).room.status is Status.SCHEDULED

	def test_what_the_host_added_is_preserved(self) -> None:
		room = room_in(Status.LIVE, extended_minutes=15, closes_on=NOON + timedelta(minutes=95))
		step = reconcile(changed(minutes=60), room)
		assert (step.room.extended_minutes, step.room.closes_on) == (15, NOON + timedelta(minutes=105))

	def test_but_not_beyond_the_policy(self) -> None:
		tight = Policy(overrun=timedelta(minutes=40))
		room = room_in(Status.LIVE, extended_minutes=15, closes_on=NOON + timedelta(minutes=95))
		step = rooms.reconcile(changed(minutes=60), room, tight, NOON, HOST)
		assert step.room.closes_on == NOON + timedelta(minutes=100)


class TestMovedIntoThePast:
	@pytest.mark.parametrize("how", PAST)
	def test_a_running_visit_has_taken_place(self, how: str) -> None:
		appointment = changed(**PAST[how])
		room = room_in(Status.LIVE, fallback_active=True)
		ended = replace(room, status=Status.ENDED, ended_on=NOON, fallback_active=False)
		assert reconcile(appointment, room) == Step(at(ended, appointment), reset_participants=True)

	@pytest.mark.parametrize("how", [*PAST, *SMALL])
	def test_an_ended_visit_stays_as_it_ended(self, how: str) -> None:
		"""The date of a past visit is corrected, or its length: who ended it, and when, is no question of that."""
		appointment = changed(**(PAST | SMALL)[how])
		room = room_in(Status.ENDED, ended_on=NOON + HOUR, ended_by=HOST)
		assert reconcile(appointment, room, now=NOON + 2 * HOUR) == Step(at(room, appointment))

	@pytest.mark.parametrize("how", PAST)
	@pytest.mark.parametrize("status", [Status.EXPIRED, Status.REVOKED], ids=str)
	def test_what_did_not_take_place_is_not_opened_for_it(self, how: str, status: Status) -> None:
		appointment = changed(**PAST[how])
		room = room_in(status, ended_on=NOON + HOUR, revoked_by=HOST)
		assert reconcile(appointment, room, now=NOON + 2 * HOUR) == Step(at(room, appointment))

	def test_into_a_window_that_is_open_it_may_still_take_place(self) -> None:
		appointment = changed(starts_on=NOON + 2 * HOUR)
		now = NOON + 2 * HOUR + timedelta(minutes=5)
		assert reconcile(appointment, room_in(Status.EXPIRED), now=now).room.status is Status.SCHEDULED
		assert reconcile(appointment, room_in(Status.ENDED), now=now).room.status is Status.ENDED


class TestHeldAgain:
	"""A visit that took place, and whose appointment is then given a time to come."""

	def test_is_still_to_come_and_on_record(self) -> None:
		appointment = changed(starts_on=NOON + 24 * HOUR)
		room = room_in(Status.ENDED, ended_on=NOON + HOUR, ended_by="dr/odd name@clinic.test")
		step = reconcile(appointment, room, now=NOON + 2 * HOUR)
		assert (step.room.status, step.room.ended_by, step.room.ended_on) == (Status.SCHEDULED, "", None)
		(stored,) = step.room.former_visits
		assert not set(str(stored)) & set(" \n\t")
		assert (
			FormerVisit.read(str(stored))
			== stored
			== FormerVisit(NOON, NOON + HOUR, "dr/odd name@clinic.test")
		)

	def test_and_again(self) -> None:
		room = room_in(Status.ENDED, ended_on=NOON + HOUR, ended_by=HOST)
		for day in (1, 2):
			moved = reconcile(changed(starts_on=NOON + day * 24 * HOUR), room, now=NOON + 2 * HOUR).room
			room = replace(moved, status=Status.ENDED, ended_on=NOON + day * 25 * HOUR)
		assert [stored.ended_on for stored in room.former_visits] == [
			NOON + HOUR,
			NOON + 25 * HOUR,
		]

	def test_not_when_it_did_not_take_place(self) -> None:
		for status in (Status.EXPIRED, Status.REVOKED, Status.SCHEDULED):
			assert reconcile(changed(starts_on=NOON + 24 * HOUR), room_in(status)).room.former_visits == ()


class TestWindow:
	def test_a_visit_of_no_stated_length_is_not_moved_by_a_new_default(self) -> None:
		appointment = changed(minutes=0)
		room = rooms.new_room("r", appointment, "", "", POLICY)
		other = Policy(default_duration=HOUR, lead=HOUR, grace=HOUR)
		assert rooms.reconcile(appointment, room, other, NOON, HOST) == Step(room)

	def test_a_new_policy_moves_no_window_that_is_booked(self) -> None:
		other = Policy(lead=HOUR, grace=HOUR, overrun=HOUR)
		room = room_in(Status.SCHEDULED)
		assert rooms.reconcile(APPOINTMENT, room, other, NOON, HOST) == Step(room)


OTHER_PEOPLE = {
	"patient merged": {"patient": "PAT-2"},
	"another practitioner": {"practitioner": "PRAC-2"},
}


class TestOtherPeople:
	"""Who no longer belongs is put out by `services/booking.py`, which knows who is who."""

	@pytest.mark.parametrize("status", RUNNING, ids=str)
	def test_a_colleague_takes_over_a_visit_that_goes_on(self, status: Status) -> None:
		room = room_in(status, locked=True)
		step = reconcile(changed(practitioner="PRAC-2"), room)
		assert step == Step(replace(room, practitioner="PRAC-2"))

	@pytest.mark.parametrize("status", RUNNING, ids=str)
	def test_another_patient_kills_the_links_of_the_first(self, status: Status) -> None:
		room = room_in(status)
		step = reconcile(changed(patient="PAT-2"), room)
		assert step == Step(replace(room, patient="PAT-2", link_version=2))

	@pytest.mark.parametrize("status", OVER, ids=str)
	@pytest.mark.parametrize("who", OTHER_PEOPLE)
	def test_reopens_nothing_that_is_over(self, who: str, status: Status) -> None:
		"""A merge of patients touches years of past visits: each stays as it ended."""
		room = room_in(status, ended_by=HOST, ended_on=NOON)
		step = reconcile(changed(**OTHER_PEOPLE[who]), room, now=NOON + 24 * HOUR)
		assert step == Step(replace(room, **OTHER_PEOPLE[who]))

	@pytest.mark.parametrize("status", Status, ids=str)
	def test_another_company_is_written_down_and_no_one_disturbed(self, status: Status) -> None:
		room = room_in(status)
		step = reconcile(changed(company="Other"), room, now=room.closes_on)
		assert step == Step(replace(room, company="Other"))


class TestFallback:
	@pytest.mark.parametrize("status", RUNNING, ids=str)
	def test_another_link_stays_offered(self, status: Status) -> None:
		room = room_in(status, fallback_active=True)
		step = reconcile(changed(fallback_url="https://other.test/y"), room)
		assert step == Step(replace(room, fallback_url="https://other.test/y"))

	@pytest.mark.parametrize("status", RUNNING, ids=str)
	def test_no_link_is_not_offered(self, status: Status) -> None:
		room = room_in(status, fallback_active=True)
		step = reconcile(changed(fallback_url=""), room)
		assert step == Step(replace(room, fallback_url="", fallback_active=False))


AUTOMATIC = {
	"Closed": {"status": "Closed"},
	"No Show after midnight": {"status": "No Show", "day_ends_on": NOON},
	"Open": {"status": "Open"},
	"Scheduled": {"status": "Scheduled"},
}


class TestAutomaticStatus:
	"""What the platform writes by itself decides nothing: neither before nor during a visit, nor when all are away."""

	@pytest.mark.parametrize("status", Status, ids=str)
	@pytest.mark.parametrize("how", AUTOMATIC)
	def test_changes_no_room(self, how: str, status: Status) -> None:
		room = room_in(
			status, fallback_active=status in RUNNING, ended_by=HOST, revoked_reason=RevokedReason.CANCELLED
		)
		if status is Status.REVOKED and how in ("Open", "Scheduled"):
			return  # the clinic's way to take a cancellation back: `TestResurrected`
		assert reconcile(changed(**({"fallback_url": room.fallback_url} | AUTOMATIC[how])), room) == Step(
			room
		)

	@pytest.mark.parametrize("status", RUNNING, ids=str)
	def test_a_no_show_on_the_day_itself_is_a_persons(self, status: Status) -> None:
		just_before = changed(status="No Show", day_ends_on=NOON + timedelta(milliseconds=1))
		assert reconcile(just_before, room_in(status)).room.status is Status.REVOKED

	def test_which_midnight_does_not_undo(self) -> None:
		room = reconcile(changed(status="No Show", day_ends_on=NOON + HOUR), room_in(Status.LIVE)).room
		after = changed(status="No Show", day_ends_on=NOON)
		assert reconcile(after, room) == Step(room)

	@pytest.mark.parametrize("status", RUNNING, ids=str)
	def test_a_cancellation_is_one_on_any_day(self, status: Status) -> None:
		appointment = changed(status="Cancelled", day_ends_on=NOON - HOUR)
		assert reconcile(appointment, room_in(status)).room.status is Status.REVOKED


class TestResurrected:
	def test_is_scheduled_again_under_a_new_link_version(self) -> None:
		revoked = reconcile(changed(status="Cancelled"), room_in(Status.LIVE)).room
		step = reconcile(changed(status="Open"), revoked)
		assert step == Step(replace(room_in(Status.SCHEDULED), link_version=3), reset_participants=True)

	def test_video_ticked_again_after_the_encounter_was_begun(self) -> None:
		revoked = reconcile(changed(video=False), room_in(Status.SCHEDULED)).room
		assert reconcile(changed(status="Closed"), revoked).room.status is Status.SCHEDULED

	def test_video_ticked_again(self) -> None:
		revoked = reconcile(changed(video=False), room_in(Status.SCHEDULED)).room
		assert reconcile(APPOINTMENT, revoked).room.status is Status.SCHEDULED

	def test_not_after_its_window(self) -> None:
		revoked = reconcile(changed(status="Cancelled"), room_in(Status.SCHEDULED)).room
		assert reconcile(APPOINTMENT, revoked, now=revoked.closes_on) == Step(revoked)
		just_before = revoked.closes_on - timedelta(milliseconds=1)
		assert reconcile(APPOINTMENT, revoked, now=just_before).room.status is Status.SCHEDULED

	def test_not_by_being_closed(self) -> None:
		revoked = reconcile(changed(status="Cancelled"), room_in(Status.LIVE)).room
		assert reconcile(changed(status="Closed"), revoked) == Step(revoked)

	@pytest.mark.parametrize("status", [Status.ENDED, Status.EXPIRED], ids=str)
	def test_no_visit_that_took_place_or_time_that_passed_comes_back(self, status: Status) -> None:
		room = room_in(status)
		assert reconcile(APPOINTMENT, room) == Step(room)

	@pytest.mark.parametrize("status", OVER, ids=str)
	def test_but_a_new_time_brings_any_back(self, status: Status) -> None:
		step = reconcile(changed(starts_on=NOON + 24 * HOUR), room_in(status))
		assert step.room.status is Status.SCHEDULED


@pytest.mark.parametrize(
	"word", ["", "Confirmed", "Needs Rescheduling", "cancelled", "closed", "Checked Out"]
)
@pytest.mark.parametrize("status", [*RUNNING, Status.ENDED, Status.EXPIRED], ids=str)
def test_unknown_words_of_the_host_change_nothing(word: str, status: Status) -> None:
	room = room_in(status)
	assert reconcile(changed(status=word), room) == Step(room)


appointments = st.builds(
	make_appointment,
	key=st.sampled_from([APPOINTMENT.key, "another"]),
	patient=st.sampled_from(["PAT-1", "PAT-2"]),
	practitioner=st.sampled_from(["PRAC-1", "PRAC-2"]),
	starts_on=st.sampled_from([NOON, NOON + HOUR, NOON - 5 * HOUR]),
	minutes=st.sampled_from([0, 20, 50]),
	status=st.sampled_from(["Scheduled", "Open", "Closed", "Cancelled", "No Show", "Confirmed"]),
	day_ends_on=st.sampled_from([None, NOON, NOON + 12 * HOUR]),
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


@given(st.none() | appointments, some_rooms, nows)
def test_following_settles(appointment: Appointment | None, room: Room, now: Any) -> None:
	"""No person is put outside twice for one change; a visit that was both closed and moved takes two steps."""
	once = reconcile(appointment, room, now).room
	twice = reconcile(appointment, once, now).room
	assert reconcile(appointment, twice, now) == Step(twice)


@given(st.none() | appointments, some_rooms, nows)
def test_anyone_who_is_put_out_finds_old_links_dead_or_the_visit_ended(
	appointment: Appointment | None, room: Room, now: Any
) -> None:
	step = reconcile(appointment, room, now)
	is_anothers = step.room.patient != room.patient and not room.is_over
	assert step.reset_participants or step.room.link_version == room.link_version + is_anothers
	assert (
		not step.reset_participants or step.room.link_version > room.link_version or step.room.ended_on is now
	)
	assert step.room.link_version - room.link_version in (0, 1, 1 + is_anothers)
	assert (step.room.name, step.room.appointment_key) == (room.name, room.appointment_key)


@given(st.none() | appointments, some_rooms, nows)
def test_no_running_room_outlives_its_appointment(
	appointment: Appointment | None, room: Room, now: Any
) -> None:
	after = reconcile(appointment, room, now).room
	alive = (
		appointment is not None
		and appointment.key == room.appointment_key
		and appointment.video
		and appointment.status != "Cancelled"
		and not (appointment.status == "No Show" and now < (appointment.day_ends_on or now + HOUR))
	)
	assert alive or after.is_over


@given(appointments, some_rooms, nows)
def test_a_running_room_is_at_its_appointments_time_with_its_people(
	appointment: Appointment, room: Room, now: Any
) -> None:
	after = reconcile(appointment, room, now).room
	if not after.is_over:
		assert after.starts_on == appointment.starts_on
		assert (after.patient, after.practitioner) == (appointment.patient, appointment.practitioner)
		assert after.fallback_url == appointment.fallback_url


@given(st.none() | appointments, some_rooms, nows)
def test_what_took_place_stays_on_record(appointment: Appointment | None, room: Room, now: Any) -> None:
	"""An ended visit is ended or, where it is held again, among the former ones; a running one that is moved too."""
	room = replace(room, ended_on=NOON, ended_by=HOST) if room.status is Status.ENDED else room
	after = reconcile(appointment, room, now).room
	if room.status is Status.ENDED:
		stored = after.former_visits
		assert (after.ended_on, after.ended_by) == (NOON, HOST) or stored == (
			FormerVisit(room.starts_on, NOON, HOST),
		)
	elif room.status is Status.LIVE:
		assert after.status in (Status.LIVE, Status.ENDED, Status.REVOKED) or len(after.former_visits) == 1


class TestOverTheLimit:
	"""An administrator lets one visit in, for the allowances that pay for it."""

	LET_IN = make_room(over_limit_by="office@clinic.test", over_limit_reason="planted")

	def after(self, room: Room, now: datetime, **changes: Any) -> tuple[str, str]:
		room = rooms.reconcile(make_appointment(**changes), room, POLICY, now, "").room
		return room.over_limit_by, room.over_limit_reason

	@pytest.mark.parametrize(
		"changes",
		[{"practitioner": "PRAC-2"}, {"company": "Other"}, {"starts_on": NOON + timedelta(days=40)}],
	)
	def test_another_visit_is_within_it(self, changes: dict[str, Any]) -> None:
		assert self.after(self.LET_IN, NOON - timedelta(days=1), **changes) == ("", "")

	def test_a_visit_that_took_place_and_comes_back_is_within_it(self) -> None:
		ended = rooms.end(self.LET_IN, "host@clinic.test", NOON)
		later = {"starts_on": NOON + timedelta(days=40)}
		assert self.after(ended, NOON + timedelta(hours=5), **later) == ("", "")

	@pytest.mark.parametrize("changes", [{}, {"minutes": 60}, {"patient": "PAT-2"}])
	def test_the_same_visit_stays_let_in(self, changes: dict[str, Any]) -> None:
		assert self.after(self.LET_IN, NOON, **changes) == ("office@clinic.test", "planted")

	def test_an_ended_visit_keeps_who_let_it_in(self) -> None:
		ended = rooms.end(self.LET_IN, "host@clinic.test", NOON)
		assert self.after(ended, NOON, practitioner="PRAC-2") == ("office@clinic.test", "planted")
