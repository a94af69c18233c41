"""Factories of values and of the services' harness, with overrides. No test logic, no Frappe."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy.exc import IntegrityError

from theranvio_telehealth.domain import ledger
from theranvio_telehealth.domain.entities import (
	Agreement,
	Allowance,
	Appointment,
	Participant,
	Person,
	ProviderAccount,
	Room,
	Settings,
	Span,
	UsageEntry,
)
from theranvio_telehealth.domain.enums import (
	Adapter,
	AgreementState,
	AgreementType,
	EntryKind,
	Role,
	RoomStatus,
	StaySource,
)
from theranvio_telehealth.providers.base import MediaProvider
from theranvio_telehealth.providers.fake import FakeProvider
from theranvio_telehealth.services import teardown
from theranvio_telehealth.services.ports import Ports, Store
from tools.demo.store import SqliteStore
from tools.harness.ports import (
	NOON,
	CountingSecrets,
	DictAgreements,
	DictDirectory,
	DictMailbox,
	DictPresence,
	FixedClock,
	RecordingBackground,
	RecordingBell,
	RecordingLog,
	RecordingNudge,
)

HOST = "host@clinic.test"
CLIENT = "client@home.test"
STRANGER = "stranger@elsewhere.test"


def make_appointment(**overrides: Any) -> Appointment:
	name = overrides.get("name", "APP-1")
	defaults: dict[str, Any] = {
		"name": name,
		"key": f"{name}|2027-01-01",
		"company": "Clinic",
		"company_country": "Canada",
		"practitioner": "PRAC-1",
		"patient": "PAT-1",
		"starts_on": NOON,
		"minutes": 50,
		"status": "Scheduled",
		"video": True,
	}
	return Appointment(**(defaults | overrides))


def make_room(appointment: Appointment | None = None, **overrides: Any) -> Room:
	"""The room a booking would have made for the appointment."""
	of = appointment or make_appointment()
	starts_on = overrides.get("starts_on", of.starts_on)
	ends_on = overrides.get("ends_on", starts_on + timedelta(minutes=of.minutes or 50))
	defaults: dict[str, Any] = {
		"name": f"room-of-{of.key}",
		"appointment": of.name,
		"appointment_key": of.key,
		"company": of.company,
		"practitioner": of.practitioner,
		"patient": of.patient,
		"status": RoomStatus.SCHEDULED,
		"starts_on": starts_on,
		"ends_on": ends_on,
		"opens_on": starts_on - timedelta(minutes=15),
		"closes_on": ends_on + timedelta(minutes=30),
		"fallback_url": of.fallback_url,
	}
	return Room(**(defaults | overrides))


def make_participant(room: Room | None = None, **overrides: Any) -> Participant:
	of = room or make_room()
	role = overrides.get("role", Role.CLIENT)
	defaults: dict[str, Any] = {
		"name": f"{of.name}-{role.value}",
		"room": of.name,
		"role": role,
		"user": HOST if role is Role.HOST else CLIENT,
		"display_name": "Somebody",
	}
	return Participant(**(defaults | overrides))


def make_allowance(**overrides: Any) -> Allowance:
	defaults: dict[str, Any] = {
		"name": "ALLOW-1",
		"company": "Clinic",
		"practitioner": "",
		"period_start": date(2027, 3, 1),
		"period_end": date(2027, 3, 31),
		"included_minutes": 1000,
	}
	return Allowance(**(defaults | overrides))


def make_entry(room: Room | None = None, **overrides: Any) -> UsageEntry:
	of = room or make_room()
	defaults: dict[str, Any] = {
		"room": of.name,
		"participant": f"{of.name}-Client",
		"allowance": "",
		"provider": of.provider,
		"started_on": of.starts_on,
		"ended_on": of.starts_on + timedelta(seconds=61),
		"seconds": 61,
		"billed_tenths": 11,
		"source": StaySource.HEARTBEAT,
		"idempotency_key": f"{of.name}:1",
	}
	return UsageEntry(**(defaults | overrides))


def booked(entries: Sequence[UsageEntry]) -> tuple[Span, ...]:
	"""The stays that stand: booked, and not withdrawn since."""
	stays = (entry for entry in ledger.standing(entries) if entry.kind is EntryKind.STAY)
	return tuple(sorted(Span(stay.started_on, stay.ended_on) for stay in stays))


def make_provider(**overrides: Any) -> ProviderAccount:
	return ProviderAccount(**({"name": "Video", "adapter": Adapter.FAKE} | overrides))


def make_agreement(**overrides: Any) -> Agreement:
	defaults: dict[str, Any] = {
		"name": "BAA-1",
		"state": AgreementState.ACCEPTED,
		"provider": "Video",
		"provider_account_id": "",
		"agreement_type": AgreementType.BAA,
		"services": "Fake",
		"file_pages": 3,
		"accepted_by": "ada@clinic.test",
		"attested_by": "bob@clinic.test",
		"effective_on": date(2027, 1, 1),
		"expires_on": date(2027, 12, 31),
	}
	return Agreement(**(defaults | overrides))


@dataclass
class Harness:
	"""Ports, and a hand on each of them. `store` may be any Store that can be `put` to."""

	clock: FixedClock
	store: Any
	agreements: DictAgreements
	directory: DictDirectory
	nudge: RecordingNudge
	background: RecordingBackground
	mailbox: DictMailbox = field(default_factory=DictMailbox)
	presence: DictPresence = field(default_factory=DictPresence)
	bell: RecordingBell = field(default_factory=RecordingBell)
	secrets: CountingSecrets = field(default_factory=CountingSecrets)
	log: RecordingLog = field(default_factory=RecordingLog)
	media: dict[str, MediaProvider] = field(default_factory=dict)

	@property
	def ports(self) -> Ports:
		return Ports(
			store=self.store,
			agreements=self.agreements,
			directory=self.directory,
			mailbox=self.mailbox,
			presence=self.presence,
			bell=self.bell,
			nudge=self.nudge,
			clock=self.clock,
			new_token=self.secrets.token,
			background=self.background,
			log=self.log,
			media=self.provider_of,
		)

	def provider_of(self, account: ProviderAccount) -> MediaProvider:
		return self.media.setdefault(account.name, FakeProvider())

	def appointment(self, **overrides: Any) -> Appointment:
		"""One of the platform's, with HOST as its practitioner and CLIENT as its patient."""
		appointment = make_appointment(**overrides)
		self.store.put(appointment)
		self.directory.practitioners[HOST] = [appointment.practitioner]
		self.directory.add(HOST, Person(Role.HOST, "Dr. Host"), appointment.name)
		self.directory.add(CLIENT, Person(Role.CLIENT, "Client"), appointment.name)
		return appointment


