"""Every path by which the host's appointment changes, each on the real site: what its room does then."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import frappe
import pytest
from frappe.utils import add_days, add_to_date, get_datetime

from tests.site.harness.appointments import patient_of, practitioner_of
from tests.site.harness.people import (
	CLIENT,
	COMPANY,
	DEPARTMENT,
	FRONT_DESK,
	HOST,
	OTHER_CLIENT,
	ROLELESS,
)
from theranvio_telehealth.services import booking
from theranvio_telehealth.site import jobs

APPOINTMENT = "Patient Appointment"
HOSTS_MODULE = "healthcare.healthcare.doctype.patient_appointment.patient_appointment"
UPDATE_STATUS = f"{HOSTS_MODULE}.update_status"
SECRET = "Cleo Client has anxiety"

Make = Callable[..., Any]


@pytest.fixture
def appointment(make_appointment: Make) -> Any:
	return make_appointment()


@pytest.fixture
def tomorrows(make_appointment: Make) -> Any:
	return make_appointment(starts_in=timedelta(days=1))


def room_of(appointment: Any) -> Any:
	"""The room made last for an appointment of that name, as it is stored now."""
	frappe.db.commit()
	names = frappe.get_all(
		"Appointment Room", {"appointment": appointment.name}, pluck="name", order_by="creation desc"
	)
	return frappe.get_doc("Appointment Room", names[0]) if names else None


def shown(appointment: Any) -> tuple[str, str]:
	frappe.db.commit()
	fields = frappe.db.get_value(APPOINTMENT, appointment.name, ["theranvio_room", "theranvio_status"])
	return tuple(field or "" for field in fields)


def status(appointment: Any) -> str:
	return room_of(appointment).status


def go_live(http: Any, appointment: Any, *, with_client: bool = True) -> str:
	"""The host is in the call, the client too if wanted; return the client's attendee."""
	room = appointment.theranvio_room
	http(HOST).post("visit.enter", room=room).raise_for_status()
	http(HOST).post("visit.join", room=room).raise_for_status()
	if not with_client:
		return ""
	http(CLIENT).post("visit.enter", room=room).raise_for_status()
	people = http(HOST).get("host.queue", room=room).json()["message"]["people"]
	waiting = next(p["participant"] for p in people if p["state"] == "Waiting")
	http(HOST).post("host.admit", room=room, participant=waiting).raise_for_status()
	return http(CLIENT).post("visit.join", room=room).json()["message"]["attendee"]


def delete(appointment: Any) -> None:
	"""With force: the host's fee validity hangs on the appointment, and has nothing to do with us."""
	frappe.delete_doc(APPOINTMENT, appointment.name, force=True)
	frappe.db.commit()


def refusal(answer: Any) -> tuple[int, str]:
	return answer.status_code, answer.json()["error"]["code"]


class TestBooked:
	def test_an_inserted_video_appointment_has_a_room_around_its_time(self, tomorrows: Any) -> None:
		room, starts_on = room_of(tomorrows), get_datetime(tomorrows.appointment_datetime)
		assert (room.status, room.starts_on) == ("Scheduled", starts_on)
		assert room.opens_on == add_to_date(starts_on, minutes=-15)
		assert room.closes_on == add_to_date(starts_on, minutes=20 + 30)
		assert shown(tomorrows) == (room.name, "Scheduled")

	def test_the_calendar_event_has_the_link(self, tomorrows: Any) -> None:
		assert f"/visit/{room_of(tomorrows).name}" in frappe.db.get_value(
			"Event", tomorrows.event, "description"
		)

	def test_without_video_there_is_nothing_of_ours(self, make_appointment: Make) -> None:
		plain = make_appointment(video=False)
		assert room_of(plain) is None
		assert shown(plain) == ("", "")

	def test_made_a_video_one_later_it_gets_its_room_then(self, make_appointment: Make) -> None:
		plain = make_appointment(video=False, starts_in=timedelta(days=1))
		plain.reload()
		plain.theranvio_video = 1
		plain.save()
		assert status(plain) == "Scheduled"

	def test_unticked_again_the_room_is_revoked_and_no_trace_is_shown(self, tomorrows: Any) -> None:
		tomorrows.reload()
		tomorrows.theranvio_video = 0
		tomorrows.save()
		assert status(tomorrows) == "Revoked"
		assert shown(tomorrows) == ("", "")
		assert "/visit/" not in (frappe.db.get_value("Event", tomorrows.event, "description") or "")

	def test_ticked_once_more_the_same_room_comes_back_with_new_links(self, tomorrows: Any) -> None:
		before = room_of(tomorrows)
		for video in (0, 1):
			tomorrows.reload()
			tomorrows.theranvio_video = video
			tomorrows.save()
		after = room_of(tomorrows)
		assert (after.name, after.status) == (before.name, "Scheduled")
		assert after.link_version > before.link_version


