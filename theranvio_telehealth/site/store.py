"""The services' Store and Agreements on the site's MariaDB."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from functools import cached_property

import frappe

from theranvio_telehealth.domain import zones
from theranvio_telehealth.domain.allowance import paying
from theranvio_telehealth.domain.due import Doubtful
from theranvio_telehealth.domain.entities import (
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
from theranvio_telehealth.site import appointments, settings, sweep_queries
from theranvio_telehealth.site.clock import SiteClock, zone
from theranvio_telehealth.site.directory import patients_of
from theranvio_telehealth.site.tables import LOCK, Apart, Table
from theranvio_telehealth.site.transactions import Transactions

MEETING = Apart(
	"Room Meeting", frozenset({"meeting_id", "meeting_token", "meeting_details", "former_meetings"})
)
ACCESS = Apart(
	"Participant Access",
	frozenset({"contact", "pseudonym", "attendee_id", "revoked_attendees", "link_hash"}),
)
ROOM = Table("Appointment Room", Room, apart=MEETING, masked=["fallback_url"])
PARTICIPANT = Table("Room Participant", Participant, apart=ACCESS, masked=["display_name"])
ALLOWANCE = Table("Usage Allowance", Allowance)
JOIN = Table("Room Join", Join)
EVENT = Table("Provider Event", ProviderEvent)
ENTRY = Table("Usage Entry", UsageEntry)
PROVIDER = Table("Media Provider", ProviderAccount)
AGREEMENT = Table("BAA Record", Agreement)

#: Begins with those who wait now, who are few at any time, whatever else is stored.
WITH_WAITING = """select r.name from `tabAppointment Room` r
	join (select distinct room from `tabRoom Participant` where state = 'Waiting') w on w.room = r.name
	where r.status in ('Scheduled', 'Live') and (r.practitioner in %(practitioners)s
		or exists (select 1 from `tabRoom Participant` h
			where h.room = r.name and h.role = 'Host' and h.user = %(user)s))
	order by r.starts_on, r.name limit %(limit)s"""
#: DocTypes that no role may read, and none that is given a permission by hand either: docs/adr/0015.
CLOSED = ("Room Meeting", "Participant Access", "Room Join", "Provider Event")
#: DocTypes whose changes are recorded as Versions.
RECORDED = ("Appointment Room", "Room Participant")

YEAR = timedelta(days=365)
BY_NAME = "where name = %s"
IN_ORDER = "order by t.creation, name"

#: The platform may be saving the appointment that is waiting for this beat's row: one statement, no lock held before it.
#: A beat never moves back by the seconds two servers may differ, but does by the hour that autumn repeats.
BEAT = """update `tabRoom Participant` t join `tabParticipant Access` a on a.name = t.name
	set stay_seen_on = if(stay_seen_on > %(seen_on)s and stay_seen_on < %(seen_on)s + interval 15 minute,
		stay_seen_on, %(seen_on)s)
	where t.name = %(name)s and attendee_id = %(attendee)s and attendee_id <> '' and stay_started_on is not null"""
BEATING = "where name = %(name)s and attendee_id = %(attendee)s and stay_started_on is not null"

COMPANIES = "select name, country from `tabCompany` order by name"

#: By the index of company and last day: as many rows as there are periods that have not ended on the day.
PAYING = """where company = %(company)s and period_end >= %(day)s and period_start <= %(day)s
		and ifnull(practitioner, '') in (%(practitioner)s, '')
	order by ifnull(practitioner, '') desc, creation, name"""
#: All in one order, so that two that want the same ones never wait for each other.
THESE = f"where name in %s order by name {LOCK}"

RECIPIENTS = """select r.user from `tabAllowance Recipient` r join `tabUser` u on u.name = r.user
	where r.parent = %s and r.parenttype = 'Allowance Plan' and u.enabled = 1 order by r.idx"""

USED = """update `tabUsage Allowance` set used_seconds = used_seconds + %(seconds)s,
	cost = cost + if(currency = %(currency)s, %(cost)s, 0) where name in %(names)s"""
ADDED = "update `tabUsage Allowance` set added_seconds = added_seconds + %(seconds)s where name in %(names)s"
HELD = "update `tabUsage Allowance` set held_seconds = held_seconds + %(seconds)s where name in %(names)s"


class SiteStore:
	def __init__(self, clock: Clock | None = None) -> None:
		self._clock = clock or SiteClock()
		self._transactions = Transactions()
		self._settings: tuple[int, Settings] | None = None
		#: Rooms as last read without a lock: enough to know who pays, which never changes.
		self._known: dict[str, Room] = {}

	@cached_property
	def zone(self) -> str:
		return zone()

	def settings(self) -> Settings:
		"""As they are in this transaction."""
		number = self._transactions.number
		if self._settings is None or self._settings[0] != number:
			self._settings = (number, settings.read())
		return self._settings[1]

	def appointment(self, name: str) -> Appointment | None:
		return appointments.read(name, self.zone)

	def room(self, name: str) -> Room | None:
		held = f" {LOCK}" if name in self._transactions.locked else ""
		found = ROOM.first(self.zone, BY_NAME + held, (name,))
		return self._keep(found) if found else None

	def rooms_of(self, appointment: str) -> Sequence[Room]:
		rooms = ROOM.find(self.zone, "where appointment = %s order by t.creation desc, name", (appointment,))
		return [self._keep(room) for room in rooms]

	def _keep(self, room: Room) -> Room:
		self._known[room.name] = room
		return room

	def rooms_for(self, user: str, since: datetime) -> Sequence[Room]:
		patients = patients_of(user)
		if not patients:
			return []
		after = zones.to_naive(since, self.zone)
		rooms = ROOM.find(self.zone, "where patient in %s and starts_on > %s", (patients, after))
		return sorted(rooms, key=lambda room: (room.starts_on, room.name))

	def rooms_with_waiting(self, practitioners: Sequence[str], user: str, limit: int) -> Sequence[str]:
		values = {"practitioners": tuple(practitioners) or ("",), "user": user, "limit": limit}
		return frappe.db.sql(WITH_WAITING, values, pluck=True)

	def participants(self, room: str) -> Sequence[Participant]:
		is_fresh = self._transactions.locked.get(room)
		if is_fresh is None:
			return PARTICIPANT.find(self.zone, f"where room = %s {IN_ORDER}", (room,))
		if not is_fresh:
			return PARTICIPANT.find(self.zone, f"where room = %s {IN_ORDER} {LOCK}", (room,))
		names = frappe.db.sql("select name from `tabRoom Participant` where room = %s", (room,), pluck=True)
		if not names:
			return []
		return PARTICIPANT.find(self.zone, f"where name in %s {IN_ORDER} {LOCK}", (names,))

	def transaction(self) -> AbstractContextManager[None]:
		return self._transactions()

	def lock(self, room: str) -> Room | None:
		"""The participants are locked as they are read, one by one: every writer of theirs but a beat locks the room,
		and a lock on «those of this room» would bar others from rooms next to it in the index."""
		known = self._known.get(room) or self.room(room)
		if known is None:
			return None
		names = [allowance.name for allowance in self.allowances(known)]
		self._transactions.begin_lock(room)
		if names:
			ALLOWANCE.rows(THESE, (names,))
		return self.room(room)

	def add_room(self, room: Room) -> None:
		ROOM.add(room, self.zone)

	def save_room(self, room: Room) -> None:
		ROOM.save(room, self.zone)

	def add_participant(self, participant: Participant) -> None:
		PARTICIPANT.add(participant, self.zone)

	def save_participant(self, participant: Participant) -> None:
		PARTICIPANT.save(participant, self.zone)

	def beat(self, participant: str, attendee_id: str, seen_on: datetime) -> bool:
		beat = {"name": participant, "attendee": attendee_id, "seen_on": zones.to_naive(seen_on, self.zone)}
		frappe.db.sql(BEAT, beat)
		if frappe.db._cursor.rowcount:
			return True
		return bool(attendee_id and PARTICIPANT.rows(BEATING, beat))

	def save_join(self, join: Join) -> None:
		"""It is a record itself: no Version beside it."""
		if not JOIN.rows(BY_NAME, (join.name,)):
			JOIN.add(join, self.zone)
			return
		values = JOIN.values(join, self.zone)
		frappe.db.set_value(
			"Room Join",
			join.name,
			{
				"heartbeat_spans": values["heartbeat_spans"],
				"credentials_revoked_on": values["credentials_revoked_on"],
			},
		)

	def joins(self, room: str) -> Sequence[Join]:
		return JOIN.find(self.zone, f"where room = %s {IN_ORDER} {self._held(room)}", (room,))

	def room_of_meeting(self, meeting_id: str) -> str | None:
		found = JOIN.first(self.zone, f"where meeting_id = %s {IN_ORDER} limit 1", (meeting_id,))
		return found.room if found else None

	def add_event(self, event: ProviderEvent) -> bool:
		if EVENT.rows("where `key` = %s", (event.key,)):
			return False
		try:
			with self.transaction():
				EVENT.add(event, self.zone)
		except frappe.UniqueValidationError:
			frappe.clear_last_message()
			return False
		return True

	def events(self, meetings: Iterable[str]) -> Sequence[ProviderEvent]:
		wanted = tuple(meetings)
		held = LOCK if False in self._transactions.locked.values() else ""
		return EVENT.find(self.zone, f"where meeting_id in %s {held}", (wanted,)) if wanted else []

	def entries(self, room: str) -> Sequence[UsageEntry]:
		return ENTRY.find(self.zone, f"where room = %s {IN_ORDER} {self._held(room)}", (room,))

	def _held(self, room: str) -> str:
		"""Where plain reads may not see what the lock waited for, read what is locked."""
		return LOCK if self._transactions.locked.get(room) is False else ""

	def allowances(self, room: Room) -> Sequence[Allowance]:
		day = zones.day(room.starts_on, self.zone)
		values = {"company": room.company, "practitioner": room.practitioner, "day": day}
		found = paying(ALLOWANCE.find(self.zone, PAYING, values))
		if found and self._transactions.locked.get(room.name) is False:
			names = [allowance.name for allowance in found]
			return sorted(ALLOWANCE.find(self.zone, THESE, (names,)), key=lambda a: not a.practitioner)
		return found

	def book(self, entry: UsageEntry) -> bool:
		if ENTRY.rows("where idempotency_key = %s", (entry.idempotency_key,)):
			return False
		try:
			with self.transaction():
				self.append(entry)
		except frappe.UniqueValidationError:
			frappe.clear_last_message()
			return False
		return True

	def append(self, entry: UsageEntry) -> None:
		"""`book` without a transaction of its own, for an entry that is new for certain."""
		ENTRY.add(entry, self.zone)
		values = {"seconds": entry.seconds, "cost": entry.cost, "currency": entry.currency}
		if entry.allowances:
			frappe.db.sql(USED if entry.is_usage else ADDED, values | {"names": entry.allowances})

	def mark_warned(self, allowance: str, percent: int) -> None:
		frappe.db.set_value("Usage Allowance", allowance, "warned_percent", percent, update_modified=False)

	def recipients(self, allowance: Allowance) -> Sequence[str]:
		return frappe.db.sql(RECIPIENTS, (allowance.plan,), pluck=True) if allowance.plan else ()

	def hold(self, seconds: int, allowances: Sequence[str]) -> None:
		frappe.db.sql(HELD, {"seconds": seconds, "names": tuple(allowances)})

	def provider(self, name: str) -> ProviderAccount | None:
		return PROVIDER.first(self.zone, BY_NAME, (name,))

	def providers(self) -> Sequence[ProviderAccount]:
		return PROVIDER.find(self.zone, "order by creation, name")

	def agreements(self) -> Sequence[Agreement]:
		return AGREEMENT.find(self.zone, "where docstatus = 1 order by creation, name")

	def companies(self) -> Mapping[str, str]:
		return {name: country or "" for name, country in frappe.db.sql(COMPANIES)}

	def show_on_appointment(self, appointment: str, room: str, *, linked: bool) -> None:
		appointments.show_room(appointment, room, linked=linked)

	def save_agreement(self, agreement: Agreement) -> None:
		doc = frappe.get_doc("BAA Record", agreement.name, for_update=True)
		doc.state = agreement.state.value
		doc.save(ignore_permissions=True, ignore_version=False)

	def save_phi_switch(self, on: bool) -> None:
		settings.save_phi_switch(on)
		self._settings = None

	def rooms_to_close(self, before: datetime, limit: int) -> Sequence[str]:
		return sweep_queries.to_close(before, self.zone, limit)

	def rooms_with_expired_holds(self, before: datetime, limit: int) -> Sequence[str]:
		return sweep_queries.with_expired_holds(before, self.zone, limit)

	def rooms_with_stale_stays(self, before: datetime, limit: int) -> Sequence[str]:
		return sweep_queries.with_stale_stays(before, self.zone, limit)

	def rooms_to_tear_down(self, limit: int) -> Sequence[str]:
		return sweep_queries.to_release(limit)

	def appointments_to_reconcile(self, doubtful: Doubtful, limit: int) -> Sequence[str]:
		return sweep_queries.to_reconcile(doubtful, self.zone, limit)
