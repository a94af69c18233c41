"""The demo with visits through the emulator or a relay, and browsers to look at it with. No tests."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page

from theranvio_telehealth.services.ports import Clock
from tools.chime_emulator import EmulatorClient
from tools.demo.clinic import Clinic, Entry
from tools.demo.demo_app import DemoApp
from tools.demo.emulated import NAME, Emulator
from tools.demo.server import running
from tools.harness import chime_visit
from tools.harness.firefox import Firefox, FirefoxSide
from tools.harness.visit_driver import Side, person
from tools.network import free_port

EVENTS = "/api/method/theranvio_telehealth.api.events.eventbridge"
KEY = "the emulator's own key, for these tests"
HOSTS = {"okafor": "clinician.localhost", "amara": "client.localhost", "desk": "localhost"}


class Demo:
	def __init__(self, browser: Browser, port: int, demo_app: DemoApp, amazon: EmulatorClient | None) -> None:
		self.browser, self.port, self.demo_app, self.amazon = browser, port, demo_app, amazon
		self.name = ""

	@property
	def room(self) -> str:
		"""The latest visit's."""
		return self.demo_app.store.shown(self.name)

	def book_now(self) -> None:
		"""Dr. Okafor and Amara Bell, now."""
		now = self.demo_app.clock.now()
		entry = Entry("PRAC-1", "PAT-1", now, 50, True, "https://meet.example.org/harbour-clinic")
		self.name = Clinic(self.demo_app).book("desk", entry).name

	def sign_in(self, user: str, stack: ExitStack, browser: Browser | None = None) -> Page:
		page = stack.enter_context(person(browser or self.browser)).new_page()
		self._sign_in(page, user)
		return page

	def side(self, user: str, stack: ExitStack, browser: Browser | Firefox | None = None) -> Side:
		"""At the door of the latest visit."""
		if isinstance(browser, Firefox):
			side: Side = FirefoxSide(stack.enter_context(browser.page()))
			self._sign_in(side.page, user)
		else:
			side = Side(self.sign_in(user, stack, browser))
		side.open(f"http://{HOSTS[user]}:{self.port}/visit/{self.room}")
		return side

	def _sign_in(self, page: Page, user: str) -> None:
		page.goto(f"http://{HOSTS[user]}:{self.port}/sign-in?as={user}")
		page.wait_for_url(re.compile(r"/(video-visits)?$"))


@contextmanager
def demo_running(
	browser: Browser,
	database: Path,
	provider: str = NAME,
	*,
	chime: bool = True,
	relay: Mapping[str, str | bool] | None = None,
	clock: Clock | None = None,
) -> Iterator[Demo]:
	"""With one visit booked, by this provider. `chime`: whether there is an emulator of Amazon Chime at all."""
	port = free_port()
	with ExitStack() as stack:
		amazon = _amazon(stack, port) if chime else None
		emulator = Emulator(amazon.url, KEY) if amazon else None
		server = stack.enter_context(
			running("127.0.0.1", port, database, clock, emulator=emulator, relay=relay)
		)
		thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
		thread.start()
		stack.callback(thread.join)
		stack.callback(server.shutdown)
		demo_app: DemoApp = server.app.extensions["demo"]  # type: ignore[attr-defined]
		demo_app.choose_provider(provider)
		demo = Demo(browser, port, demo_app, amazon)
		demo.book_now()
		yield demo


def _amazon(stack: ExitStack, port: int) -> EmulatorClient:
	url = f"http://127.0.0.1:{port}{EVENTS}"
	return stack.enter_context(chime_visit.emulator(eventbridge_url=url, eventbridge_key=KEY))
