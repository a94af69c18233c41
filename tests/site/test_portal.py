"""Who is who to an appointment, and the two pages: the client's list of visits and the shell of the visit page."""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta
from typing import Any

import frappe
import pytest
import requests

from theranvio_telehealth.site.directory import SiteDirectory
from theranvio_telehealth.site.store import SiteStore
from tools.harness.site.appointments import patient_of
from tools.harness.site.people import (
	CLIENT,
	COMPANY,
	FRONT_DESK,
	HOST,
	OTHER_CLIENT,
	OTHER_HOST,
	ROLELESS,
	US_COMPANY,
)

TOMORROW = timedelta(days=1)


# who is who


def part(user: str, appointment: Any) -> tuple[str, str, bool] | None:
	"""Role, name and whether they stand in."""
	read = SiteStore().appointment(appointment.name)
	person = SiteDirectory().person(user, read)
	return person and (str(person.role), person.display_name, person.stand_in)


@pytest.fixture
def appointment(make_appointment: Any) -> Any:
	return make_appointment(starts_in=TOMORROW)


def forget(user: str) -> None:
	"""What the platform's caches hold of a user's rights."""
	frappe.clear_cache(user=user)
	frappe.local.role_permissions = {}


@pytest.mark.parametrize(
	("user", "who"),
	[
		(HOST, ("Host", "Hanna Host", False)),
		(FRONT_DESK, ("Host", "Fred Desk", True)),
		("Administrator", ("Host", "Administrator", True)),
		(CLIENT, ("Client", "Cleo Client", False)),
		(OTHER_HOST, None),
		(OTHER_CLIENT, None),
		(ROLELESS, None),
		("Guest", None),
		("nobody@nowhere.test", None),
		("", None),
	],
)
def test_who_is_who(appointment: Any, user: str, who: Any) -> None:
	assert part(user, appointment) == who


@pytest.mark.parametrize(
	("address", "who"),
	[
		("Client@Home.TEST", True),
		(" client@home.test ", True),
		("clíent@home.test", False),
		("client@home.test.evil.test", False),
		("", False),
		(None, False),
	],
)
def test_the_patients_address_names_the_client(appointment: Any, address: str | None, who: bool) -> None:
	frappe.db.set_value("Patient", appointment.patient, "email", address)
	assert bool(part(CLIENT, appointment)) is who


def test_a_client_needs_the_role(appointment: Any) -> None:
	frappe.db.delete("Has Role", {"parent": CLIENT, "role": "Patient"})
	forget(CLIENT)
	assert part(CLIENT, appointment) is None
	frappe.db.rollback()
	forget(CLIENT)


@pytest.mark.parametrize("user", [HOST, CLIENT, FRONT_DESK])
def test_a_disabled_account_is_no_one(appointment: Any, user: str) -> None:
	frappe.db.set_value("User", user, "enabled", 0)
	assert part(user, appointment) is None


@pytest.mark.parametrize("user", [HOST, FRONT_DESK, "Administrator"])
@pytest.mark.parametrize("role", ["with", "without"])
def test_staff_who_is_the_patient_is_the_client(appointment: Any, user: str, role: str) -> None:
	if role == "with":
		frappe.get_doc("User", user).append_roles("Patient")
		forget(user)
	frappe.db.set_value("Patient", appointment.patient, "email", user)
	assert part(user, appointment) == ("Client", "Cleo Client", False)
	frappe.db.rollback()
	forget(user)


def permit(user: str, allow: str, value: str) -> None:
	frappe.get_doc(doctype="User Permission", user=user, allow=allow, for_value=value).insert()
	forget(user)


@pytest.mark.parametrize(("company", "may"), [(COMPANY, True), (US_COMPANY, False)])
@pytest.mark.parametrize("user", [HOST, FRONT_DESK])
def test_walls_between_companies(appointment: Any, user: str, company: str, may: bool) -> None:
	permit(user, "Company", company)
	assert bool(part(user, appointment)) is may
	frappe.db.rollback()
	forget(user)


@pytest.mark.parametrize(
	("allow", "value"),
	[
		("Healthcare Practitioner", "Otto Other"),
		("Healthcare Practitioner", "Hanna Host"),
		("Medical Department", "Dental"),
		("Appointment Type", "Video consultation"),
		("Patient", "Odin Other"),
		("Patient Appointment", "another"),
	],
)
def test_the_walls_are_where_the_platform_has_them(appointment: Any, allow: str, value: str) -> None:
	"""We read only the columns that the platform's rules look at; they look at the whole document."""
	permission = frappe.get_doc(doctype="User Permission", user=FRONT_DESK, allow=allow, for_value=value)
	permission.insert(ignore_links=True)
	forget(FRONT_DESK)
	whole = frappe.get_doc("Patient Appointment", appointment.name)
	theirs = frappe.has_permission("Patient Appointment", "write", doc=whole, user=FRONT_DESK)
	assert bool(part(FRONT_DESK, appointment)) is bool(theirs)
	frappe.db.rollback()
	forget(FRONT_DESK)


