"""Every way in which the host changes an appointment, and what the room makes of it: `shared` rules are tested in `domain`."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import frappe
import pytest
from frappe.utils import add_days, getdate, now_datetime

from tests.site.harness.appointments import patient_of, practitioner_of
from tests.site.harness.people import APPOINTMENT_TYPE, CLIENT, FRONT_DESK, HOST, OTHER_CLIENT, OTHER_HOST
from theranvio_telehealth.overrides import guarded, update_status
from theranvio_telehealth.site import jobs

PA = "Patient Appointment"
ROOM = "Appointment Room"
UPDATE_STATUS = "healthcare.healthcare.doctype.patient_appointment.patient_appointment.update_status"
TOMORROW = timedelta(days=1)


@pytest.fixture
def booked(make_appointment: Any) -> Any:
	"""A video appointment for tomorrow, made by the administrator, as somebody else finds it."""
	return frappe.get_doc(PA, make_appointment(starts_in=TOMORROW).name)


def room_of(appointment: Any) -> Any:
	(room,) = frappe.get_all(ROOM, {"appointment": appointment.name}, ["*"], order_by="creation")
	return room


def shown(appointment: Any) -> tuple[Any, Any]:
	return frappe.db.get_value(PA, appointment.name, ["theranvio_room", "theranvio_status"])


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
	"""The SQL of one act that names anything of ours."""
	seen: list[str] = []
	run = frappe.db.sql

	def recording(query: Any, *args: Any, **kwargs: Any) -> Any:
		seen.append(str(query))
		return run(query, *args, **kwargs)

	frappe.db.sql = recording
	try:
		act()
	finally:
		del frappe.db.sql
	return [
		s for s in seen if any(w in s for w in (ROOM, "Participant`", "Telehealth Settings", "theranvio_0"))
	]


# booking


def test_booking_makes_a_room_shown_everywhere(booked: Any) -> None:
	room = room_of(booked)
	assert room.status == "Scheduled"
	assert shown(booked) == (room.name, "Scheduled")
	assert (booked.theranvio_room, booked.theranvio_status) == (room.name, "Scheduled")
	assert link_in_calendar(booked)
	starts = frappe.utils.get_datetime(f"{booked.appointment_date} {booked.appointment_time}")
	assert (room.opens_on, room.starts_on) == (starts - timedelta(minutes=15), starts)
	assert (room.patient, room.practitioner) == (booked.patient, booked.practitioner)


def test_the_saved_document_itself_shows_the_room(make_appointment: Any) -> None:
	made = make_appointment(starts_in=TOMORROW)
	assert (made.theranvio_room, made.theranvio_status) == (room_of(made).name, "Scheduled")


def test_without_video_there_is_nothing_of_ours(make_appointment: Any, site: Any) -> None:
	made: list[Any] = []
	assert statements(lambda: made.append(make_appointment(video=False))) == []
	assert statements(lambda: frappe.get_doc(PA, made[0].name).save()) == []
	assert not site.db.count(ROOM)
	assert not link_in_calendar(made[0])


def test_one_booking_follows_once(make_appointment: Any) -> None:
	ours = statements(lambda: make_appointment(starts_in=TOMORROW))
	assert len([s for s in ours if s.startswith("INSERT INTO `tabAppointment Room`")]) == 1
	assert len([s for s in ours if s.startswith("savepoint")]) <= 2


@pytest.mark.parametrize(("sent", "video"), [(None, 1), (0, 0), (1, 1)], ids=["not said", "no", "yes"])
def test_the_type_decides_where_nothing_is_said(make_appointment: Any, sent: int | None, video: int) -> None:
	frappe.db.set_value("Appointment Type", APPOINTMENT_TYPE, "theranvio_video", 1)
	frappe.clear_document_cache("Appointment Type", APPOINTMENT_TYPE)
	try:
		doc = make_appointment(starts_in=TOMORROW, insert=False)
		doc.theranvio_video = sent
		doc.insert()
		assert frappe.db.get_value(PA, doc.name, "theranvio_video") == video
		assert frappe.db.count(ROOM, {"appointment": doc.name}) == video
		doc.theranvio_video = 0
		doc.save()
		assert frappe.db.get_value(PA, doc.name, "theranvio_video") == 0, "unticking it stays"
	finally:
		frappe.db.rollback()
		frappe.db.set_value("Appointment Type", APPOINTMENT_TYPE, "theranvio_video", 0)
		frappe.clear_document_cache("Appointment Type", APPOINTMENT_TYPE)
		frappe.db.commit()


@pytest.mark.parametrize(
	"url", ["http://meet.example.org", "https://u@meet.example.org", "meet", "javascript:x()"]
)
def test_only_https_can_be_a_fallback_link(make_appointment: Any, url: str) -> None:
	with pytest.raises(frappe.ValidationError, match=r"https|URL"):
		make_appointment(starts_in=TOMORROW, theranvio_fallback_url=url)


def test_an_old_fallback_link_stands_in_nobodys_way(booked: Any) -> None:
	frappe.db.set_value(PA, booked.name, "theranvio_fallback_url", "https://u@meet.example.org")
	doc = frappe.get_doc(PA, booked.name)
	doc.notes = "something else"
	doc.save()
	assert room_of(booked).fallback_url in (None, "")


# changing


def test_moving_moves_the_room_and_puts_everybody_outside(booked: Any) -> None:
	before = room_of(booked)
	person = enter(before, CLIENT)
	booked.appointment_date = add_days(booked.appointment_date, 1)
	booked.save()
	after = room_of(booked)
	assert after.starts_on == before.starts_on + timedelta(days=1)
	assert after.link_version == before.link_version + 1
	assert frappe.db.get_value("Room Participant", person.name, "state") == "Invited"


def test_saving_something_else_writes_nothing(booked: Any) -> None:
	ours = statements(lambda: booked.update({"notes": "brings the form"}).save())
	assert not [s for s in ours if s.split(maxsplit=1)[0].upper() in ("INSERT", "UPDATE")]
	assert not frappe.db.count("Version", {"ref_doctype": ROOM})


def test_a_stale_form_does_not_show_what_was(booked: Any) -> None:
	"""What we show is no change of the appointment, so a form opened before it can still be saved."""
	stale = frappe.get_doc(PA, booked.name)
	frappe.db.set_value(ROOM, room_of(booked).name, "status", "Live")
	guarded.follow(booked.name)
	stale.notes = "typed meanwhile"
	stale.save()
	assert shown(booked)[1] == "Live"
	stale.theranvio_room = None
	stale.save()
	assert shown(booked)[0] == room_of(booked).name


def test_ticked_later(make_appointment: Any) -> None:
	made = make_appointment(starts_in=TOMORROW, video=False)
	doc = frappe.get_doc(PA, made.name)
	doc.theranvio_video = 1
	doc.save()
	assert room_of(doc).status == "Scheduled"
	assert link_in_calendar(doc)


def test_unticked_again(booked: Any) -> None:
	booked.theranvio_video = 0
	booked.save()
	assert room_of(booked).status == "Revoked"
	assert shown(booked) in ((None, ""), ("", ""), (None, None))
	assert not link_in_calendar(booked)
	booked.theranvio_video = 1
	booked.save()
	assert room_of(booked).status == "Scheduled"


def test_db_set_is_seen(booked: Any) -> None:
	booked.db_set("appointment_time", "23:10:00")
	assert room_of(booked).starts_on.hour == 23


# cancelling, closing


def test_a_physician_cancels_what_somebody_else_booked(http: Any, booked: Any) -> None:
	"""The host's own answers 403: only the creator of the calendar event may."""
	answer = http(HOST).post(UPDATE_STATUS, appointment_id=booked.name, status="Cancelled")
	assert answer.status_code == 200, answer.text[:300]
	frappe.db.rollback()
	status, event = frappe.db.get_value(PA, booked.name, ["status", "event"])
	assert (status, event) == ("Cancelled", booked.event)
	assert frappe.db.get_value("Event", booked.event, "status") == "Cancelled"
	room = room_of(booked)
	assert (room.status, room.revoked_by) == ("Revoked", HOST)
	assert shown(booked)[1] == "Revoked"
	assert not link_in_calendar(booked)


