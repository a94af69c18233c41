"""Who may see which of our documents in lists and one by one. Who may enter a visit is decided in `services`.

A room, its participants and its usage are seen by users who may read the platform's appointment, and by no user once that
appointment is gone (its name may be another's by now): the office has the report *Room Audit*. What only a provider needs
is in DocTypes that no role may read (`CLOSED` in `site/store.py`): docs/adr/0015."""

from typing import Any

import frappe
from frappe.core.doctype.user_permission.user_permission import get_user_permissions

from theranvio_telehealth import MODULE
from theranvio_telehealth.compat import NO_OBJECTION, readable_names
from theranvio_telehealth.site.appointments import KEY
from theranvio_telehealth.site.documents import is_ours, is_report_on_ours
from theranvio_telehealth.site.log import discreet
from theranvio_telehealth.site.store import RECORDED

EVERYTHING, NOTHING = "1 = 1", "1 = 0"
OUR_DOCTYPES = f"select name from `tabDocType` where module = '{MODULE}'"
#: DocTypes with a history that people may read: Versions and comments.
WITH_HISTORY = (*RECORDED, "Usage Allowance", "Allowance Plan", "BAA Record", "Media Provider")
READING = {None, "read", "select", "print", "report", "export", "email"}

#: The room's appointment is still the one it was made for.
HAS_APPOINTMENT = f"""exists (select 1 from `tabPatient Appointment` a
	where a.name = `tabAppointment Room`.appointment and `tabAppointment Room`.appointment_key = {KEY})"""


@discreet
def room_condition(user: str | None = None) -> str:
	user = user or frappe.session.user
	if user == "Administrator":
		return EVERYTHING
	appointments = readable_names("Patient Appointment", user)
	if not appointments:
		return NOTHING
	return f"(`tabAppointment Room`.appointment in ({appointments}) and {HAS_APPOINTMENT})"


@discreet
def in_room_condition(user: str | None = None, doctype: str = "Room Participant") -> str:
	rooms = readable_names("Appointment Room", user or frappe.session.user)
	return f"`tab{doctype}`.room in ({rooms})" if rooms else NOTHING


@discreet
def entry_condition(user: str | None = None) -> str:
	"""Stays by their room; time that was given to an allowance, by that."""
	user = user or frappe.session.user
	of_rooms = in_room_condition(user, "Usage Entry")
	allowances = readable_names("Usage Allowance", user)
	if not allowances:
		return str(of_rooms)
	of = "`tabUsage Entry`"
	return f"({of_rooms} or ({of}.room is null and {of}.allowance in ({allowances})))"


@discreet
def closed_condition(user: str | None = None) -> str:
	return EVERYTHING if (user or frappe.session.user) == "Administrator" else NOTHING


@discreet
def version_condition(user: str | None = None) -> str:
	"""The platform shows all Versions to a System Manager, who may not read every document for that."""
	return _about_readable("Version", "ref_doctype", "docname", user)


@discreet
def comment_condition(user: str | None = None) -> str:
	return _about_readable("Comment", "reference_doctype", "reference_name", user)


def _about_readable(doctype: str, about: str, name: str, user: str | None) -> str:
	"""Of the rows about documents of ours, those whose document the user may read."""
	user = user or frappe.session.user
	if user == "Administrator":
		return EVERYTHING
	of = f"`tab{doctype}`.{about}"
	readable = [(each, readable_names(each, user)) for each in WITH_HISTORY]
	seen = [f"({of} = '{each}' and `tab{doctype}`.{name} in ({names}))" for each, names in readable if names]
	others = f"ifnull({of}, '') not in ({', '.join(repr(each) for each in WITH_HISTORY)})"
	return f"({' or '.join([others, *seen])})"


@discreet
def deleted_condition(user: str | None = None) -> str:
	"""No rule knows whose a document was that is gone: those who are restricted to companies see none of ours."""
	user = user or frappe.session.user
	if not _is_restricted(user):
		return EVERYTHING
	return f"`tabDeleted Document`.deleted_doctype not in ({OUR_DOCTYPES})"


@discreet
def office_condition(user: str | None = None, doctype: str = "BAA Record") -> str:
	return EVERYTHING if _has_role_for(doctype, "read", user or frappe.session.user) else NOTHING


@discreet
def signatory_condition(user: str | None = None) -> str:
	return _rows_of("BAA Record", "BAA Signatory", user)


@discreet
def recipient_condition(user: str | None = None) -> str:
	return _rows_of("Allowance Plan", "Allowance Recipient", user)


def _rows_of(parent: str, doctype: str, user: str | None) -> str:
	"""Rows of a table have no company of their own, and the platform shows them to every user with the role for the record."""
	records = readable_names(parent, user or frappe.session.user)
	return f"`tab{doctype}`.parent in ({records})" if records else NOTHING


@discreet
def file_condition(user: str | None = None) -> str:
	"""The platform lists the files of all documents of a DocType to every user with the role for it. A report that was exported in the
	background is attached to no report that there is (`overrides/file.py`), and listed for the user who exported it."""
	user = user or frappe.session.user
	if user == "Administrator":
		return EVERYTHING
	records = readable_names("BAA Record", user)
	own = f" or `tabFile`.attached_to_name in ({records})" if records else ""
	exported = f"`tabFile`.owner = {frappe.db.escape(user)} or `tabFile`.attached_to_name in (select name from `tabReport`)"
	prepared = f"`tabFile`.attached_to_name in (select name from `tabPrepared Report` where {prepared_report_condition(user)})"
	return f"""(ifnull(`tabFile`.attached_to_doctype, '') <> 'BAA Record'{own})
		and (ifnull(`tabFile`.attached_to_doctype, '') <> 'Report' or {exported})
		and (ifnull(`tabFile`.attached_to_doctype, '') <> 'Prepared Report' or {prepared})"""


