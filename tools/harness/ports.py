"""The services' ports for tests, except the store: a clock to set, dictionaries and recorders."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta, timezone
from typing import Any

from theranvio_telehealth.domain.entities import Agreement, Appointment, Person, Room
from theranvio_telehealth.domain.presence import Lack
from tools.demo.store import SqliteStore

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


class DictAgreements:
	"""`put` writes what the services never write. The switch is in the store's settings."""

	def __init__(self, store: SqliteStore) -> None:
		self.store = store
		self.known: dict[str, Agreement] = {}

	def put(self, agreement: Agreement) -> Agreement:
		self.known[agreement.name] = agreement
		return agreement

	def agreements(self) -> Sequence[Agreement]:
		return list(self.known.values())

	def companies(self) -> Mapping[str, str]:
		return {a.company: a.company_country for a in self.store.all(Appointment)}

	def save_agreement(self, agreement: Agreement) -> None:
		self.put(agreement)

	def save_phi_switch(self, on: bool) -> None:
		self.store.put(replace(self.store.settings(), us_phi_enabled=on))


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
	"""Tokens that count: 000…1, 000…2."""

	def __init__(self) -> None:
		self.given = 0

	def token(self) -> str:
		self.given += 1
		return f"{self.given:032x}"


class RecordingNudge:
	"""Remembers who was nudged, once it is committed."""

	def __init__(self, after_commit: Callable[[Callable[[], None]], None] = lambda effect: effect()) -> None:
		self.after_commit = after_commit
		self.sent: list[str] = []

	def users(self, users: Iterable[str]) -> None:
		nudged = list(users)
		self.after_commit(lambda: self.sent.extend(nudged))

	def take(self) -> set[str]:
		nudged, self.sent = set(self.sent), []
		return nudged


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

	def announce(self, subject: str, text: str, users: Sequence[str] = ()) -> None:
		self.announcements.append((subject, text))


class DictPresence:
	"""`is_lost`: as when there is no cache."""

	def __init__(self) -> None:
		self.seen: dict[str, datetime] = {}
		self.lacking: dict[str, Lack] = {}
		self.is_lost = False

	def note(self, participant: str, seen_on: datetime) -> None:
		self.seen[participant] = seen_on

	def note_lack(self, participant: str, lack: Lack | None) -> None:
		self.lacking.pop(participant, None)
		if lack:
			self.lacking[participant] = lack

	def lacks(self, participants: Iterable[str]) -> Mapping[str, Lack]:
		return {name: self.lacking[name] for name in participants if name in self.lacking}

	def signs(self, participants: Iterable[str]) -> Mapping[str, datetime] | None:
		return None if self.is_lost else {name: self.seen[name] for name in participants if name in self.seen}


class RecordingBell:
	def __init__(self) -> None:
		self.rung: list[tuple[str, str]] = []

	def ring(self, users: Iterable[str], room: Room) -> None:
		self.rung.extend((user, room.name) for user in sorted(users))

	def take(self) -> list[tuple[str, str]]:
		rung, self.rung = self.rung, []
		return rung