def test_sharing_the_appointment_lets_staff_stand_in(appointment: Any) -> None:
	share = {"doctype": "Patient Appointment", "name": appointment.name}
	for user in (OTHER_HOST, ROLELESS):
		frappe.share.add(*share.values(), user, read=1)
		assert part(user, appointment) is None
		frappe.share.add(*share.values(), user, read=1, write=1)
	assert part(OTHER_HOST, appointment) == ("Host", "Otto Other", True)
	assert part(ROLELESS, appointment) is None, "a website user is no staff"


def test_only_an_enabled_practitioners_user_is_found(appointment: Any) -> None:
	read = SiteStore().appointment(appointment.name)
	assert SiteDirectory().hosts(read) == [HOST]
	frappe.db.set_value("User", HOST, "enabled", 0)
	assert SiteDirectory().hosts(read) == []


# the list of visits


def text_of(page: Any) -> str:
	return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.text.partition("<section")[2]))


def test_a_clients_visits(http: Any, make_appointment: Any) -> None:
	soon = make_appointment()
	later = make_appointment(starts_at=datetime(2031, 7, 1, 9, 30))
	make_appointment(client=OTHER_CLIENT, starts_at=datetime(2031, 7, 2, 9, 30))
	past = make_appointment(starts_in=2 * TOMORROW)
	frappe.db.set_value("Appointment Room", past.theranvio_room, "status", "Ended")
	frappe.db.commit()
	page = http(CLIENT).page("/video-visits")
	assert page.status_code == 200
	links = re.findall(r'href="/visit/([0-9a-f]{32})"', page.text)
	assert links == [soon.theranvio_room, later.theranvio_room]
	assert "America/Toronto" in page.text
	text = text_of(page)
	assert "Tuesday 1 July 2031 09:30" in text
	assert "Opens at 09:15" in text
	assert "Open now" in text
	assert "With Hanna Host" in text
	assert "Took place" in text
	assert "2 July" not in text


@pytest.mark.parametrize(
	("status", "reason", "label"),
	[
		("Ended", "", "Took place"),
		("Expired", "", "Did not take place"),
		("Revoked", "Cancelled", "Cancelled"),
		("Revoked", "No Show", "Did not take place"),
		("Revoked", "Video Off", "Not held by video"),
	],
)
def test_what_became_of_a_visit_is_true(
	http: Any, make_appointment: Any, status: str, reason: str, label: str
) -> None:
	room = make_appointment().theranvio_room
	frappe.db.set_value("Appointment Room", room, {"status": status, "revoked_reason": reason})
	frappe.db.commit()
	assert text_of(http(CLIENT).page("/video-visits")).rstrip().partition("Past")[2].count(label) == 1


def test_no_visits(http: Any) -> None:
	text = text_of(http(OTHER_CLIENT).page("/video-visits"))
	assert "You have no video visits coming up" in text
	assert "Past" not in text


def test_the_list_is_shown_to_its_client_only(http: Any) -> None:
	for who in (HOST, FRONT_DESK, ROLELESS):
		assert http(who).page("/video-visits").status_code == 403
	guest = http().page("/video-visits")
	assert guest.status_code == 302
	assert guest.headers["Location"].endswith("/login?redirect-to=%2Fvideo-visits")


def test_the_list_is_not_cached(http: Any, make_appointment: Any) -> None:
	room = make_appointment().theranvio_room
	page = http(CLIENT).page("/video-visits")
	assert page.headers["Cache-Control"] == "no-store"
	assert "no-referrer" in page.headers["Referrer-Policy"]
	assert '<meta name="referrer" content="no-referrer">' in page.text
	assert room not in http(OTHER_CLIENT).page("/video-visits").text


def test_the_list_is_in_the_clients_menu_only(http: Any) -> None:
	assert 'href="/video-visits"' in http(CLIENT).page("/me").text
	assert 'href="/video-visits"' not in http(HOST).page("/me").text


def test_no_search_engine_is_shown_the_way(http: Any) -> None:
	sitemap = http().page("/sitemap.xml").text
	assert "video-visits" not in sitemap
	assert "/visit" not in sitemap


# the visit page


def boot_of(page: Any) -> dict[str, Any]:
	return json.loads(
		re.search(r'<script type="application/json" id="boot">(.*?)</script>', page.text, re.S)[1]
	)


def test_the_visit_page_is_the_same_shell_for_every_room(http: Any, make_appointment: Any) -> None:
	room = make_appointment().theranvio_room
	pages = [
		http(who).page(f"/visit/{where}") for who in (CLIENT, OTHER_CLIENT) for where in (room, "0" * 32)
	]
	shells = [
		p.text.replace(boot_of(p)["room"], "ROOM").replace(boot_of(p)["csrf_token"], "TOKEN") for p in pages
	]
	assert {p.status_code for p in pages} == {200}
	assert len(set(shells)) == 1
	assert boot_of(pages[0])["room"] == room


