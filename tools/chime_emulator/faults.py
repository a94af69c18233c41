"""Rules for injected faults: which, when and how often. Seeded, so that a schedule can be repeated."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any

_ERRORS = {
	"throttle": "ThrottledClientException",
	"throttling": "ThrottlingException",
	"error_500": "ServiceFailureException",
	"error_503": "ServiceUnavailableException",
	"conflict": "ConflictException",
	"limit": "LimitExceededException",
	"forbidden": "ForbiddenException",
	"access_denied": "AccessDeniedException",
	"unauthorized": "UnauthorizedException",
	"unprocessable": "UnprocessableEntityException",
}
_ACTS = ("latency", "timeout", "reset", "reset_after", "timeout_after", "expired", "partial", "close")
_EVENTS = ("lost", "duplicated", "reordered", "late")
KINDS = (*_ERRORS, *_ACTS, *_EVENTS)


@dataclass
class Fault:
	"""One rule. `on`: an operation's name, `*` for all operations, `signalling`, or `event:<type>` (`event:*`).

	`skip` calls pass first; it applies at most `times` (None: for ever), each time with `probability`. `seconds` is for
	latency, timeouts and late events; `status` for `close` (the WebSocket's close code).
	"""

	on: str
	kind: str
	probability: float = 1.0
	times: int | None = None
	skip: int = 0
	seconds: float = 0.0
	status: int = 4500
	hits: int = 0

	def __post_init__(self) -> None:
		if self.kind not in KINDS:
			raise ValueError(f"no such fault: {self.kind}; there are {', '.join(KINDS)}")

	@property
	def error_code(self) -> str | None:
		return _ERRORS.get(self.kind)

	def covers(self, subject: str) -> bool:
		if self.on == "*":
			return not subject.startswith(("event:", "signalling"))
		return self.on == subject or (self.on == "event:*" and subject.startswith("event:"))


class Faults:
	def __init__(self, seed: int) -> None:
		self.rules: list[Fault] = []
		self.random = random.Random(seed)

	def replace(self, rules: list[dict[str, Any]], seed: int | None = None) -> None:
		self.rules = [Fault(**rule) for rule in rules]
		if seed is not None:
			self.random.seed(seed)

	def pick(self, subject: str) -> Fault | None:
		"""The first rule that applies to `subject` now."""
		return next((rule for rule in self.rules if rule.covers(subject) and self._bites(rule)), None)

	def _bites(self, rule: Fault) -> bool:
		if rule.times is not None and rule.hits >= rule.times:
			return False
		if rule.skip > 0:
			rule.skip -= 1
			return False
		if self.random.random() >= rule.probability:
			return False
		rule.hits += 1
		return True
