"""Whatever of ours fails, wherever it fails, the platform's Error Log names no person and quotes no secret."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import frappe
import pytest
from frappe.app import application
from frappe.deferred_insert import save_to_db
from frappe.utils.background_jobs import execute_job
from werkzeug.test import Client

from tests.site.walls import FALLBACK, MARK, SECRET, Visit, hold
from theranvio_telehealth.services import sweep as service
from theranvio_telehealth.site.store import SiteStore
from tools.harness.factories import in_threads
from tools.harness.site.http import API
from tools.harness.site.people import CLIENT, COMPANY, HOST, LOGINS, OFFICE

NAMES = (LOGINS[CLIENT].first_name, LOGINS[HOST].first_name)
PLANTED = (*NAMES, SECRET, MARK, FALLBACK)
MOST = 80
JOBS = "theranvio_telehealth.site.jobs."
#: Who asks for what; a page begins with a slash. Of a visit that goes on.
REQUESTS = [
	*((HOST, f"visit.{act}") for act in ("state", "enter", "join", "heartbeat", "leave")),
	*((CLIENT, f"visit.{act}") for act in ("state", "enter", "join", "heartbeat", "signal", "here", "leave")),
	*(
		(HOST, f"host.{act}")
		for act in ("queue", "admit", "decline", "send_back", "remove", "lock", "extend")
	),
	*((HOST, f"host.{act}") for act in ("use_fallback", "end")),
	*((CLIENT, "/video-visits"), (CLIENT, "/visit/{room}")),
]
#: What else an endpoint takes, but the room and a participant.
BODIES: dict[str, dict[str, Any]] = {
	"host.lock": {"locked": True},
	"host.use_fallback": {"active": True},
	"host.extend": {"closes_on": "2026-01-01T00:00:00Z"},
	"visit.heartbeat": {"attendee": SECRET},
	"visit.signal": {"attendee": SECRET, "messages": []},
}


class Broken(Exception):
	"""An error that quotes the values it read, as a database's errors do."""


@dataclass
class Fault:
	"""Breaks the store's call number `at`, counted from one; `calls` were made."""

	at: int
	calls: int = 0

	def around(self, method: Callable[..., Any]) -> Callable[..., Any]:
		def call(*given: Any, **named: Any) -> Any:
			stored = method(*given, **named)
			self.calls += 1
			if self.calls == self.at:
				raise Broken(f"{NAMES} {SECRET} {stored!r}")
			return stored

		return call


def faults(monkeypatch: pytest.MonkeyPatch) -> Iterator[Fault]:
	"""One for every call of the store that an act makes; the act runs between them."""
	acts = [name for name, stored in vars(SiteStore).items() if callable(stored) and name[0] != "_"]
	for at in range(1, MOST):
		fault = Fault(at)
		with monkeypatch.context() as patched:
			for name in acts:
				patched.setattr(SiteStore, name, fault.around(getattr(SiteStore, name)))
			yield fault
		if fault.calls < at:
			return
	raise AssertionError("more calls than are looked at")


def logged() -> str:
	save_to_db()
	frappe.db.commit()
	return "\n".join(
		f"{row.method}\n{row.error}" for row in frappe.get_all("Error Log", fields=["method", "error"])
	)


def planted_in(text: str) -> list[str]:
	return [word for word in PLANTED if word in text]


@pytest.fixture
def visit(http: Any, make_appointment: Any) -> Visit:
	frappe.db.delete("Error Log")
	return hold(http, make_appointment, COMPANY, HOST, CLIENT)


def run(method: Any, **arguments: Any) -> None:
	"""As the platform's worker does it, with what it logs."""
	with suppress(Exception):
		execute_job(frappe.local.site, method, None, "test", arguments, is_async=False)
	frappe.db.rollback()


