"""Patient Appointment: what the app does when the host saves, changes or deletes one. Rules are in `services/booking.py`."""

from typing import Any

import frappe
from frappe import _
from frappe.model.document import Document

from theranvio_telehealth.overrides import guarded
from theranvio_telehealth.providers.external_link import is_https
from theranvio_telehealth.site import appointments

#: What a room is made of. Anything else about an appointment leaves its room alone.
FOLLOWED = (
	"theranvio_video",
	"theranvio_fallback_url",
	"theranvio_room",
	"theranvio_status",
	"appointment_date",
	"appointment_time",
	"duration",
	"status",
	"company",
	"practitioner",
	"patient",
	"event",
)


def validate(doc: Document, method: str | None = None) -> None:
	_take_default(doc)
	_check_fallback(doc)


def follow(doc: Document, method: str | None = None) -> None:
	"""Runs at every `on_change`: without video it costs nothing. While an appointment is being inserted the host
	changes it once more for its calendar event; the room is made when that is done."""
	if not _has_video(doc) or (doc.is_new() and not doc.flags.in_insert):
		return
	if doc.flags.theranvio_followed == _followed(doc):
		return
	doc.update(guarded.follow(doc.name))
	doc.flags.theranvio_followed = _followed(doc)


def deleted(doc: Document, method: str | None = None) -> None:
	"""The host leaves the calendar event behind."""
	if not _has_video(doc):
		return
	guarded.gone(doc.name)
	if doc.event:
		appointments.unlink(doc.event)


def _has_video(doc: Document) -> bool:
	return bool(doc.get("theranvio_video") or doc.get("theranvio_room"))


def _followed(doc: Document) -> list[Any]:
	return [str(doc.get(field) or "") for field in FOLLOWED]


def _take_default(doc: Document) -> None:
	"""Who books without seeing the box, as clients do in the portal's form, gets what the appointment's type says."""
	if doc.theranvio_video or not doc.is_new() or not doc.appointment_type or _sees_the_box():
		return
	doc.theranvio_video = frappe.get_cached_value("Appointment Type", doc.appointment_type, "theranvio_video")


def _sees_the_box() -> bool:
	return frappe.get_cached_value("User", frappe.session.user, "user_type") == "System User"


def _check_fallback(doc: Document) -> None:
	url = (doc.get("theranvio_fallback_url") or "").strip()
	if url and doc.has_value_changed("theranvio_fallback_url") and not is_https(url):
		frappe.throw(
			_(
				"The fallback link is not an https address. Enter one that begins with https://, or leave it empty."
			),
			title=_("Fallback Link"),
		)
