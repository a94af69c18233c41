"""In place of platform functions that check no permission, or only a role and not the document. For our DocTypes, and
for the appointment with its fields of ours, the reader's own lists decide."""

import json
from collections import Counter
from typing import Any

import frappe
from frappe import _, client
from frappe.desk import listview
from frappe.workflow.doctype.workflow import workflow
from healthcare.healthcare import utils as healthcare

from theranvio_telehealth.custom_fields import MODULE
from theranvio_telehealth.site.log import discreet

APPOINTMENT = "Patient Appointment"


@frappe.whitelist(methods=["GET", "POST"])
@discreet
def get_group_by_count(doctype: str, current_filters: str, field: str) -> list[dict[str, Any]]:
	"""To whom the rows that fit are assigned: the platform checks no permission for it, and takes filters on any field, so that a
	login with a task of its own on a room could guess the room's secrets letter by letter."""
	if field == "assigned_to" and _is_guarded(doctype):
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
	if not _is_guarded(doctype):
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
	if _is_guarded(doctype):
		frappe.has_permission(doctype, "read", throw=True)
		frappe.get_doc(doctype, docname).check_permission("read")
	return healthcare.render_doc_as_html(doctype, docname, exclude_fields)  # type: ignore[no-any-return]


@frappe.whitelist(methods=["GET", "POST"])
@discreet
def get_password(doctype: str, name: str, fieldname: str) -> str | None:
	"""The platform decrypts any field for a System Manager, without a check of the document."""
	frappe.only_for("System Manager")
	if _is_guarded(doctype):
		frappe.throw(_("What is kept here is entered, and not read."), frappe.PermissionError)
	return client.get_password(doctype, name, fieldname)


def _is_guarded(doctype: str) -> bool:
	return doctype == APPOINTMENT or frappe.get_meta(doctype).module == MODULE