def test_the_v2_path_is_ours_too(http: Any, booked: Any) -> None:
	client = http(CLIENT, fresh=True)
	client.prefix = "/api/v2/method/"
	assert client.post(UPDATE_STATUS, appointment_id=booked.name, status="Cancelled").status_code == 403


@pytest.mark.parametrize("who", [CLIENT, OTHER_CLIENT, OTHER_HOST])
@pytest.mark.parametrize("status", ["Cancelled", "Closed", "Bogus"])
def test_who_may_not_write_it_changes_no_status(http: Any, booked: Any, who: str, status: str) -> None:
	answer = http(who).post(UPDATE_STATUS, appointment_id=booked.name, status=status)
	assert answer.status_code == 403
	frappe.db.rollback()
	assert frappe.db.get_value(PA, booked.name, "status") == "Scheduled"
	assert room_of(booked).status == "Scheduled"


def test_a_word_that_is_no_status_is_refused(http: Any, booked: Any) -> None:
	answer = http(FRONT_DESK).post(UPDATE_STATUS, appointment_id=booked.name, status="<b>Bogus</b>")
	assert answer.status_code == 417
	assert "Choose one of" in answer.text
	frappe.db.rollback()
	assert frappe.db.get_value(PA, booked.name, "status") == "Scheduled"


