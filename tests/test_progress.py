"""The progress lines of the set-up: one at an interval while it runs, none after it ended or failed."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

SCRIPTS = Path(__file__).parents[1] / "scripts"


def run(command: str) -> tuple[int, list[str]]:
	"""The exit code, and each line on stderr; ends only when every process of it has let go of stderr."""
	script = f'set -euo pipefail; . "{SCRIPTS}/progress.sh"; announced "node packages" {command}; say "next"'
	done = subprocess.run(
		["bash", "-c", script],
		stdout=subprocess.DEVNULL,
		stderr=subprocess.PIPE,
		text=True,
		env={"PATH": "/usr/bin:/bin", "SETUP_TELLS_EVERY": "0.2"},
		check=False,
	)
	return done.returncode, done.stderr.splitlines()


def test_a_long_step_tells_that_it_goes_on() -> None:
	code, lines = run("sleep 1")
	assert code == 0
	assert lines[0] == "setup: node packages …"
	assert len([line for line in lines if line.endswith("s so far")]) >= 2
	assert lines[-2:] == ["setup: node packages: done", "setup: next"]


def test_a_step_that_fails_stops_everything_and_is_not_called_done() -> None:
	code, lines = run("false")
	assert code == 1
	assert not any("done" in line or "next" in line for line in lines)


def test_nothing_is_left_talking() -> None:
	began = time.monotonic()
	code, _ = run("bash -c 'sleep 0.5; exit 3'")
	assert code == 3
	assert time.monotonic() - began < 30
