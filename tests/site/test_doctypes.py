"""The records of a visit as DocTypes: what may not change, what is unique, what is indexed, what never stops the platform."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.site.rows import put, put_entry, put_participant, put_room
from theranvio_telehealth.domain.entities import (
	Agreement,
	Allowance,
	Participant,
	Policy,
	ProviderAccount,
	Room,
	UsageEntry,
)
from theranvio_telehealth.domain.enums import (
	Adapter,
	AgreementState,
	OnExhaustion,
	ParticipantState,
	Role,
	RoomStatus,
	StaySource,
)
from theranvio_telehealth.patches.keep_provider_data_apart import MOVED
from theranvio_telehealth.site.store import CLOSED
from tools.harness.site.people import FRONT_DESK

ENTITIES = {
	"Appointment Room": Room,
	"Room Participant": Participant,
	"Usage Allowance": Allowance,
	"Usage Entry": UsageEntry,
	"Media Provider": ProviderAccount,
	"BAA Record": Agreement,
}
OPTIONS = [
	("Appointment Room", "status", RoomStatus),
	("Room Participant", "state", ParticipantState),
	("Room Participant", "role", Role),
	("Usage Allowance", "on_exhaustion", OnExhaustion),
	("Usage Entry", "source", StaySource),
	("Media Provider", "adapter", Adapter),
	("BAA Record", "state", AgreementState),
]
#: Table, and the columns some index must begin with, in this order.
INDEXES = [
	("Appointment Room", ("appointment_key",)),
	("Appointment Room", ("status", "closes_on")),
	("Appointment Room", ("status", "opens_on")),
	("Appointment Room", ("appointment",)),
	("Appointment Room", ("patient", "starts_on")),
	("Room Meeting", ("meeting_token",)),
	("Room Meeting", ("former_meetings",)),
	("Room Participant", ("room", "user")),
	("Room Participant", ("stay_started_on", "stay_seen_on")),
	("Participant Access", ("revoked_attendees",)),
	("Usage Entry", ("idempotency_key",)),
	("Usage Entry", ("room",)),
	("Usage Entry", ("allowance",)),
	("Usage Allowance", ("company", "practitioner", "period_start")),
	("Patient Appointment", ("theranvio_room", "theranvio_video")),
]


@pytest.fixture
def room(site: Any, make_appointment: Any) -> Any:
	return put_room(make_appointment(video=False))


def indexes(site: Any, doctype: str) -> dict[str, tuple[str, ...]]:
	found: dict[str, list[str]] = {}
	for row in site.db.sql(f"show index from `tab{doctype}`", as_dict=True):
		found.setdefault(row.Key_name, []).append(row.Column_name)
	return {name: tuple(columns) for name, columns in found.items()}


@pytest.mark.parametrize("doctype", ENTITIES)
def test_every_field_of_an_entity_is_a_column(site: Any, doctype: str) -> None:
	doctypes = (doctype, *(apart.doctype for stored, apart in MOVED if stored == doctype))
	columns = {row[0] for each in doctypes for row in site.db.sql(f"describe `tab{each}`")}
	assert set(ENTITIES[doctype].__dataclass_fields__) <= columns


@pytest.mark.parametrize(("doctype", "field", "words"), OPTIONS)
def test_choices_are_the_domains_words(site: Any, doctype: str, field: str, words: Any) -> None:
	assert site.get_meta(doctype).get_field(field).options.strip().split("\n") == [
		word.value for word in words
	]


def test_a_new_clinics_window_is_the_domains(site: Any) -> None:
	settings = site.new_doc("Telehealth Settings")
	assert Policy() == Policy(
		lead=timedelta(minutes=settings.lead_minutes),
		grace=timedelta(minutes=settings.grace_minutes),
		overrun=timedelta(minutes=settings.overrun_minutes),
		default_duration=timedelta(minutes=settings.default_duration_minutes),
	)


@pytest.mark.parametrize(("doctype", "columns"), INDEXES)
def test_what_is_looked_up_is_indexed(site: Any, doctype: str, columns: tuple[str, ...]) -> None:
	assert any(found[: len(columns)] == columns for found in indexes(site, doctype).values())


@pytest.mark.parametrize("doctype", CLOSED)
def test_what_only_a_provider_needs_is_for_no_role(site: Any, doctype: str) -> None:
	meta = site.get_meta(doctype)
	assert not meta.permissions
	assert not meta.track_changes


@pytest.mark.parametrize("doctype", ["Appointment Room", "Room Participant", "Usage Entry"])
def test_no_role_writes_the_records_of_a_visit(site: Any, doctype: str) -> None:
	meta = site.get_meta(doctype)
	for act in ("create", "write", "delete", "submit", "cancel", "share", "import"):
		assert not [perm.role for perm in meta.permissions if perm.get(act)], act


def test_one_room_per_appointment(site: Any, room: Any) -> None:
	twin = {**room.as_dict(), "name": "another", "creation": None, "doctype": "Appointment Room"}
	with pytest.raises(site.UniqueValidationError):
		put(**twin)


def test_a_user_is_in_a_room_once_but_many_have_no_account(site: Any, room: Any) -> None:
	put_participant(room, user=FRONT_DESK)
	assert (
		put_participant(room, user="", role="Guest").name != put_participant(room, user="", role="Guest").name
	)
	with pytest.raises((site.UniqueValidationError, site.DuplicateEntryError)):
		put_participant(room, user=FRONT_DESK)


def test_room_and_participant_are_not_deleted_in_the_desk(site: Any, room: Any) -> None:
	for doc in (put_participant(room), room):
		with pytest.raises(site.ValidationError, match="record"):
			site.delete_doc(doc.doctype, doc.name)
		assert site.db.exists(doc.doctype, doc.name)


def test_entries_are_only_ever_added(site: Any, room: Any) -> None:
	entry = put_entry(put_participant(room))
	entry.seconds = 1
	for act in (entry.save, entry.delete, lambda: entry.db_set("seconds", 1)):
		with pytest.raises(site.ValidationError, match="neither changed nor deleted"):
			act()
	assert site.db.get_value("Usage Entry", entry.name, "seconds") == 61


def test_a_stay_is_booked_once(site: Any, room: Any) -> None:
	participant = put_participant(room)
	put_entry(participant, idempotency_key="same")
	with pytest.raises(site.UniqueValidationError):
		put_entry(participant, idempotency_key="same")


def test_instants_keep_their_microseconds(site: Any, room: Any) -> None:
	seen = room.starts_on.replace(microsecond=123001)
	participant = put_participant(room, stay_started_on=seen, stay_seen_on=seen)
	assert site.db.get_value("Room Participant", participant.name, "stay_seen_on") == seen


def test_the_platform_deletes_what_it_could_delete_before(site: Any, make_appointment: Any) -> None:
	"""An appointment with rooms on record, and a user who was in one."""
	appointment = make_appointment(video=False)
	room = put_room(appointment, ended_by=FRONT_DESK)
	user = put("User", email="gone@clinic.test", first_name="Gone", send_welcome_email=0)
	participant = put_participant(room, user=user.name)
	site.delete_doc("Patient Appointment", appointment.name)
	site.delete_doc("User", user.name)
	assert not site.db.exists("Patient Appointment", appointment.name)
	assert site.db.get_value("Appointment Room", room.name, "appointment") == appointment.name
	assert site.db.get_value("Room Participant", participant.name, "user") == user.name


def test_clearing_a_companys_transactions_spares_the_records(site: Any) -> None:
	from erpnext.setup.doctype.transaction_deletion_record import transaction_deletion_record as erpnext

	linked = site.get_all(
		"DocField",
		filters={"options": "Company", "fieldtype": "Link", "parent": ["in", list(ENTITIES)]},
		pluck="parent",
		order_by="parent",
	)
	assert linked
	assert set(linked) <= set(erpnext.get_doctypes_to_be_ignored())


def test_changes_of_rooms_and_people_stay_on_record(site: Any, room: Any) -> None:
	participant = put_participant(room)
	for doc, field, value in ((room, "status", "Live"), (participant, "state", "Admitted")):
		doc.set(field, value)
		doc.flags.ignore_links = True
		doc.save(ignore_permissions=True, ignore_version=False)
		version = site.get_last_doc("Version", filters={"ref_doctype": doc.doctype, "docname": doc.name})
		assert f'"{field}"' in version.data


def test_entries_without_allowance_are_stored(site: Any, room: Any) -> None:
	entry = put_entry(put_participant(room), allowance="")
	assert not site.db.get_value("Usage Entry", entry.name, "allowance")
