"""Our own media for Amazon Chime, on a bare page with the real SDK: what is reported to the visit page, and what is not."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, TimeoutError

from tests.chime_emulator.conftest import PATIENCE
from tools.chime_emulator import Emulator

_ROOT = Path(__file__).parents[2]
_PUBLIC = _ROOT / "theranvio_telehealth/public"
_JS = Path(__file__).parent / "js"
_PAGE = "<!doctype html><title>Ours</title><body><script src=/chime.js></script><script src=/our_page.js></script>"
#: What the visit page's own policy allows on a room of this provider.
_POLICY = (
	"default-src 'none'; script-src 'self'; worker-src blob:; child-src blob:; media-src 'self' blob:; "
	"connect-src 'self' http://127.0.0.1:* ws://127.0.0.1:*"
)

Make = Callable[..., dict[str, Any]]


class _Pages(SimpleHTTPRequestHandler):
	def end_headers(self) -> None:
		self.send_header("Content-Security-Policy", _POLICY)
		super().end_headers()

	def log_message(self, format: str, *args: Any) -> None:
		pass


@pytest.fixture(scope="module")
def our_page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
	subprocess.run(["node", "esbuild.mjs", "--chime"], cwd=_ROOT, check=True)
	folder = tmp_path_factory.mktemp("ours")
	for source in (_PUBLIC / "built/chime.js", _JS / "our_page.js"):
		(folder / source.name).symlink_to(source)
	(folder / "index.html").write_text(_PAGE)
	server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Pages, directory=str(folder)))
	threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
	yield f"http://127.0.0.1:{server.server_port}/"
	server.shutdown()


class Ours:
	"""One page with our opener. The browser's errors are stored, and everything it logs."""

	def __init__(self, page: Page) -> None:
		self.page = page
		self.attendee: dict[str, Any] = {}
		self.complaints: list[str] = []
		self.addresses: list[str] = []
		page.on("console", lambda message: self.complaints.append(message.text))
		page.on("pageerror", lambda error: self.complaints.append(str(error)))
		page.on("request", lambda request: self.addresses.append(request.url))
		page.on("websocket", lambda socket: self.addresses.append(socket.url))

	@property
	def name(self) -> str:
		return str(self.attendee["ExternalUserId"])

	@property
	def id(self) -> str:
		return str(self.attendee["AttendeeId"])

	def join(
		self, meeting: dict[str, Any], attendee: dict[str, Any], share: bool = True, **options: Any
	) -> Ours:
		self.attendee = attendee
		credentials = {"meeting": meeting, "attendee": attendee, "may_share": share}
		self.page.evaluate("([given, options]) => room.join(given, options)", [credentials, options])
		return self

	def call(self, script: str) -> Any:
		return self.page.evaluate(script)

	def knows(self, *others: Ours) -> None:
		people = [{"pseudonym": other.name, "present": True} for other in others]
		self.page.evaluate("people => room.media.people(people)", people)

	def until(self, script: str, within: float = PATIENCE) -> None:
		try:
			self.page.wait_for_function(f"() => {script}", timeout=within * 1000, polling=50)
		except TimeoutError as error:
			seen = self.call("({ ...room.seen, remotes: room.remotes, screens: room.screens })")
			raise AssertionError(
				f"not within {within} s: {script}; seen: {seen}; {self.complaints}"
			) from error

	def until_sees(self, other: Ours, more_than: int = 3, kind: str = "remote") -> None:
		self.until(f"room.frames({kind!r}, {other.name!r}) > {more_than}")

	def remote(self, other: Ours) -> dict[str, Any] | None:
		return dict(self.call("room.remotes")).get(other.name)


MakeOurs = Callable[[], Ours]


@pytest.fixture
def visitor(chromium: Browser, our_page: str) -> Iterator[MakeOurs]:
	contexts, people = [], []

	def make() -> Ours:
		context = chromium.new_context(permissions=["camera", "microphone"])
		contexts.append(context)
		ours = Ours(context.new_page())
		people.append(ours)
		ours.page.goto(our_page)
		return ours

	yield make
	complaints = [text for one in people for text in one.complaints]
	for context in contexts:
		context.close()
	assert complaints == []


