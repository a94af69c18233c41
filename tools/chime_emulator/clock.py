"""The emulator's clock: real time plus what a test has advanced it by, or frozen. Not a scheduler."""

from __future__ import annotations

import time


class Clock:
	"""Seconds since the epoch. A frozen clock moves only by `advance`."""

	def __init__(self, frozen_at: float | None = None) -> None:
		self._frozen_at = frozen_at
		self._advanced = 0.0

	def now(self) -> float:
		base = time.time() if self._frozen_at is None else self._frozen_at
		return base + self._advanced

	def advance(self, seconds: float) -> None:
		if seconds < 0:
			raise ValueError("the emulator's clock does not go backwards")
		self._advanced += seconds
