"""The table in docs/benchmarks.md: what was measured, against what, and the limit it has to keep."""

from __future__ import annotations

import os
import platform
import subprocess
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs/benchmarks.md"
#: Where the part begins that `python -m tools.faults --write` keeps up.
FAULTS = "## Visits under fault"
TEXT = """# Benchmarks

Ratios, measured side by side in one run, so that the machine matters little. Made by

    make benchmark

on {day}, {machine}.

| What | Measured | Against | Result | Limit | Kept |
|---|---|---|---|---|---|
{rows}

How each is measured is said at the top of its file in `tools/benchmarks`.
"""


@dataclass(frozen=True)
class Row:
	"""One claim. `is_least`: the limit is a lower one."""

	what: str
	measured: str
	against: str
	result: float
	limit: float
	unit: str = "×"
	is_least: bool = False

	@property
	def is_within_limit(self) -> bool:
		return self.result >= self.limit if self.is_least else self.result <= self.limit

	def __str__(self) -> str:
		sign, within = "≥" if self.is_least else "≤", "yes" if self.is_within_limit else "**no**"
		limit = f"{sign} {self.limit:g} {self.unit}"
		return f"| {self.what} | {self.measured} | {self.against} | {self.result:.4g} {self.unit} | {limit} | {within} |"


@dataclass
class Report:
	rows: list[Row] = field(default_factory=list)

	def claim(self, *rows: Row) -> None:
		"""Record all rows, then fail if one exceeds its limit."""
		self.rows += rows
		broken = [str(row) for row in rows if not row.is_within_limit]
		assert not broken, "\n".join(broken)

	def write(self) -> None:
		rows = "\n".join(map(str, self.rows))
		text = TEXT.format(day=date.today().isoformat(), machine=machine(), rows=rows)
		_, heading, faults = PAGE.read_text().partition(FAULTS)
		PAGE.write_text(f"{text}\n{heading}{faults}" if heading else text)


def machine() -> str:
	model = "an unknown processor"
	for line in Path("/proc/cpuinfo").read_text().splitlines():
		if line.startswith("model name"):
			model = line.partition(":")[2].strip()
	memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
	database = subprocess.run(["mariadb", "--version"], capture_output=True, text=True).stdout.split(
		"Distrib "
	)[-1]
	cores = len(os.sched_getaffinity(0))
	versions = f"Python {platform.python_version()}, MariaDB {database.split(',')[0].split('-')[0]}"
	return f"{cores} × {model}, {memory:.0f} GB, {platform.system()} {platform.release()}, {versions}"
