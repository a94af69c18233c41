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
	fields = FIELDS[doc.doctype]
	if doc.flags.ignore_permissions or not (doc.is_new() or any(map(doc.has_value_changed, fields))):
		return
	doctype, name = (doc.get(field) for field in fields)
	needed = "write" if doc.doctype == "File" else "read"
	if not (name and _is_ours(doctype) and frappe.db.exists(doctype, name)):
		return
	if not frappe.has_permission(doctype, needed, name):
		frappe.throw(_("There is no such document for you to refer to."), frappe.PermissionError)


@frappe.whitelist(methods=["GET", "POST"])
@discreet
def toggle_like(doctype: str, name: str | int, add: str | bool = False) -> Any:
	if _is_ours(doctype):
		frappe.get_doc(doctype, name).check_permission("read")
	return like.toggle_like(doctype, name, add)


def _is_ours(doctype: str | None) -> bool:
	return bool(doctype) and frappe.db.get_value("DocType", doctype, "module", cache=True) == MODULE
