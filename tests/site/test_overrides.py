"""Our handlers on the platform's documents: their cost in queries, and their edge cases. For the paths see `test_paths.py`."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import frappe
import pytest
from frappe.utils import add_days, getdate

from theranvio_telehealth.overrides import after_save, update_status
from theranvio_telehealth.site import jobs
from theranvio_telehealth.site.store import SiteStore
from tools.harness.site.appointments import patient_of
from tools.harness.site.people import CLIENT, FRONT_DESK

PA = "Patient Appointment"
ROOM = "Appointment Room"
UPDATE_STATUS = "healthcare.healthcare.doctype.patient_appointment.patient_appointment.update_status"
TOMORROW = timedelta(days=1)


@pytest.fixture
def booked(make_appointment: Any) -> Any:
	"""A video appointment for tomorrow, made by the administrator, as another user finds it."""
	return frappe.get_doc(PA, make_appointment(starts_in=TOMORROW).name)


def room_of(appointment: Any) -> Any:
	(room,) = frappe.get_all(ROOM, {"appointment": appointment.name}, ["*"], order_by="creation")
	return room


def shown(appointment: Any) -> tuple[Any, Any]:
	doc = frappe.get_doc(PA, appointment.name).as_dict()
	return doc.theranvio_room, doc.theranvio_status


def link_in_calendar(appointment: Any) -> bool:
	return "/visit/" in frappe.db.get_value("Event", appointment.event, "description")


def enter(room: Any, user: str, role: str = "Client") -> Any:
	doc = frappe.get_doc(
		doctype="Room Participant",
		room=room.name,
		role=role,
		user=user,
		state="Waiting",
		display_name="Somebody",
	)
	return doc.insert(ignore_permissions=True, set_name=frappe.generate_hash(length=32))


def statements(act: Any) -> list[str]:
	"""The SQL of one act and its commit that names anything of ours."""
	seen: list[str] = []
	run = frappe.db.sql

	def recording(query: Any, *args: Any, **kwargs: Any) -> Any:
		seen.append(str(query))
		return run(query, *args, **kwargs)

	frappe.db.sql = recording
	try:
		act()
		frappe.db.commit()
	finally:
		del frappe.db.sql
	return [
		s for s in seen if any(w in s for w in (ROOM, "Participant`", "Telehealth Settings", "theranvio_0"))
	]


# booking


def test_the_saved_document_itself_shows_the_room(make_appointment: Any) -> None:
	made = make_appointment(starts_in=TOMORROW)
	assert (made.theranvio_room, made.as_dict().theranvio_status) == (room_of(made).name, "Scheduled")


def test_without_video_there_is_nothing_of_ours(make_appointment: Any, site: Any) -> None:
	made: list[Any] = []
	assert statements(lambda: made.append(make_appointment(video=False))) == []
	assert statements(lambda: frappe.get_doc(PA, made[0].name).save()) == []
	assert not site.db.count(ROOM)
	assert not link_in_calendar(made[0])


def test_one_booking_follows_once(make_appointment: Any) -> None:
	ours = statements(lambda: make_appointment(starts_in=TOMORROW))
	assert len([s for s in ours if s.startswith("INSERT INTO `tabAppointment Room`")]) == 1
	assert not [s for s in ours if s.startswith("savepoint")]


def test_an_old_fallback_link_blocks_no_one(booked: Any) -> None:
	frappe.db.set_value(PA, booked.name, "theranvio_fallback_url", "https://u@meet.example.org")
	doc = frappe.get_doc(PA, booked.name)
	doc.notes = "something else"
	doc.save()
	assert room_of(booked).fallback_url in (None, "")


# changing


def test_saving_something_else_writes_nothing(booked: Any) -> None:
	ours = statements(lambda: booked.update({"notes": "brings the form"}).save())
	assert not [s for s in ours if s.split(maxsplit=1)[0].upper() in ("INSERT", "UPDATE")]
	assert not frappe.db.count("Version", {"ref_doctype": ROOM})


def test_a_stale_form_does_not_show_what_was(booked: Any) -> None:
	"""Our status fields do not update `modified`, so a form opened before can still be saved."""
	stale = frappe.get_doc(PA, booked.name)
	frappe.db.set_value(ROOM, room_of(booked).name, "status", "Live")
	after_save.schedule_sync(booked.name)
	frappe.db.commit()
	stale.notes = "typed meanwhile"
	stale.save()
	frappe.db.commit()
	assert shown(booked)[1] == "Live"
	stale.theranvio_room = None
	stale.save()
	frappe.db.commit()
	assert shown(booked)[0] == room_of(booked).name


# cancelling, closing


def test_the_v2_path_is_ours_too(http: Any, booked: Any) -> None:
	client = http(CLIENT, fresh=True)
	client.prefix = "/api/v2/method/"
	assert client.post(UPDATE_STATUS, appointment_id=booked.name, status="Cancelled").status_code == 403


def test_a_word_that_is_no_status_is_refused(http: Any, booked: Any) -> None:
	answer = http(FRONT_DESK).post(UPDATE_STATUS, appointment_id=booked.name, status="<b>Bogus</b>")
	assert answer.status_code == 417
	assert "Choose one of" in answer.text
	frappe.db.rollback()
	assert frappe.db.get_value(PA, booked.name, "status") == "Scheduled"


def test_cancelling_needs_no_calendar_event(booked: Any) -> None:
	frappe.delete_doc("Event", booked.event, force=True)
	update_status.update_status(booked.name, "Cancelled")
	frappe.db.commit()
	assert frappe.db.get_value(PA, booked.name, "status") == "Cancelled"
	assert room_of(booked).status == "Revoked"


def test_cancelling_without_video_is_the_hosts_alone(make_appointment: Any) -> None:
	made = make_appointment(starts_in=TOMORROW, video=False)
	ours = statements(lambda: update_status.update_status(made.name, "Cancelled"))
	assert ours == []
	assert frappe.db.get_value("Event", made.event, "status") == "Cancelled"


def encounter(appointment: Any) -> Any:
	return frappe.get_doc(
		doctype="Patient Encounter",
		patient=appointment.patient,
		practitioner=appointment.practitioner,
		company=appointment.company,
		appointment=appointment.name,
		encounter_date=getdate(),
		encounter_time="10:00:00",
	).insert()


def test_an_encounter_of_another_kind_is_none_of_ours(make_appointment: Any) -> None:
	made = make_appointment(video=False)
	assert statements(lambda: encounter(made)) == []


def test_the_hosts_daily_job(booked: Any) -> None:
	from healthcare.healthcare.doctype.patient_appointment import patient_appointment as platform

	yesterday = {"appointment_date": add_days(getdate(), -1)}
	frappe.db.set_value(PA, booked.name, yesterday)
	platform.update_appointment_status()
	frappe.db.commit()
	assert frappe.db.get_value(PA, booked.name, "status") == "No Show"
	assert room_of(booked).status == "Scheduled", "no person has called it off"
	for _ in ("its window moves", "its window has closed"):
		jobs.sweep()
	assert room_of(booked).status == "Expired"


# merging


@pytest.fixture
def duplicate(site: Any) -> Any:
	"""A second record of a person, with another address."""
	if not site.db.exists("User", "twice@home.test"):
		user = site.get_doc(doctype="User", email="twice@home.test", first_name="Cleo", send_welcome_email=0)
		user.append("roles", {"role": "Patient"})
		user.insert()
	return frappe.get_doc(
		doctype="Patient", first_name="Cleo Twice", sex="Female", email="twice@home.test", invite_user=0
	).insert(ignore_permissions=True)


def test_a_merge_puts_out_anyone_who_is_not_the_client_any_more(
	duplicate: Any, make_appointment: Any
) -> None:
	made = make_appointment(client="twice@home.test", starts_in=TOMORROW)
	person = enter(room_of(made), "twice@home.test")
	stored = make_appointment(starts_in=2 * TOMORROW)
	other = enter(room_of(stored), CLIENT)
	frappe.rename_doc("Patient", duplicate.name, patient_of(CLIENT), merge=True, force=True)
	frappe.db.commit()
	room = room_of(made)
	assert (room.patient, room.status, room.link_version) == (patient_of(CLIENT), "Scheduled", 2)
	assert frappe.db.get_value("Room Participant", person.name, "state") == "Invited"
	assert room_of(stored).link_version == 1, "the visit of the one that stays goes on"
	assert frappe.db.get_value("Room Participant", other.name, "state") == "Waiting"


# failing


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> Any:
	"""Whatever follows an appointment fails, with a name in the error."""

	def fail(_store: Any) -> None:
		raise ValueError("Cleo's own")

	monkeypatch.setattr(SiteStore, "settings", fail)
	return monkeypatch.undo


def test_our_failure_never_blocks_the_appointment(broken: Any, make_appointment: Any) -> None:
	made = make_appointment(starts_in=TOMORROW)
	assert frappe.db.exists(PA, made.name)
	assert not frappe.db.count(ROOM)
	room, status = shown(made)
	assert room is None
	assert "being prepared" in status
	assert not [m for m in frappe.local.message_log if "Cleo" in str(m)]
	broken()
	jobs.sweep()
	assert shown(made) == (room_of(made).name, "Scheduled")


def test_our_failure_leaves_the_hosts_other_writes(broken: Any, booked_off: Any) -> None:
	update_status.update_status(booked_off.name, "Cancelled")
	assert frappe.db.get_value(PA, booked_off.name, "status") == "Cancelled"
	assert frappe.db.get_value("Event", booked_off.event, "status") == "Cancelled"


@pytest.fixture
def booked_off(make_appointment: Any) -> Any:
	made = make_appointment(starts_in=TOMORROW, video=False)
	frappe.db.set_value(PA, made.name, "theranvio_video", 1)
	return made
