"""The guard of every endpoint on a real site: caller, origin, rate limit and form of the request. Over HTTP."""

from __future__ import annotations

import inspect
import json
from typing import Any

import frappe
import pytest
import requests
from frappe.utils.typing_validations import transform_parameter_types
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request, Response

from theranvio_telehealth.api import events, provider, response_headers, visit
from theranvio_telehealth.api import host as host_api
from theranvio_telehealth.api.errors import success
from tools.harness.site.people import (
	CLIENT,
	FRONT_DESK,
	HOST,
	OTHER_CLIENT,
	OTHER_HOST,
	PASSWORD,
	ROLELESS,
)

GETS = {"visit.state": {}, "host.queue": {}}
UNKNOWN_ID = "f" * 32
POSTS: dict[str, dict[str, Any]] = {
	"visit.here": {},
	"visit.enter": {},
	"visit.join": {},
	"visit.heartbeat": {"attendee": UNKNOWN_ID},
	"visit.leave": {"attendee": UNKNOWN_ID},
	"visit.signal": {"attendee": UNKNOWN_ID, "messages": []},
	"host.admit": {"participant": UNKNOWN_ID},
	"host.decline": {"participant": UNKNOWN_ID},
	"host.send_back": {"participant": UNKNOWN_ID},
	"host.remove": {"participant": UNKNOWN_ID},
	"host.lock": {"locked": True},
	"host.extend": {"closes_on": "2026-01-01T00:00:00.000Z"},
	"host.use_fallback": {"active": True},
	"host.end": {},
}
ALL = {**GETS, **POSTS}
NOWHERE = "0" * 32
SECRETS = ("Cleo", "Hanna", CLIENT, "Traceback", "File ", ".py", "exc_type", "_server_messages")


@pytest.fixture
def room(make_appointment: Any) -> str:
	return make_appointment(theranvio_fallback_url="https://meet.example.org/x").theranvio_room


def ask(person: Any, name: str, room: str, **more: Any) -> requests.Response:
	if name in GETS:
		return person.get(name, room=room, **more)
	return person.post(name, room=room, **(POSTS[name] | more))


def refused(answer: requests.Response, status: int, code: str) -> None:
	"""Nothing but the code and one sentence, not to be cached."""
	assert (answer.status_code, list(answer.json())) == (status, ["error"]), answer.text[:300]
	assert sorted(answer.json()["error"]) == ["code", "message"]
	assert answer.json()["error"]["code"] == code
	assert answer.json()["error"]["message"].endswith(".")
	assert answer.headers["Cache-Control"] == "no-store"
	assert "nosniff" in answer.headers["X-Content-Type-Options"]
	assert answer.headers["Content-Type"].startswith("application/json")
	assert not [secret for secret in SECRETS if secret in answer.text]


def untouched(room: str) -> bool:
	frappe.db.rollback()
	status = frappe.db.get_value("Appointment Room", room, "status")
	return status == "Scheduled" and not frappe.db.count("Room Participant")


def test_guests_are_asked_to_sign_in_whether_the_room_exists_or_not(http: Any, room: str) -> None:
	for name in ALL:
		answers = [ask(http(), name, where) for where in (room, NOWHERE)]
		for answer in answers:
			refused(answer, 401, "sign_in")
		assert answers[0].content == answers[1].content
	assert untouched(room)


@pytest.mark.parametrize("who", [OTHER_CLIENT, OTHER_HOST, ROLELESS])
def test_strangers_get_what_a_room_that_does_not_exist_gets(http: Any, room: str, who: str) -> None:
	for name in ALL:
		answers = [ask(http(who), name, where) for where in (room, NOWHERE)]
		for answer in answers:
			refused(answer, 404, "not_found")
		assert answers[0].content == answers[1].content
	assert untouched(room)


@pytest.mark.parametrize("verb", ["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD"])
def test_no_other_method_works(http: Any, room: str, verb: str) -> None:
	host = http(HOST)
	for name in set(ALL) - set(GETS if verb == "GET" else POSTS if verb == "POST" else ()):
		headers = {"X-Frappe-CSRF-Token": host.csrf, "Accept": "text/html" if name.endswith("e") else "*/*"}
		body = {"room": room} | ALL[name]
		data = {"params": body} if verb in ("GET", "HEAD") else {"json": body}
		answer = host.session.request(verb, host.url(name), headers=headers, **data)
		if verb == "HEAD":
			assert answer.status_code == 405
		else:
			refused(answer, 405, "wrong_method")
	assert untouched(room)


