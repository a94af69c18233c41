"""The demo's pages, forms, sessions and headers over HTTP, and what it refuses to listen on."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.demo.callers import BOOT, TOKEN, Running, Visit
from theranvio_telehealth.services.catalogue import key_of
from tools.demo.clinic import Clinic
from tools.demo.server import NotBuilt, NotLoopback, require_loopback, serve
from tools.demo.web import is_loopback
from tools.harness.factories import make_appointment

PAGES = ["/", "/sign-in", "/sign-in?as=amara", "/video-visits", "/visit/abc", "/nothing", "/demo/demo.css"]
FOREIGN = re.compile(r"""(?:src|href|action|url)\s*[=(]\s*["']?(https?:)?//(?!(\w+\.)?localhost)""")
BOOKING = {"practitioner": "PRAC-1", "patient": "PAT-2", "at": "15:00", "minutes": "30"}


@pytest.mark.parametrize("user", ["", "okafor", "amara"])
@pytest.mark.parametrize("path", PAGES)
def test_security_headers_and_no_foreign_origin(demo_server: Running, path: str, user: str) -> None:
	caller = demo_server.person(user) if user else demo_server.caller()
	page = caller.get(path)
	policy = page.headers["Content-Security-Policy"]
	assert "default-src 'none'" in policy
	assert "unsafe" not in policy
	assert "http" not in policy
	assert page.headers["Referrer-Policy"] == "no-referrer"
	assert page.headers["Cache-Control"] in ("no-store", "no-cache")
	assert page.headers["X-Content-Type-Options"] == "nosniff"
	assert "camera=(self)" in page.headers["Permissions-Policy"]
	assert "geolocation=()" in page.headers["Permissions-Policy"]
	assert not FOREIGN.search(page.text)
	assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*(src=|application/json))", page.text)


@pytest.mark.parametrize("name", ["evil.example", "localhost.evil.example", "10.0.0.1", "127.0.0.1.nip.io"])
def test_answers_to_its_own_names_only(demo_server: Running, name: str) -> None:
	answer = requests.get(demo_server.address, headers={"Host": name}, timeout=5)
	assert answer.status_code == 421
	assert "Harbour" not in answer.text


@pytest.mark.parametrize(
	"name", ["localhost", "client.localhost:8090", "127.0.0.1:1", "127.9.9.9", "[::1]:80"]
)
def test_answers_to_this_machine(demo_server: Running, name: str) -> None:
	assert requests.get(demo_server.address, headers={"Host": name}, timeout=5).status_code == 200


@pytest.mark.parametrize(
	"name", ["0.0.0.0", "::", "", "192.168.1.10", "example.org", "localhost.example.org"]
)
def test_listens_on_nothing_else(name: str) -> None:
	assert not is_loopback(name)
	with pytest.raises(NotLoopback, match=r"127\.0\.0\.1"):
		require_loopback(name)


@pytest.mark.parametrize("name", ["127.0.0.1", "127.3.2.1", "::1", "localhost"])
def test_listens_on_loopback(name: str) -> None:
	assert is_loopback(name)
	if name != "::1":
		require_loopback(name)


def test_the_command_refuses_an_open_address() -> None:
	command = [sys.executable, "-m", "tools.demo", "--host", "0.0.0.0", "--port", "0"]
	done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
	assert done.returncode == 2
	assert "can be reached from other machines" in done.stderr
	assert "Traceback" not in done.stderr


def test_the_command_names_both_addresses(tmp_path: Path) -> None:
	path = tmp_path / "kept.db"
	command = [sys.executable, "-u", "-m", "tools.demo", "--port", "0", "--db", str(path)]
	demo = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
	try:
		output = ""
		while "Front desk" not in output:
			output += demo.stdout.readline() or pytest.fail(output + demo.stderr.read())
	finally:
		demo.terminate()
		_, wrong = demo.communicate(timeout=10)
	assert re.search(r"Everybody +http://127\.0\.0\.1:\d+/\n", output)
	assert re.search(r"http://clinician\.localhost:\d+/sign-in\?as=okafor", output)
	assert re.search(r"http://client\.localhost:\d+/sign-in\?as=amara", output)
	assert wrong == ""
	assert path.exists()


def test_nothing_is_served_before_the_page_is_built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
	monkeypatch.setattr("tools.demo.pages.PUBLIC", tmp_path)
	with pytest.raises(NotBuilt, match="npm run bundle"):
		serve("127.0.0.1", 0, tmp_path / "clinic.db")


