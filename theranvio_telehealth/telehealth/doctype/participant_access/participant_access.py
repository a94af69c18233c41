"""Participant Access: what providers call a participant and how one is reached, under the participant's name.

No role may read it: docs/adr/0015."""

import frappe
from frappe.model.document import Document


class ParticipantAccess(Document):
	# begin: auto-generated types
	# This code is auto-generated. Do not modify anything in this block.

	from typing import TYPE_CHECKING

	if TYPE_CHECKING:
		from frappe.types import DF

		attendee_id: DF.Data | None
		contact: DF.Data | None
		link_hash: DF.Data | None
		pseudonym: DF.Data | None
		revoked_attendees: DF.SmallText | None
	# end: auto-generated types
	pass


def on_doctype_update() -> None:
	"""What the sweep looks for."""
	frappe.db.add_index("Participant Access", ["revoked_attendees(8)"])
