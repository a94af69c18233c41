"""A visit at each of two companies, with marks that no other person may read, and everything a signed-in person can ask
the platform for about our DocTypes. No test logic."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import frappe
import requests

from tests.site.rows import put_agreement
from tools.harness.site.http import Http
from tools.harness.site.people import CLIENT, COMPANY, HOST, US_CLIENT, US_COMPANY, US_HOST

#: Where no reader, of any company, may come upon it.
SECRET = "planted-secret"
#: What clients learn when it is offered, and not before.
FALLBACK = "https://meet.example.org/planted-link"
MARK = "planted-mark"
WEB_FORM = "patient-appointments"

#: Every DocType of a visit's record, and where its secrets are, or once were.
SECRETS: dict[str, tuple[str, ...]] = {
	"Appointment Room": ("meeting_id", "meeting_token", "meeting_details", "former_meetings"),
	"Room Participant": ("contact", "pseudonym", "attendee_id", "revoked_attendees", "link_hash"),
	"Room Meeting": ("meeting_id", "meeting_token", "meeting_details", "former_meetings"),
	"Participant Access": ("contact", "pseudonym", "attendee_id", "revoked_attendees", "link_hash"),
	"Room Join": ("meeting_id", "attendee_id"),
	"Provider Event": ("meeting_id", "attendee_id"),
	"Usage Entry": (),
	"Version": (),
}


@dataclass(frozen=True)
class Visit:
	appointment: str
	room: str
	names: dict[str, list[str]]


def hold(http: Callable[..., Http], make_appointment: Any, company: str, host: str, client: str) -> Visit:
	"""A real visit: the client enters, the host admits, both join; then marks are written into its rows."""
	booked = make_appointment(host=host, client=client, company=company, theranvio_fallback_url=FALLBACK)
	room = booked.theranvio_room
	for who in (client, host):
		_done(http(who).post("visit.enter", room=room))
	(person,) = http(host).get("visit.state", room=room).json()["message"]["people"]
	_done(http(host).post("host.admit", room=room, participant=person["participant"]))
	for who in (client, host):
		_done(http(who).post("visit.join", room=room))
	frappe.db.rollback()
	return _marked(booked.name, room)


def _done(answer: requests.Response) -> None:
	assert answer.ok, answer.text


def _marked(appointment: str, room: str) -> Visit:
	people = frappe.get_all("Room Participant", {"room": room}, pluck="name", order_by="role")
	names = {
		"Appointment Room": [room],
		"Room Participant": people,
		"Room Meeting": [room],
		"Participant Access": people,
		"Room Join": frappe.get_all("Room Join", {"room": room}, pluck="name", order_by="name"),
		"Version": frappe.get_all(
			"Version", {"docname": ("in", [room, *people])}, pluck="name", order_by="owner"
		),
	}
	for doctype, fields in SECRETS.items():
		_mark(doctype, fields, names.get(doctype, []))
	frappe.db.commit()
	return Visit(appointment, room, names)


def _mark(doctype: str, fields: tuple[str, ...], names: list[str]) -> None:
	if not names or not frappe.db.table_exists(doctype, cached=False):
		return
	present = {column for column, *_ in frappe.db.sql(f"describe `tab{doctype}`")}
	for field in present.intersection(fields):
		frappe.db.set_value(doctype, {"name": ("in", names)}, field, SECRET, update_modified=False)
	if doctype == "Room Participant":
		frappe.db.set_value(doctype, {"name": ("in", names)}, "display_name", MARK, update_modified=False)


def at_both(http: Callable[..., Http], make_appointment: Any) -> list[Visit]:
	"""The clinic in the United States may hold its own: there is an agreement, and the switch is on."""
	put_agreement(company=US_COMPANY)
	frappe.db.set_single_value("Telehealth Settings", "us_phi_enabled", 1)
	frappe.db.commit()
	return [
		hold(http, make_appointment, COMPANY, HOST, CLIENT),
		hold(http, make_appointment, US_COMPANY, US_HOST, US_CLIENT),
	]


def asked(http: Http, visits: list[Visit]) -> Iterator[tuple[str, requests.Response]]:
	"""What was asked, and the answer, one by one."""
	for doctype, fields in SECRETS.items():
		for what, answer in _of_doctype(http, doctype, fields):
			yield f"{doctype}: {what}", answer
		for name in [name for visit in visits for name in visit.names.get(doctype, [])[:1]]:
			for what, answer in _of_document(http, doctype, name):
				yield f"{doctype} by name: {what}", answer
	for visit in visits:
		for what, answer in _of_document(http, "Patient Appointment", visit.appointment):
			yield f"appointment: {what}", answer
	for what, answer in _lists_of_the_portal(http):
		yield what, answer


def _of_doctype(
	http: Http, doctype: str, secrets: tuple[str, ...]
) -> Iterator[tuple[str, requests.Response]]:
	wide = json.dumps([*secrets, *_own(doctype)])
	guess = json.dumps([[doctype, secrets[0], "like", "planted%"]]) if secrets else "[]"
	every = json.dumps([f"`tab{doctype}`.*"])
	search = {"doctype": doctype, "txt": "", "page_length": 100, "ignore_user_permissions": 1}
	desk, client = "frappe.desk.", "frappe.client."
	calls: list[tuple[str, dict[str, Any]]] = [
		(desk + "search.search_widget", {**search, "filter_fields": wide}),
		(desk + "search.search_widget", {**search, "filter_fields": wide, "reference_doctype": "Patient"}),
		(desk + "search.search_widget", {**search, "filters": guess}),
		(desk + "search.search_link", search),
		(client + "get_list", {"doctype": doctype, "fields": '["*"]', "limit_page_length": 0}),
		(client + "get_list", {"doctype": doctype, "fields": wide, "limit_page_length": 0}),
		(client + "get_list", {"doctype": doctype, "filters": guess}),
		(client + "get_value", {"doctype": doctype, "fieldname": wide, "filters": guess}),
		(desk + "reportview.get", {"doctype": doctype, "fields": every, "page_length": 100}),
		(desk + "reportview.get_list", {"doctype": doctype, "fields": every, "page_length": 100}),
		(desk + "reportview.export_query", {"doctype": doctype, "fields": every, "file_format_type": "CSV"}),
		(
			"frappe.website.doctype.web_form.web_form.get_form_data",
			{"doctype": doctype, "web_form_name": WEB_FORM},
		),
		("frappe.www.list.get", {"doctype": doctype}),
	]
	for method, arguments in calls:
		yield method, http.get(method, **arguments)
	resource = f"{http.base_url}/api/resource/{doctype}"
	yield "resource", http.session.get(resource, params={"fields": '["*"]', "limit_page_length": 0})
	yield "v2", http.session.get(f"{http.base_url}/api/v2/document/{doctype}", params={"fields": '["*"]'})
	if secrets:
		yield "count", http.get(client + "get_count", doctype=doctype, filters=guess)


def _own(doctype: str) -> tuple[str, ...]:
	return {
		"Appointment Room": ("appointment", "patient", "fallback_url"),
		"Room Participant": ("room", "user", "display_name"),
		"Version": ("data", "docname"),
	}.get(doctype, ())


def _of_document(http: Http, doctype: str, name: str) -> Iterator[tuple[str, requests.Response]]:
	one = {"doctype": doctype, "name": name}
	form = {"doctype": doctype, "docname": name, "web_form_name": WEB_FORM}
	calls = [
		("frappe.client.get", one),
		("frappe.desk.form.load.getdoc", one),
		("frappe.desk.form.load.get_docinfo", one),
		("frappe.website.doctype.web_form.web_form.get_form_data", form),
		("frappe.client.validate_link", {"doctype": doctype, "docname": name, "fields": '["owner"]'}),
		("frappe.desk.link_preview.get_preview_data", {"doctype": doctype, "docname": name}),
		("frappe.www.printview.get_html_and_style", {"doc": doctype, "name": name}),
	]
	for method, arguments in calls:
		yield method, http.get(method, **arguments)
	for path in (f"/api/resource/{doctype}/{name}", f"/api/v2/document/{doctype}/{name}"):
		yield path[:8], http.page(path)
	yield "print", http.page(f"/printview?doctype={doctype}&name={name}")


def _lists_of_the_portal(http: Http) -> Iterator[tuple[str, requests.Response]]:
	for method in ("frappe.www.list.get", "frappe.www.list.get_list_data"):
		yield method, http.get(method, doctype="Patient Appointment", web_form_name=WEB_FORM)
	for path in (f"/{WEB_FORM}", f"/{WEB_FORM}/list"):
		yield path, http.page(path)
