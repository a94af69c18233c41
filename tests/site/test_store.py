"""The site's store: the contract of every store, on MariaDB, and what it promises beyond it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

import frappe
import pytest

from tests.services.agreements_contract import AgreementsContract
from tests.services.store_contract import StoreContract, full_participant, full_room, roll_back
from tests.site.seed import SiteSeed
from theranvio_telehealth.site.store import SiteStore
from tools.harness.factories import make_appointment as appointment_of
from tools.harness.factories import make_participant, make_room
from tools.harness.ports import NOON, FixedClock
from tools.harness.site.people import HOST


@pytest.fixture
def clock() -> FixedClock:
	return FixedClock()


@pytest.fixture
def store(site: Any, clock: FixedClock) -> SiteStore:
	return SiteStore(clock=clock)


@pytest.fixture
def seed(store: SiteStore, clock: FixedClock) -> SiteSeed:
	return SiteSeed(store, clock)


class TestSiteStore(StoreContract):
	@pytest.fixture
	def store(self, site: Any, clock: FixedClock) -> SiteStore:
		return SiteStore(clock=clock)


class TestSiteAgreements(AgreementsContract):
	@pytest.fixture
	def agreements(self, store: SiteStore) -> SiteStore:
		return store


def versions(name: str) -> list[list[Any]]:
	stored = frappe.get_all("Version", {"docname": name}, ["data", "owner"], order_by="creation, name")
	return [[v.owner, json.loads(v.data)["changed"]] for v in stored]


def test_an_inner_transaction_that_fails_undoes_itself_only(store: SiteStore, seed: SiteSeed) -> None:
	room = make_room(seed.appointment())
	with store.transaction():
		store.add_room(room)
		roll_back(store, lambda: store.save_room(replace(room, locked=True)))
		assert store.room(room.name) == room
	frappe.db.rollback()
	assert store.room(room.name) == room


def test_changes_are_on_record_without_secrets(store: SiteStore, seed: SiteSeed, as_user: Any) -> None:
	room = full_room(seed)
	store.add_room(room)
	store.save_room(room)
	assert versions(room.name) == []
	with as_user(HOST):
		store.save_room(replace(room, locked=False, meeting_token="another", fallback_url="https://x.test/s"))
	((who, changed),) = versions(room.name)
	assert who == HOST
	assert sorted(changed) == [["fallback_url", "changed", "changed"], ["locked", 1, 0]]


def test_a_participants_changes_name_no_one(store: SiteStore, seed: SiteSeed) -> None:
	room = make_room(seed.appointment())
	store.add_room(room)
	person = full_participant(room, seed)
	store.add_participant(person)
	store.save_participant(replace(person, display_name="Somebody Else", attendee_id="n" * 32))
	((_, changed),) = versions(person.name)
	assert sorted(changed) == [["display_name", "changed", "changed"]]


def test_a_beat_leaves_no_record(store: SiteStore, seed: SiteSeed) -> None:
	room = make_room(seed.appointment())
	store.add_room(room)
	person = make_participant(room, attendee_id="a", stay_started_on=NOON, stay_seen_on=NOON)
	store.add_participant(person)
	before = frappe.db.get_value("Room Participant", person.name, "modified")
	assert store.beat(person.name, "a", NOON + timedelta(seconds=10))
	assert versions(person.name) == []
	assert frappe.db.get_value("Room Participant", person.name, "modified") == before


#: New York and Toronto put their clocks back at 06:00 UTC: 01:30 is shown at 05:30 and again at 06:30.
AUTUMN = datetime(2027, 11, 7, 5, 30, tzinfo=timezone.utc)
HOUR = timedelta(hours=1)


def test_beats_go_on_while_the_clock_repeats_an_hour(store: SiteStore, seed: SiteSeed) -> None:
	room = make_room(seed.appointment())
	store.add_room(room)
	last = AUTUMN + timedelta(minutes=29, seconds=59, milliseconds=999)
	person = make_participant(room, attendee_id="a", stay_started_on=AUTUMN, stay_seen_on=last)
	store.add_participant(person)
	for seen_on in (last + timedelta(milliseconds=1), AUTUMN + HOUR, AUTUMN + 2 * HOUR):
		assert store.beat(person.name, "a", seen_on)
		assert store.participants(room.name) == [replace(person, stay_seen_on=seen_on)]


def test_rooms_close_in_order_while_the_clock_repeats_an_hour(store: SiteStore, seed: SiteSeed) -> None:
	appointment = seed.appointment()
	first = make_room(appointment, name="first", appointment_key="k1", closes_on=AUTUMN)
	second = make_room(appointment, name="second", appointment_key="k2", closes_on=AUTUMN + HOUR)
	for room in (first, second):
		store.add_room(room)
	asked = [AUTUMN - timedelta(milliseconds=1), AUTUMN, AUTUMN + HOUR / 2, AUTUMN + HOUR]
	due = [set(store.rooms_to_close(at, 10)) for at in asked]
	assert due == [set(), {"first"}, {"first"}, {"first", "second"}]


def test_an_appointment_starts_when_the_clinics_clock_says(store: SiteStore, seed: SiteSeed) -> None:
	name = seed.appointment().name
	for at, instant in {
		"01:30:00": AUTUMN,  # shown twice: the earlier
		"03:00:00": datetime(2027, 11, 7, 8, tzinfo=timezone.utc),
	}.items():
		values = {"appointment_date": "2027-11-07", "appointment_time": at}
		frappe.db.set_value("Patient Appointment", name, values)
		assert store.appointment(name).starts_on == instant


def test_a_name_used_again_has_another_key(store: SiteStore, seed: SiteSeed) -> None:
	first = seed.appointment()
	frappe.db.set_value("Patient Appointment", first.name, "creation", "2027-03-03 07:00:00.000001")
	assert store.appointment(first.name).key != first.key


def test_only_an_https_address_is_a_fallback(store: SiteStore, seed: SiteSeed) -> None:
	for url in ("javascript:alert(1)", "http://meet.example.org", "https://someone@meet.example.org"):
		appointment = seed.appointment(fallback_url=url)
		assert store.appointment(appointment.name).fallback_url == ""


def test_showing_is_no_change_of_the_appointment(store: SiteStore, seed: SiteSeed) -> None:
	name = seed.appointment().name
	room = make_room(store.appointment(name), name="a" * 32)
	store.add_room(room)
	before = frappe.db.get_value("Patient Appointment", name, "modified")
	store.show_on_appointment(name, room.name, linked=True)
	assert frappe.db.get_value("Patient Appointment", name, "modified") == before


@pytest.fixture
def event(store: SiteStore, seed: SiteSeed) -> Iterator[Any]:
	"""The calendar event of APP-1."""
	made = frappe.get_doc(
		doctype="Event", subject="Visit", starts_on="2027-03-03 07:00:00", description="Cleo with Hanna"
	).insert()
	name = seed.appointment().name
	frappe.db.set_value("Patient Appointment", name, "event", made.name)
	yield made
	frappe.db.rollback()


def description(event: Any) -> str:
	return frappe.db.get_value("Event", event.name, "description")


def test_the_link_is_in_the_calendar_once(store: SiteStore, event: Any) -> None:
	room = make_room(store.appointment("APP-1"), name="a" * 32)
	store.add_room(room)
	for _ in range(2):
		store.show_on_appointment("APP-1", room.name, linked=True)
	assert description(event).count(f"/visit/{room.name}") == 1
	assert description(event).startswith("Cleo with Hanna")


def test_the_link_survives_the_hosts_own_save_of_the_event(store: SiteStore, event: Any) -> None:
	store.show_on_appointment("APP-1", "a" * 32, linked=True)
	saved = frappe.get_doc("Event", event.name)
	saved.starts_on = "2027-03-03 08:00:00"
	saved.save()
	store.show_on_appointment("APP-1", "a" * 32, linked=True)
	assert description(event).count("/visit/") == 1


EDITED = '<div class="ql-editor read-mode"><p>Cleo with Hanna{} bring the form</p></div>'


@pytest.mark.parametrize("around", ["{}", '<a href="{}" rel="noopener">{}</a>'], ids=["text", "linked"])
def test_the_link_is_known_again_after_a_person_edited_the_event(
	store: SiteStore, event: Any, around: str
) -> None:
	store.show_on_appointment("APP-1", "a" * 32, linked=True)
	line = description(event).removeprefix("Cleo with Hanna")
	address = line.split()[-1]
	edited = EDITED.format(line.replace(address, around.format(address, address)).replace("\n", " "))
	frappe.db.set_value("Event", event.name, "description", edited)
	store.show_on_appointment("APP-1", "a" * 32, linked=True)
	assert description(event) == edited
	store.show_on_appointment("APP-1", "", linked=False)
	assert description(event) == EDITED.format("")


@pytest.mark.parametrize("room", ["", "a" * 32], ids=["no room", "revoked"])
def test_the_link_goes_with_the_room(store: SiteStore, event: Any, room: str) -> None:
	store.show_on_appointment("APP-1", "a" * 32, linked=True)
	store.show_on_appointment("APP-1", room, linked=False)
	assert description(event) == "Cleo with Hanna"


def test_another_room_has_another_link(store: SiteStore, event: Any) -> None:
	store.show_on_appointment("APP-1", "a" * 32, linked=True)
	store.show_on_appointment("APP-1", "b" * 32, linked=True)
	assert "a" * 32 not in description(event)
	assert description(event).count("b" * 32) == 1


def test_lock_sees_what_was_committed_while_it_waited(store: SiteStore, seed: SiteSeed) -> None:
	"""A transaction's plain reads are stale under REPEATABLE READ: those after the lock must not be."""
	room = make_room(seed.appointment())
	store.add_room(room)
	frappe.db.commit()
	assert store.room(room.name) == room  # the read view begins

	def enter(its: SiteStore) -> None:
		with its.transaction():
			its.lock(room.name)
			its.add_participant(make_participant(room))
			its.save_room(replace(room, link_version=2))
		frappe.db.set_value("Patient Appointment", room.appointment, "status", "Cancelled")

	frappe.db.rollback()
	reader = SiteStore()
	assert not reader.participants(room.name)
	_elsewhere(seed, enter)
	with reader.transaction():
		assert reader.lock(room.name).link_version == 2
		assert len(reader.participants(room.name)) == 1
		assert reader.appointment(room.appointment).status == "Cancelled"


