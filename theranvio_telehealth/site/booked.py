"""The video appointments that are booked, as the planner wants them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

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


def provider(adapter: str = "") -> dict[str, Any]:
	"""Adapter and price, by the planner's keys, of the Media Provider that new rooms are given, or of the first with that
	adapter; empty: there is none."""
	fields = ["adapter", "price_per_minute", "price_currency"]
	which = {"adapter": adapter} if adapter else settings.read().default_provider
	found = frappe.db.get_value("Media Provider", which, fields, order_by="creation, name")
	if not found:
		return {}
	name, price, currency = found
	return {"provider": name, "price": float(price or 0), "currency": currency or ""}
