"""A whole visit on the embedded host through Amazon's own client and the emulator, in real browsers with moving pictures."""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests import chime_visit
from tests.chime_emulator import EmulatorClient
from tests.visit_driver import Side, launch, person, wait_for
from theranvio_telehealth.domain.words import RoomStatus, StaySource
from theranvio_telehealth.embedded.emulated import NAME, REGION, Emulator
from theranvio_telehealth.embedded.house import House
from theranvio_telehealth.embedded.server import running

EVENTS = "/api/method/theranvio_telehealth.api.events.eventbridge"
KEY = "the emulator's own key, for this test"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
	with sync_playwright() as playwright:
		browser = launch(playwright)
		yield browser
		browser.close()


class Demo:
	"""The demo with the emulator beside it, and new visits going through that."""

	def __init__(self, browser: Browser, port: int, house: House, amazon: EmulatorClient) -> None:
		self.browser, self.port, self.house, self.amazon = browser, port, house, amazon
		self.stack = ExitStack()

	def sign_in(self, host: str, user: str) -> Page:
		page = self.stack.enter_context(person(self.browser)).new_page()
		page.goto(f"http://{host}:{self.port}/sign-in?as={user}")
		page.wait_for_url(re.compile(r"/(video-visits)?$"))
		return page

	def side(self, host: str, user: str) -> Side:
		side = Side(self.sign_in(host, user))
		side.open(f"http://{host}:{self.port}/visit/{self.room}")
		return side

	@property
	def room(self) -> str:
		return self.house.store.shown("APP-0001")[0]


def free_port() -> int:
	with socket.socket() as place:
		place.bind(("127.0.0.1", 0))
		return int(place.getsockname()[1])


@pytest.fixture
def demo(browser: Browser, tmp_path: Path) -> Iterator[Demo]:
	port = free_port()
	with ExitStack() as stack:
		url = f"http://127.0.0.1:{port}{EVENTS}"
		amazon = stack.enter_context(chime_visit.emulator(eventbridge_url=url, eventbridge_key=KEY))
		emulator = Emulator(amazon.url, KEY)
		database = tmp_path / "clinic.db"
		server = stack.enter_context(running("127.0.0.1", port, database, emulator=emulator))
		thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
		thread.start()
		stack.callback(thread.join)
		stack.callback(server.shutdown)
		house = server.app.house
		room = house.store.room(house.store.shown("APP-0001")[0])
		with house.store.transaction():
			house.store.save_room(replace(room, provider=NAME, media_region=REGION))
		demo = Demo(browser, port, house, amazon)
		stack.enter_context(demo.stack)
		yield demo


def test_a_whole_visit(demo: Demo) -> None:
	host, client = demo.side("clinician.localhost", "okafor"), demo.side("client.localhost", "amara")
	chime_visit.whole_visit(host, client, demo.amazon, pictures="chime")
	store = demo.house.store
	assert store.room(demo.room).status is RoomStatus.ENDED
	people = {p.role: p.name for p in store.participants(demo.room)}
	for role, side in (("Host", host), ("Client", client)):
		truth = chime_visit.seconds_at_amazon(demo.amazon, side.attendees)
		assert truth > 5

		def booked(role: str = role, truth: float = truth) -> bool:
			entries = [e for e in store.entries(demo.room) if e.participant == people[role]]
			seen = {e.source for e in entries if e.seconds > 0} == {StaySource.PROVIDER_EVENT}
			return seen and abs(sum(e.seconds for e in entries) - truth) <= 1

		wait_for(f"the stays of the {role} as Amazon tells them", booked)
	assert not any(p.attendee_id or p.revoked_attendees for p in store.participants(demo.room))
	assert store.room(demo.room).meeting_id == ""


def test_a_visit_asks_amazon_no_more_than_it_has_to(demo: Demo) -> None:
	host, client = demo.side("clinician.localhost", "okafor"), demo.side("client.localhost", "amara")
	chime_visit.meet(host, client)
	chime_visit.end(host, client)
	wait_for("the end at Amazon", lambda: not chime_visit.living(demo.amazon))
	calls = demo.amazon.state()["calls"]
	calls.pop("signalling")
	assert calls == {"CreateMeeting": 1, "CreateAttendee": 2, "DeleteMeeting": 1}