@pytest.mark.parametrize("token", [None, "", "wrong", "é"], ids=["none", "empty", "wrong", "not ascii"])
def test_a_foreign_page_changes_nothing(http: Any, room: str, token: str | None) -> None:
	host = http(HOST)
	headers = {} if token is None else {"X-Frappe-CSRF-Token": token.encode()}
	for name, body in POSTS.items():
		answer = host.session.post(host.url(name), json={"room": room} | body, headers=headers)
		refused(answer, 403, "csrf")
	assert untouched(room)


def test_a_session_that_never_had_a_token_is_guarded_too(base_url: str, room: str) -> None:
	session = requests.Session()
	session.post(f"{base_url}/login", data={"cmd": "login", "usr": HOST, "pwd": PASSWORD}).raise_for_status()
	url = f"{base_url}/api/method/theranvio_telehealth.api.visit.enter"
	for headers in ({}, {"X-Frappe-CSRF-Token": ""}, {"X-Frappe-CSRF-Token": "None"}):
		refused(session.post(url, json={"room": room}, headers=headers), 403, "csrf")
	assert session.get(url.replace("enter", "state"), params={"room": room}).status_code == 200
	assert untouched(room)


def keys_of(user: str) -> str:
	doc = frappe.get_doc("User", user)
	doc.api_key, doc.api_secret = frappe.generate_hash(length=15), frappe.generate_hash(length=15)
	doc.save()
	frappe.db.commit()
	return f"token {doc.api_key}:{doc.get_password('api_secret')}"


def test_who_signs_each_request_needs_no_page(site: Any, base_url: str, http: Any, room: str) -> None:
	url = f"{base_url}/api/method/theranvio_telehealth.api.visit.enter"
	key = {"Authorization": keys_of(HOST)}
	assert requests.post(url, json={"room": room}, headers=key).json()["message"]["me"]["role"] == "Host"
	refused(requests.post(url, json={"room": room}, headers={"Authorization": "token a:b"}), 401, "sign_in")
	refused(http(CLIENT).session.post(url, json={"room": room}, headers=key), 403, "csrf")


MALFORMED = {
	"no arguments": b"{}",
	"number": b'{"room": 7}',
	"list": b'{"room": ["a"]}',
	"object": b'{"room": {"like": "%"}}',
	"null": b'{"room": null}',
	"empty": b'{"room": ""}',
	"NUL": b'{"room": "a\\u0000"}',
	"half a character": b'{"room": "\\ud800"}',
	"markup": b'{"room": "<script>"}',
	"too long": b'{"room": "' + b"a" * 141 + b'"}',
	"no JSON": b'{"room": ',
	"not UTF-8": b'{"room": "\xff"}',
	"a list": b'["room"]',
	"a string": b'"room"',
	"a number": b"7",
	"a pit": b"[" * 100_000,
}


@pytest.mark.parametrize("path", ["/api/method/", "/api/v2/method/"])
def test_what_makes_no_sense_is_malformed(http: Any, site: Any, path: str) -> None:
	host = http(HOST)
	headers = {"X-Frappe-CSRF-Token": host.csrf, "Content-Type": "application/json"}
	url = host.base_url + path + "theranvio_telehealth.api.visit.enter"
	for body in MALFORMED.values():
		refused(host.session.post(url, data=body, headers=headers), 400, "malformed")


WRONG_TYPES = [
	("host.lock", {"locked": "perhaps"}),
	("host.extend", {"closes_on": 17}),
	("host.extend", {"closes_on": "tomorrow"}),
	("host.extend", {"closes_on": "2026-01-01T00:00:00"}),
	("host.extend", {"closes_on": "2026-13-41T00:00:00Z"}),
	("host.use_fallback", {"active": []}),
	("host.admit", {"participant": {"a": 1}}),
	("visit.heartbeat", {"attendee": 5}),
	("visit.signal", {"messages": "hello"}),
	("visit.signal", {"messages": ["hello"]}),
	("visit.signal", {"messages": {"data": {}}}),
	("visit.signal", {"messages": [{"data": {"x": "\ud800"}}]}),
	("visit.signal", {"messages": [{"data": {"x": [[[[[[[[]]]]]]]]}}]}),
	("visit.leave", {"attendee": "\ud800"}),
	("visit.here", {"lack": "\ud800"}),
	("visit.here", {"lack": "<b>"}),
]


