"""Patient Appointment: what the app does when the platform saves, changes or deletes one. Rules are in `services/booking.py`."""

import frappe
from frappe import _
from frappe.model.document import Document

from theranvio_telehealth.domain.addresses import is_https, tidy
from theranvio_telehealth.overrides import after_save
from theranvio_telehealth.site.log import discreet


def before_insert(doc: Document, method: str | None = None) -> None:
	"""Before anything looks at the box: what was sent, or what the appointment's type says."""
	after_save.harmless(_take_default)(doc)


@discreet
def validate(doc: Document, method: str | None = None) -> None:
	_check_fallback(doc)


@after_save.harmless
def on_change(doc: Document, method: str | None = None) -> None:
	"""Runs at every `on_change`: without video it costs nothing."""
	before = doc.get_doc_before_save()
	if _has_video(doc) or (before and _has_video(before)):
		after_save.schedule_sync(doc.name, doc)


@after_save.harmless
def on_related_change(doc: Document, method: str | None = None) -> None:
	"""Patient Encounter, Therapy Session and Clinical Procedure close and reopen their appointment without its events. That
	decides nothing about a visit; who made any other change found then is unknown."""
	if appointment := doc.get("appointment"):
		after_save.schedule_sync(appointment, by="")


@after_save.harmless
def after_delete(doc: Document, method: str | None = None) -> None:
	"""The platform leaves the calendar event behind."""
	if not _has_video(doc):
		return
	if doc.event:
		after_save.unlink(doc.event)
	after_save.schedule_sync(doc.name, doc)


def _has_video(doc: Document) -> bool:
	return bool(doc.get("theranvio_video") or doc.get("theranvio_room"))


def _take_default(doc: Document) -> None:
	"""A booking without the box gets the default of the appointment's type. Only the desk's form shows the box, so only
	there a zero is an answer: everywhere else Frappe makes a zero of what was not sent, imports included."""
	if not doc.theranvio_video and doc.appointment_type and not _is_of_the_desks_form(doc):
		doc.theranvio_video = frappe.get_cached_value(
			"Appointment Type", doc.appointment_type, "theranvio_video"
		)


def _is_of_the_desks_form(doc: Document) -> bool:
	"""Its save gives the document the name under which the form knows it."""
	return bool(doc.get("localname"))


def _check_fallback(doc: Document) -> None:
	"""A bad one that is there already, from before or from outside of any form, goes: it must not stand in the way."""
	url = tidy(doc.get("theranvio_fallback_url"))
	if url and not is_https(url):
		if not doc.has_value_changed("theranvio_fallback_url"):
			url = ""
		else:
			_refuse_fallback()
	doc.theranvio_fallback_url = url or None


def _refuse_fallback() -> None:
	frappe.throw(
		_(
			"The fallback link is not an https address without blanks, quotes or a user name. Enter one that begins with "
			"https://, or leave it empty."
		),
		title=_("Fallback Link"),
	)
