"""File: the file of an agreement that was sent does not change, stays private and stays attached to the agreement. The platform moves a file on the disk as it
validates the row, so this comes before."""

import posixpath
from urllib.parse import unquote

import frappe
from frappe import _
from frappe.core.doctype.file.utils import get_content_hash
from frappe.model.document import Document

from theranvio_telehealth.compat import NO_OBJECTION
from theranvio_telehealth.site.documents import is_report_on_ours
from theranvio_telehealth.site.log import discreet

AGREEMENT = "BAA Record"
ATTACHED = ("agreement_file", "return_certificate")
#: What the results of reports are attached to.
STORED_BY = ("Prepared Report", "Report")
#: Where the platform puts what was exported in the background.
EXPORTS = "Home/Exported Reports"
#: What may not change: where its bytes are, who may read them, and what keeps the platform from deleting it.
FIXED_FIELDS = ("file_url", "is_private", "content_hash", "attached_to_doctype", "attached_to_name")


def before_validate(doc: Document, method: str | None = None) -> None:
	if doc.is_new() and doc.attached_to_doctype == "Report" and _is_export(doc):
		# every user of the desk may read the files of a report; under no report's name it is its owner's only
		doc.attached_to_name = frappe.generate_hash(length=20)
	before = doc.get_doc_before_save()
	if _takes_anothers(doc, before):
		# what is undone now must not take the agreement's bytes along
		doc.thumbnail_url = None
		doc.flags.pop("new_file", None)
		frappe.throw(_("There is no such file for you to attach."), frappe.PermissionError)
	if before is None or not any(_differs(before, doc, field) for field in FIXED_FIELDS):
		return
	# the platform looks at the file as it would be saved: attached to a document of one's own it would be one's own
	if before.attached_to_doctype == AGREEMENT and not doc.flags.ignore_permissions:
		before.check_permission("write")
	if is_fixed(before):
		frappe.throw(
			_("This file belongs to an agreement on record. It stays private, unchanged and where it is.")
		)


@discreet
def has_permission(doc: Document, ptype: str, user: str) -> bool | None:
	"""The platform deletes the bytes before it tells anyone, so the file of an agreement on record is not to be deleted. Who may do
	anything else with a file is for the platform's own hook to decide."""
	return False if ptype == "delete" and is_fixed(doc) else NO_OBJECTION


def is_fixed(file: Document) -> bool:
	"""Whether an agreement that was sent has it, or the same bytes: the platform keeps those once, and moves them for
	every row that names them."""
	urls = [file.file_url]
	if file.content_hash:
		same = {"content_hash": file.content_hash}
		urls += frappe.get_all("File", filters=same, pluck="file_url", order_by="name")
	return any(
		frappe.db.exists(AGREEMENT, {"agreement_file": ("in", urls), **reached})
		for reached in ({"sent_on": ("is", "set")}, {"docstatus": ("!=", 0)}, {"state": ("!=", "Draft")})
	)


def _takes_anothers(doc: Document, before: Document | None) -> bool:
	"""The owner of a row may read its file, and the platform deletes the file that a row's thumbnail names."""
	if _agreements_with(doc.thumbnail_url):
		return True
	if _was_uploaded(doc) or not (before is None or _differs(before, doc, "file_url")):
		return False
	return _is_anothers_report(doc) or not all(
		frappe.has_permission(AGREEMENT, "read", doc=name) for name in _agreements_with(doc.file_url)
	)


def _is_export(doc: Document) -> bool:
	"""Of a list, too, which may be of our documents."""
	return doc.folder == EXPORTS or is_report_on_ours(doc.attached_to_name)


def _is_anothers_report(doc: Document) -> bool:
	"""The platform names stored results by report and time, which can be guessed."""
	name = _name_in(doc.file_url)
	if not name:
		return False
	stored = [
		["file_url", "like", f"%{name}"],
		["attached_to_doctype", "in", STORED_BY],
		["name", "!=", doc.name or ""],
	]
	found = frappe.get_all("File", filters=stored, fields=["file_url", "owner"], order_by="name")
	return any(row.owner != frappe.session.user and _name_in(row.file_url) == name for row in found)


def _agreements_with(url: str | None) -> list[str]:
	"""By the file's own name, as the platform deletes it: all private files are in one folder."""
	name = _name_in(url)
	if not name:
		return []
	found = frappe.get_all(
		AGREEMENT,
		or_filters=[[field, "like", f"%{name}"] for field in ATTACHED],
		fields=["name", *ATTACHED],
		order_by="name",
	)
	return [
		row.name for row in found if name in {(row[field] or "").rpartition("/")[2] for field in ATTACHED}
	]


def _name_in(url: str | None) -> str:
	"""The name of the private file, however its address is written; empty for a public one."""
	path = posixpath.normpath(unquote(url or "")).strip("/")
	return "" if path.startswith("files/") or path == "." else path.rpartition("/")[2]


def _was_uploaded(doc: Document) -> bool:
	"""Who brings the bytes has them: the platform keeps equal ones once."""
	brought: bytes = getattr(frappe.local, "uploaded_file", None) or b""
	return bool(brought) and get_content_hash(brought) == doc.content_hash


def _differs(before: Document, after: Document, field: str) -> bool:
	return str(before.get(field) or "") != str(after.get(field) or "")
