"""What the tests of the endpoints share: arguments for each, sets of them, and what a refusal looks like."""

from __future__ import annotations

from typing import Any

import requests

from tests.demo.callers import READS
from theranvio_telehealth.domain.errors import TelehealthError

ARGUMENTS: dict[str, dict[str, Any]] = {
	"visit.state": {},
	"visit.here": {},
	"visit.enter": {},
	"visit.join": {},
	"visit.heartbeat": {"attendee": "a" * 32},
	"visit.leave": {"attendee": "a" * 32},
	"visit.signal": {"attendee": "a" * 32, "messages": []},
	"host.queue": {},
	"host.admit": {"participant": "p" * 32},
	"host.decline": {"participant": "p" * 32},
	"host.send_back": {"participant": "p" * 32},
	"host.remove": {"participant": "p" * 32},
	"host.lock": {"locked": True},
	"host.extend": {"closes_on": "2026-01-01T00:00:00.000Z"},
	"host.use_fallback": {"active": True},
	"host.end": {},
}
EVERY = sorted(ARGUMENTS)
WRITES = [name for name in EVERY if name not in READS]
HOSTS_ONLY = [name for name in EVERY if name.startswith("host.")]
ON_PEOPLE = ["host.admit", "host.decline", "host.send_back", "host.remove"]
IN_THE_WINDOW = ["visit.enter", "visit.join", "visit.heartbeat", "visit.signal", "host.extend", *ON_PEOPLE]
WHILE_IT_RUNS = [*IN_THE_WINDOW, "host.lock", "host.use_fallback"]
BOTH_PATHS = (False, True)


def refused(answer: requests.Response, code: str) -> bool:
	"""The code, its status, its sentence, and not a word more."""
	(error,) = (e for e in TelehealthError.__subclasses__() if e.code == code)
	assert answer.json() == {"error": {"code": code, "message": error.text}}
	assert answer.status_code == error.status
	assert answer.headers["Cache-Control"] == "no-store"
	return True
