"""An independent model of one visit: who is let in, whose credentials are good, who was present when. It asks no service.

It is told what was answered, and looks at three things that are stored: a room's link version, whether the room is over,
and whether a stay is open. How long anything lasted, and who may do what, it works out by itself."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from tests.services.acts import HOST, STAND_IN
from theranvio_telehealth.domain.entities import Appointment, Participant, Room

SILENCE = timedelta(seconds=30)
LEAD, GRACE, OVERRUN = timedelta(minutes=15), timedelta(minutes=30), timedelta(minutes=60)
HOSTS = (HOST, STAND_IN)


@dataclass
class Model:
	"""One room's truth."""

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

	def ends(self, user: str, now: datetime) -> None:
		if user in self.open:
			started, seen = self.open.pop(user)
			self.stays.append((user, started, now if now - seen <= SILENCE else seen))

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
		if room.is_over or room.link_version != self.link_version:
			self.link_version = room.link_version
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
		if appointment is None or not self.agrees(room, appointment) or not self.is_open(appointment, now):
			return set()
		if appointment.status == "Closed" and room.status.value == "Live" and not self.present(now):
			return set()
		return {(user, attendee) for user, attendee in self.current.items() if user in self.admitted}

	def agrees(self, room: Room, appointment: Appointment) -> bool:
		"""The appointment is the one that people were let in for."""
		alive = appointment.video and appointment.status not in ("Cancelled", "No Show")
		same = (appointment.key, appointment.patient, appointment.starts_on) == (
			room.appointment_key,
			room.patient,
			room.starts_on,
		)
		ends_on = appointment.starts_on + timedelta(minutes=appointment.minutes)
		return alive and same and room.ends_on == ends_on and not room.is_over

	def is_open(self, appointment: Appointment, now: datetime) -> bool:
		ends_on = appointment.starts_on + timedelta(minutes=appointment.minutes)
		longer = OVERRUN if self.present(now) & set(HOSTS) else GRACE
		return appointment.starts_on - LEAD <= now < ends_on + longer

	def billed(self) -> Counter[tuple[str, datetime, datetime]]:
		return Counter(stay for stay in self.stays if stay[2] > stay[1])
