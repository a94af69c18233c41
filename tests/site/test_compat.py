"""Differences between versions of the platform, checked on the installed version."""

from __future__ import annotations

import importlib.util
from datetime import timedelta
from typing import Any

import frappe
import pytest
from frappe.permissions import add_user_permission
from frappe.utils import get_html_for_route
from pypika.terms import LiteralValue

from tests.site.rows import put_room
from theranvio_telehealth import compat
from theranvio_telehealth.site.directory import SiteDirectory, patients_of
from theranvio_telehealth.site.store import SiteStore
from tools.harness.site.appointments import patient_of
from tools.harness.site.people import CLIENT, COMPANY, FRONT_DESK, OTHER_CLIENT

TOMORROW = timedelta(days=1)
NASTY = [r"back\slash", r"half \\' or 1 = 1 -- x", "100 %s of %c, %(name)s %", 'it\'s "quoted" `so`']


# lists of what may be read


@pytest.mark.parametrize("name", NASTY)
def test_a_query_is_written_out_with_its_values_escaped(site: Any, name: str) -> None:
	"""Frappe 16's `get_list(run=False)` gives a query builder; this is one."""
	put_note(site, name)
	note = site.qb.DocType("Note")
	wanted = compat.written_out(site.qb.from_(note).select(note.name).where(note.title == name))
	found = site.db.sql(
		f"select title from `tabNote` where name in ({wanted}) and %(always)s", {"always": 1}, pluck=True
	)
	assert found == [name]


def test_a_written_out_query_may_hold_another(site: Any) -> None:
	for name in NASTY:
		put_note(site, name)
	note = site.qb.DocType("Note")
	inner = compat.written_out(site.qb.from_(note).select(note.name).where(note.title.isin(NASTY)))
	outer = site.qb.from_(note).select(note.title).where(LiteralValue(f"name in ({inner})"))
	found = site.db.sql(f"{compat.written_out(outer)} and %(always)s", {"always": 1}, pluck=True)
	assert sorted(found) == sorted(NASTY)


def put_note(site: Any, title: str) -> None:
	note = site.get_doc(doctype="Note", title=title, public=1)
	note.name = site.generate_hash(length=10)
	note.set_user_and_timestamp()
	note.db_insert()


@pytest.mark.parametrize("name", NASTY)
def test_a_restriction_to_an_odd_name_shows_neither_more_nor_an_error(
	site: Any, make_appointment: Any, name: str
) -> None:
	room = put_room(make_appointment(video=False, starts_in=TOMORROW))
	abroad = make_appointment(video=False, starts_in=2 * TOMORROW)
	site.db.set_value("Patient Appointment", abroad.name, "company", name, update_modified=False)
	odd = put_room(abroad)
	site.db.set_value("Appointment Room", odd.name, "company", name, update_modified=False)
	company = site.get_doc("Company", COMPANY)
	company.name = company.company_name = name
	company.abbr = "ODD"
	company.db_insert()
	add_user_permission("Company", name, FRONT_DESK, ignore_permissions=True)
	try:
		for filters in ({}, {"status": "Scheduled"}):
			found = site.get_list("Appointment Room", filters, user=FRONT_DESK, pluck="name")
			assert found == [odd.name]
			assert room.name not in found
	finally:
		site.db.rollback()
		site.clear_cache(user=FRONT_DESK)


# who the client is


@pytest.fixture
def with_portal(monkeypatch: pytest.MonkeyPatch) -> None:
	"""As on a Healthcare that has its own portal."""
	monkeypatch.setattr(compat, "HAS_PORTAL", True)


def test_what_healthcare_has_decides_and_not_its_version(monkeypatch: pytest.MonkeyPatch) -> None:
	monkeypatch.setattr("healthcare.__version__", "16.0.0-dev")
	assert not compat._has_portal()
	monkeypatch.setattr(compat, "find_spec", lambda name: importlib.util.find_spec("frappe"))
	monkeypatch.setattr("healthcare.__version__", "15.0.0")
	assert compat._has_portal()


@pytest.fixture
def child(site: Any) -> Any:
	"""A patient without an address, for whom the client acts as guardian."""
	made = site.get_doc(doctype="Patient", first_name="Carla", sex="Female", invite_user=0)
	made.insert(ignore_permissions=True)
	parent = site.get_doc("Patient", patient_of(CLIENT))
	parent.user_id = CLIENT
	parent.append("patient_relation", {"patient": made.name, "relation": "Family"})
	parent.save(ignore_permissions=True)
	site.db.commit()
	yield made
	site.db.delete("Patient Relation", {"patient": made.name})
	site.db.set_value("Patient", parent.name, "user_id", None)
	site.db.commit()


def person(user: str, appointment: Any) -> Any:
	read = SiteStore().appointment(appointment.name)
	found = SiteDirectory().person(user, read)
	return found and str(found.role)


def test_with_the_portal_a_person_acts_for_their_relations(
	with_portal: None, child: Any, make_appointment: Any
) -> None:
	own, theirs = (
		make_appointment(starts_in=TOMORROW),
		make_appointment(starts_in=2 * TOMORROW, patient=child.name),
	)
	assert (person(CLIENT, own), person(CLIENT, theirs)) == ("Client", "Client")
	assert person(OTHER_CLIENT, theirs) is None
	assert set(patients_of(CLIENT)) == {own.patient, child.name}


def test_with_the_portal_an_address_makes_no_one_the_client(
	with_portal: None, site: Any, make_appointment: Any
) -> None:
	made = make_appointment(starts_in=TOMORROW)
	site.db.set_value("Patient", made.patient, "user_id", None)
	assert person(CLIENT, made) is None


def test_without_it_a_relation_is_a_stranger(child: Any, make_appointment: Any) -> None:
	theirs = make_appointment(starts_in=TOMORROW, patient=child.name)
	assert person(CLIENT, theirs) is None
	assert child.name not in patients_of(CLIENT)


# the portal's menu


def test_a_persons_own_page_leads_to_their_visits(
	site: Any, as_user: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
	"""With a page that has no menu of its own, as Frappe 16's."""
	from frappe.www import me

	shown = me.get_context

	def without_menu(context: Any) -> None:
		shown(context)
		context.show_sidebar = False

	for changed in (shown, without_menu):
		monkeypatch.setattr(me, "get_context", changed)
		for user, offered in ((CLIENT, True), (FRONT_DESK, False)):
			with as_user(user):
				page = get_html_for_route("me")
			assert ("/video-visits" in page) is offered, (changed, user)


def test_other_pages_are_left_as_they_are(site: Any, as_user: Any) -> None:
	with as_user(CLIENT):
		for path, has_menu in (("about", False), ("me", True)):
			frappe.local.path = path
			assert compat.portal_menu(frappe._dict(show_sidebar=has_menu)) == {}