@pytest.fixture
def meeting(open_meeting: Make) -> dict[str, Any]:
	return open_meeting()


@pytest.fixture
def two(visitor: MakeOurs, meeting: dict[str, Any], admit: Make) -> tuple[Ours, Ours]:
	ana, ben = visitor().join(meeting, admit(meeting)), visitor().join(meeting, admit(meeting))
	ana.knows(ben)
	ben.knows(ana)
	ana.until_sees(ben)
	ben.until_sees(ana)
	return ana, ben


def test_they_see_and_hear_each_other_and_amazon_receives_no_more(
	two: tuple[Ours, Ours], emulator: Emulator
) -> None:
	for one in two:
		statuses = one.call("room.seen.status")
		assert statuses[0] == "connecting"
		assert statuses[-1] == "connected"
		assert "trouble" not in statuses
		one.until("room.voice && room.voice.currentTime > 0")
		assert not [url for url in one.addresses if one.attendee["JoinToken"] in url]
	assert "client-events" not in emulator.state()["calls"]


def test_muting_is_seen_and_the_camera_goes_and_comes(two: tuple[Ours, Ours]) -> None:
	ana, ben = two
	ana.call("room.tracks.audio.enabled = false; room.media.about({ audio: false, video: true })")
	ben.until(f"room.remotes[{ana.name!r}].audio === false")
	ana.call("room.tracks.audio.enabled = true; room.media.about({ audio: true, video: true })")
	ben.until(f"room.remotes[{ana.name!r}].audio === true")
	ana.call("room.media.replace('video', null)")
	ben.until(f"room.remotes[{ana.name!r}].video === false")
	ana.call("room.media.replace('video', room.tracks.video)")
	ben.until_sees(ana)


def test_who_was_muted_before_joining_is(visitor: MakeOurs, meeting: dict[str, Any], admit: Make) -> None:
	ana, ben = visitor(), visitor()
	ana.join(meeting, admit(meeting), about={"audio": False, "video": False})
	ben.join(meeting, admit(meeting))
	ben.knows(ana)
	ben.until(f"(room.remotes[{ana.name!r}] || {{}}).audio === false")
	assert ben.remote(ana) == {"audio": False, "video": False}


def test_a_browser_that_refuses_a_bitrate_sends_all_the_same(
	visitor: MakeOurs, meeting: dict[str, Any], admit: Make
) -> None:
	ana, ben = visitor(), visitor()
	refuse = (
		"() => { RTCRtpSender.prototype.setParameters = () => Promise.reject(new DOMException('not now')) }"
	)
	for one in (ana, ben):
		one.call(refuse)
		one.join(meeting, admit(meeting))
	ben.knows(ana)
	ben.until_sees(ana)


def test_no_one_is_shown_who_was_not_named(visitor: MakeOurs, meeting: dict[str, Any], admit: Make) -> None:
	ana, ben = visitor().join(meeting, admit(meeting)), visitor().join(meeting, admit(meeting))
	ben.knows(ana)
	ben.until_sees(ana)
	ana.until("room.seen.strangers > 0")
	ben.call("room.media.sendMessage('can you hear me')")
	ana.until("room.seen.status.includes('alone')")
	assert ana.call("room.remotes") == {}
	assert ana.call("room.seen.words") == []
	ana.knows(ben)
	ana.until_sees(ben)
	ana.until("room.seen.words.length === 1")
	ana.knows()
	assert ana.call("room.remotes") == {}
	assert ana.call("document.querySelectorAll('video').length") == 0


def test_words_come_with_who_wrote_them(two: tuple[Ours, Ours]) -> None:
	ana, ben = two
	assert ana.call("room.media.sendMessage('good <b>morning</b>')") is True
	ben.until("room.seen.words.length === 1")
	assert ben.call("room.seen.words") == [{"who": ana.name, "text": "good <b>morning</b>"}]
	assert ana.call("room.seen.words") == []


def test_who_speaks_is_reported(two: tuple[Ours, Ours]) -> None:
	ana, ben = two
	ben.until(f"room.seen.speaking.includes({ana.name!r})")


