"""Fixtures for proving the emulator: an emulator per test, and Amazon's client on bare pages in a real browser."""

from __future__ import annotations

import shutil
import subprocess
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, TimeoutError, sync_playwright

from tests.chime_emulator import Emulator
from tests.chime_emulator.notary import Notary

_JS = Path(__file__).parent / "js"
_CHROMIUM = "/usr/bin/chromium"
_PATIENCE = 30.0
_FLAGS = [
	"--no-sandbox",
	"--use-fake-device-for-media-stream",
	"--use-fake-ui-for-media-stream",
	"--autoplay-policy=no-user-gesture-required",
]
_PAGE = "<!doctype html><title>Proof</title><script src=/proof.js></script><body>"


@pytest.fixture(scope="session")
def notary() -> Notary:
	return Notary()


@pytest.fixture
def emulator(notary: Notary) -> Iterator[Emulator]:
	with Emulator(notary=notary) as running:
		yield running


@pytest.fixture(scope="session")
def proof_page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
	"""The address of a page with Amazon's client, served from loopback: browsers ask where a page comes from."""
	if not (_JS / "node_modules").exists():
		subprocess.run(["npm", "ci", "--silent"], cwd=_JS, check=True)
	folder = tmp_path_factory.mktemp("client")
	target = folder / "proof.js"
	subprocess.run(["npm", "run", "--silent", "bundle", "--", f"--outfile={target}"], cwd=_JS, check=True)
	(folder / "index.html").write_text(_PAGE)
	server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder)))
	threading.Thread(target=server.serve_forever, daemon=True).start()
	yield f"http://127.0.0.1:{server.server_port}/"
	server.shutdown()


class _Quiet(SimpleHTTPRequestHandler):
	def log_message(self, format: str, *args: Any) -> None:
		pass


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
	executable = _CHROMIUM if Path(_CHROMIUM).exists() else shutil.which("chromium")
	with sync_playwright() as playwright:
		running = playwright.chromium.launch(executable_path=executable, args=_FLAGS)
		yield running
		running.close()


class Person:
	"""One page with Amazon's client; what it saw is read with `seen`, waited for with `until`."""

	def __init__(self, page: Page) -> None:
		self.page = page
		self.attendee: dict[str, Any] = {}

	@property
	def id(self) -> str:
		return str(self.attendee["AttendeeId"])

	def join(self, meeting: dict[str, Any], attendee: dict[str, Any], **options: Any) -> Person:
		self.attendee = attendee
		told = {"meeting": meeting, "attendee": attendee, "video": True, **options}
		self.page.evaluate("told => room.join(told)", told)
		return self

	def call(self, script: str) -> Any:
		return self.page.evaluate(script)

	def seen(self, what: str) -> Any:
		return self.page.evaluate(f"room.seen.{what}")

	def until(self, script: str, within: float = _PATIENCE) -> float:
		"""Wait for `script` to be truthy; the seconds it took."""
		start = time.monotonic()
		try:
			self.page.wait_for_function(script, timeout=within * 1000, polling=50)
		except TimeoutError as error:
			seen = self.call("({...room.seen, pictures: room.pictures(), tiles: room.tiles})")
			raise AssertionError(f"not within {within} s: {script}; seen: {seen}") from error
		return time.monotonic() - start

	def until_sees(self, who: str, frames: int = 5, within: float = _PATIENCE) -> float:
		return self.until(f"(room.pictures()[{who!r}]?.frames || 0) >= {frames}", within)

	def until_hears(self, within: float = _PATIENCE) -> float:
		"""Sound, not only packets: the energy grows."""
		return self.until("room.sound().then(sound => sound && sound.energy > 1e-5)", within)

	def until_started(self, within: float = _PATIENCE) -> float:
		return self.until("room.seen.starts > 0", within)


@pytest.fixture
def person(browser: Browser, proof_page: str) -> Iterator[Callable[[], Person]]:
	"""Makes people; each has a browser context of their own."""
	contexts = []

	def make() -> Person:
		context = browser.new_context(permissions=["camera", "microphone"])
		contexts.append(context)
		page = context.new_page()
		page.goto(proof_page)
		return Person(page)

	yield make
	for context in contexts:
		context.close()


@pytest.fixture
def open_meeting(emulator: Emulator) -> Callable[..., dict[str, Any]]:
	"""Opens a meeting as the product would."""

	def make(**options: Any) -> dict[str, Any]:
		answer = emulator.boto().create_meeting(
			**{
				"ClientRequestToken": str(uuid.uuid4()),
				"MediaRegion": "us-east-1",
				"ExternalMeetingId": uuid.uuid4().hex,
				**options,
			}
		)
		return dict(answer["Meeting"])

	return make


@pytest.fixture
def admit(emulator: Emulator) -> Callable[..., dict[str, Any]]:
	"""Makes an attendee with a fresh pseudonym."""

	def make(meeting: dict[str, Any], **options: Any) -> dict[str, Any]:
		told = {"MeetingId": meeting["MeetingId"], "ExternalUserId": uuid.uuid4().hex, **options}
		return dict(emulator.boto().create_attendee(**told)["Attendee"])

	return make
