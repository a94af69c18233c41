"""That the bench of the tests' own is what the other tests take it for."""

from __future__ import annotations

from typing import Any

import pytest

from tests.site.harness.people import CLIENT, FRONT_DESK, HOST, LOGINS, ROLELESS


def test_the_host_apps_and_this_one_are_installed(site: Any) -> None:
	assert site.get_installed_apps() == ["frappe", "erpnext", "healthcare", "theranvio_telehealth"]


@pytest.mark.parametrize("user", [HOST, CLIENT, FRONT_DESK, ROLELESS])
@pytest.mark.parametrize("direct", [False, True], ids=["nginx", "gunicorn"])
def test_everybody_can_sign_in(http: Any, user: str, direct: bool) -> None:
	answer = http(user, direct=direct).get("frappe.auth.get_logged_user")
	assert answer.json() == {"message": user}


def test_a_session_is_guarded_by_its_csrf_token(http: Any) -> None:
	client = http(HOST)
	assert client.csrf
	assert client.post("frappe.client.get_list", doctype="ToDo").status_code == 200
	guard = {"X-Frappe-CSRF-Token": "wrong"}
	assert client.post("frappe.client.get_list", doctype="ToDo", headers=guard).status_code == 400


def test_an_appointment_is_seen_by_the_web_and_gone_after_the_test(http: Any, make_appointment: Any) -> None:
	appointment = make_appointment()
	answer = http(FRONT_DESK).get("frappe.client.get", doctype="Patient Appointment", name=appointment.name)
	assert answer.json()["message"]["patient"] == appointment.patient


def test_nothing_is_left_of_other_tests(site: Any) -> None:
	assert site.db.count("Patient Appointment") == 0


def test_a_worker_does_what_is_queued(site: Any, run_jobs: Any) -> None:
	site.enqueue(
		"frappe.client.insert", doc={"doctype": "Note", "title": "from a job"}, enqueue_after_commit=True
	)
	run_jobs()
	assert site.db.exists("Note", {"title": "from a job"})
	site.db.delete("Note", {"title": "from a job"})
	site.db.commit()


def test_everybody_has_a_user(site: Any) -> None:
	assert {u for u in LOGINS if site.db.exists("User", u)} == set(LOGINS)
