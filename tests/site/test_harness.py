"""The test bench: its apps, its isolation and its cleaning between tests."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from frappe.deferred_insert import queue_prefix

from theranvio_telehealth.site.log import SiteLog
from tools.harness.site.base_site import BaseSite
from tools.harness.site.people import (
	CLIENT,
	COMPANY,
	FRONT_DESK,
	HOME_DESK,
	HOST,
	LOGINS,
	ROLELESS,
	US_CLIENT,
	US_COMPANY,
	US_DESK,
	US_HOST,
	US_NURSE,
)
from tools.harness.site.services import command


def test_the_platforms_apps_and_this_one_are_installed(site: Any) -> None:
	assert site.get_installed_apps() == ["frappe", "erpnext", "healthcare", "theranvio_telehealth"]


def test_the_first_mariadb_in_the_path_runs(site: Any, bench: Any) -> None:
	((version,),) = site.db.sql("select version()")
	number = version.partition("-")[0]
	assert f" {number}-MariaDB" in bench.bench.run(command("mariadbd"), "--version")


def test_no_base_site_is_shared_by_two_mariadbs(
	bench: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
	def stored() -> str:
		return BaseSite(bench.bench, bench.services, tmp_path).stored.name

	ours = stored()
	assert stored() == ours
	another = tmp_path / "mariadbd"
	another.write_text("#!/bin/sh\necho mariadbd Ver 12.0.1-MariaDB\n")
	another.chmod(0o755)
	monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
	assert stored() != ours


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


def test_restricted_staff_see_their_own_companys_appointments(http: Any, make_appointment: Any) -> None:
	at = {
		COMPANY: make_appointment().name,
		US_COMPANY: make_appointment(host=US_HOST, client=US_CLIENT, company=US_COMPANY).name,
	}
	restricted = {user: login.company for user, login in LOGINS.items() if login.company in at}
	for user in (HOME_DESK, US_DESK, US_NURSE, US_HOST):
		listed = http(user).get("frappe.client.get_list", doctype="Patient Appointment").json()["message"]
		assert [row["name"] for row in listed] == [at[restricted[user]]], user


def test_nothing_is_left_of_other_tests(site: Any) -> None:
	assert site.db.count("Patient Appointment") == 0


def test_nothing_that_was_put_off_is_left_for_the_next_test(site: Any, bench: Any) -> None:
	SiteLog().failure("test", "", ValueError())
	assert site.cache.get_keys(queue_prefix)
	bench.restore()
	assert site.cache.get_keys(queue_prefix) == []


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
