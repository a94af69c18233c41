"""What every Store must do, whatever it is made of. Mixed into a class whose fixtures give `store` and `seed`.

`seed` writes what the services never write (see `tools.harness.factories.LocalSeed`). Appointments it returns carry
the company, practitioner and patient that exist on the platform; everything else here is derived from them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.services.store_contract_due import DueContract, booked, joined
from tests.services.store_contract_joins import JoinsContract
from tests.services.store_contract_usage import UsageContract
from theranvio_telehealth.domain.entities import FormerMeeting, FormerVisit, Participant, Policy, Room
from theranvio_telehealth.domain.enums import (
	Adapter,
	ParticipantState,
	RevokedReason,
	Role,
	RoomStatus,
)
from tools.harness.factories import make_entry, make_participant, make_room
from tools.harness.ports import NOON

ODD = "Zoë 'Z' O\"Neill; 中文 🩺"


def full_room(seed: Any) -> Room:
	"""No field as it was by default, and instants to the millisecond."""
	account = seed.provider()
	return make_room(
		seed.appointment(),
		status=RoomStatus.REVOKED,
		closes_on=NOON + timedelta(hours=2, milliseconds=7),
		extended_minutes=15,
		provider=account.name,
		media_region="ca-central-1",
		meeting_id="m" * 36,
		meeting_token="t" * 32,
		meeting_details='{"MeetingId":"m","MediaPlacement":{"AudioHostUrl":"x"}}',
		former_meetings=(
			FormerMeeting("Old one", "ca-central-1", "m", "t"),
			FormerMeeting("Other", "eu-west-2", "", "u/v"),
		),
		fallback_url="https://meet.example.org/x?y=1&z=%20",
		fallback_active=True,
		link_version=7,
		locked=True,
		ended_on=NOON + timedelta(milliseconds=1),
		ended_by=seed.user,
		revoked_on=NOON + timedelta(milliseconds=999),
		revoked_by=seed.other_user,
		revoked_reason=RevokedReason.VIDEO_OFF,
		former_visits=(
			FormerVisit(NOON - timedelta(days=1), NOON, seed.user),
			FormerVisit(NOON, NOON + timedelta(milliseconds=1), ""),
		),
	)


def full_participant(room: Room, seed: Any) -> Participant:
	return make_participant(
		room,
		role=Role.HOST,
		user=seed.user,
		display_name=ODD,
		contact="+1 555 0100",
		stand_in=True,
		state=ParticipantState.ADMITTED,
		pseudonym="p" * 32,
		attendee_id="a" * 32,
		revoked_attendees=("b" * 32, "c" * 32),
		waiting_since=NOON + timedelta(milliseconds=1),
		admitted_on=NOON + timedelta(milliseconds=2),
		admitted_by=seed.user,
		left_on=NOON + timedelta(milliseconds=3),
		link_hash="h" * 64,
		stay_started_on=NOON + timedelta(milliseconds=4),
		stay_seen_on=NOON + timedelta(milliseconds=5),
	)


class Undone(Exception):
	"""Raised by a test to have a transaction rolled back."""


@contextmanager
def undone(store: Any) -> Iterator[None]:
	"""What is done within is rolled back at the end."""
	with suppress(Undone), store.transaction():
		yield
		raise Undone


def roll_back(store: Any, write: Callable[[], object]) -> None:
	with undone(store):
		write()


class StoreContract(DueContract, JoinsContract, UsageContract):
	# what is written is what is read

	def test_appointment_is_the_hosts_own(self, store: Any, seed: Any) -> None:
		appointment = seed.appointment(fallback_url="https://meet.example.org/a", minutes=25)
		assert store.appointment(appointment.name) == appointment
		assert store.appointment("nothing of that name") is None

	def test_appointment_is_read_again_after_a_change(self, store: Any, seed: Any) -> None:
		appointment = seed.appointment()
		assert store.appointment(appointment.name).starts_on == appointment.starts_on
		moved = seed.rewrite(appointment, starts_on=appointment.starts_on + timedelta(hours=3))
		assert store.appointment(appointment.name) == moved

	def test_removed_appointment_is_gone(self, store: Any, seed: Any) -> None:
		appointment = seed.appointment()
		seed.remove(appointment)
		assert store.appointment(appointment.name) is None

	def test_room_round_trip_of_defaults(self, store: Any, seed: Any) -> None:
		room = booked(store, seed)
		assert store.room(room.name) == room
		assert store.room("no such room") is None

	def test_room_round_trip_of_every_field(self, store: Any, seed: Any) -> None:
		room = full_room(seed)
		store.add_room(room)
		stored = store.room(room.name)
		assert stored == room
		assert stored.closes_on.utcoffset() == timedelta(0)
		assert isinstance(stored.status, RoomStatus)

	def test_save_room_writes_every_field(self, store: Any, seed: Any) -> None:
		full = full_room(seed)
		plain = make_room(store.appointment(full.appointment))
		store.add_room(plain)
		store.save_room(full)
		assert store.room(full.name) == full
		store.save_room(plain)
		assert store.room(full.name) == plain

	def test_saving_a_room_that_was_never_added_fails(self, store: Any, seed: Any) -> None:
		with pytest.raises(seed.refusals):
			store.save_room(make_room(seed.appointment()))

	def test_participant_round_trip(self, store: Any, seed: Any) -> None:
		room = booked(store, seed)
		plain, full = make_participant(room), full_participant(room, seed)
		store.add_participant(plain)
		store.add_participant(full)
		assert store.participants(room.name) == [plain, full]
		assert store.participants("no such room") == []

	def test_save_participant_writes_every_field(self, store: Any, seed: Any) -> None:
		room = booked(store, seed)
		full = full_participant(room, seed)
		plain = make_participant(room, name=full.name, role=full.role, user=full.user)
		store.add_participant(plain)
		store.save_participant(full)
		assert store.participants(room.name) == [full]
		store.save_participant(plain)
		assert store.participants(room.name) == [plain]

	def test_participants_keep_the_order_they_came_in(self, store: Any, seed: Any) -> None:
		room = booked(store, seed)
		people = [make_participant(room, name=name, user=name) for name in ("zz", "aa", "mm")]
		for person in people:
			store.add_participant(person)
		store.save_participant(replace(people[0], state=ParticipantState.WAITING))
		assert [p.name for p in store.participants(room.name)] == ["zz", "aa", "mm"]

	def test_settings_round_trip(self, store: Any, seed: Any) -> None:
		policy = Policy(*(timedelta(minutes=n) for n in (5, 6, 7, 8)))
		account = seed.provider()
		settings = seed.settings(policy=policy, default_provider=account.name)
		assert store.settings() == settings

	def test_provider_round_trip(self, store: Any, seed: Any) -> None:
		account = seed.provider(
			name="Second",
			adapter=Adapter.PEER_TO_PEER,
			enabled=False,
			account_id="123456789012",
			control_region="us-east-1",
			media_region="ca-central-1",
			allowed_regions=("us-east-1", "ca-central-1"),
		)
		assert replace(store.provider("Second"), modified=account.modified) == account
		assert account in [replace(known, modified=account.modified) for known in store.providers()]
		assert store.provider("Third") is None

	def test_what_is_shown_on_the_appointment(self, store: Any, seed: Any) -> None:
		room = booked(store, seed)
		appointment = store.appointment(room.appointment)
		store.show_on_appointment(appointment.name, room.name, linked=True)
		assert seed.shown(appointment) == room.name
		store.show_on_appointment(appointment.name, "", linked=False)
		assert seed.shown(appointment) == ""
		assert store.appointment(appointment.name) == appointment

	# finding rooms

	def test_a_key_has_one_room(self, store: Any, seed: Any) -> None:
		room = booked(store, seed)
		with pytest.raises(seed.refusals), store.transaction():
			store.add_room(replace(room, name="another"))
		assert store.rooms_of(room.appointment) == [room]

	def test_rooms_of_a_name_used_twice_newest_first(self, store: Any, seed: Any) -> None:
		first = booked(store, seed)
		second = replace(first, name="second", appointment_key="another key")
		store.add_room(second)
		assert [r.name for r in store.rooms_of(first.appointment)] == ["second", first.name]
		assert store.rooms_of("no such appointment") == []

	def test_rooms_for_a_portal_user(self, store: Any, seed: Any) -> None:
		later = booked(store, seed)
		hour = timedelta(hours=1)
		sooner = replace(later, name="sooner", appointment_key="k1", starts_on=later.starts_on - hour)
		old = replace(
			later, name="old", appointment_key="k2", starts_on=later.starts_on - timedelta(days=400)
		)
		for room in (sooner, old):
			store.add_room(room)
		user = seed.portal_user(store.appointment(later.appointment))
		assert [r.name for r in store.rooms_for(user, NOON - timedelta(days=365))] == ["sooner", later.name]
		assert store.rooms_for("nobody@elsewhere.test", NOON - timedelta(days=365)) == []

	# transactions and locks

	def test_rollback_leaves_nothing(self, store: Any, seed: Any) -> None:
		room = booked(store, seed)
		person = joined(store, room)
		entry = make_entry(room, participant=person.name)

		def write() -> None:
			store.save_room(replace(room, locked=True))
			store.save_participant(replace(person, state=ParticipantState.LEFT))
			store.add_participant(make_participant(room, name="new", user=seed.other_user))
			assert store.book(entry)
			assert store.room(room.name).locked

		roll_back(store, write)
		assert store.room(room.name) == room
		assert store.participants(room.name) == [person]
		assert store.book(entry)

	def test_an_inner_transaction_joins_the_outer(self, store: Any, seed: Any) -> None:
		room = booked(store, seed)

		def write() -> None:
			with store.transaction():
				store.save_room(replace(room, locked=True))

		roll_back(store, write)
		assert store.room(room.name) == room

	def test_lock_returns_the_room(self, store: Any, seed: Any) -> None:
		room = booked(store, seed)
		with store.transaction():
			assert store.lock(room.name) == room
			assert store.lock("no such room") is None

	def test_a_lock_serialises_read_and_write(self, store: Any, seed: Any) -> None:
		room = booked(store, seed)
		person = joined(store, room, revoked_attendees=())

		def raise_version(its: Any) -> None:
			for _ in range(5):
				with its.transaction():
					locked = its.lock(room.name)
					its.save_room(replace(locked, link_version=locked.link_version + 1))
					(one,) = its.participants(room.name)
					its.save_participant(replace(one, revoked_attendees=(*one.revoked_attendees, "x")))

		assert seed.together(*[raise_version] * 4) == [None] * 4
		assert store.room(room.name).link_version == room.link_version + 20
		assert store.participants(room.name) == [replace(person, revoked_attendees=("x",) * 20)]

	# heartbeats

	def test_beat_moves_the_last_sign_of_life(self, store: Any, seed: Any) -> None:
		room = booked(store, seed)
		person = joined(store, room)
		later = NOON + timedelta(minutes=6, milliseconds=250)
		assert store.beat(person.name, person.attendee_id, later)
		assert store.participants(room.name) == [replace(person, stay_seen_on=later)]

	def test_beat_never_moves_back(self, store: Any, seed: Any) -> None:
		room = booked(store, seed)
		person = joined(store, room)
		assert store.beat(person.name, person.attendee_id, NOON)
		assert store.participants(room.name) == [person]

	@pytest.mark.parametrize(
		("stored", "sent"),
		[
			({"attendee_id": "new"}, "old"),
			({"attendee_id": ""}, ""),
			({"stay_started_on": None, "stay_seen_on": None}, "a" * 32),
		],
		ids=["superseded", "not joined", "no stay"],
	)
	def test_beat_refused(self, store: Any, seed: Any, stored: dict[str, Any], sent: str) -> None:
		room = booked(store, seed)
		person = joined(store, room, **stored)
		assert not store.beat(person.name, sent, NOON + timedelta(minutes=9))
		assert not store.beat("nobody", sent, NOON)
		assert store.participants(room.name) == [person]
