"""Who may see which of our documents in lists and one by one. Who may enter a visit is decided in `services`.

A room, its participants and its usage are seen by whoever may read the host's appointment. Where that appointment is
gone (its name may be another's by now), by the office alone, within its companies."""

from typing import Any

import frappe

from theranvio_telehealth.compat import readable_names

OFFICE = frozenset({"Telehealth Administrator", "System Manager"})
EVERYTHING, NOTHING = "1 = 1", "1 = 0"

#: The room's appointment is still the one it was made for: see `appointment_key`, made in `site/appointments.py`.
HAS_APPOINTMENT = """exists (select 1 from `tabPatient Appointment` booked
	where booked.name = `tabAppointment Room`.appointment and `tabAppointment Room`.appointment_key =
		concat(booked.name, ':', replace(trim(trailing '.000000' from booked.creation), ' ', 'T')))"""


def room_condition(user: str | None = None) -> str:
	user = user or frappe.session.user
	if user == "Administrator":
		return EVERYTHING
	seen = [f"not {HAS_APPOINTMENT}"] if _is_office(user) else []
	if appointments := readable_names("Patient Appointment", user):
		seen.append(f"(`tabAppointment Room`.appointment in ({appointments}) and {HAS_APPOINTMENT})")
	return f"({' or '.join(seen)})" if seen else NOTHING


def in_room_condition(user: str | None = None, doctype: str = "Room Participant") -> str:
	rooms = readable_names("Appointment Room", user or frappe.session.user)
	return f"`tab{doctype}`.room in ({rooms})" if rooms else NOTHING


def office_condition(user: str | None = None, doctype: str = "BAA Record") -> str:
	return EVERYTHING if _has_role_for(doctype, "read", user or frappe.session.user) else NOTHING


def has_room_permission(doc: Any, user: str | None = None) -> bool:
	user = user or frappe.session.user
	if user == "Administrator":
		return True
	if not frappe.db.sql(
		f"select 1 from `tabAppointment Room` where name = %s and {HAS_APPOINTMENT}", (doc.name,)
	):
		return _is_office(user)
	return bool(frappe.has_permission("Patient Appointment", "read", doc=doc.appointment, user=user))


def has_in_room_permission(doc: Any, user: str | None = None) -> bool:
	if not frappe.db.exists("Appointment Room", doc.room):
		return _is_office(user or frappe.session.user)
	return bool(frappe.has_permission("Appointment Room", "read", doc=doc.room, user=user))


def has_office_permission(doc: Any, ptype: str | None = None, user: str | None = None) -> bool:
	return _has_role_for(doc.doctype, ptype or "read", user or frappe.session.user)


def has_desk() -> bool:
	"""Whether the app's workspace has anything for the user."""
	return bool(frappe.has_permission("Appointment Room", "read"))


def _has_role_for(doctype: str, ptype: str, user: str) -> bool:
	return bool(frappe.permissions.get_role_permissions(doctype, user=user).get(ptype))


def _is_office(user: str) -> bool:
	return not OFFICE.isdisjoint(frappe.get_roles(user))
