"""Amazon Chime beside peer-to-peer on the demo, as far as it needs no media: who gets what to load and reach."""

from __future__ import annotations

import json
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from tests.demo.callers import Caller, Running, Visit
from theranvio_telehealth.domain.enums import Adapter
from theranvio_telehealth.domain.provider_events import ProviderEvent
from theranvio_telehealth.providers.base import Unavailable
from theranvio_telehealth.services import events
from tools.demo.clinic import Clinic
from tools.demo.demo_app import PEER_TO_PEER, DemoApp
from tools.demo.emulated import ACCOUNT, NAME, Emulator, NoEmulator
from tools.demo.server import running
from tools.harness.ports import FixedClock

ENDPOINT = "http://127.0.0.1:9"  # nothing listens there
KEY = "k" * 40
EVENTS = "/api/method/theranvio_telehealth.api.events.eventbridge"
UNKNOWN_ROOM = "f" * 32


@contextmanager
def serving(path: Path, clock: FixedClock, emulator: Emulator | None) -> Iterator[Running]:
	with running("127.0.0.1", 0, path, clock, 3600.0, emulator) as server:
		thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
		thread.start()
		try:
			yield Running(f"http://127.0.0.1:{server.port}", server.app.extensions["demo"], clock)
		finally:
			server.shutdown()
			thread.join()


@pytest.fixture
def demo_server(tmp_path: Path, clock: FixedClock, monkeypatch: pytest.MonkeyPatch) -> Iterator[Running]:
	(tmp_path / "built").mkdir()
	(tmp_path / "built/chime.js").write_text("/* Amazon's client */")
	monkeypatch.setattr("tools.demo.pages.PUBLIC", tmp_path)
	with serving(tmp_path / "clinic.db", clock, Emulator(ENDPOINT, KEY)) as found:
		yield found


@pytest.fixture
def chime(demo_server: Running) -> Visit:
	"""Dr. Okafor's visit with Jonas, now, by Amazon Chime."""
	desk = demo_server.person("desk")
	assert desk.post("/clinic/provider", name=NAME).status_code == 303
	booking = {"practitioner": "PRAC-1", "patient": "PAT-2", "at": "12:00", "minutes": "30", "video": "on"}
	assert desk.post("/clinic/book", **booking).status_code == 303
	(booked,) = [a for a in Clinic(demo_server.demo_app).today() if a.minutes == 30]
	room = demo_server.demo_app.store.shown(booked.name)
	return Visit(demo_server, room, booked.name, demo_server.person("okafor"), demo_server.person("jonas"))


def policy(caller: Caller, room: str) -> str:
	return caller.get(f"/visit/{room}").headers["Content-Security-Policy"]


# what a page may load and reach


def test_a_chime_room_is_opened_as_far_as_its_media_needs(chime: Visit) -> None:
	for caller in (chime.clinician, chime.client, chime.running.person("desk")):
		header = policy(caller, chime.room)
		assert "connect-src 'self' http://127.0.0.1:9 ws://127.0.0.1:9;" in header
		assert "; worker-src 'self' blob:;" in header
		assert "script-src 'self';" in header
		media = caller.boot(chime.room)["media"]
		assert list(media) == [Adapter.CHIME]
		assert caller.get(media[Adapter.CHIME]).text == "/* Amazon's client */"


def test_a_peer_to_peer_room_is_as_closed_as_none(visit: Visit) -> None:
	assert policy(visit.client, visit.room) == policy(visit.client, UNKNOWN_ROOM)
	assert visit.client.boot(visit.room)["media"] == {}


def test_a_stranger_sees_no_more_than_of_a_room_that_is_not_there(chime: Visit) -> None:
	stranger = chime.running.person("mei")
	for room in (chime.room, UNKNOWN_ROOM, "x" * 140, "%3Cb%3E"):
		assert policy(stranger, room) == policy(stranger, UNKNOWN_ROOM)
		assert "127.0.0.1" not in policy(stranger, room)
		assert stranger.boot(room)["media"] == {}
	theirs = stranger.get(f"/visit/{chime.room}").text.replace(chime.room, UNKNOWN_ROOM)
	assert theirs == stranger.get(f"/visit/{UNKNOWN_ROOM}").text


