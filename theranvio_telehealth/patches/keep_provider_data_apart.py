"""What only a provider needs moves from rooms and participants into DocTypes that no role may read; rows become the app's own.

Before it was in columns of Appointment Room and Room Participant, in their Versions, and rows belonged to the user who was
signed in. It may be run again: what has moved is gone from where it was."""

import json

import frappe

from theranvio_telehealth.site.store import ACCESS, CLOSED, MEETING, RECORDED
from theranvio_telehealth.site.tables import OWNER, Apart

MOVED = (("Appointment Room", MEETING), ("Room Participant", ACCESS))
OWNED = ("Appointment Room", "Room Participant", "Room Join", "Provider Event", "Usage Entry")
AT_ONCE = 500


def execute() -> None:
	for doctype, apart in MOVED:
		_move(doctype, apart)
	for doctype in OWNED:
		frappe.db.set_value(
			doctype, {"owner": ("!=", OWNER)}, {"owner": OWNER, "modified_by": OWNER}, update_modified=False
		)
	frappe.db.delete("Custom DocPerm", {"parent": ("in", CLOSED)})
	_clean_versions({field for _, apart in MOVED for field in apart.fields})


def _move(doctype: str, apart: Apart) -> None:
	"""In one statement, and then the columns go. Values of a row that was made since then are newer."""
	present = {column for column, *_ in frappe.db.sql(f"describe `tab{doctype}`")}
	fields = sorted(apart.fields & present)
	columns = "".join(f", `{field}`" for field in fields)
	frappe.db.sql(
		f"""insert ignore into `tab{apart.doctype}` (name, creation, modified, owner, modified_by{columns})
		select name, creation, modified, %(owner)s, %(owner)s{columns} from `tab{doctype}`""",
		{"owner": OWNER},
	)
	for field in fields:
		frappe.db.sql_ddl(f"alter table `tab{doctype}` drop column if exists `{field}`")
	frappe.cache.hdel("table_columns", f"tab{doctype}")


def _clean_versions(moved: set[str]) -> None:
	last = ""
	while True:
		rows = frappe.get_all(
			"Version",
			filters={"ref_doctype": ("in", RECORDED), "name": (">", last)},
			fields=["name", "data", "owner"],
			order_by="name",
			limit=AT_ONCE,
		)
		for row in rows:
			_clean(row, moved)
		if len(rows) < AT_ONCE:
			return
		last = rows[-1].name


def _clean(row: frappe._dict, moved: set[str]) -> None:
	version = json.loads(row.data or "{}")
	version["changed"] = [change for change in version.get("changed", []) if change[0] not in moved]
	if not any(version.get(part) for part in ("changed", "added", "removed", "row_changed")):
		frappe.db.delete("Version", {"name": row.name})
		return
	new = {"data": json.dumps(version, separators=(",", ":"))}
	if frappe.get_cached_value("User", row.owner, "user_type") != "System User":
		version["updater_reference"] = {"doctype": "User", "docname": row.owner}
		new = {"data": json.dumps(version, separators=(",", ":")), "owner": OWNER, "modified_by": OWNER}
	frappe.db.set_value("Version", row.name, new, update_modified=False)
