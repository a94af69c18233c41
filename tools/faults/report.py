"""Writes the section of docs/benchmarks.md with the results of the schedules."""

from __future__ import annotations

from datetime import date

from tools.benchmarks.report import FAULTS, PAGE
from tools.faults.acts import BROKEN, COUNTED, IN, LEFT
from tools.faults.environment import PAIRS
from tools.faults.matrix import Result

TEXT = """{heading}

    .venv/bin/python -m tools.faults --seeds {seeds} --write

on {day}, in {seconds:.0f} s: {schedules:,} visits in an order drawn from their seeds, through the services and boto3, while
Amazon's control plane (the emulator's) fails, processes die, other people act amid a call, and events are lost, doubled,
late or out of order. Each is judged by a model of its own (`tools/faults/oracle.py`, `checks.py`).

| What must not be, afterwards | Schedules in which it was |
|---|---|
| a meeting or attendee at Amazon beyond what rooms say | {left} |
| a stay lost, made up or counted twice | {counted} |
| somebody in who should not be, or whose token still opens the meeting | {let_in} |
| anything else (an unexpected exception, Amazon asked while a row is locked) | {broken} |

| How hard it was tried | |
|---|---|
| pairs of operation or event and fault that came together | {met} of {pairs} |
| faults | {faults:,} |
| calls to Amazon, acts | {calls:,}, {acts:,} |
| processes that died, acts amid a call | {crashes:,}, {meanwhile:,} |
| tokens tried again, connections refused | {tried:,}, {refused:,} |
| events | {events:,} |
| joins judged to the second; between bounds, since events were lost | {exact:,}; {bounded:,} |
"""


def section(result: Result, seeds: str, seconds: float) -> str:
	counts = result.counts
	return TEXT.format(
		heading=FAULTS,
		seeds=seeds,
		day=date.today().isoformat(),
		seconds=seconds,
		schedules=len(result.seeds),
		left=result.seeds_with(LEFT),
		counted=result.seeds_with(COUNTED),
		let_in=result.seeds_with(IN),
		broken=result.seeds_with(BROKEN),
		met=len(result.met()),
		pairs=len(PAIRS),
		faults=sum(result.bitten.values()),
		calls=counts["calls"],
		acts=counts["acts"],
		crashes=counts["crashes"],
		meanwhile=counts["meanwhile"],
		tried=counts["tokens tried again"],
		refused=counts["refused by Amazon"],
		events=counts["events"],
		exact=counts["exact stays"],
		bounded=counts["bounded stays"],
	)


def write(text: str) -> None:
	table, _, _ = PAGE.read_text().partition(FAULTS)
	PAGE.write_text(table.rstrip() + "\n\n" + text)
