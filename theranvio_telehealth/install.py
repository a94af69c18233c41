"""What the app puts into the platform besides its own DocTypes, and takes out again: uninstalling leaves the platform as it was."""

import click
import frappe
from frappe.custom.doctype.custom_field.custom_field import create_custom_fields

from theranvio_telehealth import MODULE
from theranvio_telehealth.custom_fields import CUSTOM_FIELDS, INDEXES, columns, declared
from theranvio_telehealth.providers import registry
from theranvio_telehealth.site import appointments, records

APP = "theranvio_telehealth"
APP_TITLE = "Theranvio Telehealth"
ROLE = "Telehealth Administrator"
FIRST_PROVIDER = registry.FIRST.value
#: Site configuration: uninstalling may delete agreements and usage, which it has exported.
RECORDS_MAY_GO = "theranvio_records_may_go"

#: What an administrator may choose for our role; the fixture would undo it at every migrate.
ROLE_CHOICES = ("two_factor_auth", "disabled", "home_page", "desk_access")

#: Where the platform keeps notes on a document of any DocType, and the column that names it. Uninstalling drops ours.
NOTES = {
	"Assignment Rule": "document_type",
	"Comment": "reference_doctype",
	"Communication Link": "link_doctype",
	"Custom DocPerm": "parent",
	"Deleted Document": "deleted_doctype",
	"DocShare": "share_doctype",
	"Document Follow": "ref_doctype",
	"List Filter": "reference_doctype",
	"List View Settings": "name",
	"Notification Log": "document_type",
	"Property Setter": "doc_type",
	"ToDo": "reference_type",
	"User Permission": "allow",
	"Version": "ref_doctype",
	"View Log": "reference_doctype",
	"__Auth": "doctype",
	"__UserSettings": "doctype",
	"__global_search": "doctype",
}


#: What Frappe makes for the desk of every app and workspace, and which of its columns says whose it is. Frappe 16 makes
#: them, and when an app goes it takes them away without committing that.
DESK_ENTRIES = {
	"Desktop Icon": ("app", "label", "link_to"),
	"Workspace Sidebar": ("app", "title", "module"),
}
DESK_ITEMS = {"Workspace Sidebar": "Workspace Sidebar Item"}


def after_install() -> None:
	_add_custom_fields()
	_make_defaults()


def before_migrate() -> None:
	frappe.flags.theranvio_role = frappe.db.get_value("Role", ROLE, ROLE_CHOICES, as_dict=True)


def after_migrate() -> None:
	_add_custom_fields()
	if frappe.flags.theranvio_role:
		frappe.db.set_value("Role", ROLE, frappe.flags.theranvio_role, update_modified=False)
		frappe.clear_document_cache("Role", ROLE)


def before_uninstall() -> None:
	"""The platform calls this for `--dry-run` as well, where nothing may be changed."""
	if _is_dry_run():
		return
	_keep_records()
	_unlink_events()
	_remove_desk_entries()
	_remove_custom_fields()
	_remove_role()
	_remove_jobs()
	_remove_notes()


def _is_dry_run() -> bool:
	"""Only the command line knows."""
	command = click.get_current_context(silent=True)
	return bool(command and command.params.get("dry_run"))


def _keep_records() -> None:
	"""Agreements and usage are written down outside the database first, and are deleted only where the site's
	configuration says that they may be."""
	if not records.there_are_any():
		return
	folder = records.export()
	if not frappe.conf.get(RECORDS_MAY_GO):
		frappe.throw(
			f"Uninstalling deletes this site's BAA Records and Usage Entries. They were exported to {folder}. Keep that "
			f"folder for as long as the law asks for it, then allow the deletion and uninstall again: "
			f"bench --site {frappe.local.site} set-config {RECORDS_MAY_GO} 1"
		)
	print(f"BAA Records and Usage Entries were exported to {folder}.")


def _add_custom_fields() -> None:
	create_custom_fields(declared(), ignore_validate=True)
	for doctype, fields in INDEXES.items():
		frappe.db.add_index(doctype, fields)


