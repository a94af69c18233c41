"""People who wait, on a real site: the bell in the desk, signs of life in the cache, a corrected e-mail address."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import frappe
import pytest

from tests.site.visits import Booked
from theranvio_telehealth.site import cache
from theranvio_telehealth.site.clock import SiteClock
from theranvio_telehealth.site.presence import SitePresence
from tools.harness.site.appointments import patient_of
from tools.harness.site.people import CLIENT, FRONT_DESK, HOST, OTHER_CLIENT, OTHER_HOST, ROLELESS

LOG = "Notification Log"


@pytest.fixture
def booked(make_appointment: Any, http: Any) -> Iterator[Booked]:
	yield Booked.of(make_appointment(), http)
	frappe.db.rollback()
	frappe.db.delete(LOG)
	frappe.db.commit()


def notices(user: str = HOST) -> list[dict[str, Any]]:
	frappe.db.rollback()
	return frappe.get_all(LOG, {"for_user": user}, ["*"], order_by="creation")


def waiting(http: Any, user: str) -> list[str]:
	answer = http(user).get("host.waiting")
	return [line["display_name"] for line in answer.json()["message"]["waiting"]]


def people(booked: Booked) -> dict[str, Any]:
	people_shown = booked.http(HOST).get("host.queue", room=booked.room).json()["message"]["people"]
	return {p["display_name"]: p for p in people_shown if p["role"] != "Host"}


class TestBell:
	def test_the_practitioner_is_notified_in_the_desk_and_no_one_else(self, booked: Booked) -> None:
		assert booked.enter(CLIENT) == (200, "Waiting")
		(notice,) = notices()
		assert (notice.type, notice.document_name) == ("Alert", booked.name)
		assert notice.link == f"/visit/{booked.room}"
		assert notice.subject == "A client is waiting in your video visit."
		assert frappe.db.count(LOG) == 1

	def test_it_names_no_patient_and_no_login_of_theirs(self, booked: Booked) -> None:
		booked.enter(CLIENT)
		stored = frappe.as_json(notices())
		assert not [secret for secret in ("Cleo", CLIENT) if secret in stored]
		assert {notices()[0].owner, notices()[0].from_user, notices()[0].modified_by} == {HOST}

	def test_knocking_again_and_again_rings_once(self, booked: Booked) -> None:
		for _ in range(3):
			booked.enter(CLIENT)
			booked.http(CLIENT).post("visit.leave", room=booked.room)
		assert len(notices()) == 1

	def test_after_a_while_it_rings_again(self, booked: Booked) -> None:
		booked.enter(CLIENT)
		booked.http(CLIENT).post("visit.leave", room=booked.room)
		frappe.db.sql("update `tabNotification Log` set creation = creation - interval 11 minute")
		frappe.db.commit()
		booked.enter(CLIENT)
		assert len(notices()) == 2

	def test_no_mail_is_sent_of_it(self, booked: Booked) -> None:
		before = frappe.db.count("Email Queue")
		booked.enter(CLIENT)
		frappe.db.rollback()
		assert frappe.db.count("Email Queue") == before

	def test_anyone_who_stands_in_is_notified_too(self, booked: Booked) -> None:
		booked.enter(FRONT_DESK)
		booked.enter(CLIENT)
		assert (len(notices(FRONT_DESK)), len(notices(HOST))) == (1, 1)

	def test_who_wants_no_notifications_gets_none(self, booked: Booked) -> None:
		settings = frappe.get_doc("Notification Settings", HOST)
		settings.db_set("enabled", 0)
		frappe.db.commit()
		try:
			assert booked.enter(CLIENT) == (200, "Waiting")
			assert notices() == []
		finally:
			settings.db_set("enabled", 1)
			frappe.db.commit()


class TestList:
	def test_only_hosts_see_who_waits(self, booked: Booked, http: Any) -> None:
		booked.enter(CLIENT)
		shown = {
			user: waiting(http, user)
			for user in (HOST, OTHER_HOST, FRONT_DESK, CLIENT, OTHER_CLIENT, ROLELESS)
		}
		assert shown == {user: ["Cleo Client"] if user == HOST else [] for user in shown}

	def test_a_caller_who_is_not_signed_in_learns_nothing(self, http: Any) -> None:
		answer = http().get("host.waiting")
		assert (answer.status_code, answer.json()["error"]["code"]) == (401, "sign_in")


class TestSigns:
	def test_a_client_at_the_device_check_is_seen(self, booked: Booked) -> None:
		answer = booked.http(CLIENT).post("visit.here", room=booked.room)
		assert answer.json()["message"]["me"]["state"] == "Invited"
		assert people(booked)["Cleo Client"]["seen"]

	def test_without_a_cache_nothing_is_known(self, site: Any, monkeypatch: pytest.MonkeyPatch) -> None:
		def gone(*_: Any, **__: Any) -> None:
			raise ConnectionError

		now = SiteClock().now()
		SitePresence().note("p1", now)
		assert SitePresence().signs(["p1", "p2"]) == {"p1": now}
		assert SitePresence().signs([]) == {}
		monkeypatch.setattr(cache, "set", gone)
		monkeypatch.setattr(cache, "get_many", gone)
		SitePresence().note("p1", now)
		assert SitePresence().signs(["p1"]) is None

	def test_a_closed_browser_is_away(self, booked: Booked) -> None:
		booked.enter(CLIENT)
		assert people(booked)["Cleo Client"]["seen"]
		name = people(booked)["Cleo Client"]["participant"]
		long_ago = SiteClock().now() - timedelta(minutes=2)
		SitePresence().note(name, long_ago)
		frappe.db.sql(
			"update `tabRoom Participant` set waiting_since = waiting_since - interval 2 minute where name = %s",
			name,
		)
		frappe.db.commit()
		assert not people(booked)["Cleo Client"]["seen"]
		booked.http(CLIENT).post("visit.here", room=booked.room)
		assert people(booked)["Cleo Client"]["seen"]


class TestNames:
	def test_who_is_part_of_a_visit_is_named_to_both_from_the_beginning(self, booked: Booked) -> None:
		for user in (HOST, CLIENT):
			about = booked.http(user).get("visit.state", room=booked.room).json()["message"]["about"]
			assert (about["clinician"], about["patient"]) == ("Hanna Host", "Cleo Client")
			assert about["clinic"] == booked.doc.company
			assert about["zone"] == frappe.get_system_settings("time_zone")

	def test_the_calendar_names_whose_visit_it_is(self, booked: Booked) -> None:
		subject = frappe.db.get_value("Event", booked.doc.event, "subject")
		assert "Cleo Client" in subject


class TestCorrectedAddress:
	@pytest.fixture
	def corrected(self, booked: Booked) -> Iterator[Booked]:
		booked.enter(HOST)
		booked.enter(CLIENT)
		(patient, other) = (patient_of(CLIENT), patient_of(OTHER_CLIENT))
		before = {
			name: frappe.db.get_value("Patient", name, ["email", "user_id"], as_dict=True)
			for name in (patient, other)
		}
		frappe.db.set_value("Patient", other, {"email": "", "user_id": ""})
		frappe.db.set_value("Patient", patient, {"email": OTHER_CLIENT, "user_id": OTHER_CLIENT})
		frappe.db.commit()
		yield booked
		for name, fields in before.items():
			frappe.db.set_value("Patient", name, dict(fields))
		frappe.db.commit()

	def test_the_client_is_shown_once_and_the_ghost_cannot_be_admitted(self, corrected: Booked) -> None:
		ghost = frappe.db.get_value("Room Participant", {"room": corrected.room, "user": CLIENT})
		assert corrected.enter(OTHER_CLIENT) == (200, "Waiting")
		people_shown = corrected.http(HOST).get("host.queue", room=corrected.room).json()["message"]["people"]
		frappe.db.rollback()  # the requests' writes are seen by a new transaction
		clients = [p["participant"] for p in people_shown if p["role"] == "Client"]
		assert clients == [
			frappe.db.get_value("Room Participant", {"room": corrected.room, "user": OTHER_CLIENT})
		]
		answer = corrected.http(HOST).post("host.admit", room=corrected.room, participant=ghost)
		assert answer.json()["error"]["code"] == "wrong_move"
		assert json.dumps(people_shown).count("Cleo Client") == 1