@pytest.fixture
def lenient(site: Any) -> Iterator[None]:
	"""As MariaDB before 11.6.2 is set: a locking read sees what changed meanwhile, a plain read does not."""
	setting = "innodb_snapshot_isolation"
	if has := site.db.sql("show variables like %s", (setting,)):
		site.db.sql(f"set session {setting} = OFF")
	yield
	if has:
		site.db.sql(f"set session {setting} = default")


def test_lock_sees_it_where_the_read_view_cannot_be_ended(
	lenient: None, store: SiteStore, seed: SiteSeed
) -> None:
	"""What is written already must not be committed: then everything is read by locking it."""
	room = make_room(seed.appointment())
	store.add_room(room)
	store.add_participant(make_participant(room))
	frappe.db.commit()
	reader = SiteStore()
	with reader.transaction():
		frappe.db.set_value("Patient Appointment", room.appointment, "notes", "written before the lock")
		assert len(reader.participants(room.name)) == 1
		_elsewhere(seed, lambda its: its.add_participant(make_participant(room, name="two", user=HOST)))
		reader.lock(room.name)
		assert len(reader.participants(room.name)) == 2


def _elsewhere(seed: SiteSeed, act: Any) -> None:
	"""In another connection, without touching this one's transaction."""
	from tools.harness.factories import in_threads

	(result,) = in_threads([lambda: seed._as_request(act)])
	assert result is None, result


