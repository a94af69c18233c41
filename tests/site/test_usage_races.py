"""Balances of allowances under many processes at once, and under processes that are killed at any write."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import frappe
import pytest

from tests.site.rows import put_allowance
from theranvio_telehealth.domain.entities import Join, Participant, Room
from theranvio_telehealth.domain.enums import ParticipantState, Role
from theranvio_telehealth.domain.provider_events import Kind, ProviderEvent
from theranvio_telehealth.services import booking, sweep
from theranvio_telehealth.site.ports import ports
from theranvio_telehealth.site.store import SiteStore
from tools.harness.site.people import CLIENT, HOST

PROCESSES, CLIENTS, PLACES, ROUNDS = 8, 50, 20, 20
MINUTES = 120
MANY = 100_000


@dataclass(frozen=True)
class Processes:
	process: subprocess.Popen[str]

	def run(self, *jobs: dict[str, Any]) -> list[list[str] | None]:
		assert self.process.stdin
		assert self.process.stdout
		frappe.db.commit()  # the acts are other connections
		self.process.stdin.write(json.dumps(jobs) + "\n")
		self.process.stdin.flush()
		answers: list[list[str] | None] = json.loads(self.process.stdout.readline())
		frappe.db.rollback()
		return answers


@pytest.fixture(scope="module")
def processes(bench: Any) -> Iterator[Processes]:
	overlay = bench.bench
	command = [sys.executable, "-m", "tests.site.acting", overlay.site, str(overlay.sites)]
	pipe = subprocess.PIPE
	with subprocess.Popen(
		command, cwd=overlay.sites, env=overlay.env, stdin=pipe, stdout=pipe, text=True
	) as process:
		yield Processes(process)
		assert process.stdin
		process.stdin.close()


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


@pytest.fixture
def appointment(site: Any, make_appointment: Any) -> Any:
	return make_appointment()


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


def test_fifty_at_once_and_room_for_twenty(site: Any, appointment: Any, processes: Processes) -> None:
	scenes = [make_scene(appointment, number) for number in range(CLIENTS)]
	length = round((scenes[0].room.ends_on - scenes[0].room.starts_on).total_seconds() / 60)
	assert length == MINUTES
	allowance = this_month(included_minutes=PLACES * MINUTES, on_exhaustion="Block New Admissions")
	acts = [["admit", HOST, {"room": s.room.name, "participant": s.client.name}] for s in scenes]
	jobs = [{"acts": acts[number::PROCESSES]} for number in range(PROCESSES)]
	for _round in range(ROUNDS):
		frappe.db.sql(
			"""update `tabRoom Participant` set state = 'Waiting', admitted_on = null, held_seconds = 0,
			held_allowances = '', hold_expires_on = null where role = 'Client'"""
		)
		frappe.db.set_value("Usage Allowance", allowance, "held_seconds", 0)
		answers = processes.run(*jobs)
		counted = Counter(answer for done in answers if done for answer in done)
		assert counted == {"ok": PLACES, "allowance_exhausted": CLIENTS - PLACES}
		admitted = frappe.db.count("Room Participant", {"role": "Client", "state": "Admitted"})
		assert admitted == PLACES
		assert balances(allowance) == recomputed(allowance)
		assert balances(allowance)[1] > 0


def waiting(appointment: Any, number: int) -> tuple[Scene, list[Any]]:
	scene = make_scene(appointment, number)
	return scene, ["admit", HOST, {"room": scene.room.name, "participant": scene.client.name}]


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


def beating(appointment: Any, number: int) -> tuple[Scene, list[Any]]:
	scene, attendee = in_call(appointment, number, 100, 60)
	return scene, ["beat", CLIENT, {"room": scene.room.name, "attendee": attendee}]


def leaving(appointment: Any, number: int) -> tuple[Scene, list[Any]]:
	scene, attendee = in_call(appointment, number, 100, 5)
	return scene, ["leave", CLIENT, {"room": scene.room.name, "attendee": attendee}]


def ending(appointment: Any, number: int) -> tuple[Scene, list[Any]]:
	scene, _attendee = in_call(appointment, number, 100, 5)
	return scene, ["end", HOST, {"room": scene.room.name}]


def settling(appointment: Any, number: int) -> tuple[Scene, list[Any]]:
	"""The provider saw the join begin 90 s and end 20 s ago; heartbeats said 100 s and 60 s."""
	scene, attendee = in_call(appointment, number, 100, 60)
	now, meeting = ports().clock.now(), f"meeting-{number}"
	with scene.store.transaction():
		scene.store.add_event(ProviderEvent(meeting, attendee, Kind.JOINED, now - timedelta(seconds=90)))
	given = {"meeting": meeting, "attendee": attendee, "at": (now - timedelta(seconds=20)).isoformat()}
	return scene, ["left", "Administrator", given]


def rejoining(appointment: Any, number: int) -> tuple[Scene, list[Any]]:
	scene, _attendee = in_call(appointment, number, 100, 5)
	return scene, ["join", CLIENT, {"room": scene.room.name}]


SCENES = {
	"admission": waiting,
	"heartbeat": beating,
	"rejoining": rejoining,
	"leaving": leaving,
	"ending": ending,
	"settlement": settling,
}


@pytest.mark.parametrize("what", SCENES)
def test_killed_at_every_write(site: Any, appointment: Any, processes: Processes, what: str) -> None:
	allowance = this_month(included_minutes=MANY)
	for number in range(1, 40):
		scene, act = SCENES[what](appointment, number)
		held_first = _hold_what_is_due(scene)
		(answer,) = processes.run({"acts": [act], "kill_at": number})
		assert answer in (None, ["ok"]), answer
		assert balances(allowance) == recomputed(allowance), f"killed at write {number}"
		_close(scene)
		assert balances(allowance) == (recomputed(allowance)[0], 0), f"killed at write {number}"
		if answer:
			assert number > 1 or not held_first
			return
	pytest.fail("it never came to its end")


def _hold_what_is_due(scene: Scene) -> int:
	"""As the acts before would have left it."""
	from theranvio_telehealth.services import usage

	with scene.store.transaction():
		room = scene.store.lock(scene.room.name)
		assert room is not None
		usage.renew_holds(ports(), room, ports().clock.now())
	return sum(p.held_seconds for p in scene.store.participants(scene.room.name))


def _close(scene: Scene) -> None:
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
