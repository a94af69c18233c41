"""Room Join's `heard` and `over_on` become `heartbeat_spans` and `credentials_revoked_on`. It may be run again."""

import frappe

RENAMED = {"heard": "heartbeat_spans", "over_on": "credentials_revoked_on"}


def execute() -> None:
	present = {column for column, *_ in frappe.db.sql("describe `tabRoom Join`")}
	for old, new in RENAMED.items():
		if old not in present:
			continue
		frappe.db.sql(
			f"update `tabRoom Join` set `{new}` = `{old}` where `{new}` is null and `{old}` is not null"
		)
		frappe.db.sql_ddl(f"alter table `tabRoom Join` drop column if exists `{old}`")
	frappe.cache.hdel("table_columns", "tabRoom Join")
