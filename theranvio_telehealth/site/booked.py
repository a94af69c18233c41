"""The video appointments that are booked, as the planner wants them."""

from __future__ import annotations

from datetime import datetime, timedelta

import frappe

from theranvio_telehealth.domain.entities import RUNNING
from theranvio_telehealth.domain.zones import to_naive
from theranvio_telehealth.site import settings
from theranvio_telehealth.site.clock import SiteClock, zone


def booked(days: int, company: str = "") -> list[tuple[datetime, timedelta]]:
	"""Start and length of each visit of the coming days, by the clinic's clock."""
	now, here = SiteClock().now(), zone()
	filters = [
		["status", "in", [status.value for status in RUNNING]],
		["starts_on", "between", [to_naive(now, here), to_naive(now + timedelta(days=days), here)]],
		*([["company", "=", company]] if company else []),
	]
	rooms = frappe.get_all(
		"Appointment Room", filters=filters, fields=["starts_on", "ends_on"], order_by="starts_on, name"
	)
	return [(room.starts_on, room.ends_on - room.starts_on) for room in rooms]


def adapter() -> str:
	"""That of the provider which new rooms are given; empty: none."""
	return frappe.db.get_value("Media Provider", settings.read().default_provider, "adapter") or ""
