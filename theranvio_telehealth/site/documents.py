"""Followers of our documents. The platform mails them its changes every hour, day or week, and asks for no permission then."""

from __future__ import annotations

from typing import Any

import frappe

MODULE = "Telehealth"
FOLLOW = "Document Follow"


def drop_unreadable() -> None:
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
