"""From a client's *Enter* to the host's page saying so: nudged, and with no realtime at all.

The demo and two Chromium pages; the client leaves the waiting room and enters again. In the second half the browser
refuses every connection to `/nudges`, so that the host's page learns what it learns by its polls."""

from __future__ import annotations

import statistics
import time
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tools.benchmarks.report import Report, Row
from tools.demo.demo_app import PEER_TO_PEER
from tools.harness.chime_demo import demo_running
from tools.harness.visit_driver import Side

RUNS = 20
WAITS = "() => document.title.startsWith('(1)')"
NONE_WAITING = "() => !document.title.startsWith('(')"


@pytest.mark.parametrize(("how", "limit"), [("nudged", 1), ("by polls alone", 3)])
def test_from_entering_to_being_announced(
	browser: Browser, tmp_path: Path, report: Report, how: str, limit: int
) -> None:
	with (
		demo_running(browser, tmp_path / "clinic.db", PEER_TO_PEER, chime=False) as demo,
		ExitStack() as stack,
	):
		host, client = demo.side("okafor", stack), demo.side("amara", stack)
		if how != "nudged":
			host.page.route("**/nudges", lambda route: route.abort())
			host.page.reload()
		host.press("enter")
		host.is_at("call")
		times = [announced(host, client) for _ in range(RUNS)]
	report.claim(
		Row(
			f"From *Enter* to the host being told, {how}",
			f"median of {RUNS}",
			"",
			statistics.median(times),
			limit,
			"s",
		),
		Row(f"From *Enter* to the host being told, {how}", f"slowest of {RUNS}", "", max(times), limit, "s"),
	)


def announced(host: Side, client: Side) -> float:
	client.press_for("enter", "visit.enter")
	began = time.monotonic()
	host.page.wait_for_function(WAITS, polling=20)
	took = time.monotonic() - began
	client.press("leave")
	client.is_at("check")
	host.page.wait_for_function(NONE_WAITING)
	return took