def test_what_the_visit_page_boots_with(http: Any, base_url: str, bench: Any) -> None:
	page = http(CLIENT).page("/visit/" + "0" * 32)
	boot = boot_of(page)
	assert re.fullmatch(r"[0-9a-f]{32,}", boot["csrf_token"])
	assert (boot["lang"], boot["dir"], boot["home"]) == ("en", "ltr", "/video-visits")
	script = boot["realtime"].pop("script")
	assert boot["realtime"] == {"kind": "socketio", "url": f"{base_url}/{bench.bench.site}"}
	assert "realtime.bundle" in script
	assert "socket" in requests.get(f"{base_url}{script}", timeout=30).text
	assert boot_of(http(HOST).page("/visit/" + "0" * 32))["home"] == "/app"
	for asset in (boot["bundle"], boot["style"]):
		assert http().page(asset).status_code == 200, asset


def test_the_visit_pages_headers(http: Any, base_url: str) -> None:
	headers = http(CLIENT).page("/visit/" + "0" * 32).headers
	policy = dict(p.strip().split(" ", 1) for p in headers["Content-Security-Policy"].split(";"))
	assert policy["default-src"] == "'none'"
	assert policy["script-src"] == policy["style-src"] == "'self'"
	assert policy["connect-src"].split() == ["'self'", base_url, base_url.replace("http", "ws", 1)]
	assert policy["frame-ancestors"] == "'none'"
	assert "unsafe" not in headers["Content-Security-Policy"]
	assert headers["Cache-Control"] == "no-store"
	assert "no-referrer" in headers["Referrer-Policy"]
	assert headers["Permissions-Policy"] == "camera=(self), microphone=(self), display-capture=(self)"


def test_the_visit_page_carries_nothing_inline_and_nothing_foreign(http: Any) -> None:
	page = http(CLIENT).page("/visit/" + "0" * 32).text
	assert not re.findall(r"<style|\son\w+=|style=", page)
	assert re.findall(r"<script(?![^>]*(?:\ssrc=|application/json))", page) == []
	assert re.findall(r'(?:src|href)="(?!/)[^"]*"', page) == []


def test_guests_sign_in_first_and_come_back(http: Any) -> None:
	answer = http().page("/visit/" + "0" * 32)
	assert answer.status_code == 302
	assert answer.headers["Location"].endswith("/login?redirect-to=%2Fvisit%2F" + "0" * 32)
	assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("room", ["%22%3E%3Cscript%3Ealert(1)", "%7B%7B7*7%7D%7D", "a" * 500])
def test_a_room_can_break_no_page(http: Any, room: str) -> None:
	page = http(CLIENT).page(f"/visit/{room}")
	assert page.status_code == 200
	assert "<script>alert" not in page.text
	assert "49" not in boot_of(page)["room"]
	assert len(boot_of(page)["room"]) <= 140


def test_the_old_session_is_guarded_after_the_page(http: Any, base_url: str) -> None:
	"""The page's token is the session's: who has not read the page cannot post."""
	client = http(CLIENT, fresh=True)
	client.csrf = boot_of(client.page("/visit/" + "0" * 32))["csrf_token"]
	assert client.post("visit.enter", room="0" * 32).status_code == 404
	client.csrf = "another"
	assert client.post("visit.enter", room="0" * 32).status_code == 403


def test_patients_of_one_address_have_one_portal_user(http: Any, make_appointment: Any) -> None:
	parent = patient_of(CLIENT)
	child = frappe.get_doc(
		doctype="Patient", first_name="Cleo Child", sex="Female", email=CLIENT, invite_user=0
	).insert(ignore_permissions=True)
	rooms = [
		make_appointment(starts_in=TOMORROW, patient=parent).theranvio_room,
		make_appointment(starts_in=2 * TOMORROW, patient=child.name).theranvio_room,
	]
	page = http(CLIENT).page("/video-visits").text
	assert [room in page for room in rooms] == [True, True]
	names = [http(CLIENT).get("visit.state", room=r).json()["message"]["me"]["display_name"] for r in rooms]
	assert names == ["Cleo Client", "Cleo Child"]
	lines = [" ".join(text_of_line.split()) for text_of_line in re.findall(r"<li.*?</li>", page, re.S)]
	for room, name in zip(rooms, names, strict=True):
		(line,) = [line for line in lines if room in line]
		assert f"Visit of {name}" in line
	patients = [http(CLIENT).get("visit.state", room=r).json()["message"]["about"]["patient"] for r in rooms]
	assert patients == names
	frappe.db.delete("Patient Appointment", {"patient": child.name})
	frappe.db.delete("Patient", child.name)
	frappe.db.commit()