def _make_defaults() -> None:
	"""A clinic that has chosen nothing yet can hold a visit between two browsers."""
	if not frappe.db.exists("Media Provider", FIRST_PROVIDER):
		frappe.get_doc(doctype="Media Provider", name=FIRST_PROVIDER, adapter=registry.FIRST.value).insert(
			ignore_permissions=True
		)
	settings = frappe.get_doc("Telehealth Settings")
	settings.default_provider = settings.default_provider or FIRST_PROVIDER
	settings.save(ignore_permissions=True)


def _unlink_events() -> None:
	for event in frappe.get_all(
		"Patient Appointment",
		filters={"theranvio_room": ["is", "set"], "event": ["is", "set"]},
		pluck="event",
		order_by="name",
	):
		appointments.unlink(event)


def _remove_desk_entries() -> None:
	"""Before a column is dropped, which commits."""
	ours = [
		APP,
		MODULE,
		APP_TITLE,
		*frappe.get_all("Workspace", {"module": MODULE}, pluck="name", order_by="name"),
	]
	for doctype, named in DESK_ENTRIES.items():
		if not frappe.db.table_exists(doctype, cached=False):
			continue
		there = [column for column in named if frappe.db.has_column(doctype, column)]
		or_filters = {column: ("in", ours) for column in there}
		names = frappe.get_all(doctype, or_filters=or_filters, pluck="name", order_by="name")
		if names and doctype in DESK_ITEMS:
			frappe.db.delete(DESK_ITEMS[doctype], {"parent": ("in", names)})
		frappe.db.delete(doctype, {"name": ("in", names or [""])})


def _remove_custom_fields() -> None:
	for doctype, fields in CUSTOM_FIELDS.items():
		for field in fields:
			if name := frappe.db.get_value("Custom Field", {"dt": doctype, "fieldname": field["fieldname"]}):
				frappe.delete_doc("Custom Field", name, force=True, delete_permanently=True)
		for index in (f"{'_'.join(INDEXES[doctype])}_index",) if doctype in INDEXES else ():
			frappe.db.sql_ddl(f"alter table `tab{doctype}` drop index if exists `{index}`")
		for column in columns(doctype):
			frappe.db.sql_ddl(f"alter table `tab{doctype}` drop column if exists `{column}`")
		frappe.clear_cache(doctype=doctype)


def _remove_role() -> None:
	frappe.db.delete("Has Role", {"role": ROLE})
	frappe.db.delete("Custom DocPerm", {"role": ROLE})
	frappe.delete_doc("Role", ROLE, force=True, ignore_missing=True, delete_permanently=True)


def _remove_jobs() -> None:
	for job in frappe.get_all(
		"Scheduled Job Type", filters={"method": ["like", f"{APP}.%"]}, pluck="name", order_by="name"
	):
		frappe.db.delete("Scheduled Job Log", {"scheduled_job_type": job})
		frappe.delete_doc("Scheduled Job Type", job, force=True, delete_permanently=True)
	frappe.db.delete("Patch Log", {"patch": ["like", f"{APP}.%"]})


def _remove_notes() -> None:
	"""Secrets, versions, permissions and the like. Agreement files stay: the law asks the clinic to keep them."""
	ours = frappe.get_all("DocType", filters={"module": MODULE}, pluck="name", order_by="name")
	for table, column in NOTES.items():
		if table.startswith("__") or frappe.db.table_exists(table, cached=False):
			frappe.db.delete(table, {column: ["in", ours]})
	frappe.db.set_value(
		"File",
		{"attached_to_doctype": ["in", ours]},
		{"attached_to_doctype": None, "attached_to_name": None, "attached_to_field": None},
		update_modified=False,
	)
	frappe.db.delete("Series", {"name": ["like", "TH-UA-%"]})
	frappe.db.delete("Series", {"name": ["like", "TH-BAA-%"]})
