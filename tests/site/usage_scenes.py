"""Visits some way into their course, with their balances, for tests of usage."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import frappe

from tests.site.rows import put_allowance
from theranvio_telehealth.domain.entities import Join, Participant, Room
from theranvio_telehealth.domain.enums import ParticipantState, Role
from theranvio_telehealth.services import booking, sweep, usage
from theranvio_telehealth.site.ports import ports
from theranvio_telehealth.site.store import SiteStore
from tools.harness.site.people import CLIENT, HOST

MINUTES = 120


@dataclass(frozen=True)
class Scene:
	"""A visit with its host and client, some way into it."""

	store: SiteStore
	room: Room
	host: Participant
	client: Participant

	def put(self, participant: Participant) -> None:
		with self.store.transaction():
			self.store.add_participant(participant)


def make_scene(appointment: Any, number: int, **client: Any) -> Scene:
	"""In a room of its own: the platform would not book two visits of a client at the same time."""
	copy = frappe.copy_doc(appointment)
	copy.name = f"{appointment.name}-{number}"
	copy.update({"docstatus": 0, "theranvio_room": None, "duration": MINUTES})
	copy.creation = copy.modified = frappe.utils.now()
	copy.db_insert()
	room = booking.sync_rooms(ports(), copy.name, "")
	store = SiteStore()
	found = store.room(room)
	assert found is not None
	now = ports().clock.now()
	who = {
		Role.HOST: {"state": ParticipantState.ADMITTED, "admitted_on": now, "user": HOST},
		Role.CLIENT: {"state": ParticipantState.WAITING, "user": CLIENT, **client},
	}
	people = [Participant(name=f"{room}{role}", room=room, role=role, **given) for role, given in who.items()]
	scene = Scene(store, found, *people)
	for participant in people:
		scene.put(participant)
	return scene


def balances(allowance: str) -> tuple[int, int]:
	used, held = frappe.db.get_value("Usage Allowance", allowance, ["used_seconds", "held_seconds"])
	return used, held


def recomputed(allowance: str) -> tuple[int, int]:
	used = frappe.db.sql("select sum(seconds) from `tabUsage Entry` where allowance = %s", (allowance,))[0][0]
	held = frappe.db.sql(
		"select sum(held_seconds) from `tabRoom Participant` where held_allowances = %s", (allowance,)
	)[0][0]
	return int(used or 0), int(held or 0)


def this_month(**values: Any) -> str:
	today = ports().clock.today()
	own = {"period_start": today - timedelta(days=2), "period_end": today + timedelta(days=2)}
	name: str = put_allowance(**(own | values)).name
	return name


def in_call(appointment: Any, number: int, seconds: int, silent: int) -> tuple[Scene, str]:
	"""The client joined so many seconds ago, and was last seen as long ago."""
	now = ports().clock.now()
	attendee = f"attendee-{number}"
	present = {
		"state": ParticipantState.ADMITTED,
		"admitted_on": now - timedelta(seconds=seconds),
		"attendee_id": attendee,
		"pseudonym": attendee,
		"stay_started_on": now - timedelta(seconds=seconds),
		"stay_seen_on": now - timedelta(seconds=silent),
	}
	scene = make_scene(appointment, number, **present)
	meeting = f"meeting-{number}"
	with scene.store.transaction():
		scene.store.save_join(
			Join(attendee, scene.room.name, scene.client.name, scene.room.provider, meeting, ())
		)
		scene.store.save_room(replace(scene.room, meeting_id=meeting, meeting_token=meeting))
	return scene, attendee


def take_holds(scene: Scene) -> int:
	"""As the acts before would have left it."""
	with scene.store.transaction():
		room = scene.store.lock(scene.room.name)
		assert room is not None
		usage.renew_holds(ports(), room, ports().clock.now())
	return sum(p.held_seconds for p in scene.store.participants(scene.room.name))


def close(scene: Scene) -> None:
	"""The window closes, and the sweep makes good what was left."""
	past = frappe.utils.now_datetime() - timedelta(minutes=5)
	frappe.db.set_value("Appointment Room", scene.room.name, "closes_on", past)
	frappe.db.sql(
		"update `tabRoom Participant` set stay_seen_on = %s where room = %s and stay_seen_on > %s",
		(past, scene.room.name, past),
	)
	frappe.db.commit()
	sweep.close(ports(), scene.room.name)
	assert not frappe.db.exists(
		"Room Participant", {"room": scene.room.name, "stay_started_on": ("is", "set")}
	)
