"""Whole visits between Chromium and Firefox, both ways, and between two Firefoxes, by both providers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.parts.conftest import Sides
from theranvio_telehealth.domain.enums import RoomStatus
from tools.demo.demo_app import PEER_TO_PEER
from tools.demo.emulated import NAME
from tools.harness import chime_visit
from tools.harness.chime_demo import Demo, demo_running
from tools.harness.visit_driver import whole_visit

PAIRS = [("chromium", "firefox"), ("firefox", "chromium"), ("firefox", "firefox")]
with_each_pair = pytest.mark.parametrize(("host", "client"), PAIRS, ids=["-".join(pair) for pair in PAIRS])


@pytest.fixture(scope="module")
def demo(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
	database: Path = tmp_path_factory.mktemp("demo") / "clinic.db"
	with demo_running(chromium, database) as demo:
		yield demo


@with_each_pair
def test_a_whole_visit_peer_to_peer(demo: Demo, sides: Sides, host: str, client: str) -> None:
	demo.demo_app.choose_provider(PEER_TO_PEER)
	demo.book_now()
	whole_visit(*sides(demo, host, client))
	assert demo.demo_app.store.room(demo.room).status is RoomStatus.ENDED


@with_each_pair
def test_a_whole_visit_by_amazon_chime(demo: Demo, sides: Sides, host: str, client: str) -> None:
	"""Firefox without a desktop has no screen to share; it sees what Chromium shares."""
	demo.demo_app.choose_provider(NAME)
	demo.book_now()
	pair = sides(demo, host, client)
	sharing = [side for side, name in zip(pair, (host, client), strict=True) if name == "chromium"]
	chime_visit.whole_visit(*pair, demo.amazon, sharing=sharing)
	assert demo.demo_app.store.room(demo.room).status is RoomStatus.ENDED
