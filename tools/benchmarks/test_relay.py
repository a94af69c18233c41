"""From a relay's silence to both pages saying so, where the relay is the only way: UDP, Debian's coturn, two Chromium pages.

Down from the start: from both being in the call. Stopped: from the end of coturn's process."""

from __future__ import annotations

import time
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tools.benchmarks.report import Report, Row
from tools.demo.demo_app import PEER_TO_PEER
from tools.harness.chime_demo import demo_running
from tools.harness.coturn import coturn
from tools.harness.visit_driver import let_in, meet

SILENT = "The server that relays this call does not answer."
LIMIT = 20


@pytest.mark.parametrize("is_up", [False, True], ids=["down from the start", "stopped in the call"])
def test_a_silent_relay_is_stated_to_both(
	browser: Browser, tmp_path: Path, report: Report, request: pytest.FixtureRequest, is_up: bool
) -> None:
	with coturn(up=is_up) as relay, ExitStack() as stack:
		config = relay.config("udp")
		demo = stack.enter_context(
			demo_running(browser, tmp_path / "clinic.db", PEER_TO_PEER, chime=False, relay=config)
		)
		host, client = demo.side("okafor", stack), demo.side("amara", stack)
		if is_up:
			meet(host, client)
		else:
			let_in(host, client)
		relay.stop()
		began = time.monotonic()
		for side in (host, client):
			side.announces(SILENT)
		took = time.monotonic() - began
	how = request.node.callspec.id
	report.claim(Row(f"A relay {how}, to both being told", "once", "", took, LIMIT, "s"))
