"""Who learns what of whose visits, over HTTP, on a site with two companies: for every person and every way of asking,
nothing that was planted is in the answer."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.site.rows import draft_agreement
from tests.site.walls import FALLBACK, MARK, SECRET, WEB_FORM, Visit, asked, at_both, hold
from tools.harness.site.http import Http
from tools.harness.site.people import (
	CLIENT,
	COMPANY,
	FRONT_DESK,
	HOME_OFFICE,
	HOST,
	OFFICE,
	ROLELESS,
	SYSTEM,
	US_COMPANY,
	US_DESK,
	US_HOST,
	US_NURSE,
	US_OFFICE,
)

INSIDE = (HOST, US_DESK, US_NURSE)
OFFICES = (OFFICE, US_OFFICE, SYSTEM)
CLIENTS = (CLIENT, ROLELESS, "Guest")
REPORT = "frappe.desk.query_report.run"


@pytest.fixture
def visits(http: Callable[..., Http], make_appointment: Any) -> list[Visit]:
	return at_both(http, make_appointment)


@pytest.mark.parametrize("who", [*INSIDE, *OFFICES, *CLIENTS])
def test_no_way_of_asking_tells_what_is_not_for_the_asker(http: Any, visits: list[Visit], who: str) -> None:
	forbidden = {SECRET}
	if who in (*OFFICES, *CLIENTS):
		forbidden |= {FALLBACK, MARK}
	found = [
		(what, word)
		for what, answer in asked(http(who), visits)
		for word in [*(w for w in forbidden if w in answer.text), *_counted(what, answer)]
	]
	assert found == []


def _counted(what: str, answer: Any) -> Iterator[str]:
	"""A number other than none answers a guess."""
	if what.endswith(": count") and answer.ok and answer.json()["message"]:
		yield f"counted {answer.json()['message']}"


def test_staff_see_the_rooms_of_their_own_company(http: Any, visits: list[Visit]) -> None:
	"""That the walls let through what they should."""
	home, abroad = (visit.room for visit in visits)
	seen = {HOST: {home}, US_HOST: {abroad}, US_DESK: {abroad}, FRONT_DESK: {home, abroad}, SYSTEM: set()}
	for who, rooms in seen.items():
		search = {"doctype": "Appointment Room", "txt": "", "ignore_user_permissions": 1}
		found = http(who).get("frappe.desk.search.search_link", **search).json().get("message") or []
		assert {row["value"] for row in found} == rooms, who


@pytest.mark.parametrize("act", ["visit.enter", "visit.leave"])
def test_no_broadcast_names_the_client(bench: Any, http: Any, make_appointment: Any, act: str) -> None:
	room, client = make_appointment().theranvio_room, http(CLIENT)  # the platform tells of signing in itself
	assert http(HOST).post("visit.enter", room=room).ok
	if act == "visit.leave":
		assert client.post("visit.enter", room=room).ok
	channel = _listen()
	assert client.post(act, room=room).status_code == 200
	heard = list(_heard(channel))
	assert heard, "the host is nudged"
	assert [m for m in heard if CLIENT in json.dumps(m.get("message"))] == []


@pytest.mark.parametrize("who", [CLIENT, ROLELESS, "Guest", US_HOST, US_DESK, US_OFFICE, SYSTEM])
def test_no_one_subscribes_to_documents_they_may_not_read(http: Any, visits: list[Visit], who: str) -> None:
	"""The realtime server asks these before it lets a socket into a document's room, or a DocType's."""
	ask = "frappe.realtime.can_subscribe_"
	documents = [(doctype, names[0]) for doctype, names in visits[0].names.items()]
	answers = {
		doctype: http(who).get(f"{ask}doc", doctype=doctype, docname=name).status_code
		for doctype, name in documents
	}
	closed = ("Room Meeting", "Participant Access", "Room Join", "Provider Event")
	answers |= {
		f"all of {doctype}": http(who).get(f"{ask}doctype", doctype=doctype).status_code for doctype in closed
	}
	assert set(answers.values()) == {403}, answers


def test_a_host_subscribes_to_their_own_room(http: Any, visits: list[Visit]) -> None:
	room = {"doctype": "Appointment Room", "docname": visits[0].room}
	assert http(HOST).get("frappe.realtime.can_subscribe_doc", **room).ok


def _listen() -> Any:
	from frappe.utils.background_jobs import get_redis_connection_without_auth

	channel = get_redis_connection_without_auth().pubsub(ignore_subscribe_messages=True)
	channel.subscribe("events")
	channel.get_message(timeout=1)
	return channel


def _heard(channel: Any) -> Iterator[dict[str, Any]]:
	while message := channel.get_message(timeout=1):
		yield json.loads(message["data"])


def test_the_visit_shows_the_fallback_once_it_is_offered(http: Any, make_appointment: Any) -> None:
	visit = hold(http, make_appointment, COMPANY, HOST, CLIENT)
	assert http(CLIENT).get("visit.state", room=visit.room).json()["message"]["fallback"] is None
	http(HOST).post("host.use_fallback", room=visit.room, active=True)
	assert FALLBACK in http(CLIENT).get("visit.state", room=visit.room).text
	form = {"doctype": "Patient Appointment", "docname": visit.appointment, "web_form_name": WEB_FORM}
	get_form_data = "frappe.website.doctype.web_form.web_form.get_form_data"
	assert http(CLIENT).get(get_form_data, **form).json()["message"]["doc"]["theranvio_fallback_url"] is None
	assert (
		FALLBACK
		in http(FRONT_DESK).get("frappe.client.get", doctype=form["doctype"], name=visit.appointment).text
	)


@pytest.mark.parametrize(
	"path",
	[
		*("/visit/{room}", "/visit?room={room}", "/visit.html?room={room}", "/visit/?room={room}"),
		*(
			"/visit/{room}/",
			"//visit/{room}",
			"/visit%2Ehtml?room={room}",
			"/%76isit/{room}",
			"/visit/index?room={room}",
		),
		*(
			"/video-visits",
			"/video-visits/",
			"/video-visits.html",
			"/video%2Dvisits",
			"/Video-Visits",
			"/VISIT/{room}",
		),
	],
)
@pytest.mark.parametrize("direct", [False, True], ids=["nginx", "gunicorn"])
def test_whatever_path_leads_to_a_page_its_headers_come_along(
	http: Any, make_appointment: Any, path: str, direct: bool
) -> None:
	answer = http(CLIENT, direct=direct).page(path.format(room=make_appointment().theranvio_room))
	if 'id="boot"' in answer.text:
		assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
		assert "camera=(self)" in answer.headers["Permissions-Policy"]
	elif 'id="upcoming"' not in answer.text:
		return
	assert answer.headers["Cache-Control"] == "no-store"
	assert "no-referrer" in answer.headers["Referrer-Policy"]


@pytest.mark.parametrize("path", ["/visit.html?room={room}", "/video-visits/", "/video-visits.html"])
def test_these_paths_lead_to_a_page(http: Any, make_appointment: Any, path: str) -> None:
	answer = http(CLIENT).page(path.format(room=make_appointment().theranvio_room))
	assert answer.headers["Cache-Control"] == "no-store"


# what belongs to the site, and what to a company


@pytest.mark.parametrize(
	("who", "status"), [(US_OFFICE, 403), (HOME_OFFICE, 403), (FRONT_DESK, 403), (OFFICE, 200), (SYSTEM, 200)]
)
def test_who_is_restricted_to_a_company_changes_nothing_of_the_site(http: Any, who: str, status: int) -> None:
	changes = [
		("Media Provider/Peer-to-Peer", {"turn_urls": "turn:relay.example.org:3478"}),
		("Telehealth Settings/Telehealth Settings", {"lead_minutes": 20}),
	]
	for path, change in changes:
		answer = _sent(http(who), "PUT", path, **change)
		assert answer.status_code == status, (path, answer.text)


def _sent(client: Http, verb: str, path: str, **body: Any) -> Any:
	guard = {"X-Frappe-CSRF-Token": client.csrf}
	return client.session.request(verb, f"{client.base_url}/api/resource/{path}", json=body, headers=guard)


def test_an_agreement_for_the_whole_site_is_not_one_companys_to_change(site: Any, http: Any) -> None:
	whole = draft_agreement().insert().name
	site.db.commit()
	for who, status in ((US_OFFICE, 403), (HOME_OFFICE, 403), (OFFICE, 200)):
		assert _sent(http(who), "PUT", f"BAA Record/{whole}", services="More").status_code == status, who
		assert http(who).page(f"/api/resource/BAA Record/{whole}").status_code == 200


def test_an_agreement_of_another_company_is_not_ones_to_make(http: Any) -> None:
	texts = {"provider": "Peer-to-Peer", "services": "Video"}
	texts |= {"our_legal_name": "Ours Inc.", "their_legal_name": "Relay Ltd."}
	assert _sent(http(US_OFFICE), "POST", "BAA Record", company=COMPANY, **texts).status_code == 403
	made = _sent(http(US_OFFICE), "POST", "BAA Record", **texts)
	assert made.json()["data"]["company"] == US_COMPANY


def test_the_office_sees_the_audit_of_its_own_companies_rooms(http: Any, visits: list[Visit]) -> None:
	home, abroad = (visit.room for visit in visits)
	http(HOST).post("host.end", room=home)
	seen = {OFFICE: {home, abroad}, SYSTEM: {home, abroad}, HOME_OFFICE: {home}, US_OFFICE: {abroad}}
	for who, rooms in seen.items():
		answer = http(who).get(REPORT, report_name="Room Audit", filters="{}")
		rows = {row["room"]: row for row in answer.json()["message"]["result"]}
		assert rows.keys() == rooms, who
		assert not [w for w in (SECRET, MARK, FALLBACK, "Cleo", "Ursa", "Hanna", CLIENT) if w in answer.text]
		if home in rows:
			assert (rows[home]["status"], rows[home]["ended_by"], rows[home]["people"]) == ("Ended", HOST, 2)


@pytest.mark.parametrize("who", [HOST, US_NURSE, FRONT_DESK, CLIENT, ROLELESS])
def test_the_audit_is_the_offices(http: Any, visits: list[Visit], who: str) -> None:
	answer = http(who).get(REPORT, report_name="Room Audit", filters="{}")
	assert not answer.ok
	assert not [v.room for v in visits if v.room in answer.text]
