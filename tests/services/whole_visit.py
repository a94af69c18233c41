"""An independent model of one visit: who is let in, whose credentials are good, who was present when. It asks no service.

It receives the answers, and reads of what is stored four things: a room's link version and patient, whether the
room is over, what was added to its time, and whether a stay is open. How long anything lasted, and who may do what, it works out by itself."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from tests.services.acts import HOST, STAND_IN
from theranvio_telehealth.domain.entities import Appointment, Participant, Room

SILENCE, BEAT = timedelta(seconds=30), timedelta(seconds=10)
LEAD, GRACE, OVERRUN = timedelta(minutes=15), timedelta(minutes=30), timedelta(minutes=60)
HOSTS = (HOST, STAND_IN)


@dataclass
class Model:
	"""One room's truth."""

	places: int
	patient: str = "PAT-1"
	link_version: int = 1
	admitted: set[str] = field(default_factory=set)
	current: dict[str, str] = field(default_factory=dict)
	open: dict[str, tuple[datetime, datetime]] = field(default_factory=dict)
	asked_on: dict[str, datetime] = field(default_factory=dict)
	stays: list[tuple[str, datetime, datetime]] = field(default_factory=list)

	# what was answered

	def let_in(self, user: str) -> None:
		self.admitted.add(user)

	def put_out(self, user: str, now: datetime) -> None:
		"""Out of the call means out at once: whatever stay was open ends here."""
		self.admitted.discard(user)
		self.current.pop(user, None)
		self.ends(user, now)

	def leaves(self, user: str, now: datetime) -> None:
		"""A sign of life."""
		if user in self.open and now - self.open[user][1] <= SILENCE:
			self.open[user] = (self.open[user][0], now)
		self.put_out(user, now)

	def ends(self, user: str, now: datetime) -> None:
		if user in self.open:
			started, seen = self.open.pop(user)
			self.stays.append((user, started, min(now, seen + BEAT) if now - seen <= SILENCE else seen))

	def joined(self, user: str, attendee: str, now: datetime) -> None:
		"""Asking for credentials gave up those there were, and their stay with them."""
		self.current[user] = attendee
		self.ends(user, self.asked_on[user])
		self.heard(user, now)

	def heard(self, user: str, now: datetime) -> None:
		if user in self.open and now - self.open[user][1] > SILENCE:
			self.stays.append((user, *self.open.pop(user)))
		started, _ = self.open.get(user, (now, now))
		self.open[user] = (started, now)

	# what is seen

	def observe(self, room: Room, everyone: list[Participant], now: datetime) -> None:
		by_itself = self.link_version + (room.patient != self.patient and not room.is_over)
		self.link_version, self.patient = room.link_version, room.patient
		if room.is_over or room.link_version != by_itself:
			for user in self.admitted | set(self.open):
				self.put_out(user, now)
		still_open = {p.user for p in everyone if p.stay_started_on}
		for user in set(self.open) - still_open:
			self.ends(user, self.asked_on.get(user, now))

	# what follows from it

	def present(self, now: datetime) -> set[str]:
		return {user for user, (_, seen) in self.open.items() if now - seen <= SILENCE}

	def honoured(self, room: Room, appointment: Appointment | None, now: datetime) -> set[tuple[str, str]]:
		"""Each user with the one attendee of theirs that the server may accept now."""
		if appointment is None or not self.is_enterable(room, appointment, now):
			return set()
		allowed = {user for user in self.current if user in self.admitted and self.has_place(user, now)}
		return {(user, self.current[user]) for user in allowed}

	def has_place(self, user: str, now: datetime) -> bool:
		"""No person is removed from the call for want of a place, but one who fell silent may find it taken."""
		present = self.present(now)
		return user in present or len(present) < self.places

	def is_enterable(self, room: Room, appointment: Appointment, now: datetime) -> bool:
		"""The appointment's time is now, and it is not cancelled."""
		called_off = appointment.status == "Cancelled" or (
			appointment.status == "No Show"
			and (appointment.day_ends_on is None or now < appointment.day_ends_on)
		)
		alive = appointment.video and not called_off and appointment.key == room.appointment_key
		return alive and not room.is_over and self.is_open(room, appointment, now)

	def is_open(self, room: Room, appointment: Appointment, now: datetime) -> bool:
		ends_on = appointment.starts_on + timedelta(minutes=appointment.minutes)
		if now >= room.ends_on + OVERRUN and (room.starts_on, room.ends_on) != (
			appointment.starts_on,
			ends_on,
		):
			return False  # everybody's time was over before the appointment had another
		added = timedelta(minutes=room.extended_minutes)
		longer = OVERRUN if self.present(now) & set(HOSTS) else GRACE + added
		return appointment.starts_on - LEAD <= now < ends_on + longer

	def billed(self) -> Counter[tuple[str, datetime, datetime]]:
		return Counter(stay for stay in self.stays if stay[2] > stay[1])
