"""`python -m tools.faults --seeds 1-1000`: run these schedules and print the result; `--write` puts it into docs/benchmarks.md."""

from __future__ import annotations

import argparse
import sys
import time

from tools.faults import report
from tools.faults.environment import PAIRS
from tools.faults.matrix import run_all


def main() -> int:
	parser = argparse.ArgumentParser(prog="python -m tools.faults", description=__doc__)
	parser.add_argument("--seeds", default="1-1000", help="one seed, or the first and the last")
	parser.add_argument("--jobs", type=int, default=0, help="processes; as many as cores when not told")
	parser.add_argument("--write", action="store_true", help="put the result into docs/benchmarks.md")
	options = parser.parse_args()
	first, _, last = options.seeds.partition("-")
	began = time.monotonic()
	result = run_all(range(int(first), int(last or first) + 1), options.jobs)
	text = report.section(result, options.seeds, time.monotonic() - began)
	print(text)
	print(*(f"seed {seed}: {wrong}" for seed, wrong in result.wrong), sep="\n")
	print(*(f"never met: {kind} on {on}" for on, kind in PAIRS if not result.bitten[on, kind]), sep="\n")
	if options.write:
		report.write(text)
	return 1 if result.wrong else 0


if __name__ == "__main__":
	sys.exit(main())
