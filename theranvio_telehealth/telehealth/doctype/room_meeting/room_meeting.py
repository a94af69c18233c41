"""Room Meeting: the provider's meeting behind a room, under the room's name. No role may read it: docs/adr/0015."""

import frappe
from frappe.model.document import Document


class RoomMeeting(Document):
	# begin: auto-generated types
	# This code is auto-generated. Do not modify anything in this block.

	from typing import TYPE_CHECKING

	if TYPE_CHECKING:
		from frappe.types import DF

		former_meetings: DF.SmallText | None
		meeting_details: DF.LongText | None
		meeting_id: DF.Data | None
		meeting_token: DF.Data | None
	# end: auto-generated types
	pass


def on_doctype_update() -> None:
	"""What the sweep looks for."""
	frappe.db.add_index("Room Meeting", ["former_meetings(8)"])
