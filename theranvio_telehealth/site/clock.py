"""Now, and the clinic's zone: System Settings' time zone, in which the platform keeps every time without saying so.

How an instant is stored in such a column without losing the hour that happens twice is in `domain/zones.py`."""

from __future__ import annotations

from datetime import date, datetime, timezone

import frappe

from theranvio_telehealth.domain import zones

HOST_DEFAULT_ZONE = "Asia/Kolkata"


def zone() -> str:
	return frappe.get_system_settings("time_zone") or HOST_DEFAULT_ZONE


class SiteClock:
	def now(self) -> datetime:
		now = datetime.now(timezone.utc)
		return now.replace(microsecond=now.microsecond // 1000 * 1000)

	def today(self) -> date:
		return zones.day(self.now(), zone())