def test_cancelling_needs_no_calendar_event(booked: Any) -> None:
	frappe.delete_doc("Event", booked.event, force=True)
	update_status.update_status(booked.name, "Cancelled")
	assert frappe.db.get_value(PA, booked.name, "status") == "Cancelled"
	assert room_of(booked).status == "Revoked"


def test_cancelling_without_video_is_the_hosts_alone(make_appointment: Any) -> None:
	made = make_appointment(starts_in=TOMORROW, video=False)
	ours = statements(lambda: update_status.update_status(made.name, "Cancelled"))
	assert ours == []
	assert frappe.db.get_value("Event", made.event, "status") == "Cancelled"


def test_a_save_that_resurrects_the_appointment_resurrects_the_room(booked: Any) -> None:
	update_status.update_status(booked.name, "Cancelled")
	assert room_of(booked).status == "Revoked"
	doc = frappe.get_doc(PA, booked.name)
	doc.notes = "unrelated"
	doc.save()
	assert doc.status == "Scheduled"
	assert room_of(booked).status == "Scheduled"
	assert room_of(booked).link_version > 1


@pytest.fixture
def live(make_appointment: Any) -> Any:
	"""An appointment of today whose visit took place and that nobody is in."""
	made = make_appointment()
	frappe.db.set_value(ROOM, made.theranvio_room, "status", "Live")
	return made


def closing(doctype: str, appointment: Any, event: str) -> None:
	"""The host's own handler and whatever is hooked to it, on a document that says just what they ask for."""
	doc = frappe.get_doc(
		doctype=doctype, name="NEW", appointment=appointment.name, patient=appointment.patient
	)
	doc.run_method(event)


@pytest.mark.parametrize(
	("doctype", "event"),
	[("Therapy Session", "on_update"), ("Clinical Procedure", "after_insert")],
)
def test_documents_that_close_the_appointment_end_its_visit(live: Any, doctype: str, event: str) -> None:
	closing(doctype, live, event)
	assert frappe.db.get_value(PA, live.name, "status") == "Closed"
	assert room_of(live).status == "Ended"


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


def test_an_encounter_closes_the_appointment_and_its_cancelling_opens_it(live: Any) -> None:
	made = encounter(live)
	assert frappe.db.get_value(PA, live.name, "status") == "Closed"
	assert room_of(live).status == "Ended"
	made.submit()
	made.cancel()
	assert frappe.db.get_value(PA, live.name, "status") == "Open"
	assert shown(live)[1] == room_of(live).status


def test_an_encounter_of_another_kind_is_none_of_ours(make_appointment: Any) -> None:
	made = make_appointment(video=False)
	assert statements(lambda: encounter(made)) == []


def test_the_hosts_daily_job(booked: Any) -> None:
	from healthcare.healthcare.doctype.patient_appointment import patient_appointment as host

	yesterday = {"appointment_date": add_days(getdate(), -1)}
	frappe.db.set_value(PA, booked.name, yesterday)
	host.update_appointment_status()
	assert frappe.db.get_value(PA, booked.name, "status") == "No Show"
	assert room_of(booked).status == "Revoked"


@pytest.mark.parametrize("change", [{"status": "Cancelled"}, {"theranvio_video": 0}])
def test_what_happens_behind_everybodys_back_the_sweep_makes_good(
	booked: Any, change: dict[str, Any]
) -> None:
	frappe.db.set_value(PA, booked.name, change)
	frappe.db.commit()
	jobs.sweep()
	assert room_of(booked).status == "Revoked"


# deleting, renaming


def test_deleting_revokes(booked: Any) -> None:
	event = booked.event
	frappe.delete_doc(PA, booked.name)
	room = room_of(booked)
	assert (room.status, room.revoked_reason) == ("Revoked", "Appointment deleted")
	assert "/visit/" not in frappe.db.get_value("Event", event, "description")


def test_a_name_used_again_is_another_visit(booked: Any, make_appointment: Any) -> None:
	name, old = booked.name, room_of(booked).name
	frappe.delete_doc(PA, name)
	again = make_appointment(client=OTHER_CLIENT, starts_in=TOMORROW, video=False)
	assert again.name == name, "the host gives the name of the last one again"
	assert frappe.db.get_value(ROOM, old, "status") == "Revoked"
	again.theranvio_video = 1
	again.save()
	rooms = frappe.get_all(ROOM, {"appointment": name}, ["name", "patient", "status"], order_by="creation")
	assert [(r.patient, r.status) for r in rooms] == [
		(patient_of(CLIENT), "Revoked"),
		(patient_of(OTHER_CLIENT), "Scheduled"),
	]
	assert shown(again)[0] == rooms[1].name != old


