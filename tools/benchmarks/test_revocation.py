"""From the host's click to the client being out: of the page's call, and of Amazon's meeting, whose emulator is asked.

The demo, two Chromium pages with Amazon's client, and 20 visits one after the other: sent back, ended by the host,
cancelled at the desk, in turn. Out is when no picture of anybody is left on the client's page, its screen has changed,
and the emulator has no connection of that attendee and takes its token no more."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import cycle
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tools.benchmarks.report import Report, Row
from tools.harness import chime_visit
from tools.harness.chime_demo import Demo, demo_running
from tools.harness.visit_driver import Side, admit, wait_for

RUNS = 20
IS_OUT = (
	"() => !document.querySelector('[data-tile=remote]') && !document.querySelector('main[data-screen=call]')"
)

Act = Callable[[Side, Page], None]


@pytest.fixture
def demo(browser: Browser, tmp_path: Path) -> Iterator[Demo]:
	with demo_running(browser, tmp_path / "clinic.db") as demo:
		yield demo


def send_back(host: Side, desk: Page) -> None:
	host.press("send-back")


def end(host: Side, desk: Page) -> None:
	host.press("end")
	host.confirm()


def cancel(host: Side, desk: Page) -> None:
	desk.get_by_role("button", name="Cancel the appointment").locator("visible=true").click()
	desk.get_by_role("dialog").get_by_role("button", name="Cancel the appointment").click()


def test_from_the_click_to_being_out(demo: Demo, report: Report) -> None:
	times = [one(demo, act) for act, _ in zip(cycle((send_back, end, cancel)), range(RUNS), strict=False)]
	what = "From *Send back*, *End* or the desk's cancel to the client being out of Amazon's meeting"
	report.claim(
		Row(what, f"median of {RUNS}", "", statistics.median(times), 1, "s"),
		Row(what, f"slowest of {RUNS}", "", max(times), 5, "s"),
	)


def one(demo: Demo, act: Act) -> float:
	"""A visit of its own, up to where both see each other; the seconds until the client is out."""
	demo.book_now()
	with ExitStack() as stack:
		desk = demo.sign_in("desk", stack)
		desk.locator(f"[data-appointment={demo.name}] summary").click()
		host, client = demo.side("okafor", stack), demo.side("amara", stack)
		for side in (host, client):
			side.press("enter")
		admit(host)
		client.is_at("call")
		client.sees_moving_picture()
		token, attendee = chime_visit.join_token(client), client.attendees[-1]
		assert attendee in chime_visit.connected(demo.amazon)
		began = time.monotonic()
		act(host, desk)
		wait_for("the client's page to be out", lambda: client.page.evaluate(IS_OUT))
		wait_for("its connection to be cut", lambda: attendee not in chime_visit.connected(demo.amazon))
		took = time.monotonic() - began
		assert chime_visit.is_refused(demo.amazon, token)
		return took
