"""BAA Signatory: one person who signed a BAA Record, for either party. It is read with its record, and changed by saving that."""

import frappe
from frappe import _

from theranvio_telehealth.telehealth.rows import Row


class BAASignatory(Row):
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
	def on_trash(self) -> None:
		"""The record's own save removes rows by query."""
		frappe.throw(_("A signatory is removed in the agreement, before it is sent."), frappe.PermissionError)
