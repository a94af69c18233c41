"""Drives the visit page in a real browser, as a person would, on a site or on the demo."""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, Playwright, Response, expect

API = "/api/method/theranvio_telehealth.api."
SIGNAL = "visit.signal"
PICTURES = Path(__file__).parents[2] / "docs" / "pictures"
SIZES = {"desktop": {"width": 1280, "height": 800}, "phone": {"width": 390, "height": 844}}
#: In ms. Only ends what hangs: however busy the machine, no verdict comes of it. How long things take is for the benchmarks.
PATIENCE = 120_000
#: A busy machine starves the GPU process; Chromium restarts it and, after a few times, exits.
STARVED = ["--disable-gpu-watchdog", "--disable-gpu-process-crash-limit"]
FLAGS = [
	"--no-sandbox",
	*STARVED,
	"--use-fake-device-for-media-stream",
	"--use-fake-ui-for-media-stream",
	"--autoplay-policy=no-user-gesture-required",
]

#: Runs before the page: keeps hold of its connections, to ask them what they have decoded.
WATCH_CONNECTIONS = """
window.connections = [];
window.RTCPeerConnection = class extends window.RTCPeerConnection {
	constructor(...given) {
		super(...given);
		window.connections.push(this);
	}
};
"""

FRAMES_DECODED = """async () => {
	let frames = 0;
	for (const connection of window.connections) {
		if (connection.connectionState === "closed") continue;
		for (const entry of (await connection.getStats()).values())
			if (entry.type === "inbound-rtp" && entry.kind === "video") frames += entry.framesDecoded || 0;
	}
	return frames;
}"""

#: The other's picture as it is on the page now, small; empty when there is none.
PIXELS = """() => {
	const video = document.querySelector("[data-tile=remote] video");
	if (!video || !video.videoWidth) return [];
	const canvas = Object.assign(document.createElement("canvas"), { width: 64, height: 48 });
	const brush = canvas.getContext("2d");
	brush.drawImage(video, 0, 0, 64, 48);
	return [...brush.getImageData(0, 0, 64, 48).data];
}"""

ALL_SHOWN = """() => [...document.querySelectorAll("video")].every((video) => video.readyState >= 2)"""

CALL = """async ([address, token, body]) => {
	const headers = { "Content-Type": "application/json", "X-Frappe-CSRF-Token": token };
	const answer = await fetch(address, { method: "POST", headers, body: JSON.stringify(body) });
	return [answer.status, await answer.json()];
}"""


def launch(playwright: Playwright) -> Browser:
	"""Debian's Chromium with a camera and a microphone made up by itself."""
	chromium = os.environ.get("CHROMIUM") or shutil.which("chromium")
	return playwright.chromium.launch(executable_path=chromium, args=FLAGS)


def wait_for(what: str, true: Callable[[], Any], seconds: float = PATIENCE / 1000) -> Any:
	"""What `true` returns once it is truthy; fails with `what` after the deadline."""
	end = time.monotonic() + seconds
	while not (found := true()):
		assert time.monotonic() < end, f"not within {seconds} s: {what}"
		time.sleep(0.05)
	return found


@dataclass(frozen=True)
class Act:
	"""The server did something after `sent` and before `answered`: the request's start, and the `now` of its answer."""

	sent: datetime
	answered: datetime


@dataclass
class Presence:
	"""When one person was in the call: each stay lies between two acts, however long the server took for them."""

	spans: list[tuple[Act, Act]] = field(default_factory=list)
	since: Act | None = None

	def begin(self, act: Act) -> None:
		"""A join also ends the stay of the join before."""
		self.stop(act)
		self.since = act

	def stop(self, act: Act) -> None:
		if self.since:
			self.spans.append((self.since, act))
			self.since = None

	def is_as_long_as(self, seconds: float) -> bool:
		"""Whether this can be the length of all stays, each rounded to a second."""
		shortest = sum((end.sent - start.answered).total_seconds() for start, end in self.spans)
		longest = sum((end.answered - start.sent).total_seconds() for start, end in self.spans)
		rounding = len(self.spans) / 2
		return shortest - rounding <= seconds <= longest + rounding


