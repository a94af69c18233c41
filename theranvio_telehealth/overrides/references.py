"""Rows of the platform that refer to a document of ours: made only by users who may read that document, and files attached
only by those who may change it. The platform checks the row alone, and mails the changes of a document to its followers."""

from typing import Any

import frappe
from frappe import _
from frappe.desk import like
from frappe.model.document import Document

from theranvio_telehealth.custom_fields import MODULE
from theranvio_telehealth.site.log import discreet

#: The fields that name the other document, by DocType.
FIELDS = {
	"Comment": ("reference_doctype", "reference_name"),
	"Communication": ("reference_doctype", "reference_name"),
	"Document Follow": ("ref_doctype", "ref_docname"),
	"File": ("attached_to_doctype", "attached_to_name"),
	"Tag Link": ("document_type", "document_name"),
	"ToDo": ("reference_type", "reference_name"),
}


def before_validate(doc: Document, method: str | None = None) -> None:
	"""What the platform writes by itself along with another act, for example a comment when a task is closed, ignores permissions."""
	if doc.flags.ignore_permissions:
		return
	fields = FIELDS[doc.doctype]
	if doc.is_new() or any(doc.has_value_changed(field) for field in fields):
		_require(*(doc.get(field) for field in fields), "write" if doc.doctype == "File" else "read")


@frappe.whitelist(methods=["GET", "POST"])
@discreet
def toggle_like(doctype: str, name: str | int, add: str | bool = False) -> Any:
	_require(doctype, name, "read")
	return like.toggle_like(doctype, name, add)


def _require(doctype: str | None, name: str | int | None, permission: str) -> None:
	if not doctype or not name or frappe.db.get_value("DocType", doctype, "module", cache=True) != MODULE:
		return
	if frappe.db.exists(doctype, name) and not frappe.has_permission(doctype, permission, str(name)):
		frappe.throw(_("There is no such document for you to refer to."), frappe.PermissionError)
