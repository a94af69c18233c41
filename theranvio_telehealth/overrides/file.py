"""File: the file of an agreement that was sent stays what it is, and private. The platform moves a file on the disk as it
validates the row, so this comes before."""

import frappe
from frappe import _
from frappe.model.document import Document

from theranvio_telehealth.site.log import discreet

AGREEMENT = "BAA Record"
#: What may not change: where its bytes are, who may read them, and what keeps the platform from deleting it.
KEPT = ("file_url", "is_private", "content_hash", "attached_to_doctype", "attached_to_name")


def before_validate(doc: Document, method: str | None = None) -> None:
	before = doc.get_doc_before_save()
	if before is None or not any(_differs(before, doc, field) for field in KEPT):
		return
	if is_kept(before):
		frappe.throw(
			_("This file belongs to an agreement on record. It stays private, unchanged and where it is.")
		)


@discreet
def has_permission(doc: Document, ptype: str, user: str) -> bool:
	"""The platform deletes the bytes before it tells anyone, so the file of an agreement on record is not to be deleted."""
	return ptype != "delete" or not is_kept(doc)


def is_kept(file: Document) -> bool:
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


def _differs(before: Document, after: Document, field: str) -> bool:
	return str(before.get(field) or "") != str(after.get(field) or "")