def test_a_lock_needs_a_transaction(store: SiteStore, seed: SiteSeed) -> None:
	room = make_room(seed.appointment())
	store.add_room(room)
	with pytest.raises(RuntimeError):
		store.lock(room.name)


def test_a_lock_in_an_inner_transaction_keeps_its_way_back(store: SiteStore, seed: SiteSeed) -> None:
	room = make_room(seed.appointment())
	store.add_room(room)

	def lock_and_write() -> None:
		store.save_room(replace(store.lock(room.name), locked=True))

	with store.transaction():
		roll_back(store, lock_and_write)
	assert store.room(room.name) == room


def test_two_rooms_can_be_entered_first_at_the_same_time(store: SiteStore, seed: SiteSeed) -> None:
	"""Locking «the participants of a room» would lock the gap where the next room's come: a deadlock for both."""
	rooms = [
		make_room(seed.appointment(name=name), name=f"{name}-room", appointment_key=name)
		for name in ("APP-1", "APP-2")
	]
	for room in rooms:
		store.add_room(room)

	def enter(room: Any) -> Any:
		def act(its: SiteStore) -> int:
			for n in range(6):
				with its.transaction():
					its.lock(room.name)
					its.participants(room.name)
					user = f"{room.name}-{n}@x.test"
					its.add_participant(make_participant(room, name=f"{room.name}-{n}", user=user))
			return len(its.participants(room.name))

		return act

	assert seed.together(*(enter(room) for room in rooms)) == [6, 6]


def test_appointments_of_a_room_are_looked_up_by_index(site: Any) -> None:
	plan = site.db.sql(
		"explain select name from `tabPatient Appointment` where theranvio_video = 1 and theranvio_room is null",
		as_dict=True,
	)
	assert plan[0].key


def test_what_the_memory_and_the_site_call_an_appointment_agree(seed: SiteSeed) -> None:
	stored = seed.appointment()
	assert (stored.practitioner_name, stored.patient_name) == ("Hanna Host", "Cleo Client")
	theirs = {"company": "Clinic", "patient": "PAT-1", "practitioner": "PRAC-1"}
	unknown = {"key": "", "practitioner_name": "", "patient_name": "", "day_ends_on": None}
	assert replace(stored, **theirs, **unknown) == appointment_of(key="")
