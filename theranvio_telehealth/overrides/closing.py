"""Patient Encounter, Therapy Session and Clinical Procedure: they close and reopen appointments without telling them. That
decides nothing about a visit; what else is found of the appointment then, nobody knows who did."""

import frappe
from frappe.model.document import Document

from theranvio_telehealth.overrides import guarded


def follow(doc: Document, method: str | None = None) -> None:
	"""Follow the document's appointment, if it has one with video."""
	appointment = doc.get("appointment")
	if appointment and has_video(appointment):
		guarded.follow(appointment, by="")


def has_video(appointment: str) -> bool:
	found = frappe.db.get_value("Patient Appointment", appointment, ["theranvio_video", "theranvio_room"])
	return any(found or ())
