"""Links are checked by every way in, normalised before they are stored, and checked again where they are read."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from typing import Any

import frappe
import pytest

from tests.site.rows import put_provider, put_room
from theranvio_telehealth.patches import clean_addresses
from theranvio_telehealth.site.store import SiteStore
from tools.harness.site.appointments import patient_of, practitioner_of
from tools.harness.site.people import APPOINTMENT_TYPE, CLIENT, COMPANY, DEPARTMENT, FRONT_DESK, HOST

PA = "Patient Appointment"
FIELD = "theranvio_fallback_url"
GOOD = "https://meet.example.org/x"
BAD = [
	'https://x"onmouseover=alert(1)',
	"https://x'onmouseover=alert(1)",
	"https://meet.example.org/a b",
	"https://meet.example.org/<img>",
	"https://meet.example.org\\x",
	"https://meet.example.org/\x07",
	"https://user@meet.example.org/x",
	"http://meet.example.org/x",
	"javascript:alert(1)",
]


def values(link: str) -> dict[str, Any]:
	return {
		"appointment_type": APPOINTMENT_TYPE,
		"appointment_for": "Practitioner",
		"company": COMPANY,
		"department": DEPARTMENT,
		"patient": patient_of(CLIENT),
		"practitioner": practitioner_of(HOST),
		"appointment_date": frappe.utils.add_days(frappe.utils.today(), 20),
		"appointment_time": "10:00:00",
		"duration": 20,
		"theranvio_video": 1,
		FIELD: link,
	}


def by_inserting(http: Any, link: str, _name: str) -> Any:
	return _send(http, "post", f"/api/resource/{PA}", values(link))


def by_changing(http: Any, link: str, name: str) -> Any:
	return _send(http, "put", f"/api/resource/{PA}/{name}", {FIELD: link})


def by_setting_a_value(http: Any, link: str, name: str) -> Any:
	body = {"doctype": PA, "name": name, "fieldname": FIELD, "value": link}
	return http(FRONT_DESK).post("frappe.client.set_value", **body)


def by_the_form(http: Any, link: str, name: str) -> Any:
	doc = http(FRONT_DESK).session.get(f"{http().base_url}/api/resource/{PA}/{name}").json()["data"]
	body = {"doc": frappe.as_json({**doc, FIELD: link}), "action": "Save"}
	return http(FRONT_DESK).post("frappe.desk.form.save.savedocs", **body)


def _send(http: Any, verb: str, path: str, body: dict[str, Any]) -> Any:
	guard = {"X-Frappe-CSRF-Token": http(FRONT_DESK).csrf}
	session = http(FRONT_DESK).session
	return session.request(verb, http().base_url + path, json=body, headers=guard, timeout=60)


WAYS = [by_inserting, by_changing, by_setting_a_value, by_the_form]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("link", BAD)
def test_a_bad_link_is_refused_by_every_way_in(
	http: Any, make_appointment: Any, way: Callable[..., Any], link: str
) -> None:
	name = make_appointment(theranvio_fallback_url=GOOD).name
	answer = way(http, link, name)
	assert (answer.status_code, "fallback link is not an https address" in answer.text) == (417, True)
	frappe.db.rollback()
	assert frappe.get_all(PA, pluck=FIELD, order_by="name") == [GOOD]


@pytest.mark.parametrize("way", WAYS)
def test_a_good_one_is_stored_without_its_blanks(
	http: Any, make_appointment: Any, way: Callable[..., Any]
) -> None:
	answer = way(http, f" {GOOD}\n", make_appointment().name)
	assert answer.status_code == 200, answer.text[:500]
	frappe.db.rollback()
	assert GOOD in frappe.get_all(PA, pluck=FIELD, order_by="name")


def test_bulk_editing_refuses_it_too(http: Any, make_appointment: Any) -> None:
	name = make_appointment(theranvio_fallback_url=GOOD).name
	for link, failed in ((BAD[0], [name]), (f"{GOOD}2 ", [])):
		docs = frappe.as_json([{"doctype": PA, "docname": name, FIELD: link}])
		answer = http(FRONT_DESK).post("frappe.client.bulk_update", docs=docs)
		assert [doc["doc"]["docname"] for doc in answer.json()["message"]["failed_docs"]] == failed
	frappe.db.rollback()
	assert frappe.db.get_value(PA, name, FIELD) == f"{GOOD}2"


@pytest.mark.parametrize("link", BAD)
def test_by_import(make_appointment: Any, link: str) -> None:
	from frappe.core.doctype.data_import.importer import Importer

	name = make_appointment(theranvio_fallback_url=GOOD).name
	sheet = io.StringIO()
	csv.writer(sheet).writerows([["ID", "Fallback Link"], [name, link]])
	job = frappe.get_doc(
		doctype="Data Import", reference_doctype=PA, import_type="Update Existing Records"
	).insert()
	file = frappe.get_doc(
		doctype="File", file_name="links.csv", content=sheet.getvalue(), is_private=1
	).insert()
	job.db_set("import_file", file.file_url)
	frappe.flags.in_import = True
	try:
		Importer(PA, data_import=job).import_data()
	finally:
		frappe.flags.in_import = False
	assert frappe.db.get_value(PA, name, FIELD) == GOOD


@pytest.mark.parametrize("link", BAD)
def test_a_stored_one_is_not_read_and_goes_with_the_next_save(make_appointment: Any, link: str) -> None:
	doc = make_appointment(theranvio_fallback_url=GOOD)
	frappe.db.set_value(PA, doc.name, FIELD, link)
	assert SiteStore().appointment(doc.name).fallback_url == ""
	doc.reload()
	doc.notes = "Changed"
	doc.save()
	assert not frappe.db.get_value(PA, doc.name, FIELD)


@pytest.mark.parametrize("link", BAD)
def test_a_media_providers_link_is_checked_alike(site: Any, link: str) -> None:
	with pytest.raises(site.ValidationError, match="must be an https address"):
		put_provider(adapter="External Link", link=link)
	with pytest.raises(frappe.ValidationError):
		put_provider(adapter="External Link", link=link, enabled=0)
	assert put_provider(adapter="External Link", link=f"{GOOD} ").link == GOOD


def test_the_patch_takes_out_what_was_stored_before(site: Any, make_appointment: Any) -> None:
	bad, untidy, good = (
		make_appointment(video=False, starts_in=frappe.utils.datetime.timedelta(days=n)) for n in (1, 2, 3)
	)
	for doc, link in ((bad, BAD[0]), (untidy, f"{GOOD} "), (good, GOOD)):
		site.db.set_value(PA, doc.name, FIELD, link)
	room = put_room(good, fallback_url=BAD[0])
	provider = put_provider(adapter="External Link")
	site.db.set_value("Media Provider", provider.name, "link", BAD[0])
	clean_addresses.execute()
	assert [site.db.get_value(PA, doc.name, FIELD) for doc in (bad, untidy, good)] == [None, GOOD, GOOD]
	assert not site.db.get_value("Appointment Room", room.name, "fallback_url")
	assert not site.db.get_value("Media Provider", provider.name, "link")


def test_the_desk_does_not_make_a_link_of_them_itself(site: Any) -> None:
	"""Its lists print a field of the kind URL as it is stored, into an attribute, without escaping it."""
	for doctype in (PA, "Media Provider", "Appointment Room"):
		site.clear_cache(doctype=doctype)
		kinds = {field.fieldname: field.options for field in site.get_meta(doctype).fields}
		assert "URL" not in [kinds.get(field) for field in (FIELD, "link", "fallback_url")]
