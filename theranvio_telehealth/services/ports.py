"""What the services need from the site or the demo: the ports, and `Ports`, which carries one of each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol

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
from theranvio_telehealth.domain.presence import Lack
from theranvio_telehealth.domain.provider_events import ProviderEvent
from theranvio_telehealth.providers.base import MediaProvider


class Rooms(Protocol):
	"""Rooms, their participants, and the platform's appointments they belong to."""

	def appointment(self, name: str) -> Appointment | None:
		"""The platform's appointment as committed or written by this transaction, never from a cache."""

	def room(self, name: str) -> Room | None: ...

	def rooms_of(self, appointment: str) -> Sequence[Room]:
		"""All rooms ever made for appointments of that name, newest first."""

	def rooms_for(self, user: str, since: datetime) -> Sequence[Room]:
		"""Rooms of the patients whose portal user this is that start after `since`, soonest first."""

	def rooms_with_waiting(self, practitioners: Sequence[str], user: str, limit: int) -> Sequence[str]:
		"""Scheduled or Live rooms in which a participant waits, of these practitioners or with this user as a participant
		who is a host; soonest start first."""

	def participants(self, room: str) -> Sequence[Participant]:
		"""In the order they were made."""

	def transaction(self) -> AbstractContextManager[None]:
		"""The outermost commits at exit and rolls back on an exception; an inner one that fails undoes itself only."""

	def lock(self, room: str) -> Room | None:
		"""Lock the allowances that pay for the room, then the room, then its participants,
		until the transaction ends; return the room as committed by the previous holder of the lock."""

	def add_room(self, room: Room) -> None: ...

	def save_room(self, room: Room) -> None:
		"""Write the whole room; who did it and what changed stays on record."""

	def add_participant(self, participant: Participant) -> None: ...

	def save_participant(self, participant: Participant) -> None:
		"""Write the whole participant; who did it and what changed stays on record."""

	def beat(self, participant: str, attendee_id: str, seen_on: datetime) -> bool:
		"""Move `stay_seen_on` forward in one atomic statement, if that attendee is still the
		participant's and a stay is open; say whether it was. Leaves no record."""

	def show_on_appointment(self, appointment: str, room: str, *, linked: bool) -> None:
		"""Show on the platform's appointment which room it has, and in its calendar event the way there if `linked`."""


class Joins(Protocol):
	"""What providers made for participants, and what they report of it."""

	def save_join(self, join: Join) -> None:
		"""Write the whole join, whether it was there before or not."""

	def joins(self, room: str) -> Sequence[Join]:
		"""All joins there ever were, in the order they were made."""

	def room_of_meeting(self, meeting_id: str) -> str | None:
		"""The room for which the meeting was made, however long ago."""

	def add_event(self, event: ProviderEvent) -> bool:
		"""Put the event down; False when its key is known already."""

	def events(self, meetings: Iterable[str]) -> Sequence[ProviderEvent]:
		"""All that happened in these meetings, in no particular order."""


class Usage(Protocol):
	"""Allowances and what is booked to them."""

	def entries(self, room: str) -> Sequence[UsageEntry]:
		"""All that were booked for the room, in the order they were."""

	def allowances(self, room: Room) -> Sequence[Allowance]:
		"""What pays for the room: the practitioner's own allowance in its company and the company's, of those whose period
		holds the room's start, in this order."""

	def book(self, entry: UsageEntry) -> bool:
		"""Append the entry and change its allowances' balances by it, atomically; False when its idempotency key is known
		already. Its cost counts where it is in the allowance's currency."""

	def mark_warned(self, allowance: str, percent: int) -> None:
		"""Store the highest warning percentage that users were notified of; 0: none."""

	def recipients(self, allowance: Allowance) -> Sequence[str]:
		"""Users to notify of the allowance; empty: the clinic's telehealth administrators."""

	def hold(self, seconds: int, allowances: Sequence[str]) -> None:
		"""Add the seconds, which may be negative, to what is held of these allowances, in one atomic statement."""


class Accounts(Protocol):
	"""Settings and media providers."""

	def settings(self) -> Settings: ...

	def provider(self, name: str) -> ProviderAccount | None: ...

	def providers(self) -> Sequence[ProviderAccount]: ...


