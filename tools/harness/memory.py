"""Every port of the services in memory, for fast tests. No rules live here, and no browser or database."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta, timezone
from typing import Any

from theranvio_telehealth.domain.due import Doubtful
from theranvio_telehealth.domain.entities import (
	Agreement,
	Allowance,
	Appointment,
	Join,
	Participant,
	Person,
	ProviderAccount,
	Room,
	Settings,
	UsageEntry,
)
from theranvio_telehealth.domain.enums import ParticipantState
from theranvio_telehealth.domain.provider_events import ProviderEvent

NOON = datetime(2027, 3, 3, 12, tzinfo=timezone.utc)


@dataclass
class FixedClock:
	"""Shows the time it was set to. The clinic is in UTC."""

	at: datetime = NOON

	def now(self) -> datetime:
		return self.at

	def today(self) -> date:
		return self.at.date()

	def advance(self, **length: float) -> datetime:
		self.at += timedelta(**length)
		return self.at


@dataclass
class Tables:
	"""All rows by key, in the order they were made."""

	room: dict[str, Room] = field(default_factory=dict)
	participant: dict[str, Participant] = field(default_factory=dict)
	appointment: dict[str, Appointment] = field(default_factory=dict)
	allowance: dict[str, Allowance] = field(default_factory=dict)
	join: dict[str, Join] = field(default_factory=dict)
	event: dict[str, ProviderEvent] = field(default_factory=dict)
	usage: dict[str, UsageEntry] = field(default_factory=dict)
	provider: dict[str, ProviderAccount] = field(default_factory=dict)
	agreement: dict[str, Agreement] = field(default_factory=dict)
	settings: dict[str, Settings] = field(default_factory=dict)
	touched: dict[str, datetime] = field(default_factory=dict)
	shown: dict[str, str] = field(default_factory=dict)

	def copy(self) -> Tables:
		return Tables(**{name: dict(rows) for name, rows in vars(self).items()})


class MemoryStore:
	"""The services' Store in dictionaries. A transaction is one lock, a copy to go back to, and effects after."""

	def __init__(
		self, clock: FixedClock, patients_of: Callable[[str], Sequence[str]] = lambda user: ()
	) -> None:
		self.clock = clock
		self.patients_of = patients_of
		self.rows = Tables()
		self._lock = threading.RLock()
		self._depth = 0
		self._effects: list[Callable[[], None]] = []

	def put(self, entity: Any) -> None:
		"""Write what the services never write: the platform's own rows."""
		if isinstance(entity, Settings):
			self.rows.settings[""] = entity
			return
		table = {ProviderAccount: "provider"}.get(type(entity), type(entity).__name__.lower())
		getattr(self.rows, table)[entity.name] = entity
		if isinstance(entity, Appointment):
			self.rows.touched[entity.name] = self.clock.now()

	def remove_appointment(self, name: str) -> None:
		del self.rows.appointment[name]
		self.rows.touched.pop(name, None)

	def shown(self, appointment: str) -> str:
		return self.rows.shown.get(appointment, "")

	def entries(self, room: str) -> Sequence[UsageEntry]:
		return [e for e in self.rows.usage.values() if e.room == room]

	def settings(self) -> Settings:
		return self.rows.settings.get("", Settings())

	def appointment(self, name: str) -> Appointment | None:
		return self.rows.appointment.get(name)

	def room(self, name: str) -> Room | None:
		return self.rows.room.get(name)

	def rooms_of(self, appointment: str) -> Sequence[Room]:
		return [r for r in self.rows.room.values() if r.appointment == appointment][::-1]

	def rooms_for(self, user: str, since: datetime) -> Sequence[Room]:
		patients = self.patients_of(user)
		theirs = [r for r in self.rows.room.values() if r.patient in patients and r.starts_on > since]
		return sorted(theirs, key=lambda r: r.starts_on)

	def rooms_with_waiting(self, practitioners: Sequence[str], user: str, limit: int) -> Sequence[str]:
		people = self.rows.participant.values()
		waited = {p.room for p in people if p.state is ParticipantState.WAITING}
		hosted = {p.room for p in people if p.is_host and p.user == user}
		theirs = [
			r
			for r in self.rows.room.values()
			if not r.is_over and r.name in waited and (r.practitioner in practitioners or r.name in hosted)
		]
		return [r.name for r in sorted(theirs, key=lambda r: (r.starts_on, r.name))][:limit]

	def participants(self, room: str) -> Sequence[Participant]:
		return [p for p in self.rows.participant.values() if p.room == room]

	@contextmanager
	def transaction(self) -> Iterator[None]:
		with self._lock:
			before, effects = self.rows.copy(), len(self._effects)
			self._depth += 1
			try:
				yield
			except BaseException:
				self.rows = before
				del self._effects[effects:]
				raise
			finally:
				self._depth -= 1
		if not self._depth:
			self._settle()

	def after_commit(self, effect: Callable[[], None]) -> None:
		self._effects.append(effect)
		if not self._depth:
			self._settle()

	def _settle(self) -> None:
		effects, self._effects = self._effects, []
		for effect in effects:
			effect()

	def lock(self, room: str) -> Room | None:
		if not self._depth:
			raise RuntimeError("a lock lasts until its transaction ends, and there is none")
		return self.room(room)

	def add_room(self, room: Room) -> None:
		taken = {r.appointment_key for r in self.rows.room.values()}
		if room.name in self.rows.room or room.appointment_key in taken:
			raise ValueError("there is such a room")
		self.rows.room[room.name] = room

	def save_room(self, room: Room) -> None:
		self._save(self.rows.room, room)

	def add_participant(self, participant: Participant) -> None:
		if participant.name in self.rows.participant:
			raise ValueError("there is such a participant")
		self.rows.participant[participant.name] = participant

	def save_participant(self, participant: Participant) -> None:
		self._save(self.rows.participant, participant)

	def _save(self, rows: dict[str, Any], entity: Any) -> None:
		if entity.name not in rows:
			raise KeyError(entity.name)
		rows[entity.name] = entity

	def beat(self, participant: str, attendee_id: str, seen_on: datetime) -> bool:
		with self._lock:
			person = self.rows.participant.get(participant)
			if person is None or not attendee_id or person.attendee_id != attendee_id:
				return False
			if person.stay_started_on is None:
				return False
			seen = max(person.stay_seen_on or seen_on, seen_on)
			self.rows.participant[participant] = replace(person, stay_seen_on=seen)
			return True

	def save_join(self, join: Join) -> None:
		self.rows.join[join.name] = join

	def joins(self, room: str) -> Sequence[Join]:
		return [j for j in self.rows.join.values() if j.room == room]

	def room_of_meeting(self, meeting_id: str) -> str | None:
		return next((j.room for j in self.rows.join.values() if j.meeting_id == meeting_id), None)

	def add_event(self, event: ProviderEvent) -> bool:
		with self._lock:
			is_new = event.key not in self.rows.event
			self.rows.event.setdefault(event.key, event)
			return is_new

	def events(self, meetings: Iterable[str]) -> Sequence[ProviderEvent]:
		wanted = set(meetings)
		return [e for e in self.rows.event.values() if e.meeting_id in wanted]

	def allowance(self, room: Room) -> Allowance | None:
		day = room.starts_on.date()
		paying = [
			a
			for a in self.rows.allowance.values()
			if a.company == room.company
			and a.practitioner in ("", room.practitioner)
			and a.period_start <= day <= a.period_end
		]
		return max(paying, key=lambda a: a.practitioner, default=None)

	def book(self, entry: UsageEntry) -> bool:
		with self._lock:
			if entry.idempotency_key in self.rows.usage:
				return False
			self.rows.usage[entry.idempotency_key] = entry
			paid = self.rows.allowance.get(entry.allowance)
			if paid:
				self.put(replace(paid, used_seconds=paid.used_seconds + entry.seconds))
			return True

	def provider(self, name: str) -> ProviderAccount | None:
		return self.rows.provider.get(name)

	def providers(self) -> Sequence[ProviderAccount]:
		return list(self.rows.provider.values())

	def agreements(self) -> Sequence[Agreement]:
		return list(self.rows.agreement.values())

	def show_on_appointment(self, appointment: str, room: str, *, linked: bool) -> None:
		self.rows.shown[appointment] = room

	def companies(self) -> Mapping[str, str]:
		return {a.company: a.company_country for a in self.rows.appointment.values()}

	def save_agreement(self, agreement: Agreement) -> None:
		self.put(agreement)

	def save_phi_switch(self, on: bool) -> None:
		self.put(replace(self.settings(), us_phi_enabled=on))

	def rooms_to_close(self, before: datetime, limit: int) -> Sequence[str]:
		due = [r for r in self.rows.room.values() if not r.is_over and r.closes_on <= before]
		return [r.name for r in sorted(due, key=lambda r: r.closes_on)][:limit]

	def rooms_with_stale_stays(self, before: datetime, limit: int) -> Sequence[str]:
		stale = [p for p in self.rows.participant.values() if p.stay_seen_on and p.stay_seen_on < before]
		return list(dict.fromkeys(p.room for p in sorted(stale, key=lambda p: p.stay_seen_on)))[:limit]

	def rooms_to_tear_down(self, limit: int) -> Sequence[str]:
		revoked = {p.room for p in self.rows.participant.values() if p.revoked_attendees}
		rooms = self.rows.room.values()
		return [r.name for r in rooms if r.name in revoked or _has_meetings(r)][:limit]

	def appointments_to_reconcile(self, doubtful: Doubtful, limit: int) -> Sequence[str]:
		due: dict[str, datetime] = {}
		for name, starts_on in self._in_doubt(doubtful):
			due[name] = min(starts_on, due.get(name, starts_on))
		return sorted(due, key=lambda name: (due[name], name))[:limit]

	def _in_doubt(self, doubtful: Doubtful) -> Iterator[tuple[str, datetime]]:
		rooms = {r.appointment_key: r for r in self.rows.room.values()}
		keys = {a.key for a in self.rows.appointment.values()}
		for appointment in self.rows.appointment.values():
			if self._is_in_doubt(appointment, rooms.get(appointment.key), doubtful):
				yield appointment.name, appointment.starts_on
		for room in rooms.values():
			if room.appointment_key not in keys and _opens_by(room, doubtful.looked_for_by):
				yield room.appointment, room.starts_on

	def _is_in_doubt(self, appointment: Appointment, room: Room | None, doubtful: Doubtful) -> bool:
		if self.rows.touched[appointment.name] > doubtful.changed_after:
			return True
		if room is None:
			return appointment.video and appointment.starts_on > doubtful.starting_after
		return _opens_by(room, doubtful.opening_by)