def test_browsers_find_an_icon(demo_server: Running) -> None:
	answer = demo_server.caller().get("/favicon.ico")
	assert answer.status_code == 200
	assert answer.headers["Content-Type"].startswith("image/")
	assert answer.content[:4] == b"\0\0\1\0"
	page = demo_server.person("amara").get("/visit/abc").text
	named = re.search(r'<link rel="icon" href="([^"]+)"', page)[1]
	assert demo_server.caller().get(named).headers["Content-Type"].startswith("image/svg")


# signing in


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(demo_server: Running) -> None:
	answer = requests.post(
		f"{demo_server.address}/sign-in", data={"person": "amara"}, timeout=5, allow_redirects=False
	)
	cookie = answer.headers["Set-Cookie"]
	assert "HttpOnly" in cookie
	assert "SameSite=Lax" in cookie


def test_beyond_the_bound_the_oldest_session_ends(
	demo_server: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
	monkeypatch.setattr("tools.demo.sessions.MOST", 2)
	first, second, third = (demo_server.person("amara") for _ in range(3))
	pages = [caller.get("/video-visits", allow_redirects=False) for caller in (first, second, third)]
	assert [page.status_code for page in pages] == [303, 200, 200]


def test_a_get_signs_no_one_in(demo_server: Running) -> None:
	assert "Set-Cookie" not in demo_server.caller().get("/sign-in?as=okafor").headers


@pytest.mark.parametrize(
	("wanted", "led"),
	[
		("/video-visits", "/video-visits"),
		("/visit/0123abc", "/visit/0123abc"),
		("//evil.example", "/"),
		("https://evil.example", "/"),
		("/visit/../sign-out", "/"),
		("", "/"),
	],
)
def test_signing_in_leads_to_our_own_pages_only(demo_server: Running, wanted: str, led: str) -> None:
	form = {"person": "amara", "next": wanted}
	answer = requests.post(f"{demo_server.address}/sign-in", data=form, timeout=5, allow_redirects=False)
	assert (answer.status_code, answer.headers["Location"]) == (303, led)


@pytest.mark.parametrize("path", ["/video-visits", "/visit/0123abc"])
def test_a_page_asks_to_sign_in_and_comes_back(demo_server: Running, path: str) -> None:
	answer = demo_server.caller().get(path, allow_redirects=False)
	assert (answer.status_code, answer.headers["Location"]) == (303, f"/sign-in?next={path}")
	assert f'name="next" value="{path}"' in demo_server.caller().get(path).text


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_another_site_signs_no_one_in(demo_server: Running, site: str) -> None:
	headers = {"Sec-Fetch-Site": site}
	answer = requests.post(
		f"{demo_server.address}/sign-in", data={"person": "amara"}, headers=headers, timeout=5
	)
	assert answer.status_code == 403
	assert "Set-Cookie" not in answer.headers


def test_a_made_up_person_is_refused(demo_server: Running) -> None:
	assert (
		requests.post(f"{demo_server.address}/sign-in", data={"person": "root"}, timeout=5).status_code == 400
	)


# the clinic's page


def test_book_move_cancel_delete(visit: Visit) -> None:
	desk, clinic = visit.running.person("desk"), Clinic(visit.running.demo_app)
	assert (
		desk.post("/clinic/book", **BOOKING, video="on", fallback_url="https://x.test/a").status_code == 303
	)
	(booked,) = [a for a in clinic.today() if a.minutes == 30]
	assert (booked.patient, booked.fallback_url) == ("PAT-2", "https://x.test/a")
	room = clinic.store.shown(booked.name)
	assert "3:00 PM" in desk.get("/").text
	desk.post("/clinic/move", name=booked.name, at="16:30")
	assert clinic.store.room(room).starts_on == clinic.store.appointment(booked.name).starts_on
	assert "4:30 PM" in desk.get("/").text
	desk.post("/clinic/cancel", name=booked.name)
	assert clinic.store.room(room).status == "Revoked"
	desk.post("/clinic/delete", name=booked.name)
	assert clinic.store.appointment(booked.name) is None
	visit.running.clock.advance(seconds=1)
	desk.post("/clinic/book", **BOOKING, video="on")
	(again,) = [a for a in clinic.today() if a.minutes == 30]
	assert again.name == booked.name
	assert clinic.store.shown(again.name) != room


def test_without_video_there_is_no_room(visit: Visit) -> None:
	visit.running.person("desk").post("/clinic/book", **BOOKING)
	store = visit.running.demo_app.store
	assert store.rooms_of(max(store.appointment_names())) == []


def test_deleting_revokes(visit: Visit) -> None:
	visit.admit()
	visit.running.person("desk").post("/clinic/delete", name=visit.appointment)
	assert visit.running.demo_app.store.room(visit.room).status == "Revoked"
	assert visit.client.act("visit.state", room=visit.room)["status"] == "Revoked"


@pytest.mark.parametrize(
	("wrong", "sentence"),
	[
		({"practitioner": "PAT-1"}, "Choose a clinician"),
		({"patient": "PRAC-1"}, "Choose a client"),
		({"at": "25:00"}, "Enter a time of day"),
		({"minutes": "-5"}, "whole minutes"),
		({"minutes": "900"}, "between 1 and 480"),
		({"minutes": "0"}, "between 1 and 480"),
		({"minutes": "٣"}, "whole minutes"),
		({"fallback_url": "javascript:alert(1)"}, "begins with https://"),
		({"fallback_url": "http://x.test"}, "begins with https://"),
	],
)
def test_a_bad_entry_is_refused_and_stays_in_the_form(
	visit: Visit, wrong: dict[str, str], sentence: str
) -> None:
	desk, store = visit.running.person("desk"), visit.running.demo_app.store
	before = store.appointment_names()
	answer = desk.post("/clinic/book", **{**BOOKING, **wrong})
	assert answer.status_code == 400
	assert sentence in answer.text
	assert 'value="30"' in answer.text or "minutes" in wrong
	assert store.appointment_names() == before


@pytest.mark.parametrize("path", ["/clinic/book", "/clinic/cancel", "/clinic/nothing", "/sign-out"])
def test_a_forms_address_opened_again_leads_home_and_does_nothing(visit: Visit, path: str) -> None:
	desk = visit.running.person("desk")
	before = visit.running.everything(visit.room)
	answer = desk.get(path, params={"name": visit.appointment}, allow_redirects=False)
	assert (answer.status_code, answer.headers["Location"]) == (303, "/")
	assert "Front desk" in desk.get("/").text
	assert visit.running.everything(visit.room) == before


def test_a_booking_and_its_overlaps_are_shown_once(visit: Visit) -> None:
	desk = visit.running.person("desk")
	desk.post("/clinic/book", **BOOKING, video="on")
	page = desk.get("/").text
	assert "Booked: Jonas Weber with Dr. Ada Okafor at 3:00 PM, 30 minutes." in page
	assert "Double booked" not in page.replace("Double booked: Amara", "")
	assert "Booked:" not in desk.get("/").text
	desk.post("/clinic/book", **{**BOOKING, "patient": "PAT-3", "at": "15:29"})
	twice = "Double booked: Jonas Weber with Dr. Ada Okafor at 3:00 PM is at the same time."
	assert twice in desk.get("/").text
	desk.post("/clinic/book", **{**BOOKING, "practitioner": "PRAC-2", "at": "15:29"})
	assert twice in desk.get("/").text
	(mei,) = [a for a in Clinic(visit.running.demo_app).today() if a.patient == "PAT-3" and a.minutes == 30]
	desk.post("/clinic/move", name=mei.name, at="16:30")
	page = desk.get("/").text
	assert "Moved: Mei Tanaka with Dr. Ada Okafor at 4:30 PM" in page
	assert "Double booked" not in page
	desk.post("/clinic/cancel", name=mei.name)
	desk.post("/clinic/book", **{**BOOKING, "patient": "PAT-2", "at": "16:30"})
	assert "Double booked" not in desk.get("/").text


def test_whose_time_is_over_is_not_being_prepared(visit: Visit) -> None:
	desk = visit.running.person("desk")
	desk.post("/clinic/book", **{**BOOKING, "at": "00:01", "minutes": "1"}, video="on")
	page = desk.get("/").text
	assert "Its time is over, no video" in page
	assert "being prepared" not in page


@pytest.mark.parametrize("act", ["move", "cancel"])
def test_changing_what_is_gone_is_refused(visit: Visit, act: str) -> None:
	answer = visit.running.person("desk").post(f"/clinic/{act}", name="APP-9999", at="10:00")
	assert answer.status_code == 400
	assert "is gone" in answer.text


@pytest.mark.parametrize("act", ["book", "move", "cancel", "delete", "nothing"])
def test_a_client_has_no_part_in_the_book(visit: Visit, act: str) -> None:
	answer = visit.client.post(f"/clinic/{act}", name=visit.appointment, **BOOKING)
	assert answer.status_code == 404
	assert visit.running.demo_app.store.appointment(visit.appointment).status == "Scheduled"


@pytest.mark.parametrize("path", ["/clinic/cancel", "/clinic/delete", "/clinic/book", "/sign-out"])
def test_a_form_without_its_token_is_refused(visit: Visit, path: str) -> None:
	answer = visit.clinician.post(path, csrf_token="stale", name=visit.appointment)
	assert answer.status_code == 403
	assert visit.running.demo_app.store.appointment(visit.appointment).status == "Scheduled"
	assert visit.clinician.get("/video-visits", allow_redirects=False).status_code == 200


def test_a_huge_form_is_refused(visit: Visit) -> None:
	assert visit.clinician.post("/clinic/book", fallback_url="x" * 100_000).status_code == 413


def test_the_clinics_page_shows_who_waits(visit: Visit) -> None:
	assert "is waiting" not in visit.clinician.get("/").text
	visit.enter()
	page = visit.clinician.get("/").text
	assert "Amara Bell is waiting" in page
	assert ">Live<" in page


def test_moving_asks_while_people_are_in_the_visit(visit: Visit) -> None:
	asks = re.compile(r'<form[^>]*action="/clinic/move"[^>]*data-ask="Move Amara Bell at')
	assert not asks.search(visit.clinician.get("/").text)
	visit.enter()
	assert asks.search(visit.clinician.get("/").text)


def test_a_clinician_is_led_into_their_own_visits_only(visit: Visit) -> None:
	pages = {user: visit.running.person(user).get("/").text for user in ("okafor", "lindqvist", "desk")}
	assert {user: f"/visit/{visit.room}" in page for user, page in pages.items()} == {
		"okafor": True,
		"lindqvist": False,
		"desk": True,
	}


def test_what_is_entered_is_shown_as_text(visit: Visit) -> None:
	odd = "https://x.test/<script>alert(1)</script>\"'"
	visit.running.demo_app.store.put(make_appointment(name="APP-0099", practitioner="<b>", fallback_url=odd))
	answer = visit.running.person("desk").post(
		"/clinic/book", **{**BOOKING, "minutes": "x"}, fallback_url=odd
	)
	assert "<script>alert" not in answer.text


# the client's pages


def test_the_clients_list(visit: Visit) -> None:
	page = visit.client.get("/").text
	assert f'href="/visit/{visit.room}"' in page
	assert "Dr. Ada Okafor" in page
	assert "Open now" in page
	assert "Jonas" not in page
	visit.running.person("desk").post("/clinic/cancel", name=visit.appointment)
	page = visit.client.get("/video-visits").text
	assert f"/visit/{visit.room}" not in page
	assert "Cancelled" in page


def test_the_visit_page_and_its_boot(visit: Visit) -> None:
	boot = visit.client.boot(visit.room)
	assert boot["room"] == visit.room
	assert boot["csrf_token"] == TOKEN.search(visit.client.get("/video-visits").text).group(1)
	assert (boot["lang"], boot["dir"], boot["home"]) == ("en", "ltr", "/video-visits")
	assert boot["realtime"] == {"kind": "sse", "url": "/nudges"}
	assert visit.clinician.boot(visit.room)["home"] == "/"
	assert boot["messages"] == {}


@pytest.mark.parametrize(
	"asked", [{"headers": {"Accept-Language": "es-MX, es;q=0.9, en;q=0.8"}}, {"params": {"lang": "es"}}]
)
def test_the_visit_page_in_the_readers_language(visit: Visit, asked: dict[str, Any]) -> None:
	page = visit.client.get(f"/visit/{visit.room}", **asked).text
	boot = json.loads(BOOT.search(page).group(1))
	assert (boot["lang"], boot["messages"][key_of("Enter the waiting room")]) == (
		"es",
		"Entrar en la sala de espera",
	)
	assert "<title>Videoconsulta</title>" in page


def test_a_refusal_in_the_readers_language(visit: Visit) -> None:
	visit.client.get(f"/visit/{visit.room}", params={"lang": "es"})
	refused = visit.client.call("visit.state", room="none").json()["error"]
	assert refused["code"] == "not_found"
	assert refused["message"].startswith("Esa videoconsulta no existe aquí.")
	assert (
		visit.clinician.call("visit.state", room="none").json()["error"]["message"].startswith("There is no")
	)


def test_an_unknown_language_is_english(visit: Visit) -> None:
	assert '"lang": "en"' in visit.client.get(f"/visit/{visit.room}", params={"lang": "../es"}).text


@pytest.mark.parametrize(
	"path", ["../hooks.py", "..%2fhooks.py", "%2e%2e/hooks.py", "/etc/passwd", "dist", ""]
)
def test_nothing_but_public_files_is_served(demo_server: Running, path: str) -> None:
	prepared = requests.Request("GET", demo_server.address).prepare()
	prepared.url = f"{demo_server.address}/assets/theranvio_telehealth/{path}"
	assert requests.Session().send(prepared, timeout=5, allow_redirects=False).status_code in (404, 308)
