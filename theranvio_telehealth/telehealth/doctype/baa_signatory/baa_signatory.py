"""BAA Signatory: one person who signed a BAA Record, for either party."""

from frappe.model.document import Document


class BAASignatory(Document):
	# begin: auto-generated types
	# This code is auto-generated. Do not modify anything in this block.

	from typing import TYPE_CHECKING

	if TYPE_CHECKING:
		from frappe.types import DF

		authority: DF.Data | None
		full_name: DF.Data
		job_title: DF.Data | None
		parent: DF.Data
		parentfield: DF.Data
		parenttype: DF.Data
		party: DF.Literal["Us", "Them"]
		signed_on: DF.Date | None
	# end: auto-generated types
	pass
