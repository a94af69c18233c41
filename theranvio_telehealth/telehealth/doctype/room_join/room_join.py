"""Room Join: one attendee that a media provider made for a participant. Stored for good, so that the provider's late events find them."""

import frappe
from frappe.model.document import Document


class RoomJoin(Document):
	# begin: auto-generated types
	# This code is auto-generated. Do not modify anything in this block.

	from typing import TYPE_CHECKING

	if TYPE_CHECKING:
		from frappe.types import DF

		attendee_id: DF.Data
		heartbeat_spans: DF.SmallText | None
		meeting_id: DF.Data
		credentials_revoked_on: DF.Datetime | None
		participant: DF.Link
		provider: DF.Link
		room: DF.Link
	# end: auto-generated types
	pass


def on_doctype_update() -> None:
	"""Joins whose credentials are not destroyed are few."""
	frappe.db.add_index("Room Join", ["credentials_revoked_on"])