def test_the_script_has_a_new_address_when_it_is_built_anew(chime: Visit, tmp_path: Path) -> None:
	before = chime.client.boot(chime.room)["media"]
	(tmp_path / "built/chime.js").write_text("/* newer */")
	assert chime.client.boot(chime.room)["media"] != before


def test_without_the_script_nothing_is_promised(chime: Visit, tmp_path: Path) -> None:
	(tmp_path / "built/chime.js").unlink()
	assert chime.client.boot(chime.room)["media"] == {}


def test_no_page_contains_keys_or_the_endpoint(chime: Visit) -> None:
	pages = chime.clinician.get(f"/visit/{chime.room}").text + chime.clinician.get("/").text
	state = json.dumps(chime.clinician.act("visit.state", room=chime.room))
	for secret in (KEY, "AKIA", "not-a-secret", ACCOUNT, ENDPOINT):
		assert secret not in pages + state


# choosing


def test_new_visits_use_what_is_chosen_and_others_keep_theirs(chime: Visit, visit: Visit) -> None:
	store = chime.running.demo_app.store
	assert store.room(chime.room).provider == NAME
	assert store.room(chime.room).media_region == "ca-central-1"
	assert store.room(visit.room).provider == PEER_TO_PEER
	page = chime.clinician.get("/").text
	assert f"<option selected>{NAME}</option>" in page
	assert page.count(f'<span class="chip">{NAME}</span>') == 1
	chime.clinician.post("/clinic/provider", name=PEER_TO_PEER)
	assert store.settings().default_provider == PEER_TO_PEER


@pytest.mark.parametrize("name", ["", "Zoom", "Amazon Chime SDK"])
def test_a_made_up_provider_is_refused(demo_server: Running, name: str) -> None:
	answer = demo_server.person("desk").post("/clinic/provider", name=name)
	assert answer.status_code == 400
	assert "Choose a provider from the list." in answer.text
	assert demo_server.demo_app.store.settings().default_provider == PEER_TO_PEER


def test_only_staff_choose_and_only_from_our_page(demo_server: Running) -> None:
	assert demo_server.person("amara").post("/clinic/provider", name=NAME).status_code == 404
	assert demo_server.person("desk").post("/clinic/provider", name=NAME, csrf_token="x").status_code == 403
	assert demo_server.person("desk").get("/clinic/provider").history, (
		"a page of its own address: it leads to the list"
	)
	assert demo_server.demo_app.store.settings().default_provider == PEER_TO_PEER


def test_without_an_emulator_there_is_nothing_to_choose(tmp_path: Path, clock: FixedClock) -> None:
	with serving(tmp_path / "clinic.db", clock, None) as plain:
		assert "New video visits use" not in plain.person("desk").get("/").text


def test_a_stored_clinic_continues_without_its_emulator(tmp_path: Path, clock: FixedClock) -> None:
	first = DemoApp(tmp_path / "clinic.db", clock, Emulator(ENDPOINT))
	first.seed()
	first.choose_provider(NAME)
	first.store.close()
	later = DemoApp(tmp_path / "clinic.db", clock)
	later.seed()
	assert not later.store.provider(NAME).enabled
	assert later.store.settings().default_provider == PEER_TO_PEER
	later.store.close()
	again = DemoApp(tmp_path / "clinic.db", clock, Emulator(ENDPOINT))
	again.seed()
	assert again.store.provider(NAME).enabled
	again.store.close()


@pytest.mark.parametrize(
	"endpoint", ["https://amazon.example.org", "http://0.0.0.0:1", "127.0.0.1:46000", "x"]
)
def test_an_emulator_elsewhere_is_refused(tmp_path: Path, clock: FixedClock, endpoint: str) -> None:
	with (
		pytest.raises(NoEmulator, match="not on this machine"),
		serving(tmp_path / "clinic.db", clock, Emulator(endpoint)),
	):
		pass