class TestSaved:
	def test_a_save_of_something_else_leaves_the_room_alone(self, tomorrows: Any) -> None:
		before = room_of(tomorrows)
		tomorrows.reload()
		tomorrows.notes = "Bring the report"
		tomorrows.save()
		assert room_of(tomorrows).modified == before.modified

	def test_rescheduling_moves_the_window(self, tomorrows: Any) -> None:
		before = room_of(tomorrows)
		tomorrows.reload()
		tomorrows.appointment_date = add_days(tomorrows.appointment_date, 2)
		tomorrows.save()
		after = room_of(tomorrows)
		assert after.starts_on == add_days(before.starts_on, 2)
		assert after.opens_on == add_days(before.opens_on, 2)
		assert after.link_version == before.link_version + 1

	def test_rescheduling_puts_everybody_back_outside(self, appointment: Any, http: Any) -> None:
		attendee = go_live(http, appointment)
		appointment.reload()
		appointment.appointment_date = add_days(appointment.appointment_date, 2)
		appointment.save()
		assert status(appointment) == "Scheduled"
		room = appointment.theranvio_room
		states = frappe.get_all("Room Participant", {"room": room}, pluck="state", order_by="name")
		assert states == ["Invited", "Invited"]
		assert refusal(http(CLIENT).post("visit.heartbeat", room=room, attendee=attendee)) == (
			403,
			"too_early",
		)

	def test_db_set_is_followed(self, tomorrows: Any) -> None:
		tomorrows.reload()
		tomorrows.db_set("status", "Cancelled")
		assert status(tomorrows) == "Revoked"


class TestCancelled:
	def cancel(self, http: Any, user: str, appointment: Any, word: str = "Cancelled") -> Any:
		return http(user).post(UPDATE_STATUS, appointment_id=appointment.name, status=word)

	def test_a_physician_cancels_what_somebody_else_created(self, tomorrows: Any, http: Any) -> None:
		assert self.cancel(http, HOST, tomorrows).status_code == 200
		assert status(tomorrows) == "Revoked"
		assert frappe.db.get_value(APPOINTMENT, tomorrows.name, "status") == "Cancelled"
		assert frappe.db.get_value("Event", tomorrows.event, "status") == "Cancelled"
		assert frappe.db.get_value(APPOINTMENT, tomorrows.name, "event") == tomorrows.event

	@pytest.mark.parametrize("user", [CLIENT, OTHER_CLIENT, ROLELESS])
	def test_who_may_not_write_the_appointment_cancels_nothing(
		self, tomorrows: Any, http: Any, user: str
	) -> None:
		assert self.cancel(http, user, tomorrows).status_code == 403
		assert status(tomorrows) == "Scheduled"
		assert frappe.db.get_value(APPOINTMENT, tomorrows.name, "status") == "Scheduled"

	def test_a_status_nobody_knows_is_refused(self, tomorrows: Any, http: Any) -> None:
		assert self.cancel(http, HOST, tomorrows, "Bogus").status_code == 417
		assert frappe.db.get_value(APPOINTMENT, tomorrows.name, "status") == "Scheduled"

	def test_by_get_nothing_is_changed(self, tomorrows: Any, http: Any) -> None:
		http(HOST).get(UPDATE_STATUS, appointment_id=tomorrows.name, status="Cancelled")
		assert status(tomorrows) == "Scheduled"

	def test_no_show_revokes_too(self, tomorrows: Any, http: Any) -> None:
		self.cancel(http, HOST, tomorrows, "No Show")
		assert status(tomorrows) == "Revoked"

	def test_resurrected_by_an_unrelated_save_the_room_comes_back_empty(
		self, tomorrows: Any, http: Any
	) -> None:
		before = room_of(tomorrows)
		self.cancel(http, HOST, tomorrows)
		frappe.db.commit()
		tomorrows.reload()
		tomorrows.notes = "Call the insurer"
		tomorrows.save()
		assert tomorrows.status == "Scheduled"
		after = room_of(tomorrows)
		assert (after.name, after.status) == (before.name, "Scheduled")
		assert after.link_version == before.link_version + 2

	def test_during_the_call_the_client_is_out_at_once(self, appointment: Any, http: Any) -> None:
		attendee = go_live(http, appointment)
		room = appointment.theranvio_room
		self.cancel(http, FRONT_DESK, appointment)
		assert refusal(http(CLIENT).post("visit.heartbeat", room=room, attendee=attendee)) == (
			410,
			"visit_over",
		)
		assert refusal(http(CLIENT).post("visit.join", room=room)) == (410, "visit_over")


