"""Documents of this app: which they are, and who follows them. The platform mails a document's changes to its followers every
hour, day or week, and asks for no permission then."""

from __future__ import annotations

from typing import Any

import frappe

from theranvio_telehealth import MODULE

FOLLOW = "Document Follow"


def is_ours(doctype: str | None) -> bool:
	return bool(doctype) and frappe.db.get_value("DocType", doctype, "module", cache=True) == MODULE


def is_report_on_ours(report: str | None) -> bool:
	"""Whether it reads documents of this app, by the report's own DocType."""
	return bool(report) and is_ours(frappe.db.get_value("Report", report, "ref_doctype", cache=True))


def drop_unreadable_follows() -> None:
	"""Delete the follows of users who may not read the document any more, or who are disabled."""
	ours = frappe.get_all("DocType", filters={"module": MODULE}, pluck="name", order_by="name")
	follows = frappe.get_all(
		FOLLOW,
		filters={"ref_doctype": ("in", ours)},
		fields=["name", "user", "ref_doctype", "ref_docname"],
		order_by="name",
	)
	for follow in follows:
		if not _may_read(follow):
			frappe.db.delete(FOLLOW, {"name": follow.name})


def _may_read(follow: Any) -> bool:
	return bool(
		frappe.db.get_value("User", follow.user, "enabled")
		and frappe.db.exists(follow.ref_doctype, follow.ref_docname)
		and frappe.has_permission(follow.ref_doctype, "read", follow.ref_docname, user=follow.user)
	)
