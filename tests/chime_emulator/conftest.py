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
from playwright.sync_api import Browser, BrowserContext, Page, TimeoutError, sync_playwright

from tools.chime_emulator import Emulator
from tools.chime_emulator.notary import Notary

_ROOT = Path(__file__).parents[2]
_JS = Path(__file__).parent / "js"
_CHROMIUM = "/usr/bin/chromium"
_BUNDLE = [
	"--bundle",
	"--minify",
	"--format=iife",
	"--main-fields=browser,module,main",
	"--define:global=window",
	f"--alias:@aws-sdk/client-chime-sdk-messaging={_JS / 'absent.js'}",
	"--log-level=error",
]
PATIENCE = 90.0
_FLAGS = [
	"--no-sandbox",
	"--disable-gpu-watchdog",
	"--disable-gpu-process-crash-limit",
	"--use-fake-device-for-media-stream=fps=10",
	"--use-fake-ui-for-media-stream",
	"--autoplay-policy=no-user-gesture-required",
]
_PAGE = "<!doctype html><title>Proof</title><script src=/proof.js></script><body>"


@pytest.fixture(scope="session")
def notary() -> Notary:
	return Notary()


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
	"""botocore waits between attempts; only how often it tries is of interest."""
	monkeypatch.setattr("botocore.retries.standard.ExponentialBackoff.delay_amount", lambda self, context: 0)


@pytest.fixture
def emulator(notary: Notary) -> Iterator[Emulator]:
	with Emulator(notary=notary) as running:
		yield running


@pytest.fixture(scope="session")
def proof_page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
	"""The address of a page with Amazon's client, served from loopback: browsers ask where a page comes from."""
	folder = tmp_path_factory.mktemp("client")
	esbuild = [_ROOT / "node_modules/.bin/esbuild", _JS / "page.js", *_BUNDLE]
	subprocess.run([*esbuild, f"--outfile={folder / 'proof.js'}"], cwd=_ROOT, check=True)
	(folder / "index.html").write_text(_PAGE)
	server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder)))
	threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
	yield f"http://127.0.0.1:{server.server_port}/"
	server.shutdown()


def eventually(holds: Callable[[], bool], within: float = PATIENCE) -> None:
	"""Wait for something that no page can be asked for."""
	deadline = time.monotonic() + within
	while not holds():
		assert time.monotonic() < deadline, f"not within {within} s"
		time.sleep(0.05)


class _Quiet(SimpleHTTPRequestHandler):
	def log_message(self, format: str, *args: Any) -> None:
		pass


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
	"""One for all tests: Playwright does not run twice at a time."""
	executable = _CHROMIUM if Path(_CHROMIUM).exists() else shutil.which("chromium")
	with sync_playwright() as playwright:
		running = playwright.chromium.launch(executable_path=executable, args=_FLAGS)
		yield running
		running.close()


@pytest.fixture(scope="session")
def context(chromium: Browser) -> BrowserContext:
	"""One for all pages: they know nothing of each other, and the bundle is read and compiled once."""
	return chromium.new_context(permissions=["camera", "microphone"])


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
		join_request = {"meeting": meeting, "attendee": attendee, "video": True, **options}
		self.page.evaluate("request => room.join(request)", join_request)
		return self

	def call(self, script: str) -> Any:
		return self.page.evaluate(script)

	def seen(self, what: str) -> Any:
		return self.page.evaluate(f"room.seen.{what}")

	def until(self, script: str, within: float = PATIENCE) -> float:
		"""Wait for `script` to be truthy; the seconds it took."""
		start = time.monotonic()
		try:
			self.page.wait_for_function(script, timeout=within * 1000, polling=50)
		except TimeoutError as error:
			seen = self.call("({...room.seen, pictures: room.pictures(), tiles: room.tiles})")
			raise AssertionError(f"not within {within} s: {script}; seen: {seen}") from error
		return time.monotonic() - start

	def until_sees(self, who: str, frames: int = 5, within: float = PATIENCE) -> float:
		return self.until(f"(room.pictures()[{who!r}]?.frames || 0) >= {frames}", within)

	def until_hears(self, within: float = PATIENCE) -> float:
		"""Sound, not only packets: the energy grows."""
		return self.until("room.sound().then(sound => sound && sound.energy > 1e-5)", within)

	def until_started(self, within: float = PATIENCE) -> float:
		return self.until("room.seen.starts > 0", within)


@pytest.fixture
def person(context: BrowserContext, proof_page: str) -> Iterator[Callable[[], Person]]:
	"""Makes people; each has a page of their own."""
	pages = []

	def make() -> Person:
		page = context.new_page()
		pages.append(page)
		page.goto(proof_page)
		return Person(page)

	yield make
	for page in pages:
		page.close()


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
		attendee_request = {"MeetingId": meeting["MeetingId"], "ExternalUserId": uuid.uuid4().hex, **options}
		return dict(emulator.boto().create_attendee(**attendee_request)["Attendee"])

	return make
