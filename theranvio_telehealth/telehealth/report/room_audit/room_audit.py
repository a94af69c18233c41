"""Room Audit: what happened in the rooms of the reader's companies and practitioners. It names no patient, no practitioner and no appointment."""

from typing import Any

import frappe
from frappe import _
from frappe.utils import add_days, getdate

from theranvio_telehealth.site.directory import permitted
from theranvio_telehealth.site.log import discreet
from theranvio_telehealth.site.usage_reports import require_reader
from theranvio_telehealth.telehealth.columns import columns

MOST = 5000
DAYS = 30
OWN_FIELDS = ("company", "status", "provider", "starts_on", "ended_on", "revoked_on")


@discreet
def execute(filters: dict[str, Any] | None = None) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
	require_reader("Room Audit")
	rooms = _rooms(frappe._dict(filters or {}))
	names = [room.room for room in rooms]
	people, minutes = _people(names), _minutes(names)
	for room in rooms:
		room["ended_by"], room["revoked_by"] = _staff(room.ended_by), _staff(room.revoked_by)
		room["people"], room["minutes"] = people.get(room.room, 0), minutes.get(room.room, 0)
	return _columns(), rooms


def _columns() -> list[dict[str, Any]]:
	described = (
		("room", _("Room"), "Data"),
		("company", _("Company"), "Data"),
		("status", _("Status"), "Data"),
		("provider", _("Media Provider"), "Data"),
		("starts_on", _("Starts On"), "Datetime"),
		("ended_on", _("Ended On"), "Datetime"),
		("ended_by", _("Ended By"), "Data"),
		("revoked_on", _("Revoked On"), "Datetime"),
		("revoked_by", _("Revoked By"), "Data"),
		("people", _("People"), "Int"),
		("minutes", _("Minutes"), "Float"),
	)
	return columns(described)


def _rooms(asked: Any) -> list[Any]:
	"""Of the last month, if no days are given."""
	until = getdate(asked.to_date)
	since = getdate(asked.from_date) if asked.from_date else add_days(until, -DAYS)
	wanted: list[Any] = [["starts_on", "between", [since, until]]]
	for field, linked in (("company", "Company"), ("practitioner", "Healthcare Practitioner")):
		for doctype in ("Appointment Room", "Usage Allowance"):
			own = permitted(frappe.session.user, linked, doctype)
			if own is not None:
				wanted.append([field, "in", own])
	if asked.company:
		wanted.append(["company", "=", asked.company])
	fields = ["name as room", *OWN_FIELDS, "ended_by", "revoked_by"]
	return frappe.get_all(
		"Appointment Room", filters=wanted, fields=fields, order_by="starts_on desc, name", limit=MOST
	)


def _people(rooms: list[str]) -> dict[str, int]:
	counted = _by_room("Room Participant", "count(name)", rooms)
	return {room: int(number) for room, number in counted.items()}


def _minutes(rooms: list[str]) -> dict[str, float]:
	counted = _by_room("Usage Entry", "sum(seconds)", rooms)
	return {room: round(float(seconds or 0) / 60, 1) for room, seconds in counted.items()}


def _by_room(doctype: str, what: str, rooms: list[str]) -> dict[str, Any]:
	found = frappe.get_all(
		doctype,
		filters={"room": ("in", rooms or [""])},
		fields=["room", f"{what} as number"],
		group_by="room",
		order_by="room",
	)
	return {row.room: row.number for row in found}


def _staff(user: str | None) -> str:
	"""Who of the staff it was. Of a client it says no more than that."""
	if not user:
		return ""
	is_staff = frappe.get_cached_value("User", user, "user_type") == "System User"
	return user if is_staff else _("A client")
