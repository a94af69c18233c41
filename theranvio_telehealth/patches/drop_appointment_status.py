"""Patient Appointment's `theranvio_status` is virtual now: its column goes. It may be run again."""

import frappe

from theranvio_telehealth import custom_fields


def execute() -> None:
	frappe.db.set_value(
		"Custom Field",
		"Patient Appointment-theranvio_status",
		{"is_virtual": 1, "options": custom_fields.STATUS},
	)
	frappe.db.sql_ddl("alter table `tabPatient Appointment` drop column if exists `theranvio_status`")
	frappe.clear_cache(doctype="Patient Appointment")
	frappe.cache.hdel("table_columns", "tabPatient Appointment")
