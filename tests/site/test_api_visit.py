"""A whole visit over HTTP, by two people with a session each, and what the rest of the site sees of it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import frappe
import pytest

from tests.site.rows import put_allowance
from theranvio_telehealth.site import jobs
from tools.harness.site.people import CLIENT, COMPANY, FRONT_DESK, HOST, US_COMPANY
from tools.harness.site.processes import wait_until

UPDATE_STATUS = "healthcare.healthcare.doctype.patient_appointment.patient_appointment.update_status"


@pytest.fixture
def appointment(make_appointment: Any) -> Any:
	return make_appointment(theranvio_fallback_url="https://meet.example.org/x")


@pytest.fixture
def room(appointment: Any) -> str:
	return appointment.theranvio_room


class Visitor:
	"""One person's way through a visit; each act gives the answer's content, or the refusal's code."""

	def __init__(self, http: Any, room: str) -> None:
		self.http = http
		self.room = room
		self.attendee = ""

	def post(self, name: str, **body: Any) -> Any:
		answer = self.http.post(name, room=self.room, **body).json()
		return answer["message"] if "message" in answer else answer["error"]["code"]

	def state(self) -> Any:
		answer = self.http.get("visit.state", room=self.room).json()
		return answer["message"] if "message" in answer else answer["error"]["code"]

	def join(self) -> Any:
		joined = self.post("visit.join")
		self.attendee = joined["attendee"] if isinstance(joined, dict) else ""
		return joined

	def beat(self) -> Any:
		return self.post("visit.heartbeat", attendee=self.attendee)

	def signal(self, *messages: Any) -> Any:
		return self.post("visit.signal", attendee=self.attendee, messages=[{"data": m} for m in messages])


@pytest.fixture
def host(http: Any, room: str) -> Visitor:
	return Visitor(http(HOST), room)


@pytest.fixture
def client(http: Any, room: str) -> Visitor:
	return Visitor(http(CLIENT), room)


@pytest.fixture
def together(host: Visitor, client: Visitor) -> str:
	"""Both in the call; the client's participant."""
	client.post("visit.enter")
	host.post("visit.enter")
	(person,) = host.state()["people"]
	host.post("host.admit", participant=person["participant"])
	assert client.join()["attendee"]
	assert host.join()["attendee"]
	return person["participant"]


def test_a_visit_from_waiting_to_its_end(appointment: Any, host: Visitor, client: Visitor) -> None:
	assert client.state()["me"]["state"] == "Invited"
	assert client.post("visit.enter")["me"]["state"] == "Waiting"
	assert client.join() == "not_admitted"
	assert host.post("visit.enter")["status"] == "Live"
	(waiting,) = host.state()["people"]
	assert (waiting["state"], waiting["display_name"]) == ("Waiting", "Cleo Client")
	assert host.post("host.admit", participant=waiting["participant"])["people"][0]["state"] == "Admitted"

	joined = client.join()
	assert host.join()["credentials"]["pseudonym"] != joined["credentials"]["pseudonym"]
	assert client.signal({"hello": True}) == {"messages": []}
	me = joined["credentials"]["pseudonym"]
	assert host.signal() == {"messages": [{"from": me, "data": {"hello": True}}]}
	assert host.signal() == {"messages": []}
	assert client.beat()["people"][0]["present"] is True

	host.post("host.send_back", participant=waiting["participant"])
	assert (client.beat(), client.signal({"hello": True})) == ("not_admitted", "not_admitted")
	host.post("host.admit", participant=waiting["participant"])
	assert client.beat() == "superseded"
	assert client.join()["credentials"]["pseudonym"] != me

	assert host.post("host.end")["status"] == "Ended"
	assert client.state()["status"] == "Ended"
	assert (client.beat(), client.join(), client.post("visit.enter")) == ("visit_over",) * 3
	frappe.db.rollback()
	assert frappe.get_doc(appointment.doctype, appointment.name).as_dict().theranvio_status == "Ended"


