"""BAA Signatory: one person who signed a BAA Record, for either party. It is read with its record, and changed by saving that."""

from typing import Any

import frappe
from frappe import _
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
	def has_permission(self, permtype: str = "read", **asked: Any) -> bool:
		"""The platform asks for the role for agreements, and not for this one."""
		if self.flags.ignore_permissions or not frappe.db.exists("BAA Record", self.parent):
			return bool(self.flags.ignore_permissions)
		return frappe.get_doc("BAA Record", self.parent).has_permission(permtype, **asked)

	def on_trash(self) -> None:
		"""The record's own save removes rows by query."""
		frappe.throw(_("A signatory is removed in the agreement, before it is sent."), frappe.PermissionError)