# an emulator that does not answer


def test_joins_that_fail_again_and_again_stop_asking_for_a_minute(
	chime: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
	asked: list[str] = []

	def down(self: object, request: object) -> None:
		asked.append("CreateMeeting")
		raise Unavailable

	monkeypatch.setattr("theranvio_telehealth.providers.chime.provider.ChimeProvider.open_meeting", down)
	chime.clinician.act("visit.enter", room=chime.room)
	for _ in range(5):
		answer = chime.clinician.call("visit.join", room=chime.room)
		assert (answer.status_code, answer.json()["error"]["code"]) == (503, "provider_unavailable")
	assert len(asked) == 3
	chime.running.clock.advance(seconds=61)
	chime.clinician.call("visit.join", room=chime.room)
	assert len(asked) == 4


# events


def envelope(**overrides: object) -> dict[str, object]:
	detail = {
		"eventType": "chime:AttendeeJoined",
		"meetingId": str(uuid.uuid4()),
		"attendeeId": str(uuid.uuid4()),
	}
	return {
		"source": "aws.chime",
		"detail-type": "Chime Meeting State Change",
		"account": ACCOUNT,
		"time": "2026-11-22T12:00:00Z",
		"detail": detail,
	} | overrides


@pytest.fixture
def taken(monkeypatch: pytest.MonkeyPatch) -> list[ProviderEvent]:
	"""What reached the services."""
	heard: list[ProviderEvent] = []
	monkeypatch.setattr(events, "record_provider_event", lambda ports, event: heard.append(event))
	return heard


def tell(demo_server: Running, body: object, key: str = KEY) -> int:
	text = body if isinstance(body, str) else json.dumps(body)
	answer = requests.post(demo_server.address + EVENTS, data=text, headers={"X-Api-Key": key}, timeout=5)
	return answer.status_code


def test_an_event_with_the_key_is_taken_without_a_session(
	demo_server: Running, taken: list[ProviderEvent]
) -> None:
	sent = envelope()
	assert tell(demo_server, sent) == 200
	assert [(e.kind, e.meeting_id) for e in taken] == [("Joined", sent["detail"]["meetingId"])]
	assert tell(demo_server, envelope(detail={"eventType": "chime:AttendeeVideoStarted"})) == 200
	assert len(taken) == 1


@pytest.mark.parametrize("key", ["", "k" * 39, "wrong"])
def test_without_the_key_nothing_is_taken(demo_server: Running, taken: list[ProviderEvent], key: str) -> None:
	assert tell(demo_server, envelope(), key) == 404
	assert tell(demo_server, "x" * 200_000, key) == 404
	assert taken == []


@pytest.mark.parametrize(
	"body",
	["", "{", "[]", "[" * 20_000, envelope(source="x"), envelope(account="999999999999"), envelope(time=1)],
)
def test_what_is_no_event_is_malformed(
	demo_server: Running, taken: list[ProviderEvent], body: object
) -> None:
	assert tell(demo_server, body) == 400
	assert taken == []


def test_too_large_is_refused(demo_server: Running, taken: list[ProviderEvent]) -> None:
	assert tell(demo_server, " " * 70_000) == 413
	assert taken == []


def test_it_is_a_post(demo_server: Running) -> None:
	assert (
		requests.get(demo_server.address + EVENTS, headers={"X-Api-Key": KEY}, timeout=5).status_code != 200
	)


def test_what_fails_here_is_to_be_sent_again(demo_server: Running, monkeypatch: pytest.MonkeyPatch) -> None:
	def fail(ports: object, event: object) -> None:
		raise RuntimeError

	monkeypatch.setattr(events, "record_provider_event", fail)
	assert tell(demo_server, envelope()) == 500


def test_no_key_is_no_way_in(tmp_path: Path, clock: FixedClock, taken: list[ProviderEvent]) -> None:
	for emulator in (None, Emulator(ENDPOINT, "")):
		with serving(tmp_path / "clinic.db", clock, emulator) as plain:
			assert tell(plain, envelope(), "") == 404
	assert taken == []