def test_a_page_that_asks_for_it_is_refused_without_an_error_in_its_console(
	host: Visitor, client: Visitor, together: str
) -> None:
	host.post("host.remove", participant=together)
	columns = ["state", "left_on", "stay_started_on", "stay_seen_on"]
	frappe.db.rollback()
	before = frappe.db.get_value("Room Participant", together, columns)
	body = {"room": client.room, "attendee": client.attendee}
	quiet = client.http.post("visit.heartbeat", {"X-Refusal-Status": "200"}, **body)
	plain = client.http.post("visit.heartbeat", **body)
	assert (quiet.status_code, plain.status_code) == (200, 403)
	assert quiet.json() == plain.json()
	assert quiet.json()["error"]["code"] == "removed"
	frappe.db.rollback()
	assert frappe.db.get_value("Room Participant", together, columns) == before
	unknown = client.http.post("visit.heartbeat", {"X-Refusal-Status": "200"}, room="0" * 32, attendee="a")
	assert unknown.status_code == 404


def test_the_site_has_an_icon_for_browsers_that_ask(client: Visitor) -> None:
	answer = client.http.page("/favicon.ico")
	assert answer.status_code == 200
	assert answer.headers["Content-Type"].startswith("image/")
	assert answer.content[:4] == b"\0\0\1\0"
	named = re.search(r'<link rel="icon" href="([^"]+)"', client.http.page(f"/visit/{client.room}").text)[1]
	assert client.http.page(named).headers["Content-Type"].startswith("image/svg")


