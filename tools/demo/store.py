"""The services' Store on SQLite, and with it the demo clinic's appointments. The services' tests run on it, too."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import (
	Select,
	Table,
	and_,
	delete,
	exists,
	func,
	insert,
	literal,
	literal_column,
	or_,
	select,
	true,
	union_all,
	update,
)

from theranvio_telehealth.domain.due import Doubtful
from theranvio_telehealth.domain.entities import (
	RUNNING,
	Allowance,
	Appointment,
	Join,
	Participant,
	ProviderAccount,
	Room,
	Settings,
	UsageEntry,
)
from theranvio_telehealth.domain.enums import ParticipantState, Role
from theranvio_telehealth.domain.provider_events import ProviderEvent
from theranvio_telehealth.services.ports import Clock
from tools.demo.clock import local_day
from tools.demo.database import Database
from tools.demo.tables import (
	ALLOWANCE,
	APPOINTMENT,
	CHANGE,
	EVENT,
	JOIN,
	PARTICIPANT,
	PROVIDER,
	ROOM,
	SHOWN,
	TABLES,
	USAGE,
	Change,
	Shown,
)

T = TypeVar("T")

IS_RUNNING = ROOM.c.status.in_(RUNNING)
HAS_APPOINTMENT = ROOM.c.appointment_key == APPOINTMENT.c.key


def _values(entity: Any) -> dict[str, Any]:
	return {column.name: getattr(entity, column.name) for column in TABLES[type(entity)].columns}


def _is(entity: Any) -> Any:
	"""The condition that finds the row of the entity."""
	table = TABLES[type(entity)]
	key = table.info["key"]
	return table.c[key] == getattr(entity, key) if key else true()


def _made(table: Table) -> Any:
	"""Rows in the order they were made."""
	return literal_column(f'"{table.name}".rowid')


class SqliteStore:
	"""Everything the demo remembers, in a file or, without `path`, in memory. `patients_of`: the patients whose portal user a
	user is. `actor`: on whose behalf this thread writes."""

	def __init__(
		self,
		path: Path | None,
		clock: Clock,
		patients_of: Callable[[str], Sequence[str]] = lambda user: (),
		actor: Callable[[], str] = str,
	) -> None:
		self.database = Database(path)
		self.clock = clock
		self.patients_of = patients_of
		self.actor = actor

	# any entity

	def all(self, entity: type[T], *conditions: Any) -> list[T]:
		"""In the order they were made."""
		table = TABLES[entity]
		return self._entities(entity, select(table).where(*conditions).order_by(_made(table)))

	def put(self, entity: Any) -> None:
		"""Write the entity over its row, or as a new one: what the services never write, the clinic's own."""
		with self.transaction():
			self._put(entity)
			if isinstance(entity, Appointment):
				self._put(Shown(entity.name, self.shown(entity.name), self.clock.now()))

	def remove(self, entity: Any) -> None:
		self.database.run(delete(TABLES[type(entity)]).where(_is(entity)))

	def _put(self, entity: Any) -> None:
		if not self.database.run(update(TABLES[type(entity)]).where(_is(entity)).values(_values(entity))):
			self._add(entity)

	def _add(self, entity: Any) -> None:
		self.database.run(insert(TABLES[type(entity)]).values(_values(entity)))

	def _entities(self, entity: type[T], statement: Select[Any]) -> list[T]:
		return [entity(*row) for row in self.database.rows(statement)]

	def _first(self, entity: type[T], *conditions: Any) -> T | None:
		return next(iter(self.all(entity, *conditions)), None)

	def _names(self, statement: Select[Any]) -> list[str]:
		return [row[0] for row in self.database.rows(statement)]

	# the clinic's own

	def appointments(self, start: datetime, end: datetime) -> Sequence[Appointment]:
		starts_on = APPOINTMENT.c.starts_on
		within = select(APPOINTMENT).where(starts_on >= start, starts_on < end)
		return self._entities(Appointment, within.order_by(starts_on, _made(APPOINTMENT)))

	def appointment_names(self) -> list[str]:
		return self._names(select(APPOINTMENT.c.name))

	def remove_appointment(self, name: str) -> None:
		with self.transaction():
			self.database.run(delete(APPOINTMENT).where(APPOINTMENT.c.name == name))
			self.database.run(delete(SHOWN).where(SHOWN.c.appointment == name))

	def shown(self, appointment: str) -> str:
		"""The room as the clinic's list shows it."""
		found = self._first(Shown, SHOWN.c.appointment == appointment)
		return found.room if found else ""

	def changes(self, subject: str) -> Sequence[Change]:
		"""What is on record about a room or a participant, oldest first."""
		return self.all(Change, CHANGE.c.subject == subject)

	# the services' Store

	def settings(self) -> Settings:
		return self._first(Settings) or Settings()

	def appointment(self, name: str) -> Appointment | None:
		return self._first(Appointment, APPOINTMENT.c.name == name)

	def room(self, name: str) -> Room | None:
		return self._first(Room, ROOM.c.name == name)

	def rooms_of(self, appointment: str) -> Sequence[Room]:
		return self.all(Room, ROOM.c.appointment == appointment)[::-1]

	def rooms_for(self, user: str, since: datetime) -> Sequence[Room]:
		theirs = select(ROOM).where(ROOM.c.patient.in_(self.patients_of(user)), ROOM.c.starts_on > since)
		return self._entities(Room, theirs.order_by(ROOM.c.starts_on, _made(ROOM)))

	def rooms_with_waiting(self, practitioners: Sequence[str], user: str, limit: int) -> Sequence[str]:
		inside = PARTICIPANT.c.room == ROOM.c.name
		is_waited_in = exists().where(inside, PARTICIPANT.c.state == ParticipantState.WAITING)
		is_hosted = exists().where(inside, PARTICIPANT.c.role == Role.HOST, PARTICIPANT.c.user == user)
		theirs = or_(ROOM.c.practitioner.in_(practitioners), is_hosted)
		found = select(ROOM.c.name).where(IS_RUNNING, is_waited_in, theirs)
		return self._names(found.order_by(ROOM.c.starts_on, ROOM.c.name).limit(limit))

	def participants(self, room: str) -> Sequence[Participant]:
		return self.all(Participant, PARTICIPANT.c.room == room)

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
		self._add(room)

	def save_room(self, room: Room) -> None:
		self._save(room, self.room(room.name))

	def add_participant(self, participant: Participant) -> None:
		self._add(participant)

	def save_participant(self, participant: Participant) -> None:
		self._save(participant, self._first(Participant, _is(participant)))

	def _save(self, entity: Any, before: Any) -> None:
		table = TABLES[type(entity)]
		if before is None:
			raise KeyError(table.name)
		changed = {name: value for name, value in _values(entity).items() if value != getattr(before, name)}
		if not changed:
			return
		shown = {
			name: "changed" if name in table.info["secret"] else [getattr(before, name), value]
			for name, value in changed.items()
		}
		with self.transaction():
			self.database.run(update(table).where(_is(entity)).values(changed))
			self._add(Change(entity.name, self.clock.now(), self.actor(), json.dumps(shown, default=str)))

	def beat(self, participant: str, attendee_id: str, seen_on: datetime) -> bool:
		their = PARTICIPANT.c
		is_current = and_(
			their.name == participant, their.attendee_id == attendee_id, their.attendee_id != ""
		)
		later = func.max(their.stay_seen_on, literal(seen_on, their.stay_seen_on.type))
		beat = update(PARTICIPANT).where(is_current, their.stay_started_on.is_not(None))
		return self.database.run(beat.values(stay_seen_on=later)) == 1

	def save_join(self, join: Join) -> None:
		self.put(join)

	def joins(self, room: str) -> Sequence[Join]:
		return self.all(Join, JOIN.c.room == room)

	def room_of_meeting(self, meeting_id: str) -> str | None:
		found = self._first(Join, JOIN.c.meeting_id == meeting_id)
		return found.room if found else None

	def add_event(self, event: ProviderEvent) -> bool:
		return self._add_new(event)

	def _add_new(self, entity: Any) -> bool:
		"""False when its key is known already."""
		with self.transaction():
			if self.all(type(entity), _is(entity)):
				return False
			self._add(entity)
			return True

	def events(self, meetings: Iterable[str]) -> Sequence[ProviderEvent]:
		return self.all(ProviderEvent, EVENT.c.meeting_id.in_(list(meetings)))

	def entries(self, room: str) -> Sequence[UsageEntry]:
		return self.all(UsageEntry, USAGE.c.room == room)

	def allowances(self, room: Room) -> Sequence[Allowance]:
		day, its = local_day(room.starts_on), ALLOWANCE.c
		paying = select(ALLOWANCE).where(
			its.company == room.company,
			its.practitioner.in_((room.practitioner, "")),
			its.period_start <= day,
			its.period_end >= day,
		)
		return self._entities(Allowance, paying.order_by(its.practitioner.desc(), _made(ALLOWANCE)))

	def book(self, entry: UsageEntry) -> bool:
		with self.transaction():
			if not self._add_new(entry):
				return False
			its, paying = ALLOWANCE.c, update(ALLOWANCE).where(ALLOWANCE.c.name.in_(entry.allowances))
			if entry.is_usage:
				self.database.run(paying.values(used_seconds=its.used_seconds + entry.seconds))
				in_currency = paying.where(its.currency == entry.currency)
				self.database.run(in_currency.values(cost=its.cost + entry.cost))
			else:
				self.database.run(paying.values(added_seconds=its.added_seconds + entry.seconds))
			return True

	def mark_warned(self, allowance: str, percent: int) -> None:
		its = update(ALLOWANCE).where(ALLOWANCE.c.name == allowance)
		self.database.run(its.values(warned_percent=percent))

	def recipients(self, allowance: Allowance) -> Sequence[str]:
		return ()

	def hold(self, seconds: int, allowances: Sequence[str]) -> None:
		theirs = update(ALLOWANCE).where(ALLOWANCE.c.name.in_(allowances))
		self.database.run(theirs.values(held_seconds=ALLOWANCE.c.held_seconds + seconds))

	def provider(self, name: str) -> ProviderAccount | None:
		return self._first(ProviderAccount, PROVIDER.c.name == name)

	def providers(self) -> Sequence[ProviderAccount]:
		return self.all(ProviderAccount)

	def show_on_appointment(self, appointment: str, room: str, *, linked: bool) -> None:
		self.database.run(update(SHOWN).where(SHOWN.c.appointment == appointment).values(room=room))

	def rooms_to_close(self, before: datetime, limit: int) -> Sequence[str]:
		due = select(ROOM.c.name).where(IS_RUNNING, ROOM.c.closes_on <= before)
		return self._names(due.order_by(ROOM.c.closes_on, _made(ROOM)).limit(limit))

	def rooms_with_expired_holds(self, before: datetime, limit: int) -> Sequence[str]:
		their = PARTICIPANT.c
		expired = select(their.room).where(their.held_seconds > 0, their.hold_expires_on <= before)
		soonest = func.min(their.hold_expires_on)
		return self._names(expired.group_by(their.room).order_by(soonest, their.room).limit(limit))

	def rooms_with_stale_stays(self, before: datetime, limit: int) -> Sequence[str]:
		their = PARTICIPANT.c
		stale = select(their.room).where(their.stay_started_on.is_not(None), their.stay_seen_on < before)
		oldest = func.min(their.stay_seen_on)
		return self._names(stale.group_by(their.room).order_by(oldest, their.room).limit(limit))

	def rooms_to_tear_down(self, limit: int) -> Sequence[str]:
		is_revoked = exists().where(PARTICIPANT.c.room == ROOM.c.name, PARTICIPANT.c.revoked_attendees != ())
		has_meeting = and_(ROOM.c.meeting_token != "", ~IS_RUNNING)
		due = select(ROOM.c.name).where(or_(has_meeting, ROOM.c.former_meetings != (), is_revoked))
		return self._names(due.order_by(_made(ROOM)).limit(limit))

	def appointments_to_reconcile(self, doubtful: Doubtful, limit: int) -> Sequence[str]:
		theirs = select(APPOINTMENT.c.name.label("name"), APPOINTMENT.c.starts_on.label("due"))
		both = APPOINTMENT.outerjoin(ROOM, HAS_APPOINTMENT)
		of_theirs = select(ROOM.c.appointment, ROOM.c.starts_on).select_from(
			ROOM.outerjoin(APPOINTMENT, HAS_APPOINTMENT)
		)
		found = union_all(
			theirs.join(SHOWN, SHOWN.c.appointment == APPOINTMENT.c.name).where(
				SHOWN.c.changed_on > doubtful.changed_after
			),
			theirs.select_from(both).where(IS_RUNNING, ROOM.c.opens_on <= doubtful.opening_by),
			of_theirs.where(
				IS_RUNNING, ROOM.c.opens_on <= doubtful.looked_for_by, APPOINTMENT.c.key.is_(None)
			),
			theirs.select_from(both).where(
				APPOINTMENT.c.video, APPOINTMENT.c.starts_on > doubtful.starting_after, ROOM.c.name.is_(None)
			),
		).subquery()
		soonest = func.min(found.c.due)
		return self._names(
			select(found.c.name).group_by(found.c.name).order_by(soonest, found.c.name).limit(limit)
		)

	def close(self) -> None:
		self.database.close()