def make_harness(store: Any = None, clock: FixedClock | None = None) -> Harness:
	"""A clinic whose default provider is the fake one. Releases run at once after the commit."""
	clock = clock or FixedClock()
	store = store or SqliteStore(None, clock, lambda user: ["PAT-1"] if user == CLIENT else [])
	harness = Harness(
		clock=clock,
		store=store,
		agreements=DictAgreements(store),
		directory=DictDirectory(),
		nudge=RecordingNudge(store.after_commit),
		background=RecordingBackground(store.after_commit),
	)
	harness.background.at_once = lambda room: teardown.tear_down(harness.ports, room)
	store.put(make_provider())
	store.put(Settings(default_provider="Video"))
	return harness


class LocalSeed:
	"""The appointments that the store's contract needs, for stores with a `put`."""

	user, other_user = HOST, CLIENT
	refusals = (IntegrityError, KeyError)

	def __init__(self, store: Any) -> None:
		self.store = store
		self.agreements = DictAgreements(store)

	def appointment(self, **overrides: Any) -> Appointment:
		return self._put(make_appointment(**overrides))

	def rewrite(self, appointment: Appointment, **changes: Any) -> Appointment:
		"""Change the appointment as the clinic's staff would."""
		return self._put(replace(appointment, **changes))

	def remove(self, appointment: Appointment) -> None:
		self.store.remove_appointment(appointment.name)

	def portal_user(self, appointment: Appointment) -> str:
		"""The portal user of the appointment's patient."""
		return CLIENT

	def allowance(self, **overrides: Any) -> Allowance:
		return self._put(make_allowance(**overrides))

	def provider(self, **overrides: Any) -> ProviderAccount:
		return self._put(make_provider(**overrides))

	def agreement(self, **overrides: Any) -> Agreement:
		return self.agreements.put(make_agreement(**overrides))

	def settings(self, **overrides: Any) -> Settings:
		return self._put(Settings(**overrides))

	def set_clock(self, now: datetime) -> None:
		self.store.clock.at = now

	def shown(self, appointment: Appointment) -> str:
		"""Room and status as the platform's appointment shows them."""
		return self.store.shown(appointment.name)

	def together(self, *acts: Callable[[Store], Any]) -> list[Any]:
		"""Run the acts at the same time, each as a request of its own; their results, in order."""
		return in_threads([lambda act=act: act(self.store) for act in acts])

	def _put(self, entity: Any) -> Any:
		self.store.put(entity)
		return entity


def in_threads(acts: list[Callable[[], Any]]) -> list[Any]:
	"""Start together, wait for all; an exception is a result too."""
	results: list[Any] = [None] * len(acts)
	start = threading.Barrier(len(acts))

	def run(number: int) -> None:
		start.wait()
		try:
			results[number] = acts[number]()
		except Exception as error:
			results[number] = error

	threads = [threading.Thread(target=run, args=(number,)) for number in range(len(acts))]
	for thread in threads:
		thread.start()
	for thread in threads:
		thread.join()
	return results