def test_a_screen_is_shared_and_taken_back(two: tuple[Ours, Ours]) -> None:
	ana, ben = two
	ana.call("room.media.share.start()")
	ben.until_sees(ana, kind="screen")
	ana.until("room.seen.sharing.at(-1) === 'on'")
	assert ben.call("Object.keys(room.remotes)") == [ana.name]
	ana.call("room.media.share.stop()")
	ben.until("Object.keys(room.screens).length === 0")
	ana.until("room.seen.sharing.at(-1) === 'off'")
	assert ana.call("room.display.getTracks().every(track => track.readyState === 'ended')")


def test_sharing_ends_with_the_browsers_own_button(two: tuple[Ours, Ours]) -> None:
	ana, ben = two
	ana.call("room.media.share.start()")
	ben.until_sees(ana, kind="screen")
	ana.call(
		"room.display.getTracks()[0].stop(); room.display.getTracks()[0].dispatchEvent(new Event('ended'))"
	)
	ben.until("Object.keys(room.screens).length === 0")


def test_who_may_not_share_cannot(visitor: MakeOurs, meeting: dict[str, Any], admit: Make) -> None:
	ana = visitor().join(meeting, admit(meeting), share=False)
	assert ana.call("room.media.share") is None


def test_a_removed_person_is_asked_to_contact_the_host(
	two: tuple[Ours, Ours], emulator: Emulator, meeting: dict[str, Any]
) -> None:
	ana, ben = two
	emulator.boto().delete_attendee(MeetingId=meeting["MeetingId"], AttendeeId=ben.id)
	ben.until("room.seen.stops.length > 0")
	assert ben.call("room.seen.stops") == [{"way": "out"}]
	ana.until(f"!room.remotes[{ben.name!r}]")


def test_everybody_is_notified_of_the_end(
	two: tuple[Ours, Ours], emulator: Emulator, meeting: dict[str, Any], visitor: MakeOurs
) -> None:
	emulator.boto().delete_meeting(MeetingId=meeting["MeetingId"])
	for one in two:
		one.until("room.seen.stops.length > 0")
		assert one.call("room.seen.stops") == [{"way": "out"}]


def test_the_same_person_elsewhere(
	two: tuple[Ours, Ours], visitor: MakeOurs, meeting: dict[str, Any]
) -> None:
	ana, ben = two
	other = visitor().join(meeting, ana.attendee)
	other.knows(ben)
	other.until_sees(ben)
	ana.until("room.seen.stops.length > 0")
	assert ana.call("room.seen.stops") == [{"way": "elsewhere"}]


def test_a_full_meeting(visitor: MakeOurs, open_meeting: Make, admit: Make) -> None:
	small = open_meeting(MeetingFeatures={"Attendee": {"MaxCount": 1}})
	visitor().join(small, admit(small)).until("room.seen.status.includes('alone')")
	second = visitor().join(small, admit(small))
	second.until("room.seen.stops.length > 0")
	assert second.call("room.seen.stops") == [{"way": "full"}]


def test_a_cut_connection_mends_itself_and_says_so(two: tuple[Ours, Ours], emulator: Emulator) -> None:
	ana, ben = two
	emulator.drop(ana.id)
	ana.until("room.seen.status.includes('reconnecting')")
	ana.until("room.seen.status.at(-1) === 'connected'")
	ben.until(f"Boolean(room.remotes[{ana.name!r}])")
	ben.until_sees(ana)
	ana.until_sees(ben)
	ana.until("room.voice.srcObject.active && !room.voice.paused")


def test_closing_lets_go_of_everything(
	two: tuple[Ours, Ours], emulator: Emulator, meeting: dict[str, Any]
) -> None:
	ana, ben = two
	ana.call("room.media.share.start()")
	ben.until_sees(ana, kind="screen")
	ana.call("room.media.close()")
	ben.until(f"!room.remotes[{ana.name!r}] && Object.keys(room.screens).length === 0")
	ana.until("room.display.getTracks().every(track => track.readyState === 'ended')")
	assert ana.call("[room.tracks.audio, room.tracks.video].map(track => track.readyState)") == [
		"live",
		"live",
	]
	assert ana.call("room.voice.srcObject") is None
	assert ana.call("room.seen.stops") == []
	connected = emulator.meeting(meeting["MeetingId"])["connected"]
	assert [person["attendee_id"] for person in connected] == [ben.id]
