"""What one person has switched off, as the other side's browser receives it: through reloads, by both providers."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

pytest.importorskip("tools.chime_emulator", reason="the emulator needs aiohttp and aiortc")

from tools.demo.demo_app import PEER_TO_PEER
from tools.demo.emulated import NAME as CHIME
from tools.harness.chime_demo import Demo, demo_running
from tools.harness.visit_driver import PATIENCE, Side, meet, wait_for

#: What this browser's connections have heard and seen of others so far: energy of the sound, frames of the picture.
RECEIVED = """async () => {
	let [energy, frames] = [0, 0];
	for (const connection of window.connections) {
		if (connection.connectionState === "closed") continue;
		for (const entry of (await connection.getStats()).values()) {
			if (entry.type !== "inbound-rtp") continue;
			energy += entry.totalAudioEnergy || 0;
			frames += entry.framesDecoded || 0;
		}
	}
	return [energy, frames];
}"""

#: Less than comfort noise for as long as these tests look; the made-up microphone beeps thousandfold.
SILENCE = 1e-5


class Ear:
	"""What the other side's browser receives from now on, whichever connection it comes by."""

	def __init__(self, side: Side) -> None:
		self.side, self.energy, self.frames = side, 0.0, 0
		self.last = side.page.evaluate(RECEIVED)

	def listen(self) -> Ear:
		"""A count that has fallen is that of a new connection."""
		now = self.side.page.evaluate(RECEIVED)
		energy, frames = (
			after - before if after >= before else after for before, after in zip(self.last, now, strict=True)
		)
		self.energy += energy
		self.frames += int(frames)
		self.last = now
		return self

	def listen_for(self, seconds: float) -> None:
		end = time.monotonic() + seconds
		while time.monotonic() < end:
			self.listen()
			self.side.page.wait_for_timeout(100)


@pytest.fixture(params=[PEER_TO_PEER, CHIME])
def demo(browser: Browser, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Demo]:
	with demo_running(browser, tmp_path / "clinic.db", request.param) as demo:
		yield demo


@pytest.fixture
def pair(demo: Demo) -> Iterator[tuple[Side, Side]]:
	"""The clinician and the client, in the call."""
	with ExitStack() as stack:
		host, client = demo.side("okafor", stack), demo.side("amara", stack)
		meet(host, client)
		yield host, client


def hears(listener: Side) -> None:
	ear = Ear(listener)
	wait_for("the other's beep", lambda: ear.listen().energy > SILENCE * 10)


def is_quiet(listener: Side) -> bool:
	"""For longer than the made-up microphone's beeps are apart."""
	ear = Ear(listener)
	listener.page.wait_for_timeout(1500)
	return ear.listen().energy < SILENCE


def switch_off(speaker: Side, listener: Side) -> None:
	for act in ("mute", "camera"):
		speaker.press(act)
	shows_off(listener)
	wait_for("what was on its way to have arrived", lambda: is_quiet(listener))


def shows_off(listener: Side) -> None:
	tile = listener.page.locator("[data-tile=remote]")
	expect(tile).to_have_attribute("data-video", "off", timeout=PATIENCE)
	expect(tile).to_contain_text("Microphone off", timeout=PATIENCE)


def reload(side: Side) -> None:
	before = side.attendees[-1]
	side.reload()
	wait_for("a new join", lambda: side.page.evaluate("1") and side.attendees[-1] != before)
	side.is_at("call")
	expect(side.page.locator("[data-status=connected]")).to_be_visible(timeout=PATIENCE)


@pytest.mark.parametrize("who", ["client", "host"])
def test_who_is_off_is_neither_heard_nor_seen_after_a_reload(pair: tuple[Side, Side], who: str) -> None:
	host, client = pair
	speaker, listener = (client, host) if who == "client" else (host, client)
	hears(listener)
	switch_off(speaker, listener)
	ear = Ear(listener)
	reload(speaker)
	ear.listen_for(4)
	shows_off(listener)
	assert (ear.energy < SILENCE, ear.frames) == (True, 0), (ear.energy, ear.frames)
	speaker.press("camera")
	listener.sees_moving_picture()
	assert ear.listen().energy < SILENCE, "the camera brought the microphone with it"
	speaker.press("mute")
	hears(listener)


def test_where_nothing_is_known_a_reload_joins_with_both_off(pair: tuple[Side, Side]) -> None:
	"""As in a browser that keeps nothing for pages."""
	host, client = pair
	client.page.add_init_script("delete Window.prototype.sessionStorage; delete window.sessionStorage;")
	switch_off(client, host)
	ear = Ear(host)
	reload(client)
	ear.listen_for(3)
	assert (ear.energy < SILENCE, ear.frames) == (True, 0), (ear.energy, ear.frames)
	client.sees("Your microphone and camera are off")
	client.press("camera")
	host.sees_moving_picture()


def test_another_tab_takes_the_call_over_with_both_off_and_the_first_says_so(
	demo: Demo, pair: tuple[Side, Side]
) -> None:
	host, client = pair
	switch_off(client, host)
	second = Side(client.page.context.new_page())
	ear = Ear(host)
	second.open(client.page.url)
	second.is_at("call")
	client.is_at("elsewhere")
	assert client.page.locator("video").count() == 0
	ear.listen_for(3)
	assert (ear.energy < SILENCE, ear.frames) == (True, 0), (ear.energy, ear.frames)
