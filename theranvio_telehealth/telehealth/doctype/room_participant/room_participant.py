"""Room Participant: one person in one room. Its rules are in `domain/admission.py`; it is not edited by hand."""

import frappe
from frappe import _
from frappe.model.document import Document


class RoomParticipant(Document):
	# begin: auto-generated types
	# This code is auto-generated. Do not modify anything in this block.

	from typing import TYPE_CHECKING

	if TYPE_CHECKING:
		from frappe.types import DF

		admitted_by: DF.Link | None
		admitted_on: DF.Datetime | None
		display_name: DF.Data | None
		left_on: DF.Datetime | None
		role: DF.Literal["", "Host", "Client", "Guardian", "Interpreter", "Guest"]
		room: DF.Link
		stand_in: DF.Check
		state: DF.Literal["Invited", "Waiting", "Admitted", "Declined", "Left", "Removed"]
		stay_seen_on: DF.Datetime | None
		stay_started_on: DF.Datetime | None
		user: DF.Link | None
		waiting_since: DF.Datetime | None

	# end: auto-generated types
	def before_validate(self) -> None:
		"""No account is NULL: the unique index lets a room have many participants without one."""
		self.user = self.user or None

	def on_trash(self) -> None:
		if not self.flags.ignore_permissions:
			frappe.throw(_("A participant is part of the visit's record and is not deleted."))


def on_doctype_update() -> None:
	"""One row per user and room, and what the sweep looks participants up by."""
	frappe.db.add_unique("Room Participant", ["room", "user"])
	for fields in (["stay_started_on", "stay_seen_on"], ["held_seconds"]):
		frappe.db.add_index("Room Participant", fields)