def test_the_platform_does_log_what_is_not_stored_from_it(
	visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
	"""The control: the same job without anything around it."""
	next(iter(faults(monkeypatch)))
	store = SiteStore()
	room = store.room(visit.room)

	def unguarded() -> None:
		raise Broken(f"{room!r} {NAMES}")

	run(unguarded)
	assert planted_in(logged())


@pytest.mark.parametrize("job", ["sweep", "tear_down_room"])
def test_a_job_that_dies_names_no_one(visit: Visit, monkeypatch: pytest.MonkeyPatch, job: str) -> None:
	arguments = {"room": visit.room} if job == "tear_down_room" else {}
	for _ in faults(monkeypatch):
		run(JOBS + job, **arguments)
	text = logged()
	assert "Theranvio" in text
	assert planted_in(text) == []


@pytest.mark.parametrize(("who", "what"), REQUESTS)
def test_a_request_that_dies_names_no_one(
	http: Any, visit: Visit, monkeypatch: pytest.MonkeyPatch, who: str, what: str
) -> None:
	person = http(who)
	for _ in faults(monkeypatch):
		(status,) = in_threads([lambda: _asked(person, what, visit)])
		assert isinstance(status, int), status
	text = logged()
	assert "Theranvio" in text
	assert planted_in(text) == []


def _asked(person: Any, what: str, visit: Visit) -> int:
	"""Runs the request in this process, where the fault is injected."""
	client = Client(application)
	for cookie in person.session.cookies:
		client.set_cookie(cookie.name, cookie.value or "")
	headers = {"X-Frappe-CSRF-Token": person.csrf, "X-Frappe-Site-Name": os.environ["THERANVIO_SITE"]}
	room, client_of_it = visit.room, visit.names["Room Participant"][0]
	body = {"room": room, **BODIES.get(what, {})}
	if what in ("host.admit", "host.decline", "host.send_back", "host.remove"):
		body["participant"] = client_of_it
	path = what.format(room=room) if what.startswith("/") else f"/api/method/{API}{what}"
	if what.startswith("/") or what in ("visit.state", "host.queue"):
		return client.get(path, query_string=body, headers=headers).status_code
	return client.post(path, json=body, headers=headers).status_code


def test_an_appointments_save_that_dies_of_ours_names_no_one(
	visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
	for number, _ in enumerate(faults(monkeypatch)):
		run(
			"frappe.client.set_value",
			doctype="Patient Appointment",
			name=visit.appointment,
			fieldname="duration",
			value=21 + number,
		)
	assert planted_in(logged()) == []


def test_reading_rooms_and_their_audit_names_no_one(
	site: Any, visit: Visit, monkeypatch: pytest.MonkeyPatch, as_user: Any
) -> None:
	def broken(*given: Any, **named: Any) -> None:
		raise Broken(f"{NAMES} {SECRET}")

	monkeypatch.setattr("theranvio_telehealth.permissions.readable_names", broken)
	monkeypatch.setattr("theranvio_telehealth.telehealth.report.room_audit.room_audit._rooms", broken)
	with as_user(HOST):
		run("frappe.client.get_list", doctype="Appointment Room")
	with as_user(OFFICE):
		run("frappe.desk.query_report.run", report_name="Room Audit", filters="{}")
	text = logged()
	assert "room_condition" in text
	assert "room_audit" in text
	assert planted_in(text) == []


def test_errors_that_a_person_is_to_read_are_passed_on(site: Any, visit: Visit) -> None:
	doc = site.get_doc("Patient Appointment", visit.appointment)
	doc.theranvio_fallback_url = "javascript:alert(1)"
	with pytest.raises(site.ValidationError, match="https") as raised:
		doc.save()
	assert raised.value.__context__ is None


def test_what_left_the_sweep_is_stored_by_its_places(visit: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
	def broken(*given: Any) -> None:
		raise Broken(str(NAMES))

	monkeypatch.setattr(service, "sweep", broken)
	run(JOBS + "sweep")
	assert "test_discreet.py" in logged()
