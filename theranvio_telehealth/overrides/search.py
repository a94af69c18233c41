"""In place of the platform's `search_widget` for our DocTypes, which skips permissions if the request asks for it, and
of its `get_count`, which asks for none."""

from typing import Any

import frappe
from frappe import client

from theranvio_telehealth.site.log import discreet

MOST = 50


@frappe.whitelist(methods=["GET", "POST"])
@discreet
def search(
	doctype: str,
	txt: str,
	searchfield: str,
	start: int,
	page_length: int,
	filters: list[Any] | dict[str, Any] | None,
	as_dict: bool = False,
	reference_doctype: str | None = None,
	ignore_user_permissions: bool = False,
) -> list[Any]:
	"""Names, and titles, of what the user's own lists show. `filters` are a list's own; what else is asked for is not done."""
	frappe.only_for("Desk User")
	if not (frappe.has_permission(doctype, "read") or frappe.has_permission(doctype, "select")):
		return []  # the platform makes a page of «not found» of an error that says so
	meta = frappe.get_meta(doctype)
	shown = list(dict.fromkeys(["name", *filter(None, [meta.title_field]), *meta.get_search_fields()]))
	return frappe.get_list(
		doctype,
		fields=shown,
		filters=filters,
		or_filters=[[doctype, field, "like", f"%{txt}%"] for field in shown] if txt else None,
		limit_start=start,
		limit_page_length=min(int(page_length or MOST), MOST),
		order_by="modified desc",
		as_list=not as_dict,
	)


@frappe.whitelist(methods=["GET", "POST"])
@discreet
def get_count(
	doctype: str,
	filters: str | list[Any] | dict[str, Any] | None = None,
	debug: bool = False,
	cache: bool = False,
) -> int:
	"""How many rows fit: of our DocTypes, of those that the user's own lists show. Raises `frappe.PermissionError`."""
	if frappe.get_meta(doctype).module == "Telehealth":
		frappe.has_permission(doctype, "read", throw=True)
		wanted = frappe.parse_json(filters)
		return len(frappe.get_list(doctype, filters=wanted, order_by="name", limit=0, pluck="name"))
	return client.get_count(doctype, filters, debug, cache)
