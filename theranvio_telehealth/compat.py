"""Every difference between the versions of Frappe and Healthcare the app runs on, behind one name each."""

from collections.abc import Sequence
from importlib.util import find_spec
from typing import Any

import frappe
from frappe import _
from frappe.website.utils import get_portal_sidebar_items

#: Where a client's visits are listed.
VISITS = "/video-visits"


def _has_portal() -> bool:
	try:
		return find_spec("healthcare.healthcare.api.patient_portal") is not None
	except ModuleNotFoundError:
		return False


#: Whether Healthcare has the portal of its own that knows people by `user_id` and lets them act for those whom their own
#: record names as relations. Before it, a portal user was the user with the patient's e-mail address. Versions do not tell:
#: releases of both kinds call themselves 16.
HAS_PORTAL = _has_portal()

#: What a `has_permission` hook returns where it has no objection. In Frappe 15 the last hook with an answer decides, and True
#: would overrule the platform's own hook before it; in Frappe 16 every hook has to return True.
NO_OBJECTION: bool | None = True if int(frappe.__version__.partition(".")[0]) >= 16 else None


def client_field() -> str:
	"""The Patient field that names the portal user."""
	return "user_id" if HAS_PORTAL else "email"


def relations_of(user: str) -> Sequence[str]:
	"""The patients for whom the user acts in Healthcare's portal besides their own."""
	if not HAS_PORTAL:
		return []
	return frappe.db.sql(
		"""select distinct r.patient from `tabPatient` own join `tabPatient Relation` r
			on r.parent = own.name and r.parenttype = 'Patient'
		where own.user_id = %s and own.status = 'Active' order by r.patient""",
		(user,),
		pluck=True,
	)


def readable_names(doctype: str, user: str) -> str | None:
	"""A subquery of the names of what the user may read, by the platform's own rules, to be put into a statement as the platform
	wants it from `permission_query_conditions`; None: nothing at all."""
	if not frappe.has_permission(doctype, "read", user=user):
		return None
	query = frappe.get_list(doctype, fields=["name"], user=user, order_by="name", run=False)
	return query if isinstance(query, str) else written_out(query)


def written_out(query: Any) -> str:
	"""Frappe 16's query with its values in it, for a statement that is given values: each percent sign is doubled. The
	query's own `str()` leaves backslashes as they are, which end a literal early."""
	statement, values = query.walk()
	literals = {name: _literal(value) for name, value in values.items()}
	return str((statement % literals).replace("%", "%%"))


def _literal(value: Any) -> str:
	return "null" if value is None else str(frappe.db.escape(str(value), percent=False))


def portal_menu(context: Any) -> dict[str, Any]:
	"""Hooked to `update_website_context`. Frappe 16 leaves the portal's menu out of a person's own page, which is where they
	come to after signing in: show it there as Frappe 15 does, and in the menu under their picture."""
	is_own_page = getattr(frappe.local, "path", None) == "me" and frappe.session.user != "Guest"
	if not is_own_page or context.get("show_sidebar"):
		return {}
	items = get_portal_sidebar_items()
	titles = [item["title"] for item in items if item.get("route") == VISITS]
	ours = [{"label": _(title), "url": VISITS} for title in titles]
	post_login = [*ours, *(context.get("post_login") or [])]
	return {"show_sidebar": True, "sidebar_items": items, "post_login": post_login}
