"""In place of platform functions that check no permission, or only a role and not the document. For our DocTypes, and
for the appointment with its fields of ours, the reader's own lists decide."""

import json
from collections import Counter
from typing import Any

import frappe
from frappe import _, client, share
from frappe.desk import listview
from frappe.desk.form import document_follow
from frappe.desk.form import utils as form
from frappe.workflow.doctype.workflow import workflow
from healthcare.healthcare import utils as healthcare

from theranvio_telehealth import MODULE
from theranvio_telehealth.site.log import discreet

APPOINTMENT = "Patient Appointment"


@frappe.whitelist(methods=["GET", "POST"])
@discreet
def get_group_by_count(doctype: str, current_filters: str, field: str) -> list[dict[str, Any]]:
	"""To whom the rows that fit are assigned: the platform checks no permission for it, and takes filters on any field, so that a
	login with a task of its own on a room could guess the room's secrets letter by letter."""
	if field == "assigned_to" and is_guarded(doctype):
		frappe.has_permission(doctype, "read", throw=True)
		fit = frappe.get_list(
			doctype, filters=frappe.parse_json(current_filters), pluck="name", order_by="name", limit=0
		)
		current_filters = json.dumps({"name": ["in", fit or [""]]})
	return listview.get_group_by_count(doctype, current_filters, field)


@frappe.whitelist(methods=["GET", "POST"])
@discreet
def get_workflow_state_count(
	doctype: str, workflow_state_field: str, states: str | list[str]
) -> list[dict[str, Any]] | None:
	"""The values of a column, and how many rows have each: the platform tells those of all rows."""
	frappe.has_permission(doctype, "read", throw=True)
	if not is_guarded(doctype):
		return workflow.get_workflow_state_count(doctype, workflow_state_field, states)
	if workflow_state_field not in frappe.get_meta(doctype).get_valid_columns():
		return None
	values = frappe.get_list(
		doctype,
		filters={workflow_state_field: ["not in", frappe.parse_json(states)]},
		pluck=workflow_state_field,
		order_by="name",
		limit=0,
	)
	return [{workflow_state_field: value, "count": rows} for value, rows in Counter(values).items() if value]


@frappe.whitelist(methods=["GET", "POST"])
@discreet
def render_doc_as_html(
	doctype: str, docname: str, exclude_fields: str | list[str] | None = None
) -> dict[str, str]:
	"""Any document of any DocType, to any login."""
	_require_readable(doctype, docname)
	return healthcare.render_doc_as_html(doctype, docname, exclude_fields)  # type: ignore[no-any-return]


@frappe.whitelist(methods=["GET", "POST"])
@discreet
def render_docs_as_html(docs: str | list[dict[str, str]]) -> dict[str, str] | None:
	"""The same for many: the platform calls its own `render_doc_as_html`, not the one above."""
	for doc in frappe.parse_json(docs):
		_require_readable(doc["doctype"], doc["docname"])
	return healthcare.render_docs_as_html(frappe.parse_json(docs))  # type: ignore[no-any-return]


@frappe.whitelist(methods=["GET", "POST"])
@discreet
def get_next(
	doctype: str,
	value: str | int,
	prev: str | int,
	filters: str | list[Any] | None = None,
	sort_order: str = "desc",
	sort_field: str = "modified",
) -> str | None:
	"""The row before or after one. The platform looks this one up without a permission, and by any filters: a login with rows of its
	own could guess what another row holds."""
	_require_readable(doctype, value)
	return form.get_next(doctype, value, prev, filters, sort_order, sort_field)


@frappe.whitelist(methods=["GET", "POST"])
@discreet
def get_follow_users(doctype: str, doc_name: str | int) -> list[dict[str, Any]]:
	_require_readable(doctype, doc_name)
	return document_follow.get_follow_users(doctype, doc_name)


@frappe.whitelist(methods=["GET", "POST"])
@discreet
def get_share_users(doctype: str, name: str | int) -> list[dict[str, Any]]:
	_require_readable(doctype, name)
	return share.get_users(doctype, name)


@frappe.whitelist(methods=["GET", "POST"])
@discreet
def get_password(doctype: str, name: str, fieldname: str) -> str | None:
	"""The platform decrypts any field for a System Manager, without a check of the document."""
	frappe.only_for("System Manager")
	if is_guarded(doctype):
		frappe.throw(_("What is kept here is entered, and not read."), frappe.PermissionError)
	return client.get_password(doctype, name, fieldname)


def _require_readable(doctype: str, name: str | int) -> None:
	if is_guarded(doctype):
		frappe.has_permission(doctype, "read", throw=True)
		frappe.get_doc(doctype, str(name)).check_permission("read")


def is_guarded(doctype: str) -> bool:
	return doctype == APPOINTMENT or frappe.get_meta(doctype).module == MODULE
