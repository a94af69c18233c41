"""The store's contract for the sweep's questions: what is due, soonest first. Part of `store_contract.py`."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

from theranvio_telehealth.domain.due import HORIZON, LOOK_BACK, doubtful
from theranvio_telehealth.domain.entities import Participant, Room
from theranvio_telehealth.domain.enums import ParticipantState, Role, RoomStatus
from tools.harness.factories import make_participant, make_room
from tools.harness.ports import NOON


def booked(store: Any, seed: Any, **overrides: Any) -> Room:
	room = make_room(seed.appointment(), **overrides)
	store.add_room(room)
	return room


def joined(store: Any, room: Room, **overrides: Any) -> Participant:
	"""A participant in the call since noon, seen at five past. Each name has a user of its own."""
	own = {"user": f"{overrides['name']}@home.test"} if "name" in overrides else {}
	present = own | {
		"state": ParticipantState.ADMITTED,
		"attendee_id": "a" * 32,
		"stay_started_on": NOON,
		"stay_seen_on": NOON + timedelta(minutes=5),
	}
	person = make_participant(room, **(present | overrides))
	store.add_participant(person)
	return person


class DueContract:
	# who waits for a host

	def test_rooms_with_waiting(self, store: Any, seed: Any) -> None:
		appointment = seed.appointment()
		for number, (name, status, state) in enumerate(
			[
				("waited", RoomStatus.LIVE, ParticipantState.WAITING),
				("early", RoomStatus.SCHEDULED, ParticipantState.WAITING),
				("admitted", RoomStatus.LIVE, ParticipantState.ADMITTED),
				("over", RoomStatus.ENDED, ParticipantState.WAITING),
			]
		):
			starts_on = NOON - timedelta(minutes=number)
			own = {"name": name, "appointment_key": f"key-{number}", "status": status, "starts_on": starts_on}
			room = make_room(appointment, **own)
			store.add_room(room)
			store.add_participant(make_participant(room, name=f"client-{number}", state=state))
		theirs = [appointment.practitioner]
		assert list(store.rooms_with_waiting(theirs, "nobody@home.test", 10)) == ["early", "waited"]
		assert list(store.rooms_with_waiting(theirs, "nobody@home.test", 1)) == ["early"]
		assert list(store.rooms_with_waiting([], seed.user, 10)) == []
		host = make_participant(store.room("waited"), name="host", role=Role.HOST, user=seed.user)
		store.add_participant(host)
		assert list(store.rooms_with_waiting([], seed.user, 10)) == ["waited"]
		assert list(store.rooms_with_waiting([], seed.other_user, 10)) == []

	# the sweep's questions

	def test_rooms_to_close(self, store: Any, seed: Any) -> None:
		appointment = seed.appointment()
		for number, (name, status, minutes) in enumerate(
			[
				("second", RoomStatus.LIVE, -1),
				("first", RoomStatus.SCHEDULED, -2),
				("now", RoomStatus.LIVE, 0),
				("later", RoomStatus.LIVE, 1),
				("over", RoomStatus.ENDED, -3),
			]
		):
			closes_on = NOON + timedelta(minutes=minutes)
			key = f"key-{number}"
			store.add_room(
				make_room(appointment, name=name, appointment_key=key, status=status, closes_on=closes_on)
			)
		assert list(store.rooms_to_close(NOON, 10)) == ["first", "second", "now"]
		assert list(store.rooms_to_close(NOON, 1)) == ["first"]

	def test_rooms_with_stale_stays(self, store: Any, seed: Any) -> None:
		first = booked(store, seed)
		second = replace(first, name="second", appointment_key="key-2")
		store.add_room(second)
		joined(store, second, name="p1", stay_seen_on=NOON - timedelta(seconds=1))
		joined(store, first, name="p2", stay_seen_on=NOON - timedelta(seconds=2))
		joined(store, first, name="p3", stay_seen_on=NOON - timedelta(seconds=3))
		joined(store, first, name="p4", stay_started_on=None, stay_seen_on=None)
		assert list(store.rooms_with_stale_stays(NOON, 10)) == [first.name, "second"]
		assert list(store.rooms_with_stale_stays(NOON, 1)) == [first.name]
		assert list(store.rooms_with_stale_stays(NOON - timedelta(seconds=3), 10)) == []

	def test_rooms_to_release(self, store: Any, seed: Any) -> None:
		live = booked(store, seed, status=RoomStatus.LIVE, meeting_id="m1", meeting_token="t1")
		joined(store, live)
		assert list(store.rooms_to_tear_down(10)) == []
		ended = replace(live, name="ended", appointment_key="key-2", status=RoomStatus.ENDED)
		swept = replace(ended, name="swept", appointment_key="key-3", meeting_id="", meeting_token="")
		for room in (ended, swept):
			store.add_room(room)
		assert list(store.rooms_to_tear_down(10)) == ["ended"]
		joined(store, live, name="left", revoked_attendees=("b",))
		assert list(store.rooms_to_tear_down(10)) == [live.name, "ended"]
		assert list(store.rooms_to_tear_down(1)) == [live.name]

	# what to reconcile; a clock far from the platform's own keeps «changed lately» out of the way

	def far(self, seed: Any, store: Any) -> datetime:
		"""A moment thirty days before an appointment that is long booked."""
		seed.set_clock(NOON)
		return NOON + timedelta(days=60)

	def test_nothing_to_reconcile(self, store: Any, seed: Any) -> None:
		starts_on = self.far(seed, store)
		store.add_room(make_room(seed.appointment(starts_on=starts_on)))
		seed.appointment(name="APP-2", starts_on=starts_on, video=False)
		assert list(store.appointments_to_reconcile(doubtful(starts_on - timedelta(days=30)), 10)) == []

	def test_soon_to_open_or_open(self, store: Any, seed: Any) -> None:
		appointment = seed.appointment(starts_on=self.far(seed, store))
		store.add_room(make_room(appointment))
		for now in (appointment.starts_on - timedelta(minutes=16), appointment.starts_on):
			assert list(store.appointments_to_reconcile(doubtful(now), 10)) == [appointment.name]

	def test_over_is_over(self, store: Any, seed: Any) -> None:
		appointment = seed.appointment(starts_on=self.far(seed, store))
		store.add_room(make_room(appointment, status=RoomStatus.ENDED))
		assert list(store.appointments_to_reconcile(doubtful(appointment.starts_on), 10)) == []

	def test_changed_lately(self, store: Any, seed: Any) -> None:
		appointment = seed.appointment(starts_on=self.far(seed, store))
		store.add_room(make_room(appointment))
		now = datetime.now(timezone.utc)
		seed.set_clock(now)
		seed.rewrite(appointment, starts_on=appointment.starts_on + timedelta(days=900))
		assert appointment.name in store.appointments_to_reconcile(doubtful(now + timedelta(seconds=1)), 10)

	def test_gone_while_its_room_is_not_over(self, store: Any, seed: Any) -> None:
		appointment = seed.appointment(starts_on=self.far(seed, store))
		room = make_room(appointment)
		store.add_room(room)
		seed.remove(appointment)
		now = appointment.starts_on - timedelta(days=30)
		assert list(store.appointments_to_reconcile(doubtful(now), 10)) == [appointment.name]
		store.save_room(replace(room, status=RoomStatus.REVOKED))
		assert list(store.appointments_to_reconcile(doubtful(now), 10)) == []

	def test_gone_beyond_the_horizon_is_found_later(self, store: Any, seed: Any) -> None:
		appointment = seed.appointment(starts_on=self.far(seed, store))
		room = make_room(appointment)
		store.add_room(room)
		seed.remove(appointment)
		for now, found in (
			(room.opens_on - HORIZON - timedelta(seconds=1), []),
			(room.opens_on - HORIZON, [appointment.name]),
		):
			assert list(store.appointments_to_reconcile(doubtful(now), 10)) == found

	def test_name_used_again_by_another(self, store: Any, seed: Any) -> None:
		appointment = seed.appointment(starts_on=self.far(seed, store))
		store.add_room(make_room(appointment, name="earlier", appointment_key="an earlier one's"))
		store.add_room(make_room(appointment))
		now = appointment.starts_on - timedelta(days=30)
		assert list(store.appointments_to_reconcile(doubtful(now), 10)) == [appointment.name]

	def test_video_without_a_room(self, store: Any, seed: Any) -> None:
		appointment = seed.appointment(starts_on=self.far(seed, store))
		now = appointment.starts_on - timedelta(days=30)
		assert list(store.appointments_to_reconcile(doubtful(now), 10)) == [appointment.name]

	def test_video_without_a_room_long_past_is_left_alone(self, store: Any, seed: Any) -> None:
		appointment = seed.appointment(starts_on=self.far(seed, store))
		now = appointment.starts_on + LOOK_BACK + timedelta(days=1)
		assert list(store.appointments_to_reconcile(doubtful(now), 10)) == []

	def test_reconcile_takes_the_soonest_first(self, store: Any, seed: Any) -> None:
		starts_on = self.far(seed, store)
		hour = timedelta(hours=1)
		last = seed.appointment(name="APP-1", starts_on=starts_on + hour)
		first = seed.appointment(name="APP-2", starts_on=starts_on)
		now = starts_on - timedelta(days=30)
		assert list(store.appointments_to_reconcile(doubtful(now), 10)) == [first.name, last.name]
		assert list(store.appointments_to_reconcile(doubtful(now), 1)) == [first.name]
