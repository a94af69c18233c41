"""Every difference between the versions of Frappe and Healthcare the app runs on, behind one name each."""

import frappe
import healthcare

#: The Patient field that names the portal user.
CLIENT_FIELD = "email" if int(healthcare.__version__.partition(".")[0]) < 16 else "user_id"


def readable_names(doctype: str, user: str) -> str | None:
	"""A subquery of the names of what the user may read, by the host's own rules; None: nothing at all."""
	if not frappe.has_permission(doctype, "read", user=user):
		return None
	return str(frappe.get_list(doctype, fields=["name"], user=user, order_by="name", run=False))
