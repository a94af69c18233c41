"""The real demo on a free loopback port, with a clock that the test sets."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.demo.callers import Running, Visit
from tools.demo.clinic import Clinic
from tools.demo.server import running
from tools.harness.ports import FixedClock
from tools.harness.visit_driver import launch

NEVER = 3600.0


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
	with sync_playwright() as playwright:
		browser = launch(playwright)
		yield browser
		browser.close()


@pytest.fixture
def clock() -> FixedClock:
	return FixedClock()


@pytest.fixture
def demo_server(tmp_path: Path, clock: FixedClock) -> Iterator[Running]:
	with running("127.0.0.1", 0, tmp_path / "clinic.db", clock, NEVER) as server:
		thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
		thread.start()
		yield Running(f"http://127.0.0.1:{server.port}", server.app.extensions["demo"], clock)
		server.shutdown()
		thread.join()


@pytest.fixture
def visit(demo_server: Running) -> Visit:
	appointment = next(a for a in Clinic(demo_server.demo_app).today() if a.patient == "PAT-1")
	room = demo_server.demo_app.store.shown(appointment.name)
	return Visit(
		demo_server, room, appointment.name, demo_server.person("okafor"), demo_server.person("amara")
	)


@pytest.fixture
def unchanged(visit: Visit) -> Callable[[], bool]:
	"""Both are in, the client admitted; says whether all is as it was then."""
	visit.admit()
	before = visit.running.everything(visit.room)
	return lambda: visit.running.everything(visit.room) == before
