"""The services' Store on SQLite, and with it the demo clinic's appointments. It decides nothing."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from theranvio_telehealth.domain.due import Doubtful
from theranvio_telehealth.domain.entities import (
	RUNNING,
	Agreement,
	Allowance,
	Appointment,
	Join,
	Participant,
	ProviderAccount,
	Room,
	Settings,
	UsageEntry,
)
from theranvio_telehealth.domain.provider_events import ProviderEvent
from theranvio_telehealth.services.ports import Clock
from tools.demo.clock import local_day
from tools.demo.database import Database
from tools.demo.mapper import Mapper, to_millis

IS_RUNNING = f"in ({', '.join(repr(str(status)) for status in RUNNING)})"


@dataclass(frozen=True, slots=True)
class Shown:
	"""What the clinic's own list shows of an appointment's room."""

	appointment: str
	room: str


@dataclass(frozen=True, slots=True)
class Touched:
	"""When the clinic last wrote an appointment."""

	appointment: str
	changed_on: datetime


@dataclass(frozen=True, slots=True)
class Change:
	"""One write to a room or a participant: who, when, and the columns that changed."""

	subject: str
	changed_on: datetime
	changed_by: str
	changes: str


ROOM = Mapper(Room, unique=("appointment_key",))
PARTICIPANT = Mapper(Participant)
APPOINTMENT = Mapper(Appointment)
ALLOWANCE = Mapper(Allowance)
JOIN = Mapper(Join)
EVENT = Mapper(ProviderEvent, key="key")
USAGE = Mapper(UsageEntry, key="idempotency_key")
PROVIDER = Mapper(ProviderAccount)
AGREEMENT = Mapper(Agreement)
SETTINGS = Mapper(Settings, key="")
SHOWN = Mapper(Shown)
TOUCHED = Mapper(Touched)
CHANGE = Mapper(Change, key="")
MAPPERS: dict[type, Mapper[Any]] = {
	m.type: m
	for m in (
		ROOM,
		PARTICIPANT,
		APPOINTMENT,
		ALLOWANCE,
		JOIN,
		EVENT,
		USAGE,
		PROVIDER,
		AGREEMENT,
		SETTINGS,
		SHOWN,
		TOUCHED,
		CHANGE,
	)
}

SCHEMA = [
	*(mapper.create for mapper in MAPPERS.values()),
	"create index if not exists participant_room on participant (room)",
	"create index if not exists waiting on participant (room) where state = 'Waiting'",
	"create index if not exists open_stay on participant (stay_seen_on) where stay_started_on is not null",
	"create index if not exists revoked on participant (room) where revoked_attendees <> '[]'",
	f"create index if not exists room_closing on room (closes_on) where status {IS_RUNNING}",
	"create index if not exists room_meeting on room (meeting_token) where meeting_token <> ''",
	"create index if not exists room_former on room (former_meetings) where former_meetings <> '[]'",
	'create index if not exists join_room on "join" (room)',
	'create index if not exists join_meeting on "join" (meeting_id)',
	"create index if not exists event_meeting on provider_event (meeting_id)",
	"create index if not exists usage_room on usage_entry (room)",
	"create index if not exists room_appointment on room (appointment)",
	"create index if not exists change_subject on change (subject)",
]

WITH_WAITING = f"""select name from room where status {IS_RUNNING}
	and exists (select 1 from participant w where w.room = room.name and w.state = 'Waiting')
	and (practitioner in ({{marks}}) or exists (select 1 from participant h
		where h.room = room.name and h.role = 'Host' and h.user = ?))
	order by starts_on, name limit ?"""

TO_CLOSE = f"""select name from room where status {IS_RUNNING} and closes_on <= ?
	order by closes_on, rowid limit ?"""

STALE_STAYS = """select room from participant where stay_started_on is not null and stay_seen_on < ?
	group by +room order by min(stay_seen_on), room limit ?"""

TO_RELEASE = f"""select name from (
		select name, rowid as made from room
			where meeting_token <> '' and status not {IS_RUNNING}
		union select name, rowid from room where former_meetings <> '[]'
		union select r.name, r.rowid from participant p join room r on r.name = p.room
			where p.revoked_attendees <> '[]'
	) order by made limit ?"""

TO_RECONCILE = f"""select name from (
		select a.name as name, a.starts_on as due from appointment a join touched t on t.appointment = a.name
			where t.changed_on > :changed_after
		union select a.name, a.starts_on from appointment a join room r on r.appointment_key = a.key
			where r.status {IS_RUNNING} and r.opens_on <= :opening_by
		union select r.appointment, r.starts_on from room r
			left join appointment a on a.key = r.appointment_key
			where r.status {IS_RUNNING} and r.opens_on <= :looked_for_by and a.key is null
		union select a.name, a.starts_on from appointment a left join room r on r.appointment_key = a.key
			where a.video and a.starts_on > :starting_after and r.name is null
	) group by name order by min(due), name limit :limit"""


class SqliteStore:
	"""Everything the demo remembers. `patients_of` knows whose portal user somebody is,
	`actor` on whose behalf this thread writes."""

	def __init__(
		self,
		path: Path,
		clock: Clock,
		patients_of: Callable[[str], Sequence[str]],
		actor: Callable[[], str] = str,
	) -> None:
		self.database = Database(path, SCHEMA)
		self.clock = clock
		self.patients_of = patients_of
		self.actor = actor

	def put(self, entity: Any) -> None:
		"""Write what the services never write: the clinic's own rows."""
		with self.transaction():
			self.database.put(MAPPERS[type(entity)], entity)
			if isinstance(entity, Appointment):
				self.database.put(TOUCHED, Touched(entity.name, self.clock.now()))

	def remove_appointment(self, name: str) -> None:
		with self.transaction():
			self.database.run("delete from appointment where name = ?", name)
			self.database.run("delete from touched where appointment = ?", name)
			self.database.run("delete from shown where appointment = ?", name)

	def appointments(self, start: datetime, end: datetime) -> Sequence[Appointment]:
		within = "where starts_on >= ? and starts_on < ? order by starts_on, rowid"
		return self.database.find(APPOINTMENT, within, to_millis(start), to_millis(end))

	def appointment_names(self) -> list[str]:
		return self.database.names("select name from appointment", ())

	def shown(self, appointment: str) -> str:
		"""The room as the clinic's list shows it."""
		row = self.database.get(SHOWN, appointment)
		return row.room if row else ""

	def changes(self, subject: str) -> Sequence[Change]:
		"""What is on record about a room or a participant, oldest first."""
		return self.database.find(CHANGE, "where subject = ? order by rowid", subject)

	def entries(self, room: str) -> Sequence[UsageEntry]:
		return self.database.find(USAGE, "where room = ? order by rowid", room)

	def settings(self) -> Settings:
		return self.database.get(SETTINGS, "") or Settings()

	def appointment(self, name: str) -> Appointment | None:
		return self.database.get(APPOINTMENT, name)

	def room(self, name: str) -> Room | None:
		return self.database.get(ROOM, name)

	def rooms_of(self, appointment: str) -> Sequence[Room]:
		return self.database.find(ROOM, "where appointment = ? order by rowid desc", appointment)

	def rooms_for(self, user: str, since: datetime) -> Sequence[Room]:
		patients = self.patients_of(user)
		marks = ", ".join("?" * len(patients))
		theirs = f"where patient in ({marks}) and starts_on > ? order by starts_on, rowid"
		return self.database.find(ROOM, theirs, *patients, to_millis(since))

	def rooms_with_waiting(self, practitioners: Sequence[str], user: str, limit: int) -> Sequence[str]:
		marks = ", ".join("?" * len(practitioners))
		return self.database.names(WITH_WAITING.format(marks=marks), (*practitioners, user, limit))

	def participants(self, room: str) -> Sequence[Participant]:
		return self.database.find(PARTICIPANT, "where room = ? order by rowid", room)

	def transaction(self) -> AbstractContextManager[None]:
		return self.database.transaction()

	def after_commit(self, effect: Callable[[], None]) -> None:
		self.database.after_commit(effect)

	def lock(self, room: str) -> Room | None:
		"""The open transaction is the one write lock: nothing more to take."""
		if not self.database.in_transaction:
			raise RuntimeError("a lock lasts until its transaction ends, and there is none")
		return self.room(room)

	def add_room(self, room: Room) -> None:
		self.database.add(ROOM, room)

	def save_room(self, room: Room) -> None:
		self._save(ROOM, room)

	def add_participant(self, participant: Participant) -> None:
		self.database.add(PARTICIPANT, participant)

	def save_participant(self, participant: Participant) -> None:
		self._save(PARTICIPANT, participant)

	def _save(self, mapper: Mapper[Any], entity: Any) -> None:
		with self.transaction():
			before = self.database.get(mapper, entity.name)
			if before is None:
				raise KeyError(mapper.table)
			self.database.run(mapper.update, *mapper.row(entity), entity.name)
			self._record(mapper, before, entity)

	def _record(self, mapper: Mapper[Any], before: Any, after: Any) -> None:
		pairs = zip(mapper.codecs, mapper.row(before), mapper.row(after), strict=True)
		changes = {
			name: "changed" if name in mapper.secret else [old, new] for name, old, new in pairs if old != new
		}
		if changes:
			change = Change(after.name, self.clock.now(), self.actor(), json.dumps(changes))
			self.database.add(CHANGE, change)

	def beat(self, participant: str, attendee_id: str, seen_on: datetime) -> bool:
		beaten = self.database.run(
			"""update participant set stay_seen_on = max(stay_seen_on, ?)
				where name = ? and attendee_id = ? and attendee_id <> '' and stay_started_on is not null""",
			to_millis(seen_on),
			participant,
			attendee_id,
		)
		return beaten == 1

	def save_join(self, join: Join) -> None:
		self.database.put(JOIN, join)

	def joins(self, room: str) -> Sequence[Join]:
		return self.database.find(JOIN, "where room = ? order by rowid", room)

	def room_of_meeting(self, meeting_id: str) -> str | None:
		found = self.database.first(JOIN, "where meeting_id = ? order by rowid", meeting_id)
		return found.room if found else None

	def add_event(self, event: ProviderEvent) -> bool:
		with self.transaction():
			if self.database.get(EVENT, event.key):
				return False
			self.database.add(EVENT, event)
			return True

	def events(self, meetings: Iterable[str]) -> Sequence[ProviderEvent]:
		wanted = list(meetings)
		marks = ", ".join("?" * len(wanted))
		return self.database.find(EVENT, f"where meeting_id in ({marks})", *wanted)

	def allowance(self, room: Room) -> Allowance | None:
		return self.database.first(
			ALLOWANCE,
			"""where company = ? and practitioner in (?, '') and ? between period_start and period_end
				order by practitioner desc, rowid""",
			room.company,
			room.practitioner,
			local_day(room.starts_on).isoformat(),
		)

	def book(self, entry: UsageEntry) -> bool:
		with self.transaction():
			known = self.database.get(USAGE, entry.idempotency_key)
			if known:
				return False
			self.database.add(USAGE, entry)
			add_seconds = "update allowance set used_seconds = used_seconds + ? where name = ?"
			self.database.run(add_seconds, entry.seconds, entry.allowance)
			return True

	def provider(self, name: str) -> ProviderAccount | None:
		return self.database.get(PROVIDER, name)

	def providers(self) -> Sequence[ProviderAccount]:
		return self.database.find(PROVIDER, "order by rowid")

	def agreements(self) -> Sequence[Agreement]:
		return self.database.find(AGREEMENT, "order by rowid")

	def companies(self) -> Mapping[str, str]:
		"""Those that book."""
		return {a.company: a.company_country for a in self.database.find(APPOINTMENT, "order by rowid")}

	def show_on_appointment(self, appointment: str, room: str, *, linked: bool) -> None:
		self.database.put(SHOWN, Shown(appointment, room))

	def save_agreement(self, agreement: Agreement) -> None:
		self.put(agreement)

	def save_phi_switch(self, on: bool) -> None:
		self.put(replace(self.settings(), us_phi_enabled=on))

	def rooms_to_close(self, before: datetime, limit: int) -> Sequence[str]:
		return self.database.names(TO_CLOSE, (to_millis(before), limit))

	def rooms_with_stale_stays(self, before: datetime, limit: int) -> Sequence[str]:
		return self.database.names(STALE_STAYS, (to_millis(before), limit))

	def rooms_to_tear_down(self, limit: int) -> Sequence[str]:
		return self.database.names(TO_RELEASE, (limit,))

	def appointments_to_reconcile(self, doubtful: Doubtful, limit: int) -> Sequence[str]:
		moments = {name: to_millis(moment) for name, moment in asdict(doubtful).items()}
		return self.database.names(TO_RECONCILE, {**moments, "limit": limit})

	def close(self) -> None:
		"""Let go of this thread's connection."""
		self.database.close()
