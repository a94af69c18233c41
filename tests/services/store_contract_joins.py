"""What every Store must do with joins, providers' events and the ledger; a part of the store contract."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from tests.services.store_contract_due import booked, joined
from theranvio_telehealth.domain.entities import Join, Room, Span
from theranvio_telehealth.domain.provider_events import Kind, ProviderEvent
from tools.harness.factories import make_entry
from tools.harness.ports import NOON

MEETING, ATTENDEE = "m" * 36, "a" * 36


def made(store: Any, seed: Any, room: Room, attendee: str = ATTENDEE, meeting: str = MEETING) -> Join:
	people = store.participants(room.name)
	person = people[0] if people else joined(store, room)
	provider = store.provider("Video") or seed.provider()
	join = Join(attendee, room.name, person.name, provider.name, meeting)
	store.save_join(join)
	return join


def span(start: int, end: int) -> Span:
	return Span(NOON + timedelta(milliseconds=start), NOON + timedelta(milliseconds=end))


def event(kind: Kind, seconds: float = 0, attendee: str = ATTENDEE, meeting: str = MEETING) -> ProviderEvent:
	return ProviderEvent(meeting, attendee, kind, NOON + timedelta(seconds=seconds))


class JoinsContract:
	def test_joins_are_stored_in_order_and_written_over(self, store: Any, seed: Any) -> None:
		room = booked(store, seed)
		first, second = made(store, seed, room), made(store, seed, room, "b" * 36)
		later = replace(
			first,
			heartbeat_spans=(span(1, 2), span(5, 9)),
			credentials_revoked_on=NOON + timedelta(milliseconds=3),
		)
		store.save_join(later)
		assert store.joins(room.name) == [later, second]
		assert store.joins("no such room") == []

	def test_a_meeting_leads_to_its_room(self, store: Any, seed: Any) -> None:
		room = booked(store, seed)
		made(store, seed, room)
		made(store, seed, room, "b" * 36, "n" * 36)
		assert [store.room_of_meeting(m) for m in (MEETING, "n" * 36, "x" * 36, "")] == [
			room.name,
			room.name,
			None,
			None,
		]

	def test_an_event_is_put_down_once(self, store: Any, seed: Any) -> None:
		came, ended = event(Kind.JOINED, 0.123), event(Kind.MEETING_ENDED, 60, "")
		other = event(Kind.JOINED, meeting="n" * 36)
		assert [store.add_event(e) for e in (came, ended, came, other)] == [True, True, False, True]
		assert sorted(store.events([MEETING]), key=lambda e: e.happened_on) == [came, ended]
		assert len(store.events({MEETING, "n" * 36})) == 3
		assert store.events([]) == []

	def test_entries_of_a_room_in_the_order_they_were_booked(self, store: Any, seed: Any) -> None:
		room = booked(store, seed)
		person = joined(store, room)
		of = {"participant": person.name, "provider": seed.provider().name}
		entries = [
			make_entry(room, **of),
			make_entry(room, **of, seconds=-61, billed_tenths=-11, idempotency_key="2"),
			make_entry(room, **of, ended_on=NOON + timedelta(seconds=9), seconds=9, idempotency_key="3"),
		]
		assert all(store.book(entry) for entry in entries)
		assert store.entries(room.name) == entries
		assert store.entries("no such room") == []

	def test_what_is_withdrawn_goes_back_to_the_allowance(self, store: Any, seed: Any) -> None:
		room = booked(store, seed)
		person = joined(store, room)
		allowance = seed.allowance(company=room.company)
		entry = make_entry(
			room, participant=person.name, provider=seed.provider().name, allowance=allowance.name
		)
		store.book(entry)
		assert store.allowances(room)[0].used_seconds == 61
		store.book(replace(entry, seconds=-61, billed_tenths=-11, idempotency_key="withdrawn"))
		assert store.allowances(room)[0].used_seconds == 0
