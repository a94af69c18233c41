"""Appointment Room: the row behind one video appointment. Its rules are in `domain/rooms.py`; it is not edited by hand."""

import frappe
from frappe import _
from frappe.model.document import Document


class AppointmentRoom(Document):
	# begin: auto-generated types
	# This code is auto-generated. Do not modify anything in this block.

	from typing import TYPE_CHECKING

	if TYPE_CHECKING:
		from frappe.types import DF

		appointment: DF.Link
		appointment_key: DF.Data
		closes_on: DF.Datetime
		company: DF.Link
		ended_by: DF.Link | None
		ended_on: DF.Datetime | None
		ends_on: DF.Datetime
		extended_minutes: DF.Int
		fallback_active: DF.Check
		fallback_url: DF.SmallText | None
		former_visits: DF.SmallText | None
		link_version: DF.Int
		locked: DF.Check
		media_region: DF.Data | None
		opens_on: DF.Datetime
		patient: DF.Link | None
		practitioner: DF.Link | None
		provider: DF.Link | None
		revoked_by: DF.Link | None
		revoked_on: DF.Datetime | None
		revoked_reason: DF.Literal["", "Cancelled", "No Show", "Video Off", "Deleted"]
		starts_on: DF.Datetime
		status: DF.Literal["Scheduled", "Live", "Ended", "Expired", "Revoked"]

	# end: auto-generated types
	def on_trash(self) -> None:
		if not self.flags.ignore_permissions:
			frappe.throw(
				_("A room is part of the visit's record and is not deleted. Cancel the appointment instead.")
			)


def on_doctype_update() -> None:
	"""What the sweep, the portal, the appointment and the reconciliation look rooms up by."""
	for fields in (
		["status", "closes_on"],
		["status", "opens_on"],
		["patient", "starts_on"],
		["starts_on"],
	):
		frappe.db.add_index("Appointment Room", fields)
