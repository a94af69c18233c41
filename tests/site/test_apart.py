"""What only a provider needs is stored apart, rows are the app's own, and a site from before is brought there."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import frappe
import pytest
from frappe.utils import get_datetime

from tests.services.store_contract import full_participant, full_room
from tests.site.rows import put_allowance, put_entry, put_join, put_participant, put_room
from tests.site.seed import SiteSeed
from theranvio_telehealth.domain.entities import FormerMeeting
from theranvio_telehealth.patches import (
	complete_ledger,
	drop_appointment_status,
	name_revoked_reasons,
	rename_join_fields,
)
from theranvio_telehealth.patches import keep_provider_data_apart as patch
from theranvio_telehealth.site.store import SiteStore
from tools.harness.factories import make_room
from tools.harness.ports import FixedClock
from tools.harness.site.people import CLIENT, HOST

OLD_MEETING = FormerMeeting("old", "eu-west-2", "old id", "old token")
OLD = [(doctype, field) for doctype, apart in patch.MOVED for field in sorted(apart.fields)]


def old(field: str) -> str:
	return str(OLD_MEETING) if field == "former_meetings" else f"old {field}"


@pytest.fixture
def before(site: Any, make_appointment: Any) -> Iterator[dict[str, str]]:
	"""A site of the version before: its columns, with data in them, and Versions that quote it."""
	for doctype, field in OLD:
		site.db.sql_ddl(f"alter table `tab{doctype}` add column `{field}` varchar(140)")
	room = put_room(make_appointment(video=False))
	person = put_participant(room, user=CLIENT)
	join = put_join(person)
	names = {"Appointment Room": room.name, "Room Participant": person.name, "Room Join": join.name}
	for doctype, field in OLD:
		site.db.sql(f"update `tab{doctype}` set `{field}` = %s where name = %s", (old(field), names[doctype]))
	for doctype, name in names.items():
		site.db.set_value(doctype, name, "owner", CLIENT)
	_version(room, CLIENT, [["meeting_id", "", "old meeting_id"], ["status", "Scheduled", "Live"]])
	_version(person, HOST, [["state", "Waiting", "Admitted"], ["pseudonym", "", "old pseudonym"]])
	_version(person, CLIENT, [["attendee_id", "changed", "changed"]])
	site.db.commit()
	yield names
	for doctype, field in OLD:
		site.db.sql_ddl(f"alter table `tab{doctype}` drop column if exists `{field}`")


def _version(doc: Any, owner: str, changed: list[Any]) -> None:
	data = json.dumps({"changed": changed, "added": [], "removed": [], "row_changed": []})
	made = frappe.get_doc(doctype="Version", ref_doctype=doc.doctype, docname=doc.name, data=data)
	made.insert(ignore_permissions=True)
	made.db_set("owner", owner)


@pytest.mark.parametrize("times", [1, 2])
def test_what_was_in_rows_moves_apart_and_is_gone_from_them(
	site: Any, before: dict[str, str], times: int
) -> None:
	for _ in range(times):
		patch.execute()
	for doctype, apart in patch.MOVED:
		(stored,) = site.get_all(apart.doctype, {"name": before[doctype]}, [*apart.fields, "owner"])
		assert stored == {"owner": "Administrator", **{field: old(field) for field in apart.fields}}
		columns = {column for column, *_ in site.db.sql(f"describe `tab{doctype}`")}
		assert not columns & apart.fields
	assert {site.db.get_value(doctype, name, "owner") for doctype, name in before.items()} == {
		"Administrator"
	}


def test_versions_from_before_quote_nothing_of_it(site: Any, before: dict[str, str]) -> None:
	patch.execute()
	stored = site.get_all(
		"Version", {"docname": ("in", list(before.values()))}, ["owner", "data"], order_by="ref_doctype"
	)
	assert [(v.owner, json.loads(v.data)["changed"]) for v in stored] == [
		("Administrator", [["status", "Scheduled", "Live"]]),
		(HOST, [["state", "Waiting", "Admitted"]]),
	]
	assert "old " not in str(stored)


def test_what_moved_is_read_by_the_store(site: Any, before: dict[str, str]) -> None:
	patch.execute()
	room = SiteStore().room(before["Appointment Room"])
	assert (room.meeting_id, room.former_meetings) == ("old meeting_id", (OLD_MEETING,))
	(person,) = SiteStore().participants(room.name)
	assert person.pseudonym == "old pseudonym"


@pytest.mark.parametrize("times", [1, 2])
def test_renamed_fields_keep_what_was_in_them(site: Any, make_appointment: Any, times: int) -> None:
	join = put_join(put_participant(put_room(make_appointment(video=False)), user=CLIENT))
	later = make_appointment(video=False, starts_in=timedelta(days=1))
	newer = put_join(put_participant(put_room(later), user=HOST))
	site.db.sql_ddl("alter table `tabRoom Join` add column heard text, add column over_on datetime(6)")
	site.db.set_value("Room Join", join.name, {"heartbeat_spans": None, "credentials_revoked_on": None})
	site.db.set_value("Room Join", newer.name, {"heartbeat_spans": "new", "credentials_revoked_on": None})
	site.db.sql("update `tabRoom Join` set heard = 'old', over_on = '2026-11-01 10:00:00'")
	for _ in range(times):
		rename_join_fields.execute()
	fields = ["heartbeat_spans", "credentials_revoked_on"]
	stored = {name: site.db.get_value("Room Join", name, fields) for name in (join.name, newer.name)}
	moment = get_datetime("2026-11-01 10:00:00")
	assert stored == {join.name: ("old", moment), newer.name: ("new", moment)}
	columns = {column for column, *_ in site.db.sql("describe `tabRoom Join`")}
	assert not columns & set(rename_join_fields.RENAMED)


@pytest.mark.parametrize("times", [1, 2])
@pytest.mark.parametrize(
	("before", "after"),
	[
		("Appointment Cancelled", "Cancelled"),
		("Appointment No Show", "No Show"),
		("Video switched off", "Video Off"),
		("Appointment deleted", "Deleted"),
		("Deleted", "Deleted"),
		("", ""),
	],
)
def test_reasons_are_words(site: Any, make_appointment: Any, before: str, after: str, times: int) -> None:
	room = put_room(make_appointment(video=False))
	site.db.set_value("Appointment Room", room.name, "revoked_reason", before)
	for _ in range(times):
		name_revoked_reasons.execute()
	assert site.db.get_value("Appointment Room", room.name, "revoked_reason") == after
	assert (SiteStore().room(room.name).revoked_reason or "") == after


@pytest.mark.parametrize("times", [1, 2])
def test_entries_get_their_names_kinds_and_what_they_correct(
	site: Any, make_appointment: Any, times: int
) -> None:
	"""Booked, taken back, booked again and taken back again: each correction has a stay of its own."""
	person = put_participant(put_room(make_appointment(video=False)), user=CLIENT)
	at = get_datetime("2026-11-01 10:00:00")
	for number, seconds in enumerate((61, -61, 61, -61, 61)):
		own = {"seconds": seconds, "idempotency_key": f"{person.name}:1:{number}"}
		put_entry(person, started_on=at, ended_on=at + timedelta(seconds=61), **own)
	site.db.sql("update `tabUsage Entry` set name = md5(name), kind = 'Stay'")
	allowance = put_allowance(warning_percents="")
	site.db.sql_ddl("alter table `tabUsage Allowance` add column warn_at_percent decimal(21,9)")
	site.db.sql("update `tabUsage Allowance` set warn_at_percent = 70, currency = null")
	for _ in range(times):
		complete_ledger.execute()
	fields = ["name", "kind", "corrects"]
	rows = site.get_all("Usage Entry", {"participant": person.name}, fields, order_by="idempotency_key")
	names = [f"{person.name}:1:{number}" for number in range(5)]
	assert [tuple(row.values()) for row in rows] == [
		(names[0], "Stay", None),
		(names[1], "Correction", names[0]),
		(names[2], "Stay", None),
		(names[3], "Correction", names[2]),
		(names[4], "Stay", None),
	]
	stored = site.db.get_value("Usage Allowance", allowance.name, ["warning_percents", "currency"])
	assert stored == ("70", allowance.currency)
	assert "warn_at_percent" not in {column for column, *_ in site.db.sql("describe `tabUsage Allowance`")}


@pytest.mark.parametrize("times", [1, 2])
def test_the_status_is_no_column_any_more(site: Any, make_appointment: Any, times: int) -> None:
	appointment = make_appointment()
	field = "Patient Appointment-theranvio_status"
	site.db.sql_ddl("alter table `tabPatient Appointment` add column theranvio_status varchar(255)")
	site.db.set_value("Custom Field", field, {"is_virtual": 0, "options": ""})
	for _ in range(times):
		drop_appointment_status.execute()
	assert site.db.get_value("Custom Field", field, "is_virtual") == 1
	assert "theranvio_status" not in {c for c, *_ in site.db.sql("describe `tabPatient Appointment`")}
	doc = site.get_doc("Patient Appointment", appointment.name)
	doc.notes = "saved"
	doc.save()
	assert doc.as_dict().theranvio_status == "Scheduled"


def test_whatever_is_stored_belongs_to_the_app(site: Any, as_user: Any) -> None:
	store = SiteStore(clock=FixedClock())
	seed = SiteSeed(store, FixedClock())
	with as_user(CLIENT):
		room = full_room(seed)
		store.add_room(room)
		person = full_participant(room, seed)
		store.add_participant(person)
	stored = [("Appointment Room", room.name), ("Room Meeting", room.name)]
	stored += [("Room Participant", person.name), ("Participant Access", person.name)]
	for doctype, name in stored:
		assert site.db.get_value(doctype, name, ["owner", "modified_by"]) == (
			"Administrator",
			"Administrator",
		)


def test_a_room_without_its_other_row_gets_one(site: Any) -> None:
	store = SiteStore(clock=FixedClock())
	room = make_room(SiteSeed(store, FixedClock()).appointment())
	store.add_room(room)
	site.db.delete("Room Meeting", {"name": room.name})
	met = replace(room, meeting_id="m-1")
	store.save_room(met)
	assert store.room(room.name) == met