class Due(Protocol):
	"""What the sweep looks at: names only, oldest first, at most `limit`."""

	def rooms_to_close(self, before: datetime, limit: int) -> Sequence[str]:
		"""Scheduled or Live rooms whose `closes_on` is not after `before`."""

	def rooms_with_expired_holds(self, before: datetime, limit: int) -> Sequence[str]:
		"""Rooms with a participant whose hold is not released and has expired by `before`."""

	def rooms_with_stale_stays(self, before: datetime, limit: int) -> Sequence[str]:
		"""Rooms with an open stay not seen since `before`."""

	def rooms_to_tear_down(self, limit: int) -> Sequence[str]:
		"""Rooms that are over yet have the token of a meeting, that have former meetings, or have participants
		with revoked attendees."""

	def appointments_to_reconcile(self, doubtful: Doubtful, limit: int) -> Sequence[str]:
		"""Appointments that may disagree with their room, earliest start first."""


class Store(Rooms, Joins, Usage, Accounts, Due, Protocol):
	"""What every visit needs to be stored."""


class Agreements(Protocol):
	"""BAA Records, and the switch that depends on them."""

	def agreements(self) -> Sequence[Agreement]:
		"""Every submitted BAA Record."""

	def companies(self) -> Mapping[str, str]:
		"""Every company and its country, which may be empty."""

	def save_agreement(self, agreement: Agreement) -> None:
		"""Write the agreement's state."""

	def save_phi_switch(self, on: bool) -> None: ...


class Directory(Protocol):
	"""Who a user is to an appointment."""

	def person(self, user: str, appointment: Appointment) -> Person | None:
		"""None for everybody who is neither host nor client."""

	def hosts(self, appointment: Appointment) -> Sequence[str]:
		"""Users to notify that a client waits: the practitioner's own."""

	def practitioners_of(self, user: str) -> Sequence[str]:
		"""The practitioners whose own user this is."""


class Mailbox(Protocol):
	"""Signalling between the browsers of one room: short-lived, never in the database."""

	def put(self, attendee_id: str, message: dict[str, Any]) -> None: ...

	def take(self, attendee_id: str) -> list[dict[str, Any]]:
		"""Everything put since the last take, oldest first."""

	def drop(self, attendee_id: str) -> None: ...


class Presence(Protocol):
	"""Signs of life of people whose page is open outside the call: short-lived, never in the database."""

	def note(self, participant: str, seen_on: datetime) -> None: ...

	def note_lack(self, participant: str, lack: Lack | None) -> None:
		"""What the browser of the page that gives the signs lacks for a call."""

	def lacks(self, participants: Iterable[str]) -> Mapping[str, Lack]:
		"""Of those whose browser lacks something, as far as it is known."""

	def signs(self, participants: Iterable[str]) -> Mapping[str, datetime] | None:
		"""When each of them last gave one, of those who did lately; None when that cannot be known."""


class Nudge(Protocol):
	"""A content-free ping that says «ask again», sent once the transaction is committed."""

	def users(self, users: Iterable[str]) -> None: ...


class Bell(Protocol):
	"""A notice in the platform's desk that a client waits, for hosts who look at another page. It contains no name."""

	def ring(self, users: Iterable[str], room: Room) -> None:
		"""Once in a while for each user and room, however often it is called."""


class Clock(Protocol):
	def now(self) -> datetime:
		"""Aware UTC, whole milliseconds."""

	def today(self) -> date:
		"""The clinic's calendar day."""


class Background(Protocol):
	"""Work for after the commit, on this or another process; the sweep repeats what gets lost."""

	def tear_down(self, room: str) -> None:
		"""Have `services.teardown.tear_down` run for the room."""


class Log(Protocol):
	def failure(self, what: str, subject: str, error: BaseException) -> None:
		"""Record a failure for support: an act, an opaque name, an error's type and place. No PHI."""

	def announce(self, subject: str, text: str, users: Sequence[str] = ()) -> None:
		"""Tell these users or, where there are none, the clinic's telehealth administrators."""


@dataclass(frozen=True, slots=True)
class Ports:
	"""The adapters of one site, or of the demo."""

	store: Store
	agreements: Agreements
	directory: Directory
	mailbox: Mailbox
	presence: Presence
	nudge: Nudge
	bell: Bell
	clock: Clock
	new_token: Callable[[], str]  # 128 random bits as 32 hex digits
	background: Background
	log: Log
	media: Callable[[ProviderAccount], MediaProvider]
