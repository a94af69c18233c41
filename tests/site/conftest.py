"""The site tier's fixtures. They need a bench of their own: run them with `make test-site`, never on a live site.

bench            RunningBench: `.bench` (paths, ports, urls, `.frappe("any", "bench", "command")`), `.services`
                 (`.realtime.stop()` and `.start()`, …), `.see()` (begin a new transaction)
site             frappe, connected as Administrator; rolled back afterwards
as_user          `with as_user(HOST): …`
http             `http(CLIENT).post("visit.enter", room=…)` through nginx, CSRF header and all; `direct=True` goes to
                 gunicorn, `fresh=True` signs in again; `http()` is a guest; `.get`, `.page("/video-visits")`, `.session`
base_url         the site as browsers reach it
make_appointment `make_appointment(client=CLIENT, host=HOST, starts_in=timedelta(), video=True, **fields)`, committed
run_jobs         a real worker does all that is queued
run_scheduled    the scheduler's jobs of this app, done now
isolated         this connection refuses locking reads of what has changed since its transaction began to read
browser          a Chromium with a false camera; `visitor(CLIENT, "/video-visits")` is a page in a profile of its own, for
                 a user who went there and signed in at the platform's login form; `tools/harness/visit_driver.py` drives it

After every test all rows of this app, of appointments and of what hangs on them are as they were after installation, nothing is
queued and no user is rate-limited. People and their password are in `tools/harness/site/people.py`.
"""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from types import FrameType
from typing import Any

import pytest

HAS_BENCH = "THERANVIO_ROOT" in os.environ

if HAS_BENCH:
	from tools.harness.site.fixtures import *  # noqa: F403
	from tools.harness.site.fixtures import _around_every_test  # noqa: F401
	from tools.harness.site.services import command
else:
	collect_ignore_glob = ["test_*.py"]


def pytest_report_header() -> str:
	if not HAS_BENCH:
		return "site tier: not run (use make test-site)"
	version = subprocess.run((command("mariadbd"), "--version"), capture_output=True, text=True, check=True)
	return f"site tier: on its own bench, {version.stdout.strip()}"


def pytest_configure() -> None:
	if HAS_BENCH:
		signal.signal(signal.SIGTERM, _end)


def _end(_signal: int, _frame: FrameType | None) -> None:
	pytest.exit("asked to end", returncode=143)


@pytest.fixture
def isolated(site: Any) -> Iterator[None]:
	"""As MariaDB 11.6.2 and later are set from the beginning: a locking read of what changed meanwhile is refused."""
	setting = "innodb_snapshot_isolation"
	if not site.db.sql("show variables like %s", (setting,)):
		pytest.skip("this MariaDB cannot refuse stale locking reads")
	site.db.sql(f"set session {setting} = ON")
	yield
	site.db.sql(f"set session {setting} = default")
