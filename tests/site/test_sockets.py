"""Who hears what of a visit over socket.io, with the platform's realtime server: those concerned a ping without content, others
nothing, whatever they subscribe to."""

from __future__ import annotations

import json
import subprocess
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.site.walls import Visit, at_both
from tools.harness.site.http import Http
from tools.harness.site.people import (
	CLIENT,
	FRONT_DESK,
	HOST,
	OFFICE,
	OTHER_CLIENT,
	ROLELESS,
	SYSTEM,
	US_CLIENT,
	US_DESK,
	US_HOST,
	US_OFFICE,
)

SCRIPT = Path(__file__).with_name("sockets.mjs")
PEOPLE = (
	*(HOST, CLIENT, OTHER_CLIENT, US_CLIENT, US_HOST, US_DESK, US_OFFICE),
	*(FRONT_DESK, OFFICE, SYSTEM, ROLELESS, "Guest"),
)
DOCTYPES = (
	*("Appointment Room", "Room Participant", "Room Meeting", "Participant Access", "Room Join"),
	*("Provider Event", "Usage Entry", "Usage Allowance", "BAA Record", "Media Provider", "Version"),
)
#: What is sent: the name of the event alone.
PINGS = [("theranvio_nudge", [{}]), ("notification", [{}])]
Heard = dict[str, list[tuple[str, Any]]]
WAIT = 30


class Listeners:
	def __init__(self, process: subprocess.Popen[str]) -> None:
		self.process = process
		self.heard: Heard = defaultdict(list)

	def until_connected(self, count: int) -> None:
		assert self.process.stdout
		connected = 0
		while connected < count:
			line = json.loads(self.process.stdout.readline())
			assert line["event"] != "refused", line
			connected += line["event"] == "connected"
		time.sleep(3)  # the realtime server asks the site about every subscription

	def close(self) -> Heard:
		time.sleep(2)
		rest, _ = self.process.communicate(timeout=WAIT)
		for line in map(json.loads, rest.splitlines()):
			self.heard[line["user"]].append((line["event"], line["given"]))
		return self.heard


@contextmanager
def listening(bench: Any, http: Callable[..., Http], visit: Visit) -> Iterator[Listeners]:
	url = bench.bench.base_url
	people = [{"user": who, "sid": http(who).session.cookies.get("sid") or "Guest"} for who in PEOPLE]
	documents = [(doctype, name) for doctype, names in visit.names.items() for name in names]
	task = {
		"server": {"url": f"{url}/{bench.bench.site}", "origin": url},
		"people": people,
		"channels": {"documents": documents, "doctypes": DOCTYPES, "tasks": [visit.room]},
	}
	pipe = subprocess.PIPE
	with subprocess.Popen(["node", SCRIPT], stdin=pipe, stdout=pipe, text=True) as process:
		try:
			assert process.stdin
			process.stdin.write(json.dumps(task) + "\n")
			process.stdin.flush()
			listeners = Listeners(process)
			listeners.until_connected(len(PEOPLE))
			yield listeners
		finally:
			process.kill()


def go_on(http: Callable[..., Http], visit: Visit) -> None:
	"""The client leaves and comes again, is admitted, both are in the call; then the host ends the visit."""
	host, client, room = http(HOST), http(CLIENT), visit.room
	steps = [(client, "visit.leave", {}), (client, "visit.enter", {}), (host, "visit.enter", {})]
	for who, act, given in steps:
		assert who.post(act, room=room, **given).ok, act
	people = host.get("host.queue", room=room).json()["message"]["people"]
	(waiting,) = [person["participant"] for person in people if person["role"] == "Client"]
	assert host.post("host.admit", room=room, participant=waiting).ok
	for who in (host, client):
		assert who.post("visit.join", room=room).ok
	for act, given in (("lock", {"locked": True}), ("use_fallback", {"active": True}), ("end", {})):
		assert host.post(f"host.{act}", room=room, **given).ok, act


@pytest.fixture
def visit(http: Callable[..., Http], make_appointment: Any) -> Visit:
	return at_both(http, make_appointment)[0]


def test_a_visit_is_heard_by_those_concerned_only(bench: Any, http: Any, visit: Visit) -> None:
	with listening(bench, http, visit) as listeners:
		go_on(http, visit)
		heard = listeners.close()
	log = (bench.bench.root / "run/nginx.log").read_text()
	assert "worker_connections are not enough" not in log, "a subscription that never arrives proves nothing"
	viewers = {who for who, sent in heard.items() for event, _ in sent if event == "doc_viewers"}
	assert viewers <= {HOST, FRONT_DESK}, "who has a form open is sent to others who have"
	sent = [(who, event, given) for who in heard for event, given in heard[who] if event != "doc_viewers"]
	assert {who for who, _, _ in sent} == {HOST, CLIENT}
	assert [each for each in sent if each[1:] not in PINGS] == []