@pytest.mark.parametrize(
	("field", "stored"),
	[
		("lead_minutes", "2147483647"),
		("grace_minutes", "-2147483648"),
		("overrun_minutes", "many"),
		("default_duration_minutes", "1e9"),
		("us_phi_enabled", "perhaps"),
	],
)
def test_a_setting_that_makes_no_sense_stops_no_one(http: Any, room: str, field: str, stored: str) -> None:
	frappe.db.sql("delete from tabSingles where doctype = 'Telehealth Settings' and field = %s", (field,))
	frappe.db.sql(
		"insert into tabSingles (doctype, field, value) values ('Telehealth Settings', %s, %s)",
		(field, stored),
	)
	frappe.db.commit()
	assert http(HOST).get("visit.state", room=room).status_code == 200
	assert http(HOST).post("visit.enter", room=room).status_code == 200


@pytest.mark.parametrize("minutes", [2147483647, -2147483648])
def test_nor_does_an_appointments_length(http: Any, room: str, minutes: int) -> None:
	frappe.db.set_value("Patient Appointment", {"theranvio_room": room}, "duration", minutes)
	frappe.db.commit()
	assert http(HOST).get("visit.state", room=room).status_code == 200


#: Numbers that are no JSON, as Python's reader takes them.
NO_NUMBERS = ("NaN", "Infinity", "-Infinity", "1e999")


def test_a_number_that_is_no_json_is_malformed(http: Any, room: str) -> None:
	host = http(HOST)
	for number in NO_NUMBERS:
		body = f'{{"room": "{room}", "attendee": "x", "messages": [{{"data": {{"x": {number}}}}}]}}'
		headers = {"X-Frappe-CSRF-Token": host.csrf, "Content-Type": "application/json"}
		refused(host.session.post(host.url("visit.signal"), data=body, headers=headers), 400, "malformed")


def test_a_wrong_type_is_malformed(http: Any, room: str) -> None:
	for name, wrong in WRONG_TYPES:
		refused(ask(http(HOST), name, room, **wrong), 400, "malformed")
	assert untouched(room)


def test_an_argument_of_the_platforms_own_is_malformed(http: Any, room: str) -> None:
	for name in ("visit.state", "visit.here", "host.lock"):
		refused(ask(http(HOST), name, room, fn="x"), 400, "malformed")
	assert untouched(room)


@pytest.mark.parametrize("prefix", ["/api/v1/method/", "/api/v2/method/"])
def test_a_type_that_the_platform_refuses_is_malformed_too(
	http: Any, site: Any, room: str, prefix: str
) -> None:
	"""The platform reads the types of the wrapped endpoint: its refusal is worded as ours and not recorded."""
	before = site.db.count("Error Log")
	host = http(HOST, fresh=True)
	host.prefix = prefix
	for name, wrong in WRONG_TYPES:
		refused(ask(host, name, room, **wrong), 400, "malformed")
	frappe.db.rollback()
	assert site.db.count("Error Log") == before


def test_the_platform_sees_what_an_endpoint_takes(site: Any) -> None:
	"""Frappe 16 requires a type of every argument; 15 checks those that it sees."""
	modules, seen = {module.__name__ for module in (events, host_api, provider, visit)}, 0
	for endpoint in frappe.whitelisted:
		if endpoint.__module__ not in modules:
			continue
		signature = inspect.signature(endpoint)
		assert all(p.kind is p.POSITIONAL_OR_KEYWORD for p in signature.parameters.values()), endpoint
		assert set(signature.parameters) <= set(inspect.get_annotations(endpoint)), endpoint
		if not signature.parameters:
			continue
		with pytest.raises(frappe.exceptions.FrappeTypeError):
			transform_parameter_types(endpoint, (), dict.fromkeys(signature.parameters, object()))
		seen += 1
	assert seen > 8
	assert {endpoint.__module__ for endpoint in frappe.whitelisted} >= modules