def _opens_by(room: Room, moment: datetime) -> bool:
	return not room.is_over and room.opens_on <= moment


def _has_meetings(room: Room) -> bool:
	return bool(room.former_meetings or (room.is_over and room.meeting_token))


class DictDirectory:
	"""(user, appointment) → person; hosts by appointment."""

	def __init__(self, people: Mapping[tuple[str, str], Person] | None = None) -> None:
		self.people = dict(people or {})
		self.practitioners: dict[str, Sequence[str]] = {}

	def add(self, user: str, person: Person, appointment: str) -> Person:
		self.people[user, appointment] = person
		return person

	def person(self, user: str, appointment: Appointment) -> Person | None:
		return self.people.get((user, appointment.name))

	def hosts(self, appointment: Appointment) -> Sequence[str]:
		return [
			user
			for (user, name), person in self.people.items()
			if name == appointment.name and person.role.value == "Host" and not person.stand_in
		]

	def practitioners_of(self, user: str) -> Sequence[str]:
		return self.practitioners.get(user, ())


class DictMailbox:
	def __init__(self) -> None:
		self.boxes: dict[str, list[dict[str, Any]]] = {}

	def put(self, attendee_id: str, message: dict[str, Any]) -> None:
		self.boxes.setdefault(attendee_id, []).append(message)

	def take(self, attendee_id: str) -> list[dict[str, Any]]:
		return self.boxes.pop(attendee_id, [])

	def drop(self, attendee_id: str) -> None:
		self.boxes.pop(attendee_id, None)


