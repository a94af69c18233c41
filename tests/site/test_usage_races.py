"""Balances of allowances under many processes at once, and under processes that are killed at any write."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import frappe
import pytest

from tests.site.usage_scenes import (
	MINUTES,
	Scene,
	balances,
	close,
	in_call,
	make_scene,
	recomputed,
	take_holds,
	this_month,
)
from theranvio_telehealth.domain.provider_events import Kind, ProviderEvent
from theranvio_telehealth.site.ports import ports
from theranvio_telehealth.site.transactions import settled
from tools.harness.site.people import CLIENT, HOST

PROCESSES, CLIENTS, PLACES, ROUNDS = 8, 50, 20, 20
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


@pytest.fixture
def appointment(site: Any, make_appointment: Any) -> Any:
	return make_appointment()


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
	"""The provider saw the join begin 90 s and end 20 s ago; by heartbeats it was 100 s and 60 s ago."""
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
		held_first = take_holds(scene)
		(answer,) = processes.run({"acts": [act], "kill_at": number})
		assert answer in (None, ["ok"]), answer
		assert balances(allowance) == recomputed(allowance), f"killed at write {number}"
		close(scene)
		assert balances(allowance) == (recomputed(allowance)[0], 0), f"killed at write {number}"
		if answer:
			assert number > 1 or not held_first
			return
	pytest.fail("it never came to its end")


@pytest.mark.parametrize("error", [frappe.QueryDeadlockError, frappe.QueryTimeoutError])
def test_what_lost_a_race_for_a_lock_is_tried_three_times(site: Any, error: type[Exception]) -> None:
	tries: list[int] = []

	def lose(times: int) -> str:
		tries.append(times)
		if len(tries) <= times:
			raise error
		return "done"

	assert settled(lambda: lose(2)) == "done"
	tries.clear()
	with pytest.raises(error):
		settled(lambda: lose(3))
	assert len(tries) == 3


def test_an_admission_waits_for_a_lock_that_another_holds_too_long(
	site: Any, appointment: Any, processes: Processes
) -> None:
	"""Six seconds: longer than one attempt waits."""
	scene = make_scene(appointment, 1)
	allowance = this_month(included_minutes=MANY)
	act = ["admit", HOST, {"room": scene.room.name, "participant": scene.client.name}]
	holding = ["hold", "Administrator", {"allowance": allowance, "seconds": 6}]
	first, second = processes.run({"acts": [holding]}, {"acts": [act], "after": 0.5})
	assert (first, second) == (["ok"], ["ok"])
	assert balances(allowance) == recomputed(allowance)