class Side:
	"""One person's visit page."""

	def __init__(self, page: Page) -> None:
		self.page = page
		self.presence = Presence()
		self.last: Act | None = None
		self.attendees: list[str] = []
		self.answers: list[tuple[str, dict[str, Any]]] = []
		self.token = ""
		self.troubles: list[str] = []
		self._watch()

	def _watch(self) -> None:
		self.page.add_init_script(WATCH_CONNECTIONS)
		self.page.on("response", self._answered)
		self.page.on("pageerror", lambda error: self.troubles.append(str(error)))
		self.page.on("console", self._logged)

	def _logged(self, message: Any) -> None:
		if "Content Security Policy" in message.text:
			self.troubles.append(message.text)

	def _answered(self, response: Response) -> None:
		if API not in response.url or not response.ok or response.request.method != "POST":
			return
		self.token = response.request.headers.get("x-frappe-csrf-token", self.token)
		if not response.url.endswith(SIGNAL):
			self._keep(response.url.partition(API)[2], response.json().get("message"), sent_at(response))

	def _keep(self, name: str, message: dict[str, Any] | None, sent: datetime) -> None:
		"""What the page receives: joins above all, whose credentials only the page ever sees."""
		if message is None:
			return
		if name == "visit.join":
			self.attendees.append(message["attendee"])
			self.presence.begin(act_of(sent, message["state"]))
		self.answers.append((name, message))

	# where one is

	def open(self, address: str) -> None:
		self.page.goto(address)

	def is_at(self, screen: str, seconds: float = PATIENCE / 1000) -> None:
		"""Wait until the page shows this screen."""
		self.shows(f"main[data-screen={screen}]", seconds)

	def announces(self, sentence: str) -> None:
		"""Wait until the live region for screen readers shows it."""
		self.reads("#announcements", sentence)

	def sees(self, sentence: str) -> None:
		self.reads("#app", sentence)

	def shows(self, selector: str, seconds: float = PATIENCE / 1000) -> None:
		expect(self.page.locator(selector)).to_be_visible(timeout=seconds * 1000)

	def reads(self, selector: str, text: str) -> None:
		"""Wait until the last of what fits says so."""
		expect(self.page.locator(selector).last).to_contain_text(text, timeout=PATIENCE)

	def has_none(self, selector: str) -> None:
		expect(self.page.locator(selector)).to_have_count(0, timeout=PATIENCE)

	def texts(self, selector: str) -> list[str]:
		return self.page.locator(selector).all_text_contents()

	def can_see(self, selector: str) -> bool:
		return self.page.locator(selector).is_visible()

	# what one does

	def press(self, act: str) -> None:
		self.click(f"#app [data-action={act}]")

	def confirm(self) -> None:
		self.click("dialog [data-action=confirm]")

	def click(self, selector: str) -> None:
		self.page.locator(selector).locator("visible=true").first.click(timeout=PATIENCE)

	def fill(self, selector: str, text: str) -> None:
		self.page.locator(selector).fill(text)

	def press_for(self, act: str, name: str, *, confirm: bool = False) -> dict[str, Any]:
		"""Press, and wait for the answer of the endpoint behind it."""
		with self.page.expect_response(lambda r: r.url.endswith(API + name), timeout=PATIENCE) as answered:
			self.press(act)
			if confirm:
				self.confirm()
		state = answered.value.json()["message"]
		self.last = act_of(sent_at(answered.value), state)
		return state

	def reload(self) -> None:
		self.page.reload()

	def call(self, name: str, **arguments: Any) -> tuple[int, dict[str, Any]]:
		"""The endpoint from within the page, past its buttons: status and body."""
		status, body = self.page.evaluate(CALL, [API + name, self.token, arguments])
		return status, body

	# what one sees of the other

	def frames(self) -> int:
		return self.page.evaluate(FRAMES_DECODED)

	def pixels(self) -> list[int]:
		return self.page.evaluate(PIXELS)

	def sees_moving_picture(self) -> None:
		"""Frames of the other's camera are decoded, and what they show changes."""
		wait_for("the first decoded frames", lambda: self.frames() > 3)
		wait_for("a picture that is not blank", lambda: len(set(self.pixels())) > 8)
		frames, pixels = self.frames(), self.pixels()
		wait_for("more decoded frames", lambda: self.frames() > frames + 5)
		wait_for("a different picture", lambda: is_different(pixels, self.pixels()))

	def sees_no_one(self) -> None:
		"""No picture of anybody else, and nothing is decoded any more."""
		self.has_none("[data-tile=remote]")
		before = self.frames()
		self.page.wait_for_timeout(400)
		assert self.frames() <= before, "frames are still decoded"

	def picture(self, name: str) -> None:
		"""Keep what the page looks like, on a desk and on a phone, when PICTURES is set."""
		take_pictures(self.page, name)


def take_pictures(page: Page, name: str) -> None:
	if not os.environ.get("PICTURES"):
		return
	PICTURES.mkdir(parents=True, exist_ok=True)
	before = page.viewport_size
	wait_for("every picture on the page", lambda: page.evaluate(ALL_SHOWN))
	for size, viewport in SIZES.items():
		page.set_viewport_size(viewport)
		page.wait_for_timeout(250)
		page.screenshot(path=PICTURES / f"{name}-{size}.png", animations="disabled")
	page.set_viewport_size(before)


