"""Many schedules on all cores, and their results together."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field

from tools.faults.acts import Wrong
from tools.faults.environment import PAIRS
from tools.faults.schedule import Outcome, run


@dataclass
class Result:
	seeds: list[int] = field(default_factory=list)
	counts: Counter[str] = field(default_factory=Counter)
	bitten: Counter[tuple[str, str]] = field(default_factory=Counter)
	wrong: list[tuple[int, Wrong]] = field(default_factory=list)

	def add(self, outcome: Outcome) -> None:
		self.seeds.append(outcome.seed)
		self.counts.update(outcome.counts)
		self.bitten.update(outcome.bitten)
		self.wrong += [(outcome.seed, wrong) for wrong in outcome.wrong]

	def met(self) -> list[tuple[str, str]]:
		"""The pairs of operation or event and fault that really came together."""
		return [pair for pair in PAIRS if self.bitten[pair]]

	def seeds_with(self, kind: str) -> int:
		return len({seed for seed, wrong in self.wrong if wrong.kind == kind})


def run_all(seeds: Iterable[int], jobs: int = 0) -> Result:
	result = Result()
	with ProcessPoolExecutor(jobs or len(os.sched_getaffinity(0))) as pool:
		for outcome in pool.map(run, seeds, chunksize=4):
			result.add(outcome)
	return result