@discreet
def follow_condition(user: str | None = None) -> str:
	"""The platform shows every user of the desk who follows which document. Of ours, a user sees the own follows."""
	return _own_of_ours("Document Follow", "ref_doctype", OUR_DOCTYPES, "user", user)


@discreet
def has_follow_permission(doc: Any, ptype: str | None = None, user: str | None = None) -> bool | None:
	"""A new one is looked at in `overrides/references.py`: an assignment makes its assignee a follower."""
	user = user or frappe.session.user
	if user == "Administrator" or ptype == "create" or doc.user == user:
		return NO_OBJECTION
	return False if is_ours(doc.ref_doctype) else NO_OBJECTION


@discreet
def prepared_report_condition(user: str | None = None) -> str:
	"""The platform shows a stored result to every user who may run the report, who may see other companies' rows in it."""
	reports = f"select name from `tabReport` where ref_doctype in ({OUR_DOCTYPES})"
	return _own_of_ours("Prepared Report", "report_name", reports, "owner", user)


@discreet
def has_prepared_report_permission(doc: Any, user: str | None = None) -> bool | None:
	user = user or frappe.session.user
	if user in ("Administrator", doc.owner):
		return NO_OBJECTION
	return False if is_report_on_ours(doc.report_name) else NO_OBJECTION


def _own_of_ours(doctype: str, reference: str, ours: str, owner: str, user: str | None) -> str:
	"""Of the rows that refer to one of `ours`, which is a subquery, a user sees the own ones."""
	user = user or frappe.session.user
	if user == "Administrator":
		return EVERYTHING
	return (
		f"(`tab{doctype}`.{reference} not in ({ours}) or `tab{doctype}`.{owner} = {frappe.db.escape(user)})"
	)


@discreet
def has_room_permission(doc: Any, user: str | None = None) -> bool:
	user = user or frappe.session.user
	if user == "Administrator":
		return True
	if not frappe.db.sql(
		f"select 1 from `tabAppointment Room` where name = %s and {HAS_APPOINTMENT}", (doc.name,)
	):
		return False
	return bool(frappe.has_permission("Patient Appointment", "read", doc=doc.appointment, user=user))


@discreet
def has_in_room_permission(doc: Any, user: str | None = None) -> bool:
	if not frappe.db.exists("Appointment Room", doc.room):
		return False
	return bool(frappe.has_permission("Appointment Room", "read", doc=doc.room, user=user))


@discreet
def has_entry_permission(doc: Any, user: str | None = None) -> bool:
	if doc.room:
		return bool(has_in_room_permission(doc, user))
	return bool(
		frappe.db.exists("Usage Allowance", doc.allowance)
		and frappe.has_permission("Usage Allowance", "read", doc=doc.allowance, user=user)
	)


@discreet
def has_closed_permission(doc: Any, user: str | None = None) -> bool:
	return (user or frappe.session.user) == "Administrator"


@discreet
def has_version_permission(doc: Any, ptype: str | None = None, user: str | None = None) -> bool | None:
	return _is_about_readable(doc.ref_doctype, doc.docname, user)


@discreet
def has_comment_permission(doc: Any, ptype: str | None = None, user: str | None = None) -> bool | None:
	return _is_about_readable(doc.reference_doctype, doc.reference_name, user)


def _is_about_readable(doctype: str | None, name: str | None, user: str | None) -> bool | None:
	if doctype not in WITH_HISTORY:
		return NO_OBJECTION
	if not frappe.db.exists(doctype, name):
		return False
	return NO_OBJECTION if frappe.has_permission(doctype, "read", doc=name, user=user) else False


@discreet
def has_deleted_permission(doc: Any, ptype: str | None = None, user: str | None = None) -> bool | None:
	user = user or frappe.session.user
	return False if is_ours(doc.deleted_doctype) and _is_restricted(user) else NO_OBJECTION


@discreet
def has_office_permission(doc: Any, ptype: str | None = None, user: str | None = None) -> bool:
	"""What has no company is the whole site's: who is restricted to companies reads it, and changes nothing of it."""
	user = user or frappe.session.user
	if not _has_role_for(doc.doctype, ptype or "read", user):
		return False
	if ptype in READING:
		return True
	return (bool(doc.get("company")) or _is_for_the_site(user)) and _was_permitted(doc, ptype, user)


def _was_permitted(doc: Any, ptype: str | None, user: str) -> bool:
	"""The platform looks at a document as it would be saved: a change of its company would make it one's own."""
	if doc.is_new() or not frappe.db.exists(doc.doctype, doc.name):
		return True
	before = frappe.get_doc(doc.doctype, doc.name)
	changed = any(
		before.get(link.fieldname) != doc.get(link.fieldname) for link in doc.meta.get_link_fields()
	)
	return not changed or before.has_permission(ptype or "read", user=user)


def _is_for_the_site(user: str) -> bool:
	return not _is_restricted(user) or "System Manager" in frappe.get_roles(user)


def _is_restricted(user: str) -> bool:
	"""To some companies, for whichever documents."""
	return user != "Administrator" and bool(get_user_permissions(user).get("Company"))


@discreet
def has_desk() -> bool:
	"""Whether the app's workspace has anything for the user."""
	return any(frappe.has_permission(doctype, "read") for doctype in ("Appointment Room", "Usage Allowance"))


def _has_role_for(doctype: str, ptype: str, user: str) -> bool:
	return bool(frappe.permissions.get_role_permissions(doctype, user=user).get(ptype))