def test_stays_are_billed_to_the_second(host: Visitor, client: Visitor, together: str) -> None:
	allowance = put_allowance(period_start="2020-01-01", period_end="2099-12-31", company=COMPANY)
	started = frappe.db.get_value("Room Participant", together, "stay_started_on") - timedelta(seconds=60)
	frappe.db.set_value("Room Participant", together, "stay_started_on", started, update_modified=False)
	frappe.db.commit()
	client.post("visit.leave", attendee=client.attendee)
	frappe.db.rollback()
	(entry,) = frappe.get_all("Usage Entry", {"participant": together}, ["*"])
	assert 60 <= entry.seconds <= 75
	assert entry.billed_tenths == -(-entry.seconds // 6)
	assert frappe.db.get_value("Usage Allowance", allowance.name, "used_seconds") == entry.seconds
	assert host.state()["people"][0]["state"] == "Left"


def test_an_exhausted_allowance_refuses_the_next_admission(host: Visitor, client: Visitor) -> None:
	put_allowance(
		period_start="2020-01-01",
		period_end="2099-12-31",
		company=COMPANY,
		included_minutes=0,
		on_exhaustion="Block New Admissions",
	)
	frappe.db.commit()
	client.post("visit.enter")
	host.post("visit.enter")
	(person,) = host.state()["people"]
	assert host.post("host.admit", participant=person["participant"]) == "allowance_exhausted"
	assert client.state()["me"]["state"] == "Waiting"


def test_cancelled_from_the_desk_the_client_is_out(
	http: Any, appointment: Any, host: Visitor, client: Visitor, together: str
) -> None:
	desk = http(FRONT_DESK)
	assert desk.post(UPDATE_STATUS, appointment_id=appointment.name, status="Cancelled").status_code == 200
	assert client.state()["status"] == "Revoked"
	assert (client.beat(), client.join()) == ("visit_over", "visit_over")

	def is_released() -> bool:
		"""After the answer has gone out, without a worker."""
		frappe.db.rollback()
		left = frappe.db.get_value("Participant Access", together, "revoked_attendees")
		return not left and not frappe.db.get_value("Room Meeting", host.room, "meeting_id")

	wait_until(is_released, 5, "the release")


def test_cancelled_behind_everybodys_back_the_client_is_out(
	site: Any, appointment: Any, client: Visitor, together: str
) -> None:
	site.db.set_value("Patient Appointment", appointment.name, "status", "Cancelled")
	site.db.commit()
	assert (client.beat(), client.state()["status"]) == ("visit_over", "Revoked")
	jobs.sweep()
	assert site.db.get_value("Appointment Room", client.room, "status") == "Revoked"


def test_the_fallback_is_offered_when_the_host_says_so(host: Visitor, client: Visitor) -> None:
	client.post("visit.enter")
	host.post("visit.enter")
	assert client.state()["fallback"] is None
	assert host.post("host.use_fallback", active=True)["fallback"]["active"] is True
	assert client.state()["fallback"]["url"] == "https://meet.example.org/x"


def test_the_host_extends_the_visit(host: Visitor, client: Visitor, together: str) -> None:
	before = host.state()
	extended = host.post("host.extend", closes_on=before["closes_on"])
	assert extended["closes_on"] == before["extends_to"]
	assert host.post("host.extend", closes_on=before["closes_on"])["closes_on"] == before["extends_to"]
	assert client.state()["closes_on"] == before["extends_to"]
	assert client.post("host.extend", closes_on=before["extends_to"]) == "host_only"
	last = host.post("host.extend", closes_on=extended["closes_on"])
	assert host.post("host.extend", closes_on=last["closes_on"]) == "extension_exhausted"
	assert client.beat()["me"]["state"] == "Admitted"
	frappe.db.rollback()
	stored = frappe.db.get_value("Appointment Room", host.room, ["extended_minutes", "closes_on", "ends_on"])
	assert stored[0] == 30
	assert stored[1] - stored[2] == timedelta(minutes=60)


def test_a_clinic_in_the_united_states_needs_the_switch(make_appointment: Any, http: Any) -> None:
	room = make_appointment(
		company=US_COMPANY, theranvio_fallback_url="https://meet.example.org/u"
	).theranvio_room
	host = Visitor(http(HOST), room)
	assert host.post("visit.enter") == "phi_not_permitted"
	state = host.state()
	assert state["blocked"]["code"] == "phi_not_permitted"
	assert state["fallback"]["url"] == "https://meet.example.org/u"


@pytest.mark.parametrize(
	("starts_in", "code"), [(timedelta(hours=2), "too_early"), (timedelta(hours=-3), "window_closed")]
)
def test_outside_the_window_no_one_enters(
	make_appointment: Any, http: Any, starts_in: timedelta, code: str
) -> None:
	made = make_appointment()
	starts = frappe.utils.now_datetime() + starts_in
	values = {"appointment_date": starts.date(), "appointment_time": starts.time()}
	frappe.db.set_value(made.doctype, made.name, values)
	frappe.db.commit()
	for who in (CLIENT, HOST):
		assert Visitor(http(who), made.theranvio_room).post("visit.enter") == code


@pytest.fixture
def nudges(site: Any) -> Iterator[Any]:
	"""What goes to the realtime server, as a list of rooms; every one of them without content."""
	from frappe.utils.background_jobs import get_redis_connection_without_auth

	pubsub = get_redis_connection_without_auth().pubsub(ignore_subscribe_messages=True)
	pubsub.subscribe("events")
	pubsub.get_message(timeout=1)

	def heard() -> list[str]:
		rooms = []
		while message := pubsub.get_message(timeout=0.3):
			event = json.loads(message["data"])
			if event["event"] == "theranvio_nudge":
				assert event["message"] == {}
				rooms.append(event["room"])
		return rooms

	yield heard
	pubsub.close()


def test_the_host_is_nudged_when_a_person_waits(nudges: Any, client: Visitor, host: Visitor) -> None:
	client.post("visit.enter")
	assert f"user:{HOST}" in nudges()
	assert client.join() == "not_admitted"
	assert nudges() == [], "nothing happened"
	host.post("visit.enter")
	(person,) = host.state()["people"]
	nudges()
	host.post("host.admit", participant=person["participant"])
	assert f"user:{CLIENT}" in nudges()


def test_signals_are_stored_in_the_mailbox_only(
	site: Any, client: Visitor, host: Visitor, together: str
) -> None:
	client.signal({"description": "unmistakable-words"})
	site.db.rollback()
	for doctype in ("Version", "Room Participant", "Appointment Room", "Error Log", "Comment"):
		assert "unmistakable" not in json.dumps(site.get_all(doctype, fields=["*"]), default=str)
	key = site.cache.make_key(f"theranvio_mail:{host.attendee}")
	assert 0 < site.cache.ttl(key) <= 60
	assert host.signal()["messages"]
	assert not site.cache.exists(key)


def test_the_record_says_who_and_what_but_no_secret(
	site: Any, client: Visitor, host: Visitor, together: str
) -> None:
	site.db.rollback()
	own = {"docname": ("in", (together, host.room))}
	stored = site.get_all("Version", own, ["owner", "data"], order_by="creation")
	assert {v.owner for v in stored} == {"Administrator", HOST}, "whoever owns a row is shown all of it"
	everything = "".join(v.data for v in stored)
	assert '["state","Waiting","Admitted"]' in everything
	assert all(CLIENT in v.data for v in stored if v.owner != HOST)
	for secret in (client.attendee, host.attendee, "Cleo", "meet.example.org"):
		assert secret
		assert secret not in everything
