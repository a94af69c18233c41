"""Paths to an appointment that are seldom taken, and failures of ours in places other than a booking. See test_paths.py."""

from __future__ import annotations

import socket
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import frappe
import pytest

from tests.site.visits import APPOINTMENT, UPDATE_STATUS, Booked
from theranvio_telehealth.overrides.update_status import update_status
from theranvio_telehealth.services import booking
from tools.harness.site.appointments import patient_of, practitioner_of
from tools.harness.site.people import (
	APPOINTMENT_TYPE,
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


@pytest.fixture
def book(make_appointment: Callable[..., Any], http: Callable[..., Any]) -> Callable[..., Booked]:
	return lambda **overrides: Booked.of(make_appointment(**overrides), http)


# in at another door


def test_booking_over_http_has_its_room_when_the_answer_is_there(http: Callable[..., Any]) -> None:
	"""The platform writes its answer before it commits, and the room is made after that: the answer says that it comes."""
	at = frappe.utils.now_datetime() + TOMORROW
	values = {
		"doctype": APPOINTMENT,
		"appointment_type": APPOINTMENT_TYPE,
		"appointment_for": "Practitioner",
		"company": COMPANY,
		"patient": patient_of(CLIENT),
		"practitioner": practitioner_of(HOST),
		"appointment_date": str(at.date()),
		"appointment_time": "10:00:00",
		"theranvio_video": 1,
	}
	answer = http(FRONT_DESK).post("frappe.client.insert", doc=values)
	assert answer.status_code == 200, answer.text
	sent = answer.json()["message"]
	assert "being prepared" in sent["theranvio_status"]
	booked = Booked(sent["name"], "", http)
	(room,) = booked.rooms()
	assert booked.shown() == (room, "Scheduled")


def test_anyone_who_booked_it_reschedules_it_over_rest(
	book: Callable[..., Booked], http: Callable[..., Any]
) -> None:
	frappe.set_user(FRONT_DESK)
	booked = book(starts_in=TOMORROW)
	frappe.set_user("Administrator")
	before = booked.get("starts_on")
	client = http(FRONT_DESK)
	answer = client.session.put(
		f"{client.base_url}/api/resource/{APPOINTMENT}/{booked.name}",
		json={"appointment_date": str(before.date() + TOMORROW)},
		headers={"X-Frappe-CSRF-Token": client.csrf},
	)
	assert answer.status_code == 200, answer.text
	assert booked.get("starts_on") == before + TOMORROW


def test_a_booking_that_is_rolled_back_leaves_no_room(make_appointment: Callable[..., Any]) -> None:
	make_appointment(insert=False).insert()
	frappe.db.rollback()
	frappe.db.commit()
	assert frappe.db.count("Appointment Room") == 0
	make_appointment(insert=False).insert()
	frappe.db.commit()
	assert frappe.db.count("Appointment Room") == 1


@pytest.mark.parametrize("user", [CLIENT, OTHER_CLIENT, OTHER_HOST, ROLELESS])
@pytest.mark.parametrize("prefix", ["/api/method/", "/api/v2/method/"], ids=["v1", "v2"])
def test_no_door_to_a_status_for_those_without_write_permission(
	book: Callable[..., Booked], user: str, prefix: str
) -> None:
	booked = book()
	client = booked.http(user)
	answer = client.session.post(
		client.base_url + prefix + UPDATE_STATUS,
		json={"appointment_id": booked.name, "status": "Cancelled"},
		headers={"X-Frappe-CSRF-Token": client.csrf},
	)
	assert answer.status_code == 403
	assert (booked.doc.status, booked.get()) == ("Open", "Scheduled")


# changes of other things


def test_a_new_fallback_link_reaches_the_room(book: Callable[..., Booked]) -> None:
	booked = book(theranvio_fallback_url="https://meet.example.org/one")
	booked.save(theranvio_fallback_url="https://meet.example.org/two")
	assert booked.get("fallback_url") == "https://meet.example.org/two"


def test_people_of_an_appointment_cannot_be_exchanged_by_a_save(book: Callable[..., Booked]) -> None:
	booked = book()
	with pytest.raises(frappe.CannotChangeConstantError):
		booked.save(patient=patient_of(OTHER_CLIENT))
	assert booked.get("patient") == patient_of(CLIENT)


def test_checking_in_and_invoicing_are_none_of_the_rooms_business(book: Callable[..., Booked]) -> None:
	booked = book()
	before = booked.get("modified")
	assert booked.update_status(FRONT_DESK, "Checked In").status_code == 200
	booked.doc.db_set({"invoiced": 1, "paid_amount": 100}, commit=True)
	assert booked.get("modified") == before
	assert booked.enter(CLIENT) == (200, "Waiting")


# the appointment goes, or is called something else


def test_clearing_a_companys_transactions_leaves_no_open_room(
	site: Any, book: Callable[..., Booked], run_jobs: Callable[[], None], run_scheduled: Callable[[], None]
) -> None:
	booked = book(starts_in=TOMORROW, company=US_COMPANY)
	record = site.get_doc(doctype="Transaction Deletion Record", company=US_COMPANY).insert()
	record.submit()
	record.start_deletion_tasks()
	run_jobs()
	assert not site.db.exists(APPOINTMENT, booked.name)
	run_scheduled()
	assert booked.get("revoked_reason") == "Deleted"


def test_an_appointment_renamed_by_force_keeps_its_visit(
	book: Callable[..., Booked], run_scheduled: Callable[[], None]
) -> None:
	booked = book()
	with pytest.raises(frappe.ValidationError):
		frappe.rename_doc(APPOINTMENT, booked.name, "another name")
	frappe.rename_doc(APPOINTMENT, booked.name, "another name", force=True)
	frappe.db.commit()
	run_scheduled()
	renamed = Booked.of(frappe.get_doc(APPOINTMENT, "another name"), booked.http)
	assert renamed.get() == "Scheduled"
	assert renamed.enter(CLIENT) == (200, "Waiting")


def test_the_scheduler_itself_makes_good_what_no_event_reported(
	book: Callable[..., Booked], run_scheduled: Callable[[], None]
) -> None:
	booked = book()
	join = booked.call()
	booked.behind(status="Cancelled")
	run_scheduled()
	assert booked.get() == "Revoked"
	assert booked.heartbeat(join) == (410, "visit_over")
	(client,) = frappe.get_all(
		"Room Participant", {"room": booked.room, "role": "Client"}, ["name", "stay_started_on"]
	)
	assert client.stay_started_on is None
	assert not frappe.db.get_value("Participant Access", client.name, "revoked_attendees")


# when ours fails


def fail(*given: Any) -> None:
	raise RuntimeError


def test_it_does_not_stop_a_reschedule(
	book: Callable[..., Booked], monkeypatch: pytest.MonkeyPatch, run_scheduled: Callable[[], None]
) -> None:
	booked = book(starts_in=TOMORROW)
	before = booked.get("starts_on")
	with monkeypatch.context() as patched:
		patched.setattr(booking, "_sync", fail)
		booked.save(appointment_date=before.date() + TOMORROW)
	assert booked.doc.appointment_date == before.date() + TOMORROW
	assert booked.get("starts_on") == before
	run_scheduled()
	assert booked.get("starts_on") == before + TOMORROW


def test_it_does_not_stop_a_cancellation_and_lets_no_one_in(
	site: Any, book: Callable[..., Booked], monkeypatch: pytest.MonkeyPatch, run_scheduled: Callable[[], None]
) -> None:
	booked = book()
	booked.call()
	with monkeypatch.context() as patched:
		patched.setattr(booking, "_sync", fail)
		site.set_user(HOST)
		update_status(booked.name, "Cancelled")
		site.db.commit()
		site.set_user("Administrator")
	assert booked.doc.status == "Cancelled"
	assert booked.get() == "Live"
	assert booked.enter(CLIENT) == (410, "visit_over")
	run_scheduled()
	assert booked.get() == "Revoked"


def test_it_does_not_stop_a_deletion(
	book: Callable[..., Booked], monkeypatch: pytest.MonkeyPatch, run_scheduled: Callable[[], None]
) -> None:
	booked = book()
	with monkeypatch.context() as patched:
		patched.setattr(booking, "_sync", fail)
		frappe.delete_doc(APPOINTMENT, booked.name, force=True)
		frappe.db.commit()
	assert not frappe.db.exists(APPOINTMENT, booked.name)
	run_scheduled()
	assert booked.get() == "Revoked"


def test_no_call_leaves_the_machine_while_an_appointment_is_saved(
	book: Callable[..., Booked], bench: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
	called: list[Any] = []
	connect = socket.socket.connect

	def noted(self: socket.socket, address: Any) -> None:
		called.append(address)
		connect(self, address)

	monkeypatch.setattr(socket.socket, "connect", noted)
	booked = book(starts_in=TOMORROW)
	booked.save(theranvio_video=0)
	ours = {bench.bench.ports.db, bench.bench.ports.redis}
	assert [address for address in called if address[1] not in ours] == []
