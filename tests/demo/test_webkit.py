"""Every page in WebKitGTK, a browser that cannot call: it is drawn, and no script of ours fails."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.demo.callers import Running
from tests.demo.webkit import WebKit, missing, watched, webkit
from tools.demo.server import running
from tools.harness.ports import FixedClock

pytestmark = pytest.mark.skipif(bool(missing()), reason=f"{missing()} not installed")

NEVER = 3600.0
CANNOT = (
	"This browser cannot make video calls, or they are switched off in it. Open this page in another browser."
)
WIDE = "return document.documentElement.scrollWidth > innerWidth"


@pytest.fixture(scope="module")
def window() -> Iterator[WebKit]:
	with webkit() as window:
		yield window


@pytest.fixture
def demo_server(tmp_path: Path) -> Iterator[Running]:
	clock = FixedClock()
	with running("127.0.0.1", 0, tmp_path / "clinic.db", clock, NEVER) as server:
		demo_app = server.app.extensions["demo"]
		server.app = watched(server.app)
		thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
		thread.start()
		yield Running(f"http://127.0.0.1:{server.port}", demo_app, clock)
		server.shutdown()
		thread.join()


def sign_in(window: WebKit, demo_server: Running, user: str) -> None:
	"""A person other than the one who was signed in before."""
	window.open(f"{demo_server.address}/sign-in?as={user}")
	window.shows(".me")


def is_well(window: WebKit) -> None:
	"""Drawn at the width of a desk and of a phone, and nothing went wrong."""
	for width in (1280, 390):
		window.resize(width, 844)
		assert window.text.strip()
		assert not window.run(WIDE), width
	assert window.troubles == []


def visit(window: WebKit, demo_server: Running, user: str) -> None:
	sign_in(window, demo_server, user)
	room = demo_server.demo_app.store.shown("APP-0001")
	window.open(f"{demo_server.address}/visit/{room}")


def test_what_goes_wrong_is_noticed(window: WebKit, demo_server: Running) -> None:
	window.open(f"{demo_server.address}/")
	window.run("setTimeout(() => { throw new Error('planted'); })")
	window.run("Promise.reject(new Error('in vain')); console.error('said')")
	window.run(
		"document.body.append(Object.assign(document.createElement('img'), { src: 'https://x.test/a.png' }))"
	)
	seen = " ".join(window.troubles)
	assert all(word in seen for word in ("planted", "in vain", "said", "policy: https://x.test"))


@pytest.mark.parametrize("path", ["/", "/sign-in", "/nothing"])
def test_pages_for_everybody(window: WebKit, demo_server: Running, path: str) -> None:
	window.open(f"{demo_server.address}{path}")
	window.shows("h1")
	is_well(window)


def test_the_clinics_and_the_clients_lists(window: WebKit, demo_server: Running) -> None:
	sign_in(window, demo_server, "desk")
	window.shows("[data-appointment=APP-0001]")
	is_well(window)
	sign_in(window, demo_server, "amara")
	is_well(window)


@pytest.mark.parametrize("user", ["amara", "okafor"])
def test_the_visit_says_that_this_browser_cannot_call(
	window: WebKit, demo_server: Running, user: str
) -> None:
	"""On the first screen, and the call is not offered to anybody."""
	visit(window, demo_server, user)
	window.shows("main[data-screen=unable]")
	assert CANNOT in window.text
	assert not window.has("[data-action=enter]")
	assert not window.has("[data-action=join]")
	is_well(window)


def test_the_end_of_a_visit(window: WebKit, demo_server: Running) -> None:
	demo_server.person("desk").post("/clinic/cancel", name="APP-0001")
	visit(window, demo_server, "amara")
	window.shows("main[data-screen=over]")
	assert "This visit was cancelled" in window.text
	is_well(window)
