"""What reaches a room without an event of its appointment, what deletes or merges, and what our own failure does."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

import frappe
import pytest
from frappe.core.doctype.data_import.importer import Importer
from frappe.utils import add_days, getdate, now_datetime
from healthcare.healthcare.doctype.patient_appointment.patient_appointment import update_appointment_status

from tests.site.paths import APPOINTMENT, HOSTS_MODULE, Make, delete, go_live, refusal, room_of, shown, status
from theranvio_telehealth.services import booking
from theranvio_telehealth.site import jobs
from tools.harness.site.appointments import patient_of, practitioner_of
from tools.harness.site.people import APPOINTMENT_TYPE, CLIENT, FRONT_DESK, HOST, OTHER_CLIENT

SECRET = "Cleo Client has anxiety"


@pytest.fixture
def appointment(make_appointment: Make) -> Any:
	return make_appointment()


@pytest.fixture
def tomorrows(make_appointment: Make) -> Any:
	return make_appointment(starts_in=timedelta(days=1))


class TestBehindEverybodysBack:
	def set_silently(self, appointment: Any, **values: Any) -> None:
		frappe.db.set_value(APPOINTMENT, appointment.name, values, update_modified=False)
		frappe.db.commit()

	@pytest.mark.parametrize(
		"change", [{"status": "Cancelled"}, {"status": "No Show"}, {"theranvio_video": 0}]
	)
	def test_no_one_gets_in_any_more(self, appointment: Any, http: Any, change: dict[str, Any]) -> None:
		self.set_silently(appointment, **change)
		for user in (HOST, CLIENT):
			answer = http(user).post("visit.enter", room=appointment.theranvio_room)
			assert refusal(answer) == (410, "visit_over")

	@pytest.mark.parametrize(
		"change", [{"status": "Cancelled"}, {"status": "No Show"}, {"theranvio_video": 0}]
	)
	def test_the_reconciler_revokes_the_room(self, appointment: Any, change: dict[str, Any]) -> None:
		self.set_silently(appointment, **change)
		jobs.sweep()
		assert status(appointment) == "Revoked"

	@pytest.mark.parametrize("change", [{"status": "Cancelled"}, {"theranvio_video": 0}])
	def test_anyone_who_finds_it_has_not_done_it(
		self, appointment: Any, http: Any, change: dict[str, Any]
	) -> None:
		self.set_silently(appointment, **change)
		http(CLIENT).post("visit.enter", room=appointment.theranvio_room)
		room = room_of(appointment)
		assert (room.status, bool(room.revoked_by)) == ("Revoked", False)

	def test_past_midnight_the_daily_job_ends_no_visit(self, appointment: Any, http: Any) -> None:
		"""Booked for ten to twelve yesterday, and still going on: the platform calls it a no-show."""
		attendee = go_live(http, appointment)
		began = datetime.combine(add_days(getdate(), -1), time(23, 50))
		minutes = int((now_datetime() - began).total_seconds() // 60) + 20
		frappe.db.set_value("Appointment Type", appointment.appointment_type, "default_duration", minutes)
		values = {"appointment_date": began.date(), "appointment_time": began.time(), "duration": minutes}
		self.set_silently(appointment, status="Scheduled", **values)
		update_appointment_status()
		frappe.db.commit()
		assert frappe.db.get_value(APPOINTMENT, appointment.name, "status") == "No Show"
		for _ in ("its window moves", "its window has closed"):
			jobs.sweep()
		assert status(appointment) == "Live"
		answer = http(CLIENT).post("visit.heartbeat", room=appointment.theranvio_room, attendee=attendee)
		assert answer.json()["message"]["me"]["state"] == "Admitted"

	def test_a_room_booked_before_there_was_a_provider_gets_one(self, appointment: Any, http: Any) -> None:
		provider = room_of(appointment).provider
		frappe.db.set_value("Appointment Room", appointment.theranvio_room, "provider", None)
		frappe.db.commit()
		assert go_live(http, appointment)
		assert room_of(appointment).provider == provider

	def test_a_moved_appointment_is_too_early_now(self, appointment: Any, http: Any) -> None:
		self.set_silently(appointment, appointment_date=add_days(appointment.appointment_date, 2))
		answer = http(CLIENT).post("visit.enter", room=appointment.theranvio_room)
		assert refusal(answer) == (403, "too_early")

	def test_another_patient_written_in_is_let_in_and_the_old_one_is_a_stranger(
		self, appointment: Any, http: Any
	) -> None:
		attendee = go_live(http, appointment)
		self.set_silently(appointment, patient=patient_of(OTHER_CLIENT))
		room = appointment.theranvio_room
		answer = http(CLIENT).post("visit.heartbeat", room=room, attendee=attendee)
		assert refusal(answer) == (404, "not_found")
		entered = http(OTHER_CLIENT).post("visit.enter", room=room).json()["message"]
		assert entered["me"]["state"] == "Waiting"

	def test_a_video_box_ticked_silently_gets_its_room_by_the_sweep(self, make_appointment: Make) -> None:
		plain = make_appointment(video=False, starts_in=timedelta(days=1))
		self.set_silently(plain, theranvio_video=1)
		jobs.sweep()
		assert status(plain) == "Scheduled"

	def test_a_row_deleted_silently_leaves_a_room_no_one_enters(self, appointment: Any, http: Any) -> None:
		go_live(http, appointment)
		room = appointment.theranvio_room
		frappe.db.delete(APPOINTMENT, appointment.name)
		frappe.db.commit()
		assert refusal(http(CLIENT).post("visit.join", room=room)) == (410, "visit_over")
		assert refusal(http(OTHER_CLIENT).post("visit.join", room=room)) == (404, "not_found")
		jobs.sweep()
		assert status(appointment) == "Revoked"


class TestTheDailyJob:
	def test_a_visit_that_no_one_came_to_is_over(self, appointment: Any) -> None:
		yesterday = add_days(appointment.appointment_date, -1)
		frappe.db.set_value(
			APPOINTMENT,
			appointment.name,
			{"appointment_date": yesterday, "status": "Scheduled"},
			update_modified=False,
		)
		frappe.get_attr(f"{HOSTS_MODULE}.update_appointment_status")()
		assert frappe.db.get_value(APPOINTMENT, appointment.name, "status") == "No Show"
		for _ in ("its window moves", "its window has closed"):
			jobs.sweep()
		assert status(appointment) == "Expired", "nobody has called it off: its window has closed"


class TestDeleted:
	def test_its_room_is_revoked_and_the_link_leaves_the_calendar(self, tomorrows: Any) -> None:
		delete(tomorrows)
		assert status(tomorrows) == "Revoked"
		assert "/visit/" not in (frappe.db.get_value("Event", tomorrows.event, "description") or "")

	def test_the_name_used_again_by_another_patient_opens_only_the_new_room(
		self, appointment: Any, make_appointment: Make, http: Any
	) -> None:
		old = appointment.theranvio_room
		delete(appointment)
		again = make_appointment(client=OTHER_CLIENT)
		assert again.name == appointment.name, "the platform does reuse names"
		assert again.theranvio_room != old
		assert refusal(http(CLIENT).post("visit.enter", room=again.theranvio_room)) == (404, "not_found")
		assert refusal(http(CLIENT).post("visit.enter", room=old)) == (404, "not_found")
		entered = http(OTHER_CLIENT).post("visit.enter", room=again.theranvio_room)
		assert entered.json()["message"]["me"]["state"] == "Waiting"


class TestMerged:
	def test_renaming_the_patient_keeps_the_visit(self, appointment: Any, http: Any) -> None:
		attendee = go_live(http, appointment)
		frappe.rename_doc("Patient", appointment.patient, "Cleo Renamed", force=True)
		frappe.db.commit()
		room = appointment.theranvio_room
		assert http(CLIENT).post("visit.heartbeat", room=room, attendee=attendee).status_code == 200

	def test_merging_into_another_patient_puts_the_old_client_out(self, appointment: Any, http: Any) -> None:
		attendee = go_live(http, appointment)
		room = appointment.theranvio_room
		frappe.rename_doc("Patient", appointment.patient, patient_of(OTHER_CLIENT), merge=True, force=True)
		frappe.db.commit()
		answer = http(CLIENT).post("visit.heartbeat", room=room, attendee=attendee)
		assert refusal(answer) == (404, "not_found")
		people = frappe.get_all("Room Participant", {"room": room}, ["role", "state"])
		assert {p.role: p.state for p in people} == {"Host": "Admitted", "Client": "Invited"}
		assert http(OTHER_CLIENT).post("visit.enter", room=room).status_code == 200


class TestOurOwnFailure:
	"""Planted in the service that every hook calls. It carries what must never be recorded."""

	@pytest.fixture
	def broken(self, monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
		def fail(*_: Any, **__: Any) -> None:
			diagnosis = SECRET  # a local variable: the platform's own error log would quote it
			raise RuntimeError(diagnosis)

		monkeypatch.setattr(booking, "sync_rooms", fail)
		return monkeypatch

	def recorded(self) -> list[Any]:
		from frappe.deferred_insert import save_to_db

		save_to_db()
		return frappe.get_all(
			"Error Log", {"method": ("like", "Theranvio%")}, ["method", "error"], order_by="creation desc"
		)

	def test_never_stands_in_the_appointments_way(self, broken: Any, make_appointment: Make) -> None:
		made = make_appointment(starts_in=timedelta(days=1))
		frappe.db.rollback()
		assert frappe.db.exists(APPOINTMENT, made.name)
		assert room_of(made) is None
		made.reload()
		made.notes = "Still saved"
		made.save()
		assert frappe.db.get_value(APPOINTMENT, made.name, "notes") == "Still saved"

	def test_is_recorded_without_a_word_of_the_document(self, broken: Any, make_appointment: Make) -> None:
		make_appointment(starts_in=timedelta(days=1))
		entries = self.recorded()
		assert entries
		assert "RuntimeError" in entries[0].error
		text = str(entries)
		for word in (SECRET, "Cleo", CLIENT):
			assert word not in text

	def test_is_shown_and_then_made_good_by_the_sweep(self, broken: Any, make_appointment: Make) -> None:
		made = make_appointment(starts_in=timedelta(days=1))
		assert shown(made)[1].startswith("The video room is being prepared")
		broken.undo()
		jobs.sweep()
		assert shown(made) == (room_of(made).name, "Scheduled")


class TestWhatTheClinicAsksFor:
	@pytest.fixture
	def by_type(self, site: Any) -> None:
		site.db.set_value("Appointment Type", APPOINTMENT_TYPE, "theranvio_video", 1)
		site.db.commit()
		site.clear_document_cache("Appointment Type", APPOINTMENT_TYPE)

	@pytest.mark.parametrize("user", [CLIENT, "Administrator", FRONT_DESK])
	@pytest.mark.parametrize("sent", [{}, {"theranvio_video": 0}], ids=["nothing sent", "a zero sent"])
	def test_who_books_without_seeing_the_box_gets_the_types_default(
		self, by_type: None, make_appointment: Make, as_user: Any, user: str, sent: dict[str, Any]
	) -> None:
		made = make_appointment(insert=False, starts_in=timedelta(days=1))
		made.theranvio_video = None
		made.update(sent)
		with as_user(user):
			made.insert(ignore_permissions=True)
		assert made.theranvio_video == 1
		assert room_of(made)

	def test_a_type_without_a_default_leaves_what_was_sent(self, make_appointment: Make) -> None:
		assert make_appointment(starts_in=timedelta(days=1)).theranvio_video == 1
		assert make_appointment(starts_in=timedelta(days=2), video=False).theranvio_video == 0

	@pytest.mark.parametrize("method", ["frappe.client.insert", "resource"])
	def test_over_rest(self, by_type: None, make_appointment: Make, http: Any, method: str) -> None:
		doc = make_appointment(insert=False, starts_in=timedelta(days=1)).as_dict()
		sent = {k: v for k, v in doc.items() if v not in (None, "", [], 0) and not k.startswith("_")}
		sent.pop("theranvio_video", None)
		desk = http(FRONT_DESK)
		if method == "resource":
			url = f"{desk.base_url}/api/resource/{APPOINTMENT}"
			headers = {"X-Frappe-CSRF-Token": desk.csrf}
			answer = desk.session.post(url, data=frappe.as_json(sent), headers=headers)
			answer.raise_for_status()
			made = answer.json()["data"]
		else:
			answer = desk.post(method, doc=frappe.parse_json(frappe.as_json(sent)))
			made = answer.json()["message"]
		assert made["theranvio_video"] == 1
		assert status(frappe._dict(made)) == "Scheduled"

	@pytest.mark.parametrize(("ticked", "wanted"), [(0, 0), (1, 1)])
	def test_in_the_desks_form_the_box_counts(
		self, by_type: None, make_appointment: Make, http: Any, ticked: int, wanted: int
	) -> None:
		doc = make_appointment(insert=False, starts_in=timedelta(days=1)).as_dict()
		sent = {k: v for k, v in doc.items() if v is not None}
		sent |= {"name": "new-patient-appointment-1", "__islocal": 1, "theranvio_video": ticked}
		answer = http(FRONT_DESK).post(
			"frappe.desk.form.save.savedocs", doc=frappe.as_json(sent), action="Save"
		)
		assert answer.status_code == 200, answer.text
		assert answer.json()["docs"][0]["theranvio_video"] == wanted

	def test_in_an_import(self, by_type: None, make_appointment: Make, site: Any) -> None:
		"""A row as the platform's importer inserts it; reading its file is left out."""
		wanted = make_appointment(insert=False, starts_in=timedelta(days=1)).as_dict()
		row = site._dict({k: v for k, v in wanted.items() if v and not k.startswith(("_", "theranvio"))})
		importer = object.__new__(Importer)
		importer.doctype = APPOINTMENT
		importer.data_import = site._dict(doctype="Data Import", name="one", submit_after_import=0)
		site.flags.in_import = True
		try:
			made = importer.insert_record(row)
		finally:
			site.flags.in_import = False
		site.db.commit()
		assert made.theranvio_video == 1
		assert shown(made) == (room_of(made).name, "Scheduled")

	@pytest.mark.parametrize("url", ["http://meet.example.org/x", "javascript:alert(1)", "meet.example.org"])
	def test_a_fallback_that_is_not_https_is_refused_in_plain_words(
		self, make_appointment: Make, url: str
	) -> None:
		with pytest.raises(frappe.ValidationError, match="not an https address"):
			make_appointment(theranvio_fallback_url=url)

	def test_the_practitioner_is_who_the_appointment_names(self, appointment: Any) -> None:
		assert room_of(appointment).practitioner == practitioner_of(HOST)
