"""The nightly reconciliation on a real site: entries, balances and holds that were changed in the database."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import frappe
import pytest

from tests.site.usage_scenes import Scene, balances, close, in_call, recomputed, take_holds, this_month
from theranvio_telehealth.domain.provider_events import Kind, ProviderEvent
from theranvio_telehealth.services import events, sweep
from theranvio_telehealth.services.reconciliation import Finding, close_orphans, reconcile
from theranvio_telehealth.site.books import SiteBooks
from theranvio_telehealth.site.ports import ports

ENTRY = "Usage Entry"


@dataclass(frozen=True)
class Visit:
	"""Took place: a stay of 40 s by heartbeats, then 70 s as the provider saw it, so that there is a correction, too."""

	scene: Scene
	allowance: str

	def entries(self, *fields: str) -> list[Any]:
		wanted = [*fields] or ["seconds"]
		rows = frappe.get_all(ENTRY, {"room": self.scene.room.name}, wanted, order_by="creation, name")
		return [row[fields[0]] if len(fields) == 1 else tuple(row.values()) for row in rows]

	def of(self, **filters: Any) -> str:
		(name,) = frappe.get_all(ENTRY, {"room": self.scene.room.name, **filters}, pluck="name")
		return str(name)

	def reconciled(self) -> list[Finding]:
		frappe.db.commit()
		found = reconcile(ports(), SiteBooks())
		assert balances(self.allowance) == recomputed(self.allowance)
		return found


@pytest.fixture
def visit(site: Any, make_appointment: Any) -> Visit:
	allowance = this_month(included_minutes=10_000)
	scene, attendee = in_call(make_appointment(), 1, 100, 60)
	take_holds(scene)
	now, meeting = ports().clock.now(), "meeting-1"
	sweep.end_silent(ports(), scene.room.name)
	close(scene)
	for kind, ago in ((Kind.JOINED, 100), (Kind.LEFT, 30)):
		event = ProviderEvent(meeting, attendee, kind, now - timedelta(seconds=ago))
		events.record_provider_event(ports(), event)
	made = Visit(scene, allowance)
	assert made.entries("seconds") == [40, -40, 70]
	assert balances(allowance) == (70, 0)
	return made


def test_what_adds_up_is_left_alone(visit: Visit) -> None:
	assert visit.reconciled() == []
	assert visit.entries("seconds") == [40, -40, 70]


def change(**values: Any) -> Callable[[Visit], None]:
	return lambda visit: frappe.db.set_value(ENTRY, visit.of(seconds=70), values)


def remove(seconds: int) -> Callable[[Visit], None]:
	return lambda visit: frappe.db.delete(ENTRY, {"name": visit.of(seconds=seconds)})


def remove_all(visit: Visit) -> None:
	frappe.db.delete(ENTRY, {"room": visit.scene.room.name})


def shorten(visit: Visit) -> None:
	"""Every number of the entry agrees with the others."""
	began = frappe.db.get_value(ENTRY, visit.of(seconds=70), "started_on")
	change(ended_on=began + timedelta(seconds=7), seconds=7, billed_tenths=2)(visit)


CHANGES = {
	"a length": change(seconds=7000),
	"tenths": change(billed_tenths=1),
	"all of an entry": shorten,
	"a stay deleted": remove(70),
	"a correction deleted": remove(-40),
	"a corrected stay deleted": remove(40),
	"everything deleted": remove_all,
}


@pytest.mark.parametrize("what", CHANGES)
def test_what_was_changed_in_the_database_is_found_and_made_good(visit: Visit, what: str) -> None:
	CHANGES[what](visit)
	(finding,) = visit.reconciled()
	assert finding.allowance == visit.allowance
	assert finding.missing or finding.corrected
	assert sum(visit.entries("seconds")) == 70
	assert balances(visit.allowance) == (70, 0)
	comments = {"reference_name": visit.allowance, "comment_type": "Info"}
	assert "Reconciliation:" in frappe.get_all("Comment", comments, pluck="content")[0]
	assert frappe.db.exists("Notification Log", {"email_content": visit.allowance})
	assert visit.reconciled() == []


def test_an_entry_that_is_gone_leaves_one_that_says_so(visit: Visit) -> None:
	remove(-40)(visit)
	(finding,) = visit.reconciled()
	assert finding.missing == 1
	assert "Missing Entry" in visit.entries("reason")


@pytest.mark.parametrize(
	("field", "value"), [("used_seconds", 1), ("held_seconds", 500), ("added_seconds", -9), ("cost", 3.5)]
)
def test_a_balance_that_was_changed_is_made_good(visit: Visit, field: str, value: float) -> None:
	right = frappe.db.get_value("Usage Allowance", visit.allowance, field)
	frappe.db.set_value("Usage Allowance", visit.allowance, field, value)
	(finding,) = visit.reconciled()
	assert float(getattr(finding.drift, field)) == right - value
	assert frappe.db.get_value("Usage Allowance", visit.allowance, field) == right
	assert visit.reconciled() == []


def test_a_visit_that_fails_holds_up_no_other(visit: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
	change(seconds=7000)(visit)
	books, room = SiteBooks(), visit.scene.room.name
	monkeypatch.setattr(SiteBooks, "rooms_since", lambda self, day: ["no such room", room])
	assert [f.allowance for f in reconcile(ports(), books)] == [visit.allowance]


def test_a_meeting_that_no_room_owns_is_closed(visit: Visit) -> None:
	scene, attendee = in_call(frappe.get_doc("Patient Appointment", visit.scene.room.appointment), 2, 50, 5)
	assert close_orphans(ports(), SiteBooks()) == 0
	with scene.store.transaction():
		room = scene.store.lock(scene.room.name)
		assert room is not None
		scene.store.save_room(replace(room, meeting_id="another", meeting_token="another"))
	frappe.db.commit()
	assert [orphan.meeting_id for orphan in SiteBooks().orphans()] == ["meeting-2"]
	assert close_orphans(ports(), SiteBooks()) == 1
	(join,) = scene.store.joins(scene.room.name)
	assert join.attendee_id == attendee
	assert join.credentials_revoked_on is not None
	assert close_orphans(ports(), SiteBooks()) == 0


def test_the_scheduler_does_it(visit: Visit, run_scheduled: Callable[[], None], bench: Any) -> None:
	frappe.db.set_value("Usage Allowance", visit.allowance, "used_seconds", 1)
	frappe.db.commit()
	run_scheduled()
	bench.see()
	assert balances(visit.allowance) == (70, 0)
