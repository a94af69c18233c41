"""The planner over a clinic with ten million visits a month, 20 months of them, in a process of its own: its time and its memory."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

from tools.benchmarks.report import Report, Row

ROOT = Path(__file__).parents[2]
#: 84,000 clinicians in 21 days: ten million visits in a mean month.
CLINIC = """
name = "A country"
clinicians = 84_000
visits_a_day = 5.7
hours_a_day = 9
length_spread = 0.15
month_spread = 0.05
no_shows = 0.08
group_share = 0.1
group_clients = 4
late_minutes = 2
early_minutes = 1
provider = "Amazon Chime SDK"
price = 0.0017
currency = "USD"
"""
#: Runs the command, and says at its end how much memory the process has taken.
MEASURED = """
import resource, sys
from theranvio_telehealth.plan.__main__ import main
main(sys.argv[1:], standalone_mode=False)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, file=sys.stderr)
"""


def test_ten_million_visits_a_month(tmp_path: Path, report: Report) -> None:
	file = tmp_path / "clinic.toml"
	file.write_text(CLINIC)
	began = time.perf_counter()
	done = subprocess.run(
		[sys.executable, "-c", MEASURED, file, "--json"], cwd=ROOT, capture_output=True, text=True, check=True
	)
	seconds = time.perf_counter() - began
	found = json.loads(done.stdout)
	visits, months = found["visits"]["mean"], found["months"]
	assert visits > 10_000_000
	assert months >= 20
	drawn = f"{months} months of {visits / 1e6:.1f} million visits"
	report.claim(
		Row("Planning a clinic", drawn, "", seconds, 60, "s"),
		Row("Memory for planning it", drawn, "", int(done.stderr) / 1024, 200, "MB"),
	)
