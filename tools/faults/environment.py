"""What fails in a schedule, drawn from its seed. Every operation and event meets every fault over the list of seeds."""

from __future__ import annotations

import random
from typing import Any

OPERATIONS = (
	"CreateMeeting",
	"CreateAttendee",
	"DeleteAttendee",
	"DeleteMeeting",
	"ListAttendees",
	"GetMeeting",
)
CALL_FAULTS = (
	"throttle",
	"throttling",
	"error_500",
	"error_503",
	"conflict",
	"limit",
	"forbidden",
	"access_denied",
	"unauthorized",
	"unprocessable",
	"latency",
	"timeout",
	"timeout_after",
	"reset",
	"reset_after",
	"expired",
)
EVENTS = ("AttendeeJoined", "AttendeeLeft", "AttendeeDropped", "AttendeeDeleted", "MeetingEnded")
EVENT_FAULTS = ("lost", "duplicated", "reordered", "late")
#: (operation or event, fault). A meeting that is being made cannot expire.
PAIRS: tuple[tuple[str, str], ...] = (
	*((on, kind) for on in OPERATIONS for kind in CALL_FAULTS if (on, kind) != ("CreateMeeting", "expired")),
	*((f"event:{event}", kind) for event in EVENTS for kind in EVENT_FAULTS),
)
HOURS = 3600


#: From some moment on Amazon's events may never come again.
SILENCE: dict[str, Any] = {"on": "event:*", "kind": "lost"}


class Environment:
	"""`primary`: the pair of operation and fault that this seed covers."""

	def __init__(self, seed: int, chance: random.Random) -> None:
		self.primary = PAIRS[seed % len(PAIRS)]
		self._chance = chance

	def drawn(self) -> list[dict[str, Any]]:
		"""Rules for a while: the seed's own, and some of any kind."""
		others = [
			self._rule(*self._chance.choice(PAIRS), self._chance.choice((0.2, 0.5)))
			for _ in range(self._many())
		]
		return [*self._own(), *others]

	def _own(self) -> list[dict[str, Any]]:
		on, kind = self.primary
		if on == "ListAttendees":  # which is asked after an answer was lost
			lost = {"on": "CreateAttendee", "kind": "reset_after", "times": 6}
			return [self._rule(on, kind, 0.7), lost]
		return [self._rule(on, kind, 0.7)]

	def _many(self) -> int:
		return self._chance.choice((0, 0, 1, 2, 4))

	def _rule(self, on: str, kind: str, probability: float) -> dict[str, Any]:
		seconds = (
			self._chance.choice((600, 3 * HOURS)) if on.startswith("event:") else self._chance.randint(1, 6)
		)
		times = self._chance.choice((1, 2, 5, None))
		return {"on": on, "kind": kind, "probability": probability, "times": times, "seconds": seconds}
