"""The platform holds an appointment's row, as its daily job holds all of them in one transaction: visits go on meanwhile."""

from __future__ import annotations

from typing import Any

import frappe
import pytest

from tests.site.paths import APPOINTMENT, Make, shown, status
from theranvio_telehealth.overrides import after_save
from theranvio_telehealth.site import background
from theranvio_telehealth.site.ports import ports
from theranvio_telehealth.site.tables import LOCK_LIMIT
from tools.harness.site.people import HOST


def hold(appointment: Any) -> None:
	"""Until this connection's transaction ends."""
	frappe.db.set_value(APPOINTMENT, appointment.name, "notes", "being saved")


def test_a_visit_starts_and_ends_meanwhile(http: Any, make_appointment: Make) -> None:
	"""Each is answered, and the appointment shows it: its status is read from the room."""
	appointment = make_appointment()
	room, host = appointment.theranvio_room, http(HOST)
	hold(appointment)
	assert host.post("visit.enter", room=room).status_code == 200
	assert (status(appointment), shown(appointment)) == ("Live", (room, "Live"))
	hold(appointment)
	assert host.post("host.end", room=room).status_code == 200
	assert (status(appointment), shown(appointment)) == ("Ended", (room, "Ended"))


def test_the_room_is_shown_within_the_limit_of_a_lock(
	make_appointment: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
	"""The platform's own limit is 50 seconds."""
	appointment = make_appointment()
	frappe.db.set_value(APPOINTMENT, appointment.name, "theranvio_room", "")
	frappe.db.commit()
	seen: list[str] = []
	run = frappe.db.sql

	def recording(query: Any, *args: Any, **kwargs: Any) -> Any:
		seen.append(str(query).lower())
		return run(query, *args, **kwargs)

	monkeypatch.setattr(frappe.db, "sql", recording)
	after_save.schedule_sync(appointment.name)
	frappe.db.commit()
	ours = [s for s in seen if "`tabpatient appointment`" in s and "update" in s]
	assert [LOCK_LIMIT in statement for statement in ours] == [True]


def test_a_teardown_that_a_deadlock_undid_is_done_again(
	make_appointment: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
	"""Or a change by others, on MariaDB 11.6.2 and later."""
	room = make_appointment().theranvio_room
	frappe.db.commit()
	done: list[str] = []

	def tear_down(ports: Any, name: str) -> None:
		done.append(name)
		if len(done) == 1:
			raise frappe.QueryDeadlockError(1020, "Record has changed since last read")

	monkeypatch.setattr(background, "tear_down", tear_down)
	background.SiteBackground(ports)._after_response(room)
	assert done == [room, room]