UNREADABLE = {
	"half a character": b'{"room": "\\ud800"}',
	"no number": b'{"room": NaN}',
	"another encoding": '{"room": "x"}'.encode("utf-16"),
	"no UTF-8": b'{"room": "\xff"}',
}


@pytest.mark.parametrize("body", UNREADABLE.values(), ids=UNREADABLE.keys())
@pytest.mark.parametrize("status", [401, 417, 500])
def test_a_body_that_only_some_readers_take_is_malformed(site: Any, body: bytes, status: int) -> None:
	"""Frappe 16 reads strictly, and answers 401 before it comes to us."""
	path = "/api/method/theranvio_telehealth.api.visit.enter"
	sent = {"method": "POST", "data": body, "content_type": "application/json"}
	response = Response("theirs", status=status)
	response_headers.after_request(response, Request(EnvironBuilder(path=path, **sent).get_environ()))
	assert response.status_code == 400
	assert json.loads(response.get_data())["error"]["code"] == "malformed"


def test_an_error_after_the_answer_is_not_replaced_by_it(site: Any, monkeypatch: Any) -> None:
	"""The platform's commit, for example, comes after the endpoint."""
	monkeypatch.setattr(frappe.flags, "theranvio_answer", success({"me": "x"}))
	path = "/api/method/theranvio_telehealth.api.visit.enter"
	request = Request(EnvironBuilder(path=path, method="POST", json={"room": "x"}).get_environ())
	response = Response("theirs", status=500)
	response_headers.after_request(response, request)
	assert response.status_code == 500
	assert json.loads(response.get_data())["error"]["code"] == "failed"


def test_what_else_is_sent_is_ignored(http: Any, room: str) -> None:
	more = {"user": CLIENT, "ports": 1, "cmd_": "x", "ignore_permissions": 1, "arguments": [], "return": 0}
	answer = ask(http(CLIENT), "visit.enter", room, **more)
	assert answer.json()["message"]["me"]["state"] == "Waiting"


@pytest.mark.parametrize("size", [65_537, 1_000_000])
def test_a_large_body_is_refused(http: Any, room: str, size: int) -> None:
	for name in POSTS:
		refused(ask(http(HOST), name, room, padding="x" * size), 413, "too_large")
	assert untouched(room)


@pytest.mark.parametrize("prefix", ["/api/v1/method/", "/api/v2/method/"])
def test_the_other_paths_are_the_same_door(http: Any, room: str, prefix: str) -> None:
	label = "data" if "v2" in prefix else "message"
	host, stranger = http(HOST, fresh=True), http(OTHER_CLIENT, fresh=True)
	host.prefix = stranger.prefix = prefix
	state = host.get("visit.state", room=room)
	assert state.json()[label]["me"]["role"] == "Host"
	assert state.headers["Cache-Control"] == "no-store"
	refused(stranger.get("visit.state", room=room), 404, "not_found")
	refused(host.get("visit.enter", room=room), 405, "wrong_method")
	refused(host.session.post(host.url("visit.enter"), json={"room": room}), 403, "csrf")
	guest = http()
	guest.prefix = prefix
	refused(guest.get("visit.state", room=room), 401, "sign_in")
	assert untouched(room)


def test_the_old_way_of_calling_is_the_same_door(http: Any, base_url: str, room: str) -> None:
	command = {"cmd": "theranvio_telehealth.api.visit.enter", "room": room}
	host = http(HOST)
	refused(host.session.post(base_url, data=command), 403, "csrf")
	refused(host.session.get(base_url, params=command), 405, "wrong_method")
	refused(requests.post(base_url, data=command), 401, "sign_in")
	assert untouched(room)
	token = {"X-Frappe-CSRF-Token": host.csrf}
	refused(host.session.post(base_url, data=command | {"room": NOWHERE}, headers=token), 404, "not_found")
	answer = host.session.post(base_url, data=command, headers=token)
	assert answer.json()["message"]["me"]["state"] == "Admitted"


NO_ENDPOINTS = (
	"visit.nothing",
	"nothing.state",
	"guards.guarded",
	"visit.ports",
	"errors.refusal",
	"visit",
	"response_headers.after_request",
)


def test_nothing_else_of_the_api_can_be_called(http: Any, base_url: str) -> None:
	for name in NO_ENDPOINTS:
		url = f"{base_url}/api/method/theranvio_telehealth.api.{name}"
		refused(http(HOST).session.get(url), 404, "not_found")
		refused(http().session.get(url), 401, "sign_in")


