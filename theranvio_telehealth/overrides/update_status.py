"""In place of the platform's `update_status`, which asks only for a login and refuses to cancel to most of the staff, and of its
`set_request_status`, which asks only for a login. Each does what the platform's does, by calling it, for those who may."""

import frappe
from frappe import _
from frappe.model.document import Document
from healthcare.controllers import service_request_controller
from healthcare.healthcare.doctype.patient_appointment import patient_appointment as platform

from theranvio_telehealth.overrides import after_save
from theranvio_telehealth.overrides.reading import is_guarded
from theranvio_telehealth.site.log import discreet

APPOINTMENT = "Patient Appointment"


@frappe.whitelist(methods=["POST", "PUT"])
@discreet
def update_status(appointment_id: str, status: str) -> None:
	doc = frappe.get_doc(APPOINTMENT, appointment_id)
	doc.check_permission("write")
	_require_known(doc, status)
	if status == "Cancelled" and doc.event:
		_cancel(doc)
	else:
		platform.update_status(doc.name, status)
	after_save.harmless(after_save.schedule_sync)(doc.name)


@frappe.whitelist(methods=["POST", "PUT"])
@discreet
def set_request_status(doctype: str, request: str, status: str) -> None:
	"""The platform writes any text into the field «status» of any row, of rooms and appointments too: a room's status would admit
	and refuse, or be one that no rule knows."""
	if is_guarded(doctype):
		frappe.throw(_("This is no request of a practitioner."), frappe.PermissionError)
	service_request_controller.set_request_status(doctype, request, status)


def _require_known(doc: Document, status: str) -> None:
	known = doc.meta.get_field("status").options.split("\n")
	if not status or status not in known:
		frappe.throw(
			_("An appointment cannot be {0}. Choose one of: {1}.").format(
				frappe.bold(frappe.utils.escape_html(status)), ", ".join(_(word) for word in known if word)
			),
			title=_("Unknown Status"),
		)


def _cancel(doc: Document) -> None:
	"""The platform saves the calendar event with the caller's own rights to it, which only its creator has: so the event is
	out of its sight while it cancels, and cancelled by us, as the appointment's rights are what counts."""
	frappe.db.set_value(APPOINTMENT, doc.name, "event", None, update_modified=False)
	platform.update_status(doc.name, "Cancelled")
	frappe.db.set_value(APPOINTMENT, doc.name, "event", doc.event, update_modified=False)
	if frappe.db.exists("Event", doc.event):
		event = frappe.get_doc("Event", doc.event)
		event.status = "Cancelled"
		event.save(ignore_permissions=True)
