"""Requests to the demo that make no sense, from any sender: body, token, method, size, session, name."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import Any

import pytest

from tests.demo.callers import READS, Running, Visit
from tests.demo.endpoints import ARGUMENTS, BOTH_PATHS, EVERY, WRITES, refused

BODIES = {
	"empty": b"",
	"not json": b"room=x",
	"half": b'{"room": ',
	"a list": b"[]",
	"a word": b'"room"',
	"nothing": b"null",
	"not utf-8": b'{"room": "\xff\xfe"}',
	"deep": b"[" * 60_000,
	"no room": b"{}",
	"a number": b'{"room": 1}',
	"an object": b'{"room": {"like": "%"}}',
	"no value": b'{"room": null}',
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_malformed(demo_server: Running, body: bytes) -> None:
	caller = demo_server.person("okafor")
	headers = {"X-Frappe-CSRF-Token": caller.csrf_token}
	for name, v2 in product(WRITES, BOTH_PATHS):
		answer = caller.http.post(caller.method(name, v2=v2), data=body, headers=headers, timeout=5)
		assert refused(answer, "malformed"), name


@pytest.mark.parametrize(
	("name", "wrong"),
	[
		("visit.heartbeat", {"attendee": 5}),
		("visit.leave", {"attendee": None}),
		("visit.signal", {"messages": {}}),
		("visit.signal", {"messages": ["hello"]}),
		("visit.signal", {"messages": [{"data": "hello"}]}),
		("visit.signal", {"messages": [{"no": {}}]}),
		("visit.signal", {"messages": [{"data": {}}] * 65}),
		("visit.signal", {"messages": [{"data": {"candidate": "x" * 16_001}}]}),
		("visit.signal", {"messages": [{"data": {"candidate": "\ud800"}}]}),
		("visit.signal", {"messages": [{"data": {"x": [[[[[[[[]]]]]]]]}}]}),
		("visit.heartbeat", {"attendee": "\ud800"}),
		("visit.leave", {"attendee": "x\udfff"}),
		("host.admit", {"participant": "\udc00"}),
		("host.admit", {"participant": ["p"]}),
		("host.lock", {"locked": "false"}),
		("host.lock", {"locked": 1}),
		("host.extend", {"closes_on": None}),
		("host.extend", {"closes_on": "soon"}),
		("host.use_fallback", {"active": None}),
	],
)
def test_malformed_argument(
	visit: Visit, unchanged: Callable[[], bool], name: str, wrong: dict[str, Any]
) -> None:
	arguments = {**ARGUMENTS[name], **wrong, "room": visit.room}
	assert refused(visit.clinician.call(name, **arguments), "malformed")
	assert unchanged()


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_a_number_that_is_no_json(visit: Visit, unchanged: Callable[[], bool], number: str) -> None:
	"""As Python's reader takes it, and no browser's."""
	caller = visit.clinician
	body = f'{{"room": "{visit.room}", "attendee": "x", "messages": [{{"data": {{"x": {number}}}}}]}}'
	headers = {"X-Frappe-CSRF-Token": caller.csrf_token}
	answer = caller.http.post(caller.method("visit.signal"), data=body.encode(), headers=headers, timeout=5)
	assert refused(answer, "malformed")
	assert unchanged()


@pytest.mark.parametrize("name", READS)
def test_a_read_without_a_room_is_malformed(demo_server: Running, name: str) -> None:
	assert refused(demo_server.person("okafor").call(name), "malformed")


@pytest.mark.parametrize("name", WRITES)
def test_missing_or_wrong_csrf_token(visit: Visit, unchanged: Callable[[], bool], name: str) -> None:
	arguments = {"room": visit.room, **ARGUMENTS[name]}
	for token, v2 in product(("", "wrong", "é"), BOTH_PATHS):
		headers = {"X-Frappe-CSRF-Token": token.encode()} if token else {}
		address = visit.clinician.method(name, v2=v2)
		answer = visit.clinician.http.post(address, json=arguments, headers=headers, timeout=5)
		assert refused(answer, "csrf")
	assert unchanged()


def test_the_token_of_another_session_is_no_token(visit: Visit, unchanged: Callable[[], bool]) -> None:
	visit.clinician.csrf_token = visit.client.csrf_token
	assert refused(visit.clinician.call("host.end", room=visit.room), "csrf")
	assert unchanged()


@pytest.mark.parametrize("name", WRITES)
def test_get_instead_of_post(visit: Visit, unchanged: Callable[[], bool], name: str) -> None:
	headers = {"X-Frappe-CSRF-Token": visit.clinician.csrf_token}
	arguments = {"room": visit.room, **ARGUMENTS[name]}
	for method, v2 in product(("get", "put", "delete", "patch"), BOTH_PATHS):
		address = visit.clinician.method(name, v2=v2)
		answer = visit.clinician.http.request(method, address, params=arguments, headers=headers, timeout=5)
		assert refused(answer, "wrong_method")
	assert unchanged()


@pytest.mark.parametrize("name", READS)
def test_post_instead_of_get(visit: Visit, name: str) -> None:
	headers = {"X-Frappe-CSRF-Token": visit.clinician.csrf_token}
	answer = visit.clinician.http.post(
		visit.clinician.method(name), json={"room": visit.room}, headers=headers, timeout=5
	)
	assert refused(answer, "wrong_method")


@pytest.mark.parametrize("size", [64 * 1024 + 1, 1024 * 1024])
def test_too_large(demo_server: Running, size: int) -> None:
	caller = demo_server.person("okafor")
	headers = {"X-Frappe-CSRF-Token": caller.csrf_token}
	body = b'{"room": "' + b"x" * size + b'"}'
	for name, v2 in product(WRITES, BOTH_PATHS):
		answer = caller.http.post(caller.method(name, v2=v2), data=body, headers=headers, timeout=5)
		assert refused(answer, "too_large"), name


def test_too_large_without_a_length(demo_server: Running) -> None:
	caller = demo_server.person("okafor")
	headers = {"X-Frappe-CSRF-Token": caller.csrf_token}
	body = (b"x" * 8192 for _ in range(128))
	answer = caller.http.post(caller.method("visit.enter"), data=body, headers=headers, timeout=5)
	assert answer.status_code in (400, 413)


@pytest.mark.parametrize("name", EVERY)
def test_no_one_signed_in(visit: Visit, unchanged: Callable[[], bool], name: str) -> None:
	no_one, forger = visit.running.caller(), visit.running.caller()
	forger.http.cookies.set("demo_session", "made-up")
	for caller, v2 in product((no_one, forger), BOTH_PATHS):
		assert refused(caller.call(name, v2=v2, room=visit.room, **ARGUMENTS[name]), "sign_in")
	assert unchanged()


def test_signed_out_is_out_at_once(visit: Visit) -> None:
	visit.client.act("visit.state", room=visit.room)
	cookies = dict(visit.client.http.cookies)
	visit.client.post("/sign-out")
	visit.client.http.cookies.update(cookies)
	assert refused(visit.client.call("visit.state", room=visit.room), "sign_in")


@pytest.mark.parametrize(
	"name", ["visit.nothing", "visit", "visit.__init__", "services.visit.state", "visit.state/x", "%2e%2e"]
)
def test_no_such_endpoint(visit: Visit, name: str) -> None:
	for v2 in (False, True):
		address = visit.clinician.method(name, v2=v2)
		assert refused(visit.clinician.http.get(address, timeout=5), "not_found")


def test_the_v2_path_answers_under_data(visit: Visit) -> None:
	v1 = visit.client.call("visit.state", room=visit.room).json()
	v2 = visit.client.call("visit.state", v2=True, room=visit.room).json()
	assert v2 == {"data": v1["message"]}