class TestClosedByOtherDocuments:
	def encounter(self, appointment: Any) -> Any:
		return frappe.get_doc(
			doctype="Patient Encounter",
			patient=appointment.patient,
			practitioner=appointment.practitioner,
			appointment=appointment.name,
			company=COMPANY,
			encounter_date=appointment.appointment_date,
			encounter_time=appointment.appointment_time,
		).insert()

	def therapy_session(self, appointment: Any) -> Any:
		doc = frappe.get_doc(
			doctype="Therapy Session",
			patient=appointment.patient,
			practitioner=appointment.practitioner,
			department=DEPARTMENT,
			appointment=appointment.name,
			company=COMPANY,
			start_date=appointment.appointment_date,
			start_time=appointment.appointment_time,
			duration=20,
			rate=1,
		)
		return self.insert_without_its_plan(doc)

	def clinical_procedure(self, appointment: Any) -> Any:
		doc = frappe.get_doc(
			doctype="Clinical Procedure",
			patient=appointment.patient,
			practitioner=appointment.practitioner,
			appointment=appointment.name,
			company=COMPANY,
			start_date=appointment.appointment_date,
			start_time=appointment.appointment_time,
		)
		return self.insert_without_its_plan(doc)

	def insert_without_its_plan(self, doc: Any) -> Any:
		"""The host's templates and therapy plans are of no interest here; its own save and hooks run."""
		doc.flags.ignore_mandatory = doc.flags.ignore_validate = doc.flags.ignore_links = True
		return doc.insert()

	@pytest.fixture(params=["encounter", "therapy_session", "clinical_procedure"])
	def close(self, request: pytest.FixtureRequest) -> Callable[[Any], Any]:
		return getattr(self, request.param)

	def test_a_visit_still_to_come_stays_open(self, appointment: Any, close: Callable[[Any], Any]) -> None:
		close(appointment)
		assert frappe.db.get_value(APPOINTMENT, appointment.name, "status") == "Closed"
		assert status(appointment) == "Scheduled"

	def test_a_running_visit_goes_on(self, appointment: Any, close: Callable[[Any], Any], http: Any) -> None:
		attendee = go_live(http, appointment)
		close(appointment)
		assert status(appointment) == "Live"
		beat = http(CLIENT).post("visit.heartbeat", room=appointment.theranvio_room, attendee=attendee)
		assert beat.status_code == 200

	def test_a_visit_that_everybody_has_left_ends(
		self, appointment: Any, close: Callable[[Any], Any], http: Any
	) -> None:
		room = appointment.theranvio_room
		http(HOST).post("visit.enter", room=room).raise_for_status()
		attendee = http(HOST).post("visit.join", room=room).json()["message"]["attendee"]
		http(HOST).post("visit.leave", room=room, attendee=attendee).raise_for_status()
		close(appointment)
		assert status(appointment) == "Ended"
		assert shown(appointment) == (room, "Ended")

	def test_a_cancelled_encounter_leaves_a_room_that_is_still_to_come(self, appointment: Any) -> None:
		encounter = self.encounter(appointment)
		encounter.submit()
		encounter.cancel()
		assert frappe.db.get_value(APPOINTMENT, appointment.name, "status") == "Open"
		assert status(appointment) == "Scheduled"


