"""Whatever our code raises around a save of the platform's documents: the save stands, and the sweep makes ours good.

Each error is raised at every call of ours in turn, as the database raises it: 1020 and 1213 undo the whole transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import frappe
import pymysql
import pytest

from tests.site import rows
from tests.site.paths import APPOINTMENT, Make, room_of
from theranvio_telehealth.overrides import after_save
from theranvio_telehealth.overrides import appointment as handlers
from theranvio_telehealth.services import booking
from theranvio_telehealth.site import appointments, jobs
from theranvio_telehealth.site.directory import SiteDirectory
from theranvio_telehealth.site.store import SiteStore
from tools.harness.factories import in_threads
from tools.harness.site.people import CLIENT, COMPANY, DEPARTMENT, HOST

TOMORROW = timedelta(days=1)


def changed_meanwhile() -> Exception:
	frappe.db.sql("rollback")
	return frappe.QueryDeadlockError(1020, "Record has changed since last read")


def deadlock() -> Exception:
	frappe.db.sql("rollback")
	return frappe.QueryDeadlockError(1213, "Deadlock found")


def lock_wait_timeout() -> Exception:
	return frappe.QueryTimeoutError(1205, "Lock wait timeout exceeded")


def lost_connection() -> Exception:
	return pymysql.OperationalError(2013, "Lost connection to server during query")


def mistake() -> Exception:
	return ValueError("of a programmer")


ERRORS = [changed_meanwhile, deadlock, lock_wait_timeout, lost_connection, mistake]


class Calls:
	"""Every call of ours that a save leads to, counted; from the one numbered `failing` on, all raise."""

	def __init__(self, error: Callable[[], Exception]) -> None:
		self.error = error
		self.failing: int | None = None
		self.made: list[str] = []

	def watched(self, name: str, does: Callable[..., Any], error: Any = None) -> Callable[..., Any]:
		def call(*given: Any, **named: Any) -> Any:
			self.made.append(name)
			if self.failing is not None and len(self.made) > self.failing:
				raise (error or self.error)()
			return does(*given, **named)

		return call

	@contextmanager
	def plant(self, failing: int | None) -> Iterator[None]:
		self.failing, self.made = failing, []
		with pytest.MonkeyPatch.context() as patched:
			for owner in (SiteStore, SiteDirectory):
				for name, does in list(vars(owner).items()):
					if callable(does) and not name.startswith("_"):
						patched.setattr(owner, name, self.watched(name, does))
			for owner, name, error in (
				(appointments, "has_video", None),
				(appointments, "unlink", None),
				(booking, "sync_rooms", None),
				# these ask the database nothing, so it cannot undo anything in them
				(after_save, "schedule_sync", mistake),
				(handlers, "_has_video", mistake),
			):
				patched.setattr(owner, name, self.watched(name, getattr(owner, name), error))
			yield


@dataclass
class Save:
	"""One of the platform's saves: what it starts from, what it does, whether that is stored, what our room is then."""

	start: Callable[[Make, int], Any]
	does: Callable[[Any], Any]
	is_stored: Callable[[Any], bool]
	status: str | None


def booked(make: Make, day: int) -> Any:
	return frappe.get_doc(APPOINTMENT, make(starts_in=day * TOMORROW).name)


def with_client(make: Make) -> Any:
	doc = booked(make, 1)
	rows.put_admitted(doc.theranvio_room, CLIENT)
	frappe.db.commit()
	return doc


def closing(doctype: str, **values: Any) -> Callable[[Any], Any]:
	def insert(appointment: Any) -> Any:
		doc = frappe.get_doc(
			doctype=doctype,
			patient=appointment.patient,
			practitioner=appointment.practitioner,
			appointment=appointment.name,
			company=COMPANY,
			**{name: appointment.get(value) or value for name, value in values.items()},
		)
		if doctype != "Patient Encounter":
			doc.flags.ignore_mandatory = doc.flags.ignore_validate = doc.flags.ignore_links = True
		return doc.insert()

	return insert


def closed_by(doctype: str) -> Callable[[Any], bool]:
	return lambda appointment: (
		bool(frappe.db.exists(doctype, {"appointment": appointment.name}))
		and frappe.db.get_value(APPOINTMENT, appointment.name, "status") == "Closed"
	)


