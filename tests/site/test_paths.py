"""Every path by which the platform's appointment changes, each on the real site: what its room does then."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import frappe
import pytest
from frappe.utils import add_days, add_to_date, get_datetime

from tests.site.paths import APPOINTMENT, HOSTS_MODULE, Make, go_live, refusal, room_of, shown, status
from theranvio_telehealth.site import jobs
from tools.harness.site.people import (
	CLIENT,
	COMPANY,
	DEPARTMENT,
	FRONT_DESK,
	HOST,
	OTHER_CLIENT,
	ROLELESS,
)

UPDATE_STATUS = f"{HOSTS_MODULE}.update_status"


@pytest.fixture
def appointment(make_appointment: Make) -> Any:
	return make_appointment()


@pytest.fixture
def tomorrows(make_appointment: Make) -> Any:
	return make_appointment(starts_in=timedelta(days=1))


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
			frappe.db.commit()  # each is a request of its own
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

	def test_a_little_later_it_leaves_everybody_where_they_are(self, appointment: Any, http: Any) -> None:
		attendee = go_live(http, appointment)
		before = room_of(appointment)
		appointment.reload()
		later = get_datetime(appointment.appointment_datetime) + timedelta(minutes=10)
		appointment.update({"appointment_date": later.date(), "appointment_time": later.time()})
		appointment.save()
		after = room_of(appointment)
		assert (after.status, after.link_version) == ("Live", before.link_version)
		assert after.starts_on == later
		answer = http(CLIENT).post("visit.heartbeat", room=after.name, attendee=attendee)
		assert answer.json()["message"]["me"]["state"] == "Admitted"

	def test_an_ended_visit_that_is_corrected_keeps_who_ended_it(self, appointment: Any, http: Any) -> None:
		go_live(http, appointment)
		http(HOST).post("host.end", room=appointment.theranvio_room).raise_for_status()
		before = room_of(appointment)
		appointment.reload()
		appointment.appointment_date = add_days(appointment.appointment_date, -2)
		appointment.save()
		jobs.sweep()
		after = room_of(appointment)
		assert (after.status, after.ended_by, after.ended_on) == ("Ended", HOST, before.ended_on)
		assert after.starts_on == add_days(before.starts_on, -2)

	def test_an_ended_visit_that_is_held_again_stays_on_record(self, appointment: Any, http: Any) -> None:
		go_live(http, appointment)
		http(HOST).post("host.end", room=appointment.theranvio_room).raise_for_status()
		appointment.reload()
		appointment.appointment_date = add_days(appointment.appointment_date, 2)
		appointment.save()
		after = room_of(appointment)
		assert (after.status, after.ended_on, bool(after.ended_by)) == ("Scheduled", None, False)
		assert after.former_visits.endswith(f"/{HOST}")

	def test_db_set_is_followed(self, tomorrows: Any) -> None:
		tomorrows.reload()
		tomorrows.db_set("status", "Cancelled")
		assert status(tomorrows) == "Revoked"


class TestCancelled:
	def cancel(self, http: Any, user: str, appointment: Any, word: str = "Cancelled") -> Any:
		return http(user).post(UPDATE_STATUS, appointment_id=appointment.name, status=word)

	def test_a_physician_cancels_what_another_person_created(self, tomorrows: Any, http: Any) -> None:
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

	def test_a_status_no_one_knows_is_refused(self, tomorrows: Any, http: Any) -> None:
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
		"""Without the platform's templates and therapy plans; its save and hooks run."""
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

	def test_a_visit_that_everybody_has_left_goes_on(
		self, appointment: Any, close: Callable[[Any], Any], http: Any
	) -> None:
		"""For the time it is booked, or until the host ends it."""
		room = appointment.theranvio_room
		http(HOST).post("visit.enter", room=room).raise_for_status()
		attendee = http(HOST).post("visit.join", room=room).json()["message"]["attendee"]
		http(HOST).post("visit.leave", room=room, attendee=attendee).raise_for_status()
		close(appointment)
		jobs.sweep()
		assert status(appointment) == "Live"
		assert shown(appointment) == (room, "Live")
		go_live(http, appointment)
		http(HOST).post("host.end", room=room).raise_for_status()
		assert status(appointment) == "Ended"

	def test_the_host_comes_to_a_client_who_waits(
		self, appointment: Any, close: Callable[[Any], Any], http: Any
	) -> None:
		"""The encounter's draft is saved first, then the visit is started."""
		http(CLIENT).post("visit.enter", room=appointment.theranvio_room).raise_for_status()
		close(appointment)
		frappe.db.commit()
		assert go_live(http, appointment)
		assert "Took place" not in http(CLIENT).page("/video-visits").text

	def test_a_cancelled_encounter_leaves_a_room_that_is_still_to_come(self, appointment: Any) -> None:
		encounter = self.encounter(appointment)
		encounter.submit()
		encounter.cancel()
		assert frappe.db.get_value(APPOINTMENT, appointment.name, "status") == "Open"
		assert status(appointment) == "Scheduled"
