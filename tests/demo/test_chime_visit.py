"""A whole visit on the demo through Amazon's own client and the emulator, in real browsers with moving pictures."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser

pytest.importorskip("tools.chime_emulator", reason="the emulator needs aiohttp and aiortc")

from theranvio_telehealth.domain.enums import RoomStatus, StaySource
from tools.harness import chime_visit
from tools.harness.chime_demo import Demo, demo_running
from tools.harness.visit_driver import Side, wait_for


@pytest.fixture
def demo(browser: Browser, tmp_path: Path) -> Iterator[Demo]:
	with demo_running(browser, tmp_path / "clinic.db") as demo:
		yield demo


@pytest.fixture
def pair(demo: Demo) -> Iterator[tuple[Side, Side]]:
	"""The clinician and the client, each at the door."""
	with ExitStack() as stack:
		yield demo.side("okafor", stack), demo.side("amara", stack)


def test_a_whole_visit(demo: Demo, pair: tuple[Side, Side]) -> None:
	host, client = pair
	chime_visit.whole_visit(host, client, demo.amazon, pictures="chime")
	store = demo.demo_app.store
	assert store.room(demo.room).status is RoomStatus.ENDED
	people = {p.role: p.name for p in store.participants(demo.room)}
	for role, side in (("Host", host), ("Client", client)):
		truth = chime_visit.seconds_at_amazon(demo.amazon, side.attendees)
		assert truth > 0

		def booked(role: str = role, truth: float = truth) -> bool:
			entries = [e for e in store.entries(demo.room) if e.participant == people[role]]
			seen = {e.source for e in entries if e.seconds > 0} == {StaySource.PROVIDER_EVENT}
			return seen and abs(sum(e.seconds for e in entries) - truth) <= 1

		wait_for(f"the stays of the {role} as Amazon tells them", booked)
	assert not any(p.attendee_id or p.revoked_attendees for p in store.participants(demo.room))
	assert store.room(demo.room).meeting_id == ""


def test_a_visit_asks_amazon_no_more_than_it_has_to(demo: Demo, pair: tuple[Side, Side]) -> None:
	host, client = pair
	chime_visit.meet(host, client)
	chime_visit.end(host, client)
	wait_for("the end at Amazon", lambda: not chime_visit.living(demo.amazon))
	calls = demo.amazon.state()["calls"]
	calls.pop("signalling")
	assert calls == {"CreateMeeting": 1, "CreateAttendee": 2, "DeleteMeeting": 1}