def sent_at(response: Response) -> datetime:
	return datetime.fromtimestamp(response.request.timing["startTime"] / 1000, timezone.utc)


def act_of(sent: datetime, state: dict[str, Any]) -> Act:
	"""Browser and server go by the clock of this one machine."""
	return Act(sent, datetime.fromisoformat(state["now"].replace("Z", "+00:00")))


def is_different(before: list[int], after: list[int]) -> bool:
	"""Whether at least one part in a hundred differs clearly: more than noise of the codec's."""
	if len(before) != len(after):
		return False
	changed = sum(abs(a - b) > 40 for a, b in zip(before, after, strict=True))
	return changed * 100 > len(before)


@contextmanager
def person(browser: Browser, **options: Any) -> Iterator[BrowserContext]:
	"""A browser profile of one's own, with camera and microphone permitted."""
	if browser.browser_type.name == "chromium":
		options["permissions"] = ["camera", "microphone"]
	context = browser.new_context(viewport=SIZES["desktop"], locale="en-GB", **options)
	context.set_default_timeout(PATIENCE)
	try:
		yield context
	finally:
		context.close()


# the visit, act by act


def meet(host: Side, client: Side, *, pictures: str = "") -> None:
	"""From the doors, where both are, into the call: wait, admit, see each other."""
	shot = _shots(pictures)
	client.is_at("check")
	shot(client, "client-check")
	client.press("enter")
	client.is_at("waiting")
	shot(client, "client-waiting")
	host.is_at("check")
	host.sees("Somebody is waiting for you")
	shot(host, "host-check")
	host.press("enter")
	host.is_at("call")
	shot(host, "host-waiting")
	admit(host)
	client.is_at("call")
	see_each_other(host, client)
	shot(host, "host-call")
	shot(client, "client-call")


def let_in(host: Side, client: Side) -> None:
	"""From the doors to the screen of the call, whether or not the media connect."""
	for side in (client, host):
		side.press("enter")
	admit(host)
	for side in (client, host):
		side.is_at("call")


def knock(host: Side, client: Side) -> None:
	"""The host is in already when the client comes, and hears of it."""
	host.press("enter")
	host.is_at("call")
	client.press("enter")
	client.is_at("waiting")
	host.announces("is waiting to be let in")
	client.sees("is here and will let you in")


def admit(host: Side) -> None:
	host.press_for("admit", "host.admit")


def see_each_other(host: Side, client: Side) -> None:
	host.sees_moving_picture()
	client.sees_moving_picture()


def send_back(host: Side, client: Side) -> None:
	"""The client is out at once, and what they joined with is worthless."""
	attendee = client.attendees[-1]
	state = host.press_for("send-back", "host.send_back")
	client.presence.stop(host.last)
	client.is_at("waiting")
	client.sees("The clinician asked you to wait again")
	client.sees_no_one()
	host.sees_no_one()
	refuses(client, attendee, state["room"], "not_admitted")


def refuses(side: Side, attendee: str, room: str, code: str) -> None:
	"""Neither signalling nor heartbeats take this join any more."""
	for name, more in (("visit.signal", {"messages": []}), ("visit.heartbeat", {})):
		status, body = side.call(name, room=room, attendee=attendee, **more)
		assert status >= 400, (name, status)
		assert body["error"]["code"] == code, (name, json.dumps(body))


def come_back(side: Side, other: Side) -> None:
	"""Reload the page: it comes back into the visit by itself, and its earlier join is worthless."""
	before = side.attendees[-1]
	room = side.answers[-1][1].get("room") or side.answers[-1][1]["state"]["room"]
	side.reload()
	wait_for("a new join", lambda: side.page.evaluate("() => 1") and side.attendees[-1] != before)
	side.is_at("call")
	see_each_other(side, other)
	refuses(side, before, room, "superseded")


def end(host: Side, client: Side, *, pictures: str = "") -> None:
	host.press_for("end", "host.end", confirm=True)
	for side, sentence in ((host, "You have ended the visit"), (client, "The visit has ended")):
		side.presence.stop(host.last)
		side.is_at("over")
		side.sees(sentence)
		side.sees_no_one()
	_shots(pictures)(client, "ended")


def whole_visit(host: Side, client: Side, *, pictures: str = "") -> None:
	"""Wait, admit, see, send back, admit again, reload on either side, end."""
	meet(host, client, pictures=pictures)
	send_back(host, client)
	_shots(pictures)(client, "client-sent-back")
	admit(host)
	client.is_at("call")
	see_each_other(host, client)
	come_back(client, host)
	come_back(host, client)
	end(host, client, pictures=pictures)
	assert host.troubles == []
	assert client.troubles == []


def _shots(prefix: str) -> Callable[[Side, str], None]:
	return lambda side, name: side.picture(f"{prefix}-{name}") if prefix else None