def reschedule(appointment: Any) -> None:
	appointment.appointment_date = appointment.appointment_date + TOMORROW
	appointment.save()


def is_moved(appointment: Any) -> bool:
	stored = frappe.db.get_value(APPOINTMENT, appointment.name, "appointment_date")
	return stored == appointment.appointment_date


def cancel(appointment: Any) -> None:
	from theranvio_telehealth.overrides.update_status import update_status

	update_status(appointment.name, "Cancelled")


def is_cancelled(appointment: Any) -> bool:
	event = frappe.db.get_value("Event", appointment.event, "status")
	return (frappe.db.get_value(APPOINTMENT, appointment.name, "status"), event) == ("Cancelled", "Cancelled")


def remove(appointment: Any) -> None:
	frappe.delete_doc(APPOINTMENT, appointment.name, force=True)


def is_removed(appointment: Any) -> bool:
	return not frappe.db.exists(APPOINTMENT, appointment.name)


SAVES = {
	"insert": Save(
		lambda make, day: make(starts_in=day * TOMORROW, insert=False),
		lambda doc: doc.insert(),
		lambda doc: bool(frappe.db.exists(APPOINTMENT, doc.name)),
		"Scheduled",
	),
	"reschedule": Save(booked, reschedule, is_moved, "Scheduled"),
	"cancel": Save(booked, cancel, is_cancelled, "Revoked"),
	"delete": Save(booked, remove, is_removed, "Revoked"),
	"encounter": Save(
		booked,
		closing("Patient Encounter", encounter_date="appointment_date", encounter_time="appointment_time"),
		closed_by("Patient Encounter"),
		"Scheduled",
	),
	"session": Save(
		booked,
		closing(
			"Therapy Session",
			department=DEPARTMENT,
			start_date="appointment_date",
			start_time="appointment_time",
			duration="20",
			rate="1",
		),
		closed_by("Therapy Session"),
		"Scheduled",
	),
	"procedure": Save(
		booked,
		closing("Clinical Procedure", start_date="appointment_date", start_time="appointment_time"),
		closed_by("Clinical Procedure"),
		"Scheduled",
	),
}


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: error.__name__)
@pytest.mark.parametrize("save", SAVES.values(), ids=SAVES.keys())
def test_a_save_stands_wherever_ours_fails(
	save: Save, error: Callable[[], Exception], make_appointment: Make
) -> None:
	calls = Calls(error)
	with calls.plant(None):
		save.does(save.start(make_appointment, 1))
		frappe.db.commit()
	made = calls.made
	assert "sync_rooms" in made
	assert len(made) > 3
	saved = {}
	failing_at = places(made, save is SAVES["encounter"] and error is changed_meanwhile)
	for number, failing in enumerate(failing_at):  # within the days that the sweep looks ahead
		doc = saved[failing] = save.start(make_appointment, 3 + 2 * number)
		with calls.plant(failing):
			save.does(doc)
			frappe.db.commit()
		frappe.db.rollback()
		assert save.is_stored(doc), made[: failing + 1]
	jobs.sweep()
	for failing, doc in saved.items():
		is_right(save, doc, made[: failing + 1])


def places(made: list[str], thorough: bool = False) -> list[int]:
	"""The first call of every name, or every call."""
	every = range(len(made))
	return [*every] if thorough else sorted({made.index(made[n]) for n in every})


def is_right(save: Save, doc: Any, why: list[str]) -> None:
	room = room_of(doc)
	assert room.status == save.status, why
	if save.status == "Scheduled":
		assert str(room.starts_on.date()) == str(doc.appointment_date), why
		shown = frappe.get_doc(APPOINTMENT, doc.name).as_dict()
		assert (shown.theranvio_room, shown.theranvio_status) == (room.name, "Scheduled"), why


def elsewhere(act: Callable[[], Any]) -> None:
	"""In a connection of its own, as another request does it."""
	site, sites = frappe.local.site, frappe.local.sites_path

	def request() -> None:
		frappe.init(site, sites_path=sites, force=True)
		frappe.connect()
		try:
			act()
			frappe.db.commit()
		finally:
			frappe.destroy()

	(failed,) = in_threads([request])
	assert failed is None, failed


