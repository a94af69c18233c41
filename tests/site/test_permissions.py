"""Who sees which of our documents: lists and single documents say the same, and say no where they do not know."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import frappe
import pytest
from frappe.permissions import add_user_permission

from tests.site.rows import (
	created_on,
	put_agreement,
	put_allowance,
	put_entry,
	put_event,
	put_join,
	put_participant,
	put_plan,
	put_room,
)
from theranvio_telehealth import permissions
from theranvio_telehealth.site import appointments
from theranvio_telehealth.site.store import CLOSED
from tools.harness.site.people import (
	CLIENT,
	COMPANY,
	FRONT_DESK,
	HOME_DESK,
	HOME_OFFICE,
	HOST,
	OFFICE,
	OTHER_HOST,
	ROLELESS,
	SYSTEM,
	US_CLIENT,
	US_COMPANY,
	US_DESK,
	US_HOST,
	US_NURSE,
	US_OFFICE,
)

EVERYBODY = (
	*(HOST, OTHER_HOST, US_HOST, US_NURSE, FRONT_DESK, HOME_DESK, US_DESK),
	*(OFFICE, HOME_OFFICE, US_OFFICE, SYSTEM, CLIENT, US_CLIENT, ROLELESS, "Guest"),
)

IN_ROOMS = ("Appointment Room", "Room Participant", "Usage Entry", "Room Join")
OF_OFFICE = ("Usage Allowance", "BAA Record")

#: Who sees what is in which room. Everybody and everything not named: nothing.
SEEN = {
	HOST: {"mine"},
	OTHER_HOST: {"theirs", "abroad"},
	FRONT_DESK: {"mine", "theirs", "abroad"},
	HOME_DESK: {"mine", "theirs"},
	US_DESK: {"abroad"},
	US_NURSE: {"abroad"},
}
#: Clinicians do not read usage, and no role reads what a provider calls whom.
UNSEEN = {"Usage Entry": {HOST, OTHER_HOST, US_NURSE}, "Room Join": set(EVERYBODY)}


@dataclass(frozen=True)
class Clinic:
	"""For every DocType: which row is in which room."""

	rows: dict[str, dict[str, str]]

	def visible(self, doctype: str, user: str) -> set[str]:
		found = set(listed(doctype, user))
		return {label for label, name in self.rows[doctype].items() if name in found}


@pytest.fixture
def clinic(site: Any, make_appointment: Any) -> Iterator[Clinic]:
	booked = _booked(make_appointment)  # committed: before anything that must not be
	yield Clinic(_rows(_rooms(booked)))
	frappe.db.rollback()
	for user in EVERYBODY:
		frappe.clear_cache(user=user)  # which outlives what was rolled back


def _booked(make_appointment: Any) -> dict[str, Any]:
	of = {
		"mine": {},
		"theirs": {"host": OTHER_HOST},
		"abroad": {"host": OTHER_HOST, "company": US_COMPANY},
		"orphan": {},
		"reused": {},
	}
	return {
		label: make_appointment(video=False, starts_in=timedelta(hours=hours), **values)
		for hours, (label, values) in enumerate(of.items(), 1)
	}


def _rooms(booked: dict[str, Any]) -> dict[str, Any]:
	rooms = {label: put_room(appointment) for label, appointment in booked.items()}
	frappe.delete_doc("Patient Appointment", booked["orphan"].name, force=True)
	again = booked["reused"]
	# as after it was deleted and another patient was booked under the same name
	created = created_on(again) + timedelta(seconds=1)
	frappe.db.set_value("Patient Appointment", again.name, "creation", created, update_modified=False)
	return rooms


def _rows(rooms: dict[str, Any]) -> dict[str, dict[str, str]]:
	participants = {label: put_participant(room) for label, room in rooms.items()}
	return {
		"Appointment Room": {label: room.name for label, room in rooms.items()},
		"Room Participant": {label: person.name for label, person in participants.items()},
		"Usage Entry": {label: put_entry(person).name for label, person in participants.items()},
		"Room Join": {label: put_join(person).name for label, person in participants.items()},
	}


def listed(doctype: str, user: str) -> list[str]:
	frappe.set_user(user)
	try:
		return frappe.get_list(doctype, pluck="name", order_by="name")
	except frappe.PermissionError:
		return []
	finally:
		frappe.set_user("Administrator")


def may_read(doctype: str, name: str, user: str) -> bool:
	return bool(frappe.has_permission(doctype, "read", doc=frappe.get_doc(doctype, name), user=user))


def expected(doctype: str, user: str) -> set[str]:
	return set() if user in UNSEEN.get(doctype, ()) else SEEN.get(user, set())


@pytest.mark.parametrize("doctype", IN_ROOMS)
def test_lists_show_what_may_be_seen(clinic: Clinic, doctype: str) -> None:
	seen = {user: clinic.visible(doctype, user) for user in (*EVERYBODY, "Administrator")}
	assert seen == {
		**{user: expected(doctype, user) for user in EVERYBODY},
		"Administrator": set(clinic.rows[doctype]),
	}


@pytest.mark.parametrize("doctype", IN_ROOMS)
def test_documents_say_what_lists_say(clinic: Clinic, doctype: str) -> None:
	rows = clinic.rows[doctype]
	readable = {
		user: {label for label, name in rows.items() if may_read(doctype, name, user)} for user in EVERYBODY
	}
	assert readable == {user: expected(doctype, user) for user in EVERYBODY}


def test_a_shared_appointment_shows_its_room(clinic: Clinic, site: Any) -> None:
	room = site.get_doc("Appointment Room", clinic.rows["Appointment Room"]["mine"])
	site.share.add("Patient Appointment", room.appointment, OTHER_HOST, read=1)
	assert clinic.visible("Appointment Room", OTHER_HOST) == {"mine", "theirs", "abroad"}
	assert may_read("Appointment Room", room.name, OTHER_HOST)


def test_a_share_of_an_appointment_shows_the_office_no_room(clinic: Clinic, site: Any) -> None:
	"""Frappe leaves the condition of a DocType's list out for those who see it by shares alone."""
	room = site.get_doc("Appointment Room", clinic.rows["Appointment Room"]["mine"])
	site.share.add("Patient Appointment", room.appointment, OFFICE, read=1)
	assert clinic.visible("Appointment Room", OFFICE) == set()


