"""A patient is renamed, or merged with another, while a visit of theirs is under way: the platform's act stands, and our rooms follow."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import frappe
import pytest

from tests.site import rows
from tests.site.paths import APPOINTMENT, Make, room_of
from tests.site.test_saves import ERRORS, Calls, elsewhere, places
from theranvio_telehealth.site import jobs
from tools.harness.site.appointments import patient_of
from tools.harness.site.people import CLIENT, OTHER_CLIENT


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: error.__name__)
def test_a_merge_stands_wherever_ours_fails(error: Callable[[], Exception], make_appointment: Make) -> None:
	calls = Calls(error)

	def twin(number: int) -> Any:
		return frappe.get_doc(
			doctype="Patient", first_name=f"Twin {number}", sex="Female", email=CLIENT, invite_user=0
		).insert(ignore_permissions=True)

	def merge(number: int, failing: int | None) -> Any:
		made = twin(number)
		doc = make_appointment(starts_in=timedelta(minutes=5), patient=made.name, client=CLIENT)
		rows.put_admitted(doc.theranvio_room, CLIENT)
		frappe.db.commit()
		with calls.plant(failing):
			frappe.rename_doc("Patient", made.name, patient_of(OTHER_CLIENT), merge=True, force=True)
			frappe.db.commit()
		frappe.db.rollback()
		assert not frappe.db.exists("Patient", made.name), failing
		jobs.sweep()
		states = frappe.get_all("Room Participant", {"room": doc.theranvio_room}, pluck="state")
		assert states == ["Invited"], failing
		frappe.delete_doc(APPOINTMENT, doc.name, force=True)
		frappe.db.commit()

	merge(0, None)
	assert len(calls.made) > 3
	for failing in places(calls.made):
		merge(failing + 1, failing)


@pytest.mark.parametrize("merge", [False, True], ids=["rename", "merge"])
def test_a_patient_is_renamed_while_the_room_changes(
	merge: bool, isolated: None, make_appointment: Make
) -> None:
	"""The platform writes a patient's new name wherever the patient is linked, in one transaction."""
	made = frappe.get_doc(doctype="Patient", first_name="Twin", sex="Female", email=CLIENT, invite_user=0)
	made.insert(ignore_permissions=True)
	doc = make_appointment(starts_in=timedelta(minutes=5), patient=made.name, client=CLIENT)
	room, new = doc.theranvio_room, patient_of(OTHER_CLIENT) if merge else "Twin Renamed"
	frappe.db.commit()
	assert frappe.db.get_value("Appointment Room", room, "patient") == made.name

	def change() -> None:
		frappe.db.sql("update `tabAppointment Room` set locked = 1 - locked where name = %s", (room,))

	elsewhere(change)
	frappe.rename_doc("Patient", made.name, new, merge=merge, force=True)
	elsewhere(change)
	frappe.db.commit()
	frappe.db.rollback()
	assert not frappe.db.exists("Patient", made.name)
	assert (room_of(doc).patient, room_of(doc).locked) == (new, 0)
