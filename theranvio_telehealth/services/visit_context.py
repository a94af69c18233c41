"""What every act of a visit begins with: the room, its appointment re-read, the caller's part in it, and the others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime

from theranvio_telehealth.domain import admission, rooms
from theranvio_telehealth.domain.access_window import require_open
from theranvio_telehealth.domain.entities import (
	Appointment,
	Caller,
	Participant,
	Person,
	ProviderAccount,
	Room,
	Settings,
)
from theranvio_telehealth.domain.errors import NotFound, TelehealthError
from theranvio_telehealth.domain.presence import Lack, Signs
from theranvio_telehealth.domain.readiness import require_phi_permitted
from theranvio_telehealth.providers.base import Capabilities, ProviderError
from theranvio_telehealth.services import booking, phi_switch
from theranvio_telehealth.services.ports import Ports

NO_PROVIDER = Capabilities(max_people=0, embedded=False, end_to_end_encrypted=False)


@dataclass(frozen=True, slots=True)
class VisitContext:
	"""`room` is as the appointment wants it now, `stored` as it was last written."""

	room: Room
	stored: Room
	appointment: Appointment | None
	caller: Caller
	person: Person
	everyone: Sequence[Participant]
	settings: Settings
	account: ProviderAccount | None
	capabilities: Capabilities
	covered: bool  # by an agreement, where US PHI is handled
	now: datetime
	signs: Signs = None  # for hosts
	lacks: Mapping[str, Lack] = field(default_factory=dict)  # for hosts
	unauthorised: frozenset[str] = (
		frozenset()
	)  # for hosts: participants who are no longer part of the appointment

	@property
	def any_participant(self) -> Participant | None:
		"""The caller's participant, in whatever role they came."""
		return next((p for p in self.everyone if self.caller.is_participant(p)), None)

	@property
	def current_participant(self) -> Participant | None:
		"""The caller's participant, if they came in the role they have now."""
		return (
			self.any_participant
			if self.any_participant and self.any_participant.role is self.person.role
			else None
		)

	@property
	def host_present(self) -> bool:
		return admission.host_is_present(self.everyone, self.now)

	def require_enterable(self) -> None:
		"""Raises `VisitOver`, `TooEarly` or `WindowClosed`."""
		rooms.require_running(self.room)
		require_open(self.room, self.settings.policy, self.now, host_present=self.host_present)

	@property
	def is_enterable(self) -> bool:
		try:
			self.require_enterable()
		except TelehealthError:
			return False
		return True

	def require_startable(self) -> None:
		"""Raises `PhiNotPermitted` where embedded video may not be used."""
		country = self.appointment.company_country if self.appointment else ""
		embedded = self.capabilities.embedded
		require_phi_permitted(self.settings, country, embedded=embedded, covered=self.covered)

	def require_place(self, participant: Participant) -> None:
		"""Raises `RoomFull` where the others leave this person no place in the call."""
		if self.account is None:  # its capacity is not known, and no join is possible
			return
		admission.require_place(participant, self.everyone, self.capabilities.max_people, self.now)

	def participant(self, name: str) -> Participant:
		"""One of this room's. Raises `NotFound`."""
		found = next((p for p in self.everyone if p.name == name), None)
		if found is None:
			raise NotFound
		return found


def load(ports: Ports, caller: Caller, room: str) -> VisitContext:
	"""How things stand for this caller, without writing anything. Raises `NotFound` for strangers."""
	found = ports.store.room(room)
	if found is None:
		raise NotFound
	return _context(ports, caller, found)


def load_and_sync(ports: Ports, caller: Caller, room: str) -> VisitContext:
	"""`load`, and first bring the room up to date where its appointment was changed behind our back."""
	context = load(ports, caller, room)
	if context.room != context.stored:
		booking.sync_rooms(ports, context.room.appointment, by="")
		context = load(ports, caller, room)
	return context


@contextmanager
def locked(ports: Ports, context: VisitContext) -> Iterator[VisitContext]:
	"""A transaction in which the room and its people are locked: the context as it really is."""
	with ports.store.transaction():
		room = ports.store.lock(context.room.name)
		if room is None:
			raise NotFound
		everyone = ports.store.participants(room.name)
		yield replace(context, room=room, stored=room, everyone=everyone, now=ports.clock.now())


def _context(ports: Ports, caller: Caller, room: Room) -> VisitContext:
	appointment = ports.store.appointment(room.appointment)
	everyone = ports.store.participants(room.name)
	person = _person(ports, caller, room, appointment, everyone)
	settings, now = ports.store.settings(), ports.clock.now()
	step = rooms.reconcile(appointment, room, settings.policy, now, by="")
	if step.reset_participants:
		everyone = [admission.outside(p, now, over=step.room.is_over) for p in everyone]
	wanted = booking.served(ports, step.room)
	account, capabilities = _provider(ports, wanted)
	covered = account is not None and phi_switch.covers_start(
		ports, settings, appointment, _as_used(account, wanted), embedded=capabilities.embedded
	)
	context = VisitContext(
		wanted, room, appointment, caller, person, everyone, settings, account, capabilities, covered, now
	)
	return _for_host(ports, context) if admission.is_host(person) else context


def _for_host(ports: Ports, context: VisitContext) -> VisitContext:
	"""With what a host sees of the others."""
	outside = [p.name for p in context.everyone if not p.is_host]
	signs = ports.presence.signs(outside) if outside else {}
	lacks = ports.presence.lacks(outside) if outside else {}
	return replace(context, signs=signs, lacks=lacks, unauthorised=_unauthorised(ports, context))


def _unauthorised(ports: Ports, context: VisitContext) -> frozenset[str]:
	if context.appointment is None or context.appointment.key != context.room.appointment_key:
		return frozenset()
	others = [p for p in context.everyone if not p.is_host]
	return frozenset(p.name for p in others if booking.is_unauthorised(ports, context.appointment, p))


def _as_used(account: ProviderAccount, room: Room) -> ProviderAccount:
	"""The account with the region that this room's media goes to."""
	return replace(account, media_region=room.media_region or account.media_region)


def _provider(ports: Ports, room: Room) -> tuple[ProviderAccount | None, Capabilities]:
	"""The room's provider while it may be used and can be made; without one the visit goes on by its fallback."""
	account = ports.store.provider(room.provider) if room.provider else None
	if account is None or not account.enabled:
		return None, NO_PROVIDER
	try:
		return account, ports.media(account).capabilities
	except ProviderError:
		return None, NO_PROVIDER


def _person(
	ports: Ports, caller: Caller, room: Room, appointment: Appointment | None, everyone: Sequence[Participant]
) -> Person:
	"""A user's part in the appointment; of a deleted one, those who had come may still learn that it is gone. A guest's
	part is the invitation's."""
	is_current = appointment is not None and appointment.key == room.appointment_key
	if appointment is not None and is_current and caller.user:
		person = ports.directory.person(caller.user, appointment)
	else:
		own = next((p for p in everyone if caller.is_participant(p)), None)
		person = Person(own.role, own.display_name, own.stand_in) if own else None
	if person is None:
		raise NotFound
	return person
