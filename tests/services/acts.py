"""A visit with short methods for its acts, and a provider that fails on demand. No assertions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from theranvio_telehealth.domain.entities import Appointment, Caller, Participant, Person, Room, UsageEntry
from theranvio_telehealth.domain.enums import Role
from theranvio_telehealth.domain.errors import TelehealthError
from theranvio_telehealth.providers.base import (
	Credentials,
	Finding,
	MediaProvider,
	Meeting,
	MeetingRequest,
	ProviderError,
	Rejected,
	Unavailable,
)
from theranvio_telehealth.providers.fake import FakeProvider
from theranvio_telehealth.services import booking, hosting, joining, visit
from tools.demo.tables import TABLES
from tools.harness.factories import CLIENT, HOST, STRANGER, Harness, make_appointment, make_harness

GUARDIAN = "guardian@home.test"
INTERPRETER = "interpreter@agency.test"
STAND_IN = "colleague@clinic.test"
GUESTS = (CLIENT, GUARDIAN, INTERPRETER)
PEOPLE = {
	HOST: Person(Role.HOST, "Dr. Host"),
	STAND_IN: Person(Role.HOST, "Colleague", stand_in=True),
	CLIENT: Person(Role.CLIENT, "Client"),
	GUARDIAN: Person(Role.GUARDIAN, "Guardian"),
	INTERPRETER: Person(Role.INTERPRETER, "Interpreter"),
}


class Weathered(MediaProvider):
	"""A real provider behind a line that can fail, and during which other things can happen."""

	def __init__(self, inner: MediaProvider) -> None:
		self.inner = inner
		self.capabilities = inner.capabilities
		self.fails: type[Exception] | None = None
		self.before: list[Callable[[], object]] = []
		self.meanwhile: list[Callable[[], object]] = []
		self.asked: list[str] = []
		self.removed: list[str] = []

	@classmethod
	def configured(cls, config: Mapping[str, Any]) -> Weathered:
		return cls(FakeProvider.configured(config))

	def open_meeting(self, request: MeetingRequest) -> Meeting:
		self._line("open_meeting")
		return self.inner.open_meeting(request)

	def add_attendee(self, meeting: Meeting, pseudonym: str, role: Role, until: datetime) -> Credentials:
		self._line("add_attendee")
		while self.before:
			self.before.pop(0)()
		credentials = self.inner.add_attendee(meeting, pseudonym, role, until)
		while self.meanwhile:
			self.meanwhile.pop(0)()
		return credentials

	def remove_attendee(self, meeting: Meeting, attendee_id: str) -> None:
		self._line("remove_attendee")
		self.removed.append(attendee_id)
		self.inner.remove_attendee(meeting, attendee_id)

	def close_meeting(self, meeting: Meeting) -> None:
		self._line("close_meeting")
		self.inner.close_meeting(meeting)

	def check(self) -> tuple[Finding, ...]:
		return self.inner.check()

	def _line(self, what: str) -> None:
		self.asked.append(what)
		if self.fails:
			raise self.fails


class Visit:
	"""A booked appointment at noon, its room, and everybody who may be part of it. The doors are open."""

	def __init__(
		self, harness: Harness | None = None, provider: MediaProvider | None = None, **booked: Any
	) -> None:
		self.harness = harness or make_harness()
		stored = self.harness.media.get("Video")
		self.media = stored if isinstance(stored, Weathered) else Weathered(provider or FakeProvider())
		self.harness.media["Video"] = self.media
		self.appointment = self.harness.appointment(**booked)
		self.invite(self.appointment.name)
		booking.sync_rooms(self.ports, self.appointment.name, HOST)
		self.name = self.room_of(self.appointment.key).name
		self.harness.nudge.take()

	@property
	def ports(self) -> Any:
		return self.harness.ports

	def invite(self, appointment: str) -> None:
		for user, person in PEOPLE.items():
			self.harness.directory.add(user, person, appointment)

	# what is stored

	@property
	def room(self) -> Room:
		room: Room | None = self.harness.store.room(self.name)
		assert room is not None
		return room

	def room_of(self, key: str) -> Room:
		(room,) = [r for r in self.harness.store.rooms_of(key.partition("|")[0]) if r.appointment_key == key]
		return room

	def participant(self, user: str = CLIENT) -> Participant:
		(participant,) = [p for p in self.harness.store.participants(self.name) if p.user == user]
		return participant

	def everyone(self) -> list[Participant]:
		return list(self.harness.store.participants(self.name))

	def entries(self) -> list[UsageEntry]:
		return list(self.harness.store.entries(self.name))

	def attendees(self) -> set[str]:
		"""Those whose credentials the provider would take."""
		meetings: dict[str, set[str]] = self.media.inner.meetings  # type: ignore[attr-defined]
		return {attendee for them in meetings.values() for attendee in them}

	# acts

	def enter(self, user: str = CLIENT) -> dict[str, Any]:
		return visit.enter(self.ports, Caller(user), self.name)

	def state(self, user: str = CLIENT) -> dict[str, Any]:
		return visit.state(self.ports, Caller(user), self.name)

	def here(self, user: str = CLIENT, lack: str = "") -> dict[str, Any]:
		return visit.here(self.ports, Caller(user), self.name, lack)

	def join(self, user: str = CLIENT) -> str:
		"""The attendee of a new join."""
		return str(joining.join(self.ports, Caller(user), self.name)["attendee"])

	def beat(self, attendee: str, user: str = CLIENT) -> dict[str, Any]:
		return visit.heartbeat(self.ports, Caller(user), self.name, attendee)

	def leave(self, attendee: str = "", user: str = CLIENT) -> dict[str, Any]:
		return visit.leave(self.ports, Caller(user), self.name, attendee)

	def signal(self, attendee: str, *data: dict[str, Any], user: str = CLIENT) -> list[dict[str, Any]]:
		messages = [{"data": d} for d in data]
		return list(visit.signal(self.ports, Caller(user), self.name, attendee, messages)["messages"])

	def host(self, act: Callable[..., Any], user: str = CLIENT, by: str = HOST) -> dict[str, Any]:
		"""A host's act on a participant."""
		return dict(act(self.ports, Caller(by), self.name, self.participant(user).name))

	def admit(self, user: str = CLIENT) -> None:
		self.host(hosting.admit, user)

	def let_in(self, *users: str) -> None:
		"""The host is there, and these have been admitted."""
		self.enter(HOST)
		for user in users or (CLIENT,):
			self.enter(user)
			self.admit(user)

	def in_call(self, *users: str) -> list[str]:
		"""The host and these have joined; their attendees, the host's first."""
		guests = users or (CLIENT,)
		self.let_in(*guests)
		return [self.join(user) for user in (HOST, *guests)]

	# the world around

	def rewrite(self, **changes: Any) -> Appointment:
		"""Change the appointment behind everyone's back."""
		self.appointment = replace(self.appointment, **changes)
		self.harness.store.put(self.appointment)
		return self.appointment

	def sync_rooms(self) -> None:
		booking.sync_rooms(self.ports, self.appointment.name, HOST)

	def moved_away_and_back(self) -> None:
		"""To tomorrow, and to where it was: the time is as before, and everybody has been put out."""
		starts_on = self.appointment.starts_on
		for moved in (starts_on + timedelta(days=1), starts_on):
			self.rewrite(starts_on=moved)
			self.sync_rooms()

	def at(self, moment: datetime) -> None:
		self.harness.clock.at = moment

	def later(self, **length: float) -> datetime:
		return self.harness.clock.advance(**length)

	def stored(self) -> dict[str, Any]:
		"""Everything that is stored, to compare with."""
		return {table.name: self.harness.store.all(entity) for entity, table in TABLES.items()}


def reused(harness: Harness, **changes: Any) -> Appointment:
	"""Another patient's appointment under the name of one that was deleted."""
	harness.store.remove_appointment("APP-1")
	again = make_appointment(key="APP-1|reused", patient="PAT-2", **changes)
	harness.store.put(again)
	return again


def outcome(act: Callable[[], Any]) -> str:
	"""The code of the refusal, or `ok`."""
	try:
		act()
	except TelehealthError as refusal:
		return refusal.code
	return "ok"


def attempt(act: Callable[[], Any]) -> None:
	with suppress(TelehealthError):
		act()


__all__ = [
	"CLIENT",
	"GUARDIAN",
	"GUESTS",
	"HOST",
	"INTERPRETER",
	"PEOPLE",
	"STAND_IN",
	"STRANGER",
	"ProviderError",
	"Rejected",
	"Unavailable",
	"Visit",
	"Weathered",
	"attempt",
	"outcome",
	"reused",
]
