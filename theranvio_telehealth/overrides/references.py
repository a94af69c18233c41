"""Rows of the platform that refer to a document of ours: made only by users who may read that document, and files attached
only by those who may change it. The platform checks the row alone, and mails the changes of a document to its followers."""

from typing import Any

import frappe
from frappe import _, email
from frappe.desk import like
from frappe.model.document import Document

from theranvio_telehealth.overrides.reading import is_guarded
from theranvio_telehealth.site.documents import is_ours
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
	"""What the platform writes by itself along with another act, for example a note when a task is closed, ignores permissions. So
	do the remarks that it takes from every login for the pages of a website."""
	fields = FIELDS[doc.doctype]
	watched = (*fields, "user") if doc.doctype == "Document Follow" else fields
	by_itself = doc.flags.ignore_permissions and doc.get("comment_type") != "Comment"
	if by_itself or not (doc.is_new() or any(map(doc.has_value_changed, watched))):
		return
	doctype, name = (doc.get(field) for field in fields)
	_require(doctype, name, "write" if doc.doctype == "File" else "read")
	if doc.doctype == "Document Follow":
		_require(doctype, name, "read", doc.user)


def _require(doctype: str | None, name: str | None, needed: str, user: str | None = None) -> None:
	if not (doctype and name and is_ours(doctype) and frappe.db.exists(doctype, name)):
		return
	if not frappe.has_permission(doctype, needed, name, user=user):
		frappe.throw(_("There is no such document for you to refer to."), frappe.PermissionError)


def refuse_web_form(doc: Document, method: str | None = None) -> None:
	"""What is sent by a web form is stored with no regard to permissions, for every user who may open the form."""
	if is_ours(doc.doc_type):
		frappe.throw(_("{0} has no web form.").format(_(doc.doc_type)), frappe.PermissionError)


def refuse_report_by_another(doc: Document, method: str | None = None) -> None:
	"""An Auto Email Report reads with the rights of the user that it names, and the platform lets its maker name any, and others
	change to whom it goes."""
	if frappe.session.user in ("Administrator", doc.user):
		return
	if is_guarded(frappe.db.get_value("Report", doc.report, "ref_doctype")):
		frappe.throw(_("A report of these documents is read with your own rights: enter yourself as user."))


@frappe.whitelist(methods=["POST", "PUT"])
@discreet
def relink(name: str, reference_doctype: str | None = None, reference_name: str | None = None) -> None:
	"""The platform writes the reference by query, and asks only for a login."""
	for doctype, document in (_linked(name), (reference_doctype, reference_name)):
		_require(doctype, document, "read")
	email.relink(name, reference_doctype, reference_name)


def _linked(communication: str) -> tuple[str | None, str | None]:
	return frappe.db.get_value("Communication", communication, FIELDS["Communication"]) or (None, None)


@frappe.whitelist(methods=["GET", "POST"])
@discreet
def toggle_like(doctype: str, name: str | int, add: str | bool = False) -> Any:
	if is_ours(doctype):
		frappe.get_doc(doctype, name).check_permission("read")
	return like.toggle_like(doctype, name, add)
