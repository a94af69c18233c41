"""The requests of two real browsers in a short visit against those that the planner counts for it."""

from __future__ import annotations

import time
from collections import Counter
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

pytest.importorskip("tools.chime_emulator", reason="the emulator needs aiohttp and aiortc")

from theranvio_telehealth.domain.enums import Adapter
from theranvio_telehealth.plan import footprint
from theranvio_telehealth.plan.clinic import habits
from tools.demo.emulated import NAME
from tools.harness.chime_demo import HOSTS, demo_running
from tools.harness.visit_driver import Side, end, meet

#: How long the two are in the call, in seconds.
TALK = 20


def count(page: Page, asked: Counter[str]) -> None:
	"""What is asked of Python; files are the web server's."""

	def note(path: str) -> None:
		if "/api/method/" in path or "/visit/" in path:
			asked[path.rpartition(".")[2] if "/api/" in path else "page"] += 1

	page.on("request", lambda request: note(request.url.partition("?")[0]))


@pytest.mark.parametrize(
	("provider", "name"), [(Adapter.PEER_TO_PEER, "Peer-to-Peer"), (Adapter.CHIME, NAME)]
)
def test_a_visit_takes_as_many_requests_as_are_planned(
	browser: Browser, tmp_path: Path, provider: Adapter, name: str
) -> None:
	asked: Counter[str] = Counter()
	chime = provider is Adapter.CHIME
	with demo_running(browser, tmp_path / "clinic.db", name, chime=chime) as demo, ExitStack() as stack:
		sides = []
		for user in ("okafor", "amara"):
			page = demo.sign_in(user, stack)
			count(page, asked)
			sides.append(Side(page))
			sides[-1].open(f"http://{HOSTS[user]}:{demo.port}/visit/{demo.room}")
		host, client = sides
		meet(host, client)
		began = time.monotonic()
		host.page.wait_for_timeout(TALK * 1000)
		end(host, client)
		talked = time.monotonic() - began
	given = habits({"provider": provider.value, "waiting_minutes": 0})
	planned = footprint.requests(given, 1, 1, talked, talked)
	assert asked["heartbeat"] == pytest.approx(planned["beats"], abs=2)
	assert asked["signal"] == pytest.approx(planned["signals"], abs=8)
	assert asked.total() == pytest.approx(sum(planned.values()) - planned["provider events"], rel=0.3)
