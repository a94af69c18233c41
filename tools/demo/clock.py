"""The demo clinic's clock and calendar: this machine's own. Everything stored is UTC."""

from __future__ import annotations

from datetime import date, datetime, time, timezone


def local(instant: datetime) -> datetime:
	"""The same instant as the clinic's wall clock and calendar show it."""
	return instant.astimezone()


def local_day(instant: datetime) -> date:
	"""The calendar day an instant falls on where the clinic is."""
	return local(instant).date()


def from_local(day: date, at: time) -> datetime:
	"""The instant at which the clinic's wall clock shows that day and time."""
	return datetime.combine(day, at).astimezone(timezone.utc)


class SystemClock:
	def now(self) -> datetime:
		now = datetime.now(timezone.utc)
		return now.replace(microsecond=now.microsecond // 1000 * 1000)

	def today(self) -> date:
		return local_day(self.now())