def test_patience_ends_and_no_detour_prolongs_it(http: Any, room: str) -> None:
	"""121 requests are more than two minutes' worth, whenever the minute turns."""
	client = http(CLIENT, direct=True, fresh=True)
	seen = []
	for number in range(121):
		client.prefix = ("/api/method/", "/api/v1/method/", "/api/v2/method/")[number % 3]
		elsewhere = {"X-Forwarded-For": f"198.51.100.{number}"}
		answer = client.post("visit.leave", headers=elsewhere, room=NOWHERE, attendee=str(number))
		seen.append(answer.status_code)
		if answer.status_code == 429:
			break
	assert set(seen[:-1]) == {404}
	refused(answer, 429, "too_many_requests")
	assert 0 < int(answer.headers["Retry-After"]) <= 60
	assert client.get("visit.state", room=NOWHERE).status_code == 404, "each endpoint has its own count"
	assert http(OTHER_CLIENT).post("visit.leave", room=NOWHERE).status_code == 404, "and each person"


def logged() -> str:
	"""Everything in the Error Log, with what is on its way there."""
	from frappe.deferred_insert import save_to_db

	frappe.db.rollback()
	save_to_db()
	rows = frappe.get_all("Error Log", fields=["method", "error"], order_by="creation")
	return json.dumps([row for row in rows if "Theranvio" in (row.method or "")])


@pytest.mark.parametrize("name", ["visit.state", "visit.enter"])
def test_a_failure_of_ours_tells_nothing_and_is_recorded_without_a_name(
	http: Any, room: str, name: str
) -> None:
	frappe.db.set_value("Media Provider", {"enabled": 1}, "adapter", "ten of Cleo's")
	frappe.db.commit()
	refused(ask(http(CLIENT), name, room), 500, "failed")
	assert untouched(room)
	log = logged()
	assert f"Theranvio Telehealth: {name}" in log
	assert "builtins.ValueError" in log
	assert "site/tables.py:" in log
	assert not [secret for secret in ("Cleo", CLIENT, "Hanna", room) if secret in log]


def test_a_provider_that_cannot_is_unavailable(http: Any, room: str) -> None:
	frappe.get_doc(doctype="Media Provider", name="Elsewhere", adapter="External Link").insert()
	frappe.db.set_value("Appointment Room", room, {"provider": "Elsewhere", "fallback_url": ""})
	frappe.db.set_value("Patient Appointment", {"theranvio_room": room}, "theranvio_fallback_url", "")
	frappe.db.commit()
	assert ask(http(HOST), "visit.enter", room).status_code == 200
	refused(ask(http(HOST), "visit.join", room), 503, "provider_unavailable")


def test_a_refusal_undoes_what_came_before_it(http: Any, room: str) -> None:
	for who in (CLIENT, HOST):
		ask(http(who), "visit.enter", room)
	people = ask(http(HOST), "host.queue", room).json()["message"]["people"]
	(waiting,) = [p["participant"] for p in people]
	ask(http(HOST), "host.admit", room, participant=waiting)
	frappe.db.rollback()
	before = frappe.db.count("Version")
	refused(ask(http(HOST), "host.decline", room, participant=waiting), 409, "wrong_move")
	frappe.db.rollback()
	assert frappe.db.count("Version") == before
	assert frappe.db.get_value("Room Participant", waiting, "state") == "Admitted"


def test_staff_who_may_write_the_appointment_stand_in(http: Any, room: str) -> None:
	me = ask(http(FRONT_DESK), "visit.enter", room).json()["message"]["me"]
	assert (me["role"], me["display_name"]) == ("Host", "Fred Desk")
	frappe.db.rollback()
	assert frappe.db.get_value("Room Participant", me["participant"], "stand_in") == 1


def test_a_disabled_user_is_out_at_once(http: Any, site: Any, room: str) -> None:
	client = http(CLIENT, fresh=True)
	assert client.get("visit.state", room=room).status_code == 200
	site.db.set_value("User", CLIENT, "enabled", 0)
	site.db.commit()
	try:
		assert client.get("visit.state", room=room).status_code in (401, 404)
	finally:
		site.db.set_value("User", CLIENT, "enabled", 1)
		site.db.commit()
