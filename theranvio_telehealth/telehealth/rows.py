"""Rows of a table that are read with the document they are in, and changed by saving that."""

from __future__ import annotations

from typing import Any

import frappe
from frappe.model.document import Document


class Row(Document):
	"""The platform asks for the role for the document, and not for this document: it takes a row that was read by itself for
	one of no document."""

	def load_from_db(self) -> Document:
		super().load_from_db()
		if frappe.db.exists(self.parenttype, self.parent):
			self.parent_doc = frappe.get_doc(self.parenttype, self.parent)
		return self

	def has_permission(self, permtype: str = "read", **asked: Any) -> bool:
		if self.flags.ignore_permissions or not frappe.db.exists(self.parenttype, self.parent):
			return bool(self.flags.ignore_permissions)
		return frappe.get_doc(self.parenttype, self.parent).has_permission(permtype, **asked)
