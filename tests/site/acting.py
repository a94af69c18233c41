"""Acts of a visit in processes of their own, each with its connection; one can be killed (SIGKILL) before its n-th write.

Reads a line of JSON for each round: `[{"acts": [[name, user, arguments], …], "kill_at": n, "after": s}, …]`, a process for each. Answers with a
line: for each process a list of `[outcome, …]`, or null where it was killed."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

import frappe

from theranvio_telehealth.domain.entities import Caller
from theranvio_telehealth.domain.errors import TelehealthError
from theranvio_telehealth.domain.provider_events import Kind, ProviderEvent
from theranvio_telehealth.services import events, hosting, joining, sweep, visit
from theranvio_telehealth.services.ports import Ports
from theranvio_telehealth.site.ports import ports
from theranvio_telehealth.site.transactions import settled

WRITES = ("insert", "update", "delete", "replace", "commit", "set statement")


def left(to: Ports, _caller: Caller, meeting: str, attendee: str, at: str) -> None:
	events.record_provider_event(to, ProviderEvent(meeting, attendee, Kind.LEFT, datetime.fromisoformat(at)))


def hold_lock(_to: Ports, _caller: Caller, allowance: str, seconds: float) -> None:
	"""As another request that takes its time."""
	frappe.db.sql("select name from `tabUsage Allowance` where name = %s for update", (allowance,))
	time.sleep(seconds)
	frappe.db.commit()


ACTS: dict[str, Callable[..., Any]] = {
	"admit": hosting.admit,
	"enter": visit.enter,
	"join": joining.join,
	"beat": visit.heartbeat,
	"leave": visit.leave,
	"end": hosting.end,
	"extend": hosting.extend,
	"left": left,
	"hold": hold_lock,
	"close": lambda to, _caller, room: sweep.close(to, room),
}


def outcome(name: str, user: str, given: dict[str, Any]) -> str:
	frappe.set_user(user)
	try:
		settled(lambda: ACTS[name](ports(), Caller(user), **given))
	except TelehealthError as error:
		frappe.db.rollback()
		return error.code
	except Exception as error:
		frappe.db.rollback()
		return repr(error)
	return "ok"


def kill_before(number: int) -> None:
	"""Send this process SIGKILL before its n-th write or commit."""
	plain, written = frappe.db.sql, iter(range(1, number + 1))

	def sql(query: Any, *given: Any, **named: Any) -> Any:
		if str(query).lstrip().lower().startswith(WRITES) and next(written, number) == number:
			os.kill(os.getpid(), signal.SIGKILL)
		return plain(query, *given, **named)

	frappe.db.sql = sql


def act(job: dict[str, Any], answer: int, site: str, sites: str) -> None:
	frappe.init(site, sites_path=sites, force=True)
	frappe.connect()
	if job.get("kill_at"):
		kill_before(job["kill_at"])
	time.sleep(job.get("after", 0))
	done = [outcome(*each) for each in job["acts"]]
	os.write(answer, json.dumps(done).encode())


def forked(job: dict[str, Any], site: str, sites: str) -> tuple[int, int]:
	reading, writing = os.pipe()
	pid = os.fork()
	if pid:
		os.close(writing)
		return pid, reading
	try:
		act(job, writing, site, sites)
	finally:
		os._exit(0)


def main(site: str, sites: str) -> None:
	for line in sys.stdin:
		children = [forked(job, site, sites) for job in json.loads(line)]
		answers = []
		for pid, reading in children:
			with os.fdopen(reading) as answer:
				text = answer.read()
			os.waitpid(pid, 0)
			answers.append(json.loads(text) if text else None)
		print(json.dumps(answers), flush=True)


if __name__ == "__main__":
	main(*sys.argv[1:])
