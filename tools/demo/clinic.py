"""The demo clinic's appointment book: what a platform does with appointments, and the calls of our services after it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from typing import Any

from theranvio_telehealth.domain.addresses import is_https
from theranvio_telehealth.domain.entities import Appointment
from theranvio_telehealth.services import booking
from tools.demo.clock import from_local, local_day
from tools.demo.demo_app import COMPANY, COUNTRY, DemoApp
from tools.demo.people import StaffRole

SHORTEST, LONGEST = 1, 480


class BadEntry(Exception):
	"""What was entered cannot be booked; the text says what to enter instead."""


@dataclass(frozen=True, slots=True)
class Entry:
	"""What is entered to book an appointment."""

	practitioner: str
	patient: str
	starts_on: datetime
	minutes: int
	video: bool
	fallback_url: str = ""


class Clinic:
	def __init__(self, demo_app: DemoApp) -> None:
		self.demo_app = demo_app
		self.store = demo_app.store

	def today(self) -> Sequence[Appointment]:
		midnight = from_local(self.demo_app.clock.today(), time())
		return self.store.appointments(midnight, midnight + timedelta(days=1))

	def overlapping(self, appointment: Appointment) -> Sequence[Appointment]:
		"""The day's other appointments of the same clinician or client at the same time. A platform may allow them."""
		return [a for a in self.today() if _clash(a, appointment)]

	def book(self, by: str, entry: Entry) -> Appointment:
		self._require_sane(entry)
		with self.store.transaction():
			name = self._next_name()
			made_on = round(self.demo_app.clock.now().timestamp() * 1000)
			appointment = Appointment(
				name=name,
				key=f"{name}|{made_on}",
				company=COMPANY,
				company_country=COUNTRY,
				practitioner=entry.practitioner,
				patient=entry.patient,
				starts_on=entry.starts_on,
				minutes=entry.minutes,
				status="Scheduled",
				video=entry.video,
				fallback_url=entry.fallback_url,
				practitioner_name=self.demo_app.directory.name_of(entry.practitioner),
				patient_name=self.demo_app.directory.name_of(entry.patient),
			)
			self.store.put(appointment)
		self._tell(lambda: booking.sync_rooms(self.demo_app.ports, name, by))
		return appointment

	def change(self, by: str, name: str, **changes: Any) -> Appointment:
		"""Move, cancel, or switch video on or off; the appointment as it is then."""
		with self.store.transaction():
			appointment = self.store.appointment(name)
			if appointment is None:
				raise BadEntry("This appointment is gone. Reload the page to see today's list.")
			changed = replace(appointment, **changes)
			self.store.put(changed)
		self._tell(lambda: booking.sync_rooms(self.demo_app.ports, name, by))
		return changed

	def choose_provider(self, name: str) -> None:
		account = self.store.provider(name)
		if account is None or not account.enabled:
			raise BadEntry("Choose a provider from the list.")
		self.demo_app.choose_provider(name)

	def delete(self, by: str, name: str) -> None:
		self._tell(lambda: booking.revoke_rooms(self.demo_app.ports, name, by))
		self.store.remove_appointment(name)

	def _tell(self, act: Callable[[], None]) -> None:
		"""A failure of the visit's never stops the appointment: it is recorded, and the sweep makes it good."""
		try:
			act()
		except Exception as error:
			self.demo_app.ports.log.failure("booking", "", error)

	def _next_name(self) -> str:
		"""One more than the highest: a deleted newest name comes again, as on a real platform."""
		taken = self.store.appointment_names()
		return f"APP-{1 + max((int(name.rpartition('-')[2]) for name in taken), default=0):04d}"

	def _require_sane(self, entry: Entry) -> None:
		people = self.demo_app.directory
		if entry.practitioner not in [m.record for m in people.of_post(StaffRole.CLINICIAN)]:
			raise BadEntry("Choose a clinician from the list.")
		if entry.patient not in [m.record for m in people.of_post(StaffRole.CLIENT)]:
			raise BadEntry("Choose a client from the list.")
		if not SHORTEST <= entry.minutes <= LONGEST:
			raise BadEntry(f"Enter a length between {SHORTEST} and {LONGEST} minutes.")
		if entry.fallback_url and not is_https(entry.fallback_url):
			raise BadEntry("Enter a fallback link that begins with https://, or none.")

	def open_for_today(self, by: str) -> None:
		"""Book a day's examples, unless there is something booked for today."""
		if self.today():
			return
		now = self.demo_app.clock.now()
		soon = _quarter_hour(now)
		fallback = "https://meet.example.org/harbour-clinic"
		for practitioner, patient, minutes_from_soon, video, link in (
			("PRAC-1", "PAT-1", 0, True, fallback),
			("PRAC-2", "PAT-2", 0, True, ""),
			("PRAC-1", "PAT-3", 60, True, ""),
			("PRAC-2", "PAT-1", 120, False, ""),
		):
			starts_on = soon + timedelta(minutes=minutes_from_soon)
			if local_day(starts_on) == local_day(now):
				self.book(by, Entry(practitioner, patient, starts_on, 50, video, link))


def _clash(one: Appointment, other: Appointment) -> bool:
	shared = one.practitioner == other.practitioner or one.patient == other.patient
	if one.name == other.name or not shared or "Cancelled" in (one.status, other.status):
		return False
	return one.starts_on < _end(other) and other.starts_on < _end(one)


def _end(appointment: Appointment) -> datetime:
	return appointment.starts_on + timedelta(minutes=appointment.minutes)


def _quarter_hour(now: datetime) -> datetime:
	"""The last full quarter of an hour."""
	return now.replace(minute=now.minute // 15 * 15, second=0, microsecond=0)