def test_without_rights_on_the_platform_nothing_is_visible(clinic: Clinic, site: Any) -> None:
	"""A user permission that applies to the platform's list applies to ours."""
	add_user_permission("Company", US_COMPANY, FRONT_DESK, ignore_permissions=True)
	assert clinic.visible("Appointment Room", FRONT_DESK) == {"abroad"}
	assert clinic.visible("Usage Entry", FRONT_DESK) == {"abroad"}


@pytest.mark.parametrize("user", [*EVERYBODY, "Administrator", "nobody@nowhere.test"])
def test_no_condition_is_ever_empty(site: Any, user: str) -> None:
	"""To Frappe an empty condition means everything."""
	for doctype in (*IN_ROOMS, *OF_OFFICE):
		(hook,) = site.get_hooks("permission_query_conditions")[doctype]
		assert site.call(hook, user, doctype=doctype).strip()


@pytest.mark.parametrize("user", [CLIENT, ROLELESS, "Guest"])
def test_outsiders_are_refused_by_both_hooks(clinic: Clinic, site: Any, user: str) -> None:
	made = {
		**{doctype: list(rows.values()) for doctype, rows in clinic.rows.items()},
		"Usage Allowance": [put_allowance().name],
		"Allowance Plan": [put_plan().name],
		"BAA Record": [put_agreement().name],
		"Provider Event": [put_event().name],
	}
	for doctype, names in made.items():
		(condition,) = site.get_hooks("permission_query_conditions")[doctype]
		(hook,) = site.get_hooks("has_permission")[doctype]
		assert site.call(condition, user, doctype=doctype) == permissions.NOTHING
		for name in names:
			assert site.call(hook, doc=site.get_doc(doctype, name), ptype="read", user=user) is False


def test_allowances_and_agreements_are_the_offices_within_its_companies(clinic: Clinic) -> None:
	both = {COMPANY, US_COMPANY}
	companies = {OFFICE: both, SYSTEM: both, HOME_OFFICE: {COMPANY}, US_OFFICE: {US_COMPANY}}
	companies |= {user: set() for user in EVERYBODY if user not in companies}
	for doctype, put_it in (
		("Usage Allowance", put_allowance),
		("Allowance Plan", put_plan),
		("BAA Record", put_agreement),
	):
		made = {company: put_it(company=company).name for company in both}
		for user, own in companies.items():
			seen = listed(doctype, user)
			assert {company for company, name in made.items() if name in seen} == own, (doctype, user)
			assert {c for c, name in made.items() if may_read(doctype, name, user)} == own, (doctype, user)


@pytest.mark.parametrize("doctype", CLOSED)
def test_a_permission_given_by_hand_opens_nothing_that_is_closed(
	clinic: Clinic, site: Any, doctype: str
) -> None:
	"""A System Manager may add one."""
	site.db.set_value("Room Join", clinic.rows["Room Join"]["mine"], "credentials_revoked_on", None)
	put_event()
	for apart, name in (("Room Meeting", "mine"), ("Participant Access", "mine")):
		site.get_doc(doctype=apart, name=name).db_insert()
	site.get_doc(doctype="Custom DocPerm", parent=doctype, role="System Manager", read=1).insert()
	site.clear_cache(doctype=doctype)
	try:
		assert site.get_all(doctype, pluck="name", order_by="name")
		assert listed(doctype, SYSTEM) == []
		name = site.get_all(doctype, pluck="name", order_by="name")[0]
		assert not may_read(doctype, name, SYSTEM)
	finally:
		site.db.rollback()
		site.clear_cache(doctype=doctype)


def test_no_one_writes_the_records_of_a_visit(clinic: Clinic, site: Any) -> None:
	stored = {doctype: rows["mine"] for doctype, rows in clinic.rows.items()}
	for doctype, name in {**stored, "Provider Event": put_event().name}.items():
		doc = site.get_doc(doctype, name)
		for user in EVERYBODY:
			for act in ("write", "create", "delete", "share"):
				assert not site.has_permission(doctype, act, doc=doc, user=user), (doctype, user, act)


def test_the_key_is_the_one_the_site_gives_its_rooms(site: Any, make_appointment: Any) -> None:
	for microsecond in (0, 1, 120000):
		booked = make_appointment(video=False, starts_in=timedelta(hours=microsecond % 7 + 1))
		created = created_on(booked).replace(microsecond=microsecond)
		site.db.set_value("Patient Appointment", booked.name, "creation", created, update_modified=False)
		key = appointments.read(booked.name, "UTC").key
		room = put_room(booked, appointment_key=key)
		assert room.name in listed("Appointment Room", FRONT_DESK)


def test_the_desk_is_offered_to_those_who_have_something_there(clinic: Clinic, as_user: Any) -> None:
	for user, offered in ((HOST, True), (OFFICE, True), (CLIENT, False), (ROLELESS, False)):
		with as_user(user):
			assert permissions.has_desk() is offered