def test_a_name_used_again_behind_everybodys_back(booked: Any, make_appointment: Any) -> None:
	old = room_of(booked).name
	frappe.db.delete(PA, booked.name)
	frappe.db.commit()
	jobs.sweep()
	assert frappe.db.get_value(ROOM, old, "status") == "Revoked"


@pytest.fixture
def duplicate(site: Any) -> Any:
	"""A second record of a person, with another address."""
	return frappe.get_doc(
		doctype="Patient", first_name="Cleo Twice", sex="Female", email="twice@home.test", invite_user=0
	).insert(ignore_permissions=True)


def test_a_merge_puts_out_whoever_is_not_the_client_any_more(duplicate: Any, make_appointment: Any) -> None:
	made = make_appointment(client="twice@home.test", starts_in=TOMORROW)
	person = enter(room_of(made), "twice@home.test")
	kept = make_appointment(starts_in=2 * TOMORROW)
	other = enter(room_of(kept), CLIENT)
	frappe.rename_doc("Patient", duplicate.name, patient_of(CLIENT), merge=True, force=True)
	room = room_of(made)
	assert (room.patient, room.status, room.link_version) == (patient_of(CLIENT), "Scheduled", 2)
	assert frappe.db.get_value("Room Participant", person.name, "state") == "Invited"
	assert room_of(kept).link_version == 1, "the visit of the one that stays goes on"
	assert frappe.db.get_value("Room Participant", other.name, "state") == "Waiting"
	frappe.db.rollback()


def test_a_new_name_for_the_same_patient_changes_nothing(duplicate: Any, make_appointment: Any) -> None:
	made = make_appointment(client="twice@home.test", starts_in=TOMORROW)
	frappe.rename_doc("Patient", duplicate.name, "Cleo Renamed", force=True)
	room = room_of(made)
	assert (room.patient, room.status, room.link_version) == ("Cleo Renamed", "Scheduled", 1)
	frappe.delete_doc(PA, made.name)
	frappe.delete_doc("Patient", "Cleo Renamed", force=True)


# failing


@pytest.fixture
def broken(site: Any) -> Any:
	"""Whatever follows an appointment fails, with a name in the error."""
	site.db.set_single_value("Telehealth Settings", "lead_minutes", "Cleo's own")
	site.db.commit()

	def mend() -> None:
		site.db.set_single_value("Telehealth Settings", "lead_minutes", 15)
		site.db.commit()

	return mend


def test_our_failure_never_blocks_the_appointment(broken: Any, make_appointment: Any) -> None:
	made = make_appointment(starts_in=TOMORROW)
	assert frappe.db.exists(PA, made.name)
	assert not frappe.db.count(ROOM)
	assert "being prepared" in made.theranvio_status
	assert shown(made) == (None, made.theranvio_status)
	assert not [m for m in frappe.local.message_log if "Cleo" in str(m)]
	broken()
	jobs.sweep()
	assert shown(made) == (room_of(made).name, "Scheduled")


def test_our_failure_is_recorded_without_a_name(broken: Any, make_appointment: Any) -> None:
	from frappe.deferred_insert import save_to_db

	made = make_appointment(starts_in=TOMORROW)
	save_to_db()
	kept = frappe.get_all("Error Log", fields=["method", "error"], order_by="creation")
	ours = json.dumps([log for log in kept if "Theranvio" in log.method])
	assert f"follow {made.name}" in ours
	assert "ValueError" in ours
	assert not [word for word in ("Cleo", "Hanna", CLIENT, made.patient) if word in ours]


def test_our_failure_leaves_the_hosts_other_writes(broken: Any, booked_off: Any) -> None:
	update_status.update_status(booked_off.name, "Cancelled")
	assert frappe.db.get_value(PA, booked_off.name, "status") == "Cancelled"
	assert frappe.db.get_value("Event", booked_off.event, "status") == "Cancelled"


@pytest.fixture
def booked_off(make_appointment: Any) -> Any:
	made = make_appointment(starts_in=TOMORROW, video=False)
	frappe.db.set_value(PA, made.name, "theranvio_video", 1)
	return made


def test_a_deadlock_is_not_hidden(booked: Any, monkeypatch: pytest.MonkeyPatch) -> None:
	"""The database has undone the host's writes: saying «saved» would be a lie."""

	def deadlock(*_: Any, **__: Any) -> None:
		raise frappe.QueryDeadlockError

	monkeypatch.setattr(guarded.booking, "follow", deadlock)
	booked.notes = "lost"
	with pytest.raises(frappe.QueryDeadlockError):
		booked.save()


def test_the_practitioners_own_appointments_are_seen_by_her_only(booked: Any, as_user: Any) -> None:
	with as_user(OTHER_HOST):
		assert not frappe.has_permission(PA, "read", doc=booked.name)
	assert practitioner_of(HOST) == booked.practitioner
	assert now_datetime().date() < getdate(booked.appointment_date)