class TestBehindEverybodysBack:
	def set_silently(self, appointment: Any, **values: Any) -> None:
		frappe.db.set_value(APPOINTMENT, appointment.name, values, update_modified=False)
		frappe.db.commit()

	@pytest.mark.parametrize(
		"change", [{"status": "Cancelled"}, {"status": "No Show"}, {"theranvio_video": 0}]
	)
	def test_nobody_gets_in_any_more(self, appointment: Any, http: Any, change: dict[str, Any]) -> None:
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

	def test_a_row_deleted_silently_leaves_a_room_nobody_enters(self, appointment: Any, http: Any) -> None:
		go_live(http, appointment)
		room = appointment.theranvio_room
		frappe.db.delete(APPOINTMENT, appointment.name)
		frappe.db.commit()
		assert refusal(http(CLIENT).post("visit.join", room=room)) == (410, "visit_over")
		assert refusal(http(OTHER_CLIENT).post("visit.join", room=room)) == (404, "not_found")
		jobs.sweep()
		assert status(appointment) == "Revoked"


class TestTheDailyJob:
	def test_a_visit_that_nobody_came_to_is_over(self, appointment: Any) -> None:
		yesterday = add_days(appointment.appointment_date, -1)
		frappe.db.set_value(
			APPOINTMENT,
			appointment.name,
			{"appointment_date": yesterday, "status": "Scheduled"},
			update_modified=False,
		)
		frappe.get_attr(f"{HOSTS_MODULE}.update_appointment_status")()
		assert frappe.db.get_value(APPOINTMENT, appointment.name, "status") == "No Show"
		assert status(appointment) == "Revoked"


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
		assert again.name == appointment.name, "the host does reuse names"
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
		states = frappe.get_all("Room Participant", {"room": room}, pluck="state", order_by="name")
		assert states == ["Invited", "Invited"]
		assert http(OTHER_CLIENT).post("visit.enter", room=room).status_code == 200


class TestOurOwnFailure:
	"""Planted in the service that every hook calls. It carries what must never be recorded."""

	@pytest.fixture
	def broken(self, monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
		def fail(*_: Any, **__: Any) -> None:
			diagnosis = SECRET  # a local variable: the host's own error log would quote it
			raise RuntimeError(diagnosis)

		monkeypatch.setattr(booking, "follow", fail)
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

	def test_a_deadlock_is_not_swallowed(
		self, monkeypatch: pytest.MonkeyPatch, make_appointment: Make
	) -> None:
		"""The database has undone the host's own writes by then: silence would lose the appointment."""

		def deadlock(*_: Any, **__: Any) -> None:
			raise frappe.QueryDeadlockError

		monkeypatch.setattr(booking, "follow", deadlock)
		with pytest.raises(frappe.QueryDeadlockError):
			make_appointment(starts_in=timedelta(days=1))


class TestWhatTheClinicAsksFor:
	@pytest.mark.parametrize(("user", "wanted"), [(CLIENT, 1), ("Administrator", 0)])
	def test_who_books_without_seeing_the_box_gets_the_types_default(
		self, make_appointment: Make, as_user: Any, user: str, wanted: int
	) -> None:
		frappe.db.set_value("Appointment Type", "Video consultation", "theranvio_video", 1)
		frappe.clear_document_cache("Appointment Type", "Video consultation")
		made = make_appointment(video=False, insert=False, starts_in=timedelta(days=1))
		with as_user(user):
			made.insert(ignore_permissions=True)
		assert made.theranvio_video == wanted
		assert bool(room_of(made)) is bool(wanted)

	@pytest.mark.parametrize("url", ["http://meet.example.org/x", "javascript:alert(1)", "meet.example.org"])
	def test_a_fallback_that_is_not_https_is_refused_in_plain_words(
		self, make_appointment: Make, url: str
	) -> None:
		with pytest.raises(frappe.ValidationError, match="not an https address"):
			make_appointment(theranvio_fallback_url=url)

	def test_the_practitioner_is_who_the_appointment_names(self, appointment: Any) -> None:
		assert room_of(appointment).practitioner == practitioner_of(HOST)
