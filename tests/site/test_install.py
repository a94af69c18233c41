"""Installing adds to the platform, migrating again changes no setting of a clinic, uninstalling removes what was added."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import frappe
import pytest
from frappe.utils.fixtures import sync_fixtures

from tests.site.rows import put_agreement, put_allowance, put_entry, put_participant, put_provider
from theranvio_telehealth import custom_fields, hooks, install
from theranvio_telehealth.site import records
from theranvio_telehealth.site.store import CLOSED
from tools.harness.site.overlay import CommandFailed
from tools.harness.site.people import FRONT_DESK, HOST

APP = "theranvio_telehealth"
HOST_DOCTYPES = tuple(custom_fields.CUSTOM_FIELDS)

#: Whatever is ours says one of these, in names, in values or in links.
OURS = "theranvio_|telehealth|" + "|".join(
	(
		"appointment room",
		"room participant",
		"usage allowance",
		"usage entry",
		"baa record",
		"baa signatory",
		"media provider",
		"room meeting",
		"participant access",
		"room audit",
	)
)
#: The platform's own record of what was done on it, installing and uninstalling included.
HISTORY = {"tabDeleted Document", "tabVersion", "tabError Log", "tabActivity Log", "tabCommunication"}


def test_every_dotted_path_of_the_hooks_is_there(site: Any) -> None:
	paths = [
		value for name in dir(hooks) if not name.startswith("__") for value in _strings(getattr(hooks, name))
	]
	dotted = [path for path in paths if path.startswith(f"{APP}.")]
	assert len(dotted) > 20
	for path in dotted:
		assert callable(site.get_attr(path)), path


def _strings(value: Any) -> Iterator[str]:
	if isinstance(value, str):
		yield value
	elif isinstance(value, dict):
		yield from (text for item in value.values() for text in _strings(item))
	elif isinstance(value, list | tuple):
		yield from (text for item in value for text in _strings(item))


@pytest.mark.parametrize("doctype", HOST_DOCTYPES)
def test_custom_fields_are_the_apps_own(site: Any, doctype: str) -> None:
	declared = [field["fieldname"] for field in custom_fields.CUSTOM_FIELDS[doctype]]
	rows = site.get_all(
		"Custom Field",
		filters={"dt": doctype, "module": custom_fields.MODULE},
		pluck="fieldname",
		order_by="idx",
	)
	assert set(rows) == set(declared)
	in_form = [field.fieldname for field in site.get_meta(doctype).fields if field.fieldname in declared]
	assert in_form == declared


def test_what_the_app_shows_is_not_copied_with_an_appointment(site: Any, make_appointment: Any) -> None:
	appointment = make_appointment(theranvio_fallback_url="https://meet.example.com/one")
	appointment.reload()
	copy = site.copy_doc(appointment, ignore_no_copy=False)
	assert appointment.theranvio_room
	assert copy.theranvio_video == 1
	assert not copy.theranvio_room
	assert not copy.get("theranvio_status")
	assert not copy.theranvio_fallback_url


def test_a_new_clinic_can_hold_a_visit(site: Any) -> None:
	settings = site.get_doc("Telehealth Settings")
	provider = site.get_doc("Media Provider", settings.default_provider)
	assert (provider.adapter, provider.enabled) == ("Peer-to-Peer", 1)
	assert not settings.us_phi_enabled


def test_migrating_again_keeps_what_the_clinic_chose(site: Any) -> None:
	site.db.set_single_value("Telehealth Settings", "lead_minutes", 7)
	site.db.set_value("Media Provider", install.FIRST_PROVIDER, "enabled", 0)
	site.db.set_value("Role", install.ROLE, "two_factor_auth", 1)
	fields = _custom_fields(site)
	try:
		_migrate_hooks()
		assert site.db.get_single_value("Telehealth Settings", "lead_minutes", cache=False) == 7
		assert site.db.get_value("Media Provider", install.FIRST_PROVIDER, "enabled") == 0
		assert site.db.get_value("Role", install.ROLE, "two_factor_auth") == 1
		assert _custom_fields(site) == fields
	finally:  # fixtures are committed as they are read
		site.db.set_value("Role", install.ROLE, "two_factor_auth", 0)
		site.db.set_single_value("Telehealth Settings", "lead_minutes", 15)
		site.db.set_value("Media Provider", install.FIRST_PROVIDER, "enabled", 1)
		site.db.commit()


def _migrate_hooks() -> None:
	"""In the order of `bench migrate`."""
	install.before_migrate()
	sync_fixtures(APP)
	install.after_migrate()


def _custom_fields(site: Any) -> list[tuple[str, ...]]:
	return site.get_all(
		"Custom Field",
		filters={"module": custom_fields.MODULE},
		fields=["name", "fieldtype", "insert_after", "label", "length"],
		order_by="name",
		as_list=True,
	)


def test_the_role_is_the_only_one_the_app_brings(site: Any) -> None:
	path = Path(site.get_app_path(APP, "fixtures", "role.json"))
	assert [role["name"] for role in json.loads(path.read_text())] == [install.ROLE]
	used = site.get_all(
		"DocPerm",
		filters={"parent": ["in", _own_doctypes(site)]},
		pluck="role",
		distinct=True,
		order_by="role",
	)
	assert set(used) == {
		install.ROLE,
		"System Manager",
		"Physician",
		"Nursing User",
		"Healthcare Administrator",
	}


def _own_doctypes(site: Any) -> list[str]:
	return site.get_all("DocType", filters={"module": custom_fields.MODULE}, pluck="name", order_by="name")


def test_the_workspace_leads_to_every_record(site: Any) -> None:
	workspace = site.get_doc("Workspace", "Telehealth")
	linked = {link.link_to for link in workspace.links if link.type == "Link"}
	shown = {name for name in _own_doctypes(site) if not site.get_meta(name).istable} - set(CLOSED)
	reports = site.get_all("Report", filters={"module": custom_fields.MODULE}, pluck="name", order_by="name")
	assert linked == shown | set(reports)


def test_the_portal_menu_offers_video_visits_to_clients_only(site: Any, as_user: Any) -> None:
	from frappe.website.utils import get_portal_sidebar_items

	from tools.harness.site.people import CLIENT, ROLELESS

	for user, offered in ((CLIENT, True), (ROLELESS, False)):
		with as_user(user):
			assert ("/video-visits" in {item["route"] for item in get_portal_sidebar_items()}) is offered


@pytest.fixture
def used(site: Any, make_appointment: Any) -> Iterator[None]:
	"""The app in use, with rows in every place of the platform that can refer to it."""
	appointment = make_appointment()
	appointment.reload()
	room = site.get_doc("Appointment Room", appointment.theranvio_room)
	put_entry(put_participant(room, user=HOST), allowance=put_allowance().name)
	put_provider(turn_secrets="shared")
	agreement = put_agreement()
	agreement.add_comment("Comment", "Read it.")
	site.get_doc("User", FRONT_DESK).add_roles(install.ROLE)
	site.share.add("Appointment Room", room.name, HOST, read=1)
	_make_desk_entries(site)
	site.db.commit()
	yield
	site.db.delete("File", {"file_url": agreement.agreement_file})
	site.db.delete("Desktop Icon", {"standard": 1})
	for name in ("Workspace Sidebar", "Workspace Sidebar Item"):
		if site.db.get_value("DocType", name, "custom"):
			site.delete_doc("DocType", name, force=True)
			site.db.sql_ddl(f"drop table if exists `tab{name}`")
	site.db.commit()


def _make_desk_entries(site: Any) -> None:
	"""What Frappe 16 makes of an app and its workspaces, in DocTypes as that version has them."""
	site.get_doc(doctype="Desktop Icon", module_name="Telehealth", label="Telehealth", standard=1).db_insert()
	site.get_doc(
		doctype="Desktop Icon", module_name="App", label="Theranvio Telehealth", app=APP, standard=1
	).db_insert()
	site.get_doc(doctype="Desktop Icon", module_name="Stock", label="Stock", standard=1).db_insert()
	if site.db.exists("DocType", "Workspace Sidebar"):
		return
	for name, fields in {
		"Workspace Sidebar Item": ["label", "link_to"],
		"Workspace Sidebar": ["title", "app", "module"],
	}.items():
		site.get_doc(
			doctype="DocType",
			name=name,
			module="Desk",
			custom=1,
			istable=int(name.endswith("Item")),
			fields=[{"fieldname": field, "fieldtype": "Data", "label": field} for field in fields],
		).insert()
	for title in ("Telehealth", "Stock"):
		site.get_doc(doctype="Workspace Sidebar", title=title).insert(set_name=title)
		site.get_doc(
			doctype="Workspace Sidebar Item", parent=title, parenttype="Workspace Sidebar", link_to=title
		).db_insert()


def test_uninstalling_leaves_the_platform_as_it_was(site: Any, bench: Any, used: None) -> None:
	site.db.rollback()  # a table that has been read cannot be dropped by anybody else
	bench.bench.frappe("set-config", install.RECORDS_MAY_GO, "1")
	try:
		bench.bench.frappe("uninstall-app", APP, "--yes", "--no-backup")
		bench.connect()
		assert _tables_with(OURS) == {}
		assert _columns_and_indexes_named(OURS) == []
		for doctype in HOST_DOCTYPES:
			assert [field.fieldname for field in frappe.get_meta(doctype).fields] == _as_shipped(doctype)
		assert frappe.get_all("Desktop Icon", {"standard": 1}, pluck="label") == ["Stock"]
		assert frappe.get_all("Workspace Sidebar", pluck="name") == ["Stock"]
		assert frappe.get_all("Workspace Sidebar Item", pluck="link_to") == ["Stock"]
		assert frappe.db.get_value("User", FRONT_DESK, "user_type") == "System User"
		assert "visit/" not in str(frappe.get_all("Event", pluck="description", order_by="name"))
		assert frappe.get_all(
			"File", filters={"is_private": 1}, fields=["attached_to_doctype"], order_by="name"
		) == [{"attached_to_doctype": None}]
	finally:
		frappe.db.rollback()
		bench.bench.frappe("set-config", install.RECORDS_MAY_GO, "0")
		bench.bench.frappe("install-app", APP)
		bench.connect()


def test_uninstalling_exports_the_records_and_then_refuses(site: Any, bench: Any, used: None) -> None:
	before = {doctype: site.db.count(doctype) for doctype in records.EXPORTED}
	fields = _custom_fields(site)
	agreement = site.get_last_doc("BAA Record")
	site.db.rollback()
	with pytest.raises(CommandFailed) as refusal:
		bench.bench.frappe("uninstall-app", APP, "--yes", "--no-backup")
	bench.connect()
	text = str(refusal.value)
	assert f"set-config {install.RECORDS_MAY_GO} 1" in text
	folder = Path(re.search(rf"exported to (\S+/{records.FOLDER}/[0-9-]+)", text)[1])
	try:
		assert {doctype: site.db.count(doctype) for doctype in records.EXPORTED} == before
		assert _custom_fields(site) == fields
		assert site.db.exists("Role", install.ROLE)
		stored = {
			doctype: [json.loads(line) for line in (folder / f"{site.scrub(doctype)}.jsonl").open()]
			for doctype in records.EXPORTED
		}
		assert {doctype: len(rows) for doctype, rows in stored.items()} == before
		(row,) = stored["BAA Record"]
		assert [s["full_name"] for s in row["signatories"]] == ["Ursula Us", "Theo Them"]
		copy = folder / "files" / f"{agreement.name}.pdf"
		assert hashlib.sha256(copy.read_bytes()).hexdigest() == row["sha256"] == agreement.sha256
		assert {path.stat().st_mode & 0o077 for path in folder.rglob("*")} == {0}
	finally:
		shutil.rmtree(folder)


def test_a_dry_run_of_uninstalling_changes_nothing(site: Any, bench: Any, used: None) -> None:
	fields, exported = _custom_fields(site), _exported(site)
	site.db.rollback()
	bench.bench.frappe("uninstall-app", APP, "--dry-run")
	bench.connect()
	assert _custom_fields(site) == fields
	assert site.db.exists("Role", install.ROLE)
	assert site.db.count("BAA Record") == 1
	assert _exported(site) == exported


def _exported(site: Any) -> list[Path]:
	return sorted(Path(site.get_site_path("private", records.FOLDER)).glob("*"))


def test_without_records_uninstalling_asks_for_nothing(site: Any) -> None:
	assert not records.there_are_any()
	install._keep_records()


def _as_shipped(doctype: str) -> list[str]:
	folder = frappe.scrub(doctype)
	path = frappe.get_app_path("healthcare", "healthcare", "doctype", folder, f"{folder}.json")
	return json.loads(Path(path).read_text())["field_order"]


def _tables_with(pattern: str) -> dict[str, str]:
	"""Every table of the site with a text that says it, and an example."""
	columns: dict[str, list[str]] = {}
	for table, column in frappe.db.sql(
		"""select table_name, column_name from information_schema.columns
		where table_schema = database() and data_type in ('varchar', 'text', 'mediumtext', 'longtext')"""
	):
		columns.setdefault(table, []).append(f"`{column}`")
	found = {}
	for table in columns.keys() - HISTORY:
		text = f"concat_ws(' ', {', '.join(columns[table])})"
		for (example,) in frappe.db.sql(
			f"select regexp_substr({text}, %s) from `{table}` where {text} regexp %s limit 1",
			(f"(?i).{{0,60}}({pattern}).{{0,60}}", f"(?i)({pattern})"),
		):
			found[table] = example
	return found


def _columns_and_indexes_named(pattern: str) -> list[tuple[str, str]]:
	return [
		row
		for rows in (
			frappe.db.sql(
				f"select table_name, {column} from information_schema.{kind} where table_schema = database() "
				f"and concat(table_name, ' ', {column}) regexp %s",
				(f"(?i)({pattern})",),
			)
			for kind, column in (("columns", "column_name"), ("statistics", "index_name"))
		)
		for row in rows
	]
