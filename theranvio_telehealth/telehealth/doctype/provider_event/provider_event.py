"""Provider Event: one thing a media provider saw happen to a meeting or one of its attendees, once. It contains no name."""

from frappe.model.document import Document


class ProviderEvent(Document):
	# begin: auto-generated types
	# This code is auto-generated. Do not modify anything in this block.

	from typing import TYPE_CHECKING

	if TYPE_CHECKING:
		from frappe.types import DF

		attendee_id: DF.Data | None
		happened_on: DF.Datetime
		key: DF.Data
		kind: DF.Literal["", "Joined", "Left", "Dropped", "Deleted", "Meeting Ended"]
		meeting_id: DF.Data
	# end: auto-generated types
	pass
