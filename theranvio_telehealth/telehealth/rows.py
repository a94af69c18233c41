"""Rows of a table that are read with the document they are in, and changed by saving that."""

from __future__ import annotations

from typing import Any

import frappe
from frappe import _
from frappe.model.document import Document


class Row(Document):
	"""The platform asks for the role for the document, and not for this document: it takes a row that was read by itself for
	one of no document."""

	def load_from_db(self) -> Document:
		super().load_from_db()
		if frappe.db.exists(self.parenttype, self.parent):
			self.parent_doc = frappe.get_doc(self.parenttype, self.parent)
		return self

	def on_trash(self) -> None:
		"""A row that is removed with its document's save is not deleted by itself."""
		frappe.throw(_("Remove this row from {0}, and save that.").format(self.parent))

	def has_permission(self, permtype: str = "read", **asked: Any) -> bool:
		"""Of the document that it is in, and of the one that it would be moved to."""
		if self.flags.ignore_permissions:
			return True
		moved_to = (self.parenttype, self.parent)
		stored = frappe.db.get_value(self.doctype, self.name, ["parenttype", "parent"]) if self.name else None
		return all(_permits(document, permtype, asked) for document in {moved_to, stored or moved_to})


def _permits(document: tuple[str, str], permtype: str, asked: dict[str, Any]) -> bool:
	exists = frappe.db.exists(*document)
	return bool(exists and frappe.get_doc(*document).has_permission(permtype, **asked))