class CountingSecrets:
	"""Tokens that are told apart at sight: 000…1, 000…2."""

	def __init__(self) -> None:
		self.given = 0

	def token(self) -> str:
		self.given += 1
		return f"{self.given:032x}"


class RecordingNudge:
	"""Remembers who was told to ask again, once it is committed."""

	def __init__(self, after_commit: Callable[[Callable[[], None]], None] = lambda effect: effect()) -> None:
		self.after_commit = after_commit
		self.sent: list[str] = []

	def users(self, users: Iterable[str]) -> None:
		told = list(users)
		self.after_commit(lambda: self.sent.extend(told))

	def take(self) -> set[str]:
		told, self.sent = set(self.sent), []
		return told


class RecordingBackground:
	"""Remembers what was put off; `run` does it, at once when `at_once` is set."""

	def __init__(self, after_commit: Callable[[Callable[[], None]], None] = lambda effect: effect()) -> None:
		self.after_commit = after_commit
		self.rooms: list[str] = []
		self.at_once: Callable[[str], object] | None = None

	def tear_down(self, room: str) -> None:
		self.after_commit(lambda: self._due(room))

	def _due(self, room: str) -> None:
		if self.at_once:
			self.at_once(room)
		else:
			self.rooms.append(room)


class RecordingLog:
	def __init__(self) -> None:
		self.failures: list[tuple[str, str, BaseException]] = []
		self.announcements: list[tuple[str, str]] = []

	def failure(self, what: str, subject: str, error: BaseException) -> None:
		self.failures.append((what, subject, error))

	def announce(self, subject: str, text: str) -> None:
		self.announcements.append((subject, text))