@pytest.mark.parametrize("kind", ["reschedule", "cancel", "encounter", "session", "procedure"])
def test_a_person_beats_while_the_platform_saves(kind: str, isolated: None, make_appointment: Make) -> None:
	"""Two connections: the platform's transaction has begun to read when the other changes our rows, and commits."""
	save = SAVES[kind]
	doc = with_client(make_appointment)
	room = doc.theranvio_room
	frappe.db.commit()
	assert frappe.db.get_value("Room Participant", {"room": room}, "state") == "Admitted"

	def beat() -> None:
		frappe.db.sql("update `tabRoom Participant` set stay_seen_on = now(6) where room = %s", (room,))
		frappe.db.sql("update `tabAppointment Room` set locked = 1 where name = %s", (room,))

	elsewhere(beat)
	save.does(doc)
	elsewhere(beat)
	frappe.db.commit()
	frappe.db.rollback()
	assert save.is_stored(doc)
	assert room_of(doc).status == save.status, "done at once, without the sweep"


@pytest.mark.parametrize("kind", ["reschedule", "cancel", "encounter", "session", "procedure"])
def test_a_visit_starts_and_ends_while_the_platform_saves(
	kind: str, isolated: None, http: Any, make_appointment: Make
) -> None:
	"""An act in a visit writes nothing into the row that the platform saves."""
	save, host = SAVES[kind], http(HOST)
	doc = frappe.get_doc(APPOINTMENT, make_appointment().name)
	frappe.db.commit()
	doc.reload()
	assert host.post("visit.enter", room=doc.theranvio_room).status_code == 200
	save.does(doc)
	assert host.post("host.end", room=doc.theranvio_room).status_code == 200
	frappe.db.commit()
	frappe.db.rollback()
	assert save.is_stored(doc)
	assert room_of(doc).status == ("Scheduled" if kind == "reschedule" else "Ended")


# the mechanism


def test_what_is_rolled_back_leads_to_nothing(make_appointment: Make) -> None:
	doc = make_appointment(starts_in=TOMORROW, insert=False)
	doc.insert()
	frappe.db.rollback()
	frappe.db.commit()
	assert room_of(doc) is None
	doc = make_appointment(starts_in=TOMORROW)
	assert room_of(doc).name == doc.theranvio_room


def test_callbacks_of_others_run_whatever_becomes_of_ours(make_appointment: Make) -> None:
	"""A rollback drops callbacks that have not run yet: theirs come first."""
	ran: list[str] = []
	doc = make_appointment(starts_in=TOMORROW, insert=False)
	calls = Calls(mistake)
	with calls.plant(1):
		doc.insert()
		frappe.db.after_commit.add(lambda: ran.append("theirs"))
		frappe.db.commit()
	assert ran == ["theirs"]
	assert room_of(doc) is None


def test_the_platforms_transaction_has_no_statement_of_ours(make_appointment: Make) -> None:
	"""No lock, no savepoint and no read of our tables before the commit."""
	doc = booked(make_appointment, 1)
	seen: list[str] = []
	run = frappe.db.sql

	def recording(query: Any, *args: Any, **kwargs: Any) -> Any:
		seen.append(str(query))
		return run(query, *args, **kwargs)

	frappe.db.sql = recording
	try:
		reschedule(doc)
		SAVES["encounter"].does(doc)
		cancel(doc)
	finally:
		del frappe.db.sql
	ours = ("Appointment Room`", "Room Participant`", "Telehealth Settings", "savepoint theranvio")
	assert seen
	link_check = (
		"SELECT `name` FROM `tabAppointment Room` WHERE `name`="  # the platform's own, of the Link field
	)
	assert [s for s in seen if any(word in s for word in ours) and not s.startswith(link_check)] == []


def test_jobs_and_imports_have_their_room_when_they_commit(make_appointment: Make) -> None:
	"""After any commit, and in all that runs after it, the room is there."""
	docs = [make_appointment(starts_in=n * TOMORROW, insert=False) for n in (1, 2)]
	for doc in docs:
		doc.insert()
		assert not doc.theranvio_room
		assert "being prepared" in doc.as_dict().theranvio_status
	frappe.db.commit()
	for doc in docs:
		assert (doc.theranvio_room, doc.as_dict().theranvio_status) == (room_of(doc).name, "Scheduled")
