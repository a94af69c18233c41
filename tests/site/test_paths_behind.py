"""What changes an appointment behind everyone's back, and what happens when something of ours fails."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import frappe
import pytest

from tests.site.harness.appointments import patient_of
from tests.site.harness.people import CLIENT, FRONT_DESK, HOST, OTHER_CLIENT, THIRD_CLIENT
from tests.site.visits import APPOINTMENT, Booked
from theranvio_telehealth.services import booking

TOMORROW = timedelta(days=1)


@pytest.fixture
def book(make_appointment: Callable[..., Any], http: Callable[..., Any]) -> Callable[..., Booked]:
	return lambda **overrides: Booked.of(make_appointment(**overrides), http)


# written past every event


def test_a_cancellation_nobody_heard_of_is_caught_at_the_door(book: Callable[..., Booked]) -> None:
	booked = book()
	join = booked.call()
	booked.behind(status="Cancelled")
	assert booked.get() == "Live"
	assert booked.heartbeat(join)[0] == 410
	assert booked.enter(CLIENT) == (410, "visit_over")
	assert booked.get() == "Revoked"
	assert booked.shown() == (booked.room, "Revoked")


def test_a_move_nobody_heard_of_is_caught_at_the_door(book: Callable[..., Booked]) -> None:
	booked = book()
	booked.behind(appointment_date=booked.doc.appointment_date + TOMORROW)
	assert booked.enter(CLIENT) == (403, "too_early")
	assert booked.get("starts_on").date() == booked.doc.appointment_date


def test_another_client_nobody_heard_of_is_the_only_one_let_in(book: Callable[..., Booked]) -> None:
	booked = book()
	join = booked.call()
	booked.behind(patient=patient_of(OTHER_CLIENT))
	assert booked.heartbeat(join) == (404, "not_found")
	assert booked.enter(CLIENT) == (404, "not_found")
	assert booked.enter(OTHER_CLIENT) == (200, "Waiting")


@pytest.mark.parametrize(
	("fields", "room"),
	[
		({"status": "Cancelled"}, "Revoked"),
		({"status": "No Show"}, "Revoked"),
		({"theranvio_video": 0}, "Revoked"),
		({"appointment_time": "23:00:00"}, "Scheduled"),
	],
	ids=["cancelled", "no show", "video off", "moved"],
)
def test_the_reconciler_makes_good_what_no_event_told(
	book: Callable[..., Booked], run_scheduled: Callable[[], None], fields: dict[str, Any], room: str
) -> None:
	booked = book()
	join = booked.call()
	booked.behind(**fields)
	run_scheduled()
	assert booked.get() == room
	assert booked.heartbeat(join)[0] in (403, 410)
	(participant,) = frappe.get_all(
		"Room Participant", {"room": booked.room, "role": "Client"}, ["stay_started_on", "attendee_id"]
	)
	assert participant == {"stay_started_on": None, "attendee_id": ""}


def test_the_reconciler_finds_a_deletion(
	book: Callable[..., Booked], run_scheduled: Callable[[], None]
) -> None:
	booked = book(starts_in=30 * TOMORROW)
	frappe.db.delete(APPOINTMENT, {"name": booked.name})
	frappe.db.commit()
	run_scheduled()
	assert booked.get("revoked_reason") == "Appointment deleted"


def test_the_reconciler_makes_a_room_that_is_missing(
	book: Callable[..., Booked], run_scheduled: Callable[[], None]
) -> None:
	booked = book(starts_in=30 * TOMORROW, video=False)
	booked.behind(theranvio_video=1)
	run_scheduled()
	(room,) = booked.rooms()
	assert booked.shown() == (room, "Scheduled")


def test_clearing_a_companys_transactions_leaves_no_open_room(
	site: Any, book: Callable[..., Booked], run_jobs: Callable[[], None], run_scheduled: Callable[[], None]
) -> None:
	booked = book(starts_in=TOMORROW)
	company = booked.doc.company
	record = site.get_doc(doctype="Transaction Deletion Record", company=company)
	record.insert()
	record.submit()
	for _ in range(8):  # each step queues the next one
		run_jobs()
		if not site.db.exists(APPOINTMENT, booked.name):
			break
	print("DBGTDR", site.get_doc("Transaction Deletion Record", record.name).as_dict(), site.get_all("Error Log", ["method", "error"]))
	assert not site.db.exists(APPOINTMENT, booked.name)
	run_scheduled()
	assert booked.get() == "Revoked"


# patients that are renamed and merged


def test_renaming_a_patient_changes_nothing_for_the_visit(book: Callable[..., Booked]) -> None:
	booked = book()
	join = booked.call()
	frappe.rename_doc("Patient", booked.doc.patient, "Renamed patient")
	frappe.db.commit()
	assert booked.get("patient") == "Renamed patient"
	assert booked.get() == "Live"
	assert booked.heartbeat(join) == (200, "")


def test_merging_patients_puts_out_whoever_is_not_the_client_any_more(book: Callable[..., Booked]) -> None:
	booked = book()
	join = booked.call()
	frappe.rename_doc("Patient", patient_of(CLIENT), patient_of(OTHER_CLIENT), merge=True)
	frappe.db.commit()
	assert booked.doc.patient == patient_of(OTHER_CLIENT)
	assert booked.heartbeat(join) == (404, "not_found")
	assert booked.enter(CLIENT) == (404, "not_found")
	assert booked.enter(OTHER_CLIENT) == (200, "Waiting")
	assert booked.enter(THIRD_CLIENT) == (404, "not_found")


def test_an_appointment_cannot_be_renamed_and_a_forced_one_loses_nobody(
	book: Callable[..., Booked], run_scheduled: Callable[[], None]
) -> None:
	booked = book(starts_in=timedelta(0))
	with pytest.raises(frappe.ValidationError):
		frappe.rename_doc(APPOINTMENT, booked.name, "another name")
	frappe.rename_doc(APPOINTMENT, booked.name, "another name", force=True)
	frappe.db.commit()
	run_scheduled()
	renamed = Booked.of(frappe.get_doc(APPOINTMENT, "another name"), booked.http)
	assert renamed.get() == "Scheduled"
	assert renamed.enter(CLIENT) == (200, "Waiting")


# when ours fails


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
	"""Booking fails half-way, with a name in its mouth, after it has written something."""

	def fail(ports: Any, name: str, appointment: Any, by: str) -> None:
		frappe.db.set_value(APPOINTMENT, name, "notes", "half done")
		raise RuntimeError("Cleo Client is 42")

	monkeypatch.setattr(booking, "_follow", fail)
	return monkeypatch.undo


def errors() -> list[str]:
	"""As an administrator reads them, once they are flushed."""
	from frappe.deferred_insert import save_to_db

	save_to_db()
	return ["\n".join(filter(None, row)) for row in frappe.get_all("Error Log", ["method", "error"], as_list=True)]


def test_a_failure_of_ours_does_not_stop_a_booking_and_is_made_good(
	book: Callable[..., Booked], broken: Callable[[], None], run_scheduled: Callable[[], None]
) -> None:
	booked = book(starts_in=TOMORROW)
	assert booked.doc.status == "Scheduled"
	assert booked.rooms() == []
	room, status = booked.shown()
	assert room == ""
	assert "being prepared" in status
	print("DBGERR", errors())
	(error,) = errors()
	assert booked.name in error
	assert "RuntimeError" in error
	assert "Cleo" not in error
	broken()
	run_scheduled()
	(room,) = booked.rooms()
	assert booked.shown() == (room, "Scheduled")


def test_a_failure_of_ours_does_not_stop_a_save(book: Callable[..., Booked], broken: Callable[[], None]) -> None:
	broken()
	booked = book(starts_in=TOMORROW)
	before = booked.get("starts_on")
	booking_follow = booking._follow
	try:
		booking._follow = _fail
		booked.save(appointment_date=before.date() + TOMORROW)
	finally:
		booking._follow = booking_follow
	assert booked.doc.appointment_date == before.date() + TOMORROW
	assert booked.get("starts_on") == before
	assert len(errors()) == 1


def _fail(*given: Any) -> None:
	raise RuntimeError


def test_a_failure_of_ours_does_not_stop_a_cancellation_and_nobody_gets_in(
	site: Any, book: Callable[..., Booked], monkeypatch: pytest.MonkeyPatch, run_scheduled: Callable[[], None]
) -> None:
	from theranvio_telehealth.overrides.update_status import update_status

	booked = book()
	booked.call()
	with monkeypatch.context() as patched:
		patched.setattr(booking, "_follow", _fail)
		site.set_user(HOST)
		update_status(booked.name, "Cancelled")
		site.db.commit()
		site.set_user("Administrator")
	assert booked.doc.status == "Cancelled"
	assert booked.get() == "Live"
	assert booked.enter(CLIENT) == (410, "visit_over")
	run_scheduled()
	assert booked.get() == "Revoked"


def test_a_failure_of_ours_does_not_stop_a_deletion(
	book: Callable[..., Booked], monkeypatch: pytest.MonkeyPatch, run_scheduled: Callable[[], None]
) -> None:
	booked = book()
	with monkeypatch.context() as patched:
		patched.setattr(booking, "_follow", _fail)
		frappe.delete_doc(APPOINTMENT, booked.name)
		frappe.db.commit()
	assert not frappe.db.exists(APPOINTMENT, booked.name)
	run_scheduled()
	assert booked.get() == "Revoked"


def test_no_call_leaves_the_machine_while_an_appointment_is_saved(
	book: Callable[..., Booked], bench: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
	import socket

	called: list[Any] = []
	connect = socket.socket.connect
	monkeypatch.setattr(
		socket.socket, "connect", lambda self, address: (called.append(address), connect(self, address))[1]
	)
	booked = book(starts_in=TOMORROW)
	booked.save(theranvio_video=0)
	ports = {bench.bench.ports.db, bench.bench.ports.redis}
	assert [address for address in called if address[1] not in ports] == []


def test_the_desk_is_told_by_the_appointment_itself(book: Callable[..., Booked], broken: Callable[[], None]) -> None:
	booked = book(starts_in=TOMORROW)
	answer = booked.http(FRONT_DESK).get("frappe.client.get", doctype=APPOINTMENT, name=booked.name)
	assert "tell your administrator" in answer.json()["message"]["theranvio_status"]
