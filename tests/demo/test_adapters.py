"""The demo's own ports: nudges over server-sent events, mailbox, background thread, log."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from http.client import HTTPConnection
from pathlib import Path
from socket import SHUT_RDWR
from urllib.parse import urlsplit

import pytest

from tests.demo.callers import Caller, Visit
from theranvio_telehealth.domain.due import doubtful
from theranvio_telehealth.domain.enums import RoomStatus
from tools.demo.adapters import Log, Mailbox, Nudges
from tools.demo.clinic import Clinic
from tools.demo.demo_app import DemoApp, Worker
from tools.demo.tables import APPOINTMENT, ROOM
from tools.harness.ports import FixedClock

DEADLINE = 60.0


def until(true: Callable[[], object]) -> bool:
	"""Wait for it, within the deadline."""
	end = time.monotonic() + DEADLINE
	while time.monotonic() < end:
		if true():
			return True
		time.sleep(0.01)
	return False


class Listener:
	"""A browser's EventSource: what came in, as it came."""

	def __init__(self, caller: Caller) -> None:
		connection = HTTPConnection(urlsplit(caller.address).netloc, timeout=DEADLINE)
		cookies = "; ".join(f"{name}={value}" for name, value in caller.http.cookies.items())
		connection.request("GET", "/nudges", headers={"Cookie": cookies})
		self.socket, self.answer = connection.sock, connection.getresponse()
		self.lines: list[tuple[float, str]] = []
		threading.Thread(target=self._listen, daemon=True).start()
		assert until(lambda: self.lines)

	def _listen(self) -> None:
		for line in self.answer:
			self.lines.append((time.monotonic(), line.decode().strip()))

	def close(self) -> None:
		self.socket.shutdown(SHUT_RDWR)

	@property
	def messages(self) -> list[float]:
		return [at for at, line in self.lines if line.startswith("data")]


@pytest.fixture
def listeners(visit: Visit) -> Iterator[dict[str, Listener]]:
	callers = {"host": visit.clinician, "client": visit.client, "other": visit.running.person("jonas")}
	listening = {who: Listener(caller) for who, caller in callers.items()}
	yield listening
	for listener in listening.values():
		listener.close()


def test_the_host_hears_of_a_waiting_client(visit: Visit, listeners: dict[str, Listener]) -> None:
	visit.client.act("visit.enter", room=visit.room)
	assert until(lambda: listeners["host"].messages)


def test_nudges_say_nothing_and_reach_no_one_else(visit: Visit, listeners: dict[str, Listener]) -> None:
	visit.admit()
	visit.running.person("desk").post("/clinic/cancel", name=visit.appointment)
	assert until(lambda: len(listeners["client"].messages) >= 2)
	assert {line for one in listeners.values() for _, line in one.lines} <= {":", "data:", ""}
	assert listeners["other"].messages == []


def test_listening_needs_a_session(visit: Visit) -> None:
	answer = visit.running.caller().get("/nudges")
	assert (answer.status_code, answer.json()["error"]["code"]) == (401, "sign_in")


def test_nudges_are_merged_while_no_one_reads() -> None:
	nudges = Nudges(lambda effect: effect())
	stream = nudges.stream("amara")
	assert next(stream) == b":\n\n"
	for _ in range(1000):
		nudges.users(["amara", "jonas"])
	assert next(stream) == b"data:\n\n"
	nudges.KEEP_ALIVE = 0.01
	assert next(stream) == b":\n\n"


def test_a_users_oldest_listener_makes_room() -> None:
	nudges = Nudges(lambda effect: effect())
	streams = [nudges.stream("amara") for _ in range(Nudges.LISTENERS + 1)]
	for stream in streams:
		next(stream)
	assert next(streams[0], None) is None
	nudges.users(["amara"])
	assert all(next(stream) == b"data:\n\n" for stream in streams[1:])


def test_a_closed_stream_is_forgotten() -> None:
	nudges = Nudges(lambda effect: effect())
	stream = nudges.stream("amara")
	next(stream)
	stream.close()
	assert nudges._listeners == {"amara": []}


# the mailbox


@pytest.fixture
def mailbox(clock: FixedClock) -> Mailbox:
	return Mailbox(clock)


def test_mail_is_taken_once_in_order(mailbox: Mailbox) -> None:
	for number in range(3):
		mailbox.put("a", {"n": number})
	mailbox.put("b", {"n": 9})
	assert mailbox.take("a") == [{"n": 0}, {"n": 1}, {"n": 2}]
	assert mailbox.take("a") == []
	mailbox.drop("b")
	assert mailbox.take("b") == []


def test_mail_lives_for_a_minute(mailbox: Mailbox, clock: FixedClock) -> None:
	mailbox.put("a", {"n": 1})
	clock.advance(seconds=59)
	mailbox.put("a", {"n": 2})
	clock.advance(seconds=1)
	assert mailbox.take("a") == [{"n": 2}]


def test_old_mail_is_forgotten_even_if_no_one_asks(mailbox: Mailbox, clock: FixedClock) -> None:
	mailbox.put("a", {"n": 1})
	clock.advance(seconds=60)
	mailbox.put("b", {"n": 2})
	assert list(mailbox._boxes) == ["b"]


def test_the_mailbox_is_bounded(mailbox: Mailbox) -> None:
	for number in range(Mailbox.MESSAGES + 5):
		mailbox.put("a", {"n": number})
	stored = mailbox.take("a")
	assert (len(stored), stored[0]) == (Mailbox.MESSAGES, {"n": 5})
	for number in range(Mailbox.BOXES + 5):
		mailbox.put(f"box-{number}", {})
	assert len(mailbox._boxes) == Mailbox.BOXES
	assert mailbox.take("box-4") == []


# the background thread


@pytest.fixture
def demo_app(tmp_path: Path, clock: FixedClock) -> Iterator[DemoApp]:
	demo_app = DemoApp(tmp_path / "clinic.db", clock)
	demo_app.seed()
	Clinic(demo_app).open_for_today(by="desk")
	yield demo_app
	demo_app.store.close()


@pytest.fixture
def sweeping(demo_app: DemoApp) -> Iterator[Worker]:
	worker = Worker(demo_app, wait=0.02)
	worker.start()
	yield worker
	worker.stop()


def first_room(demo_app: DemoApp) -> str:
	return demo_app.store.shown("APP-0001")


def test_the_sweep_closes_what_is_due(demo_app: DemoApp, sweeping: Worker, clock: FixedClock) -> None:
	clock.advance(hours=12)
	assert until(lambda: demo_app.store.room(first_room(demo_app)).status is RoomStatus.EXPIRED)


def test_the_sweep_finds_what_was_changed_behind_our_back(demo_app: DemoApp, sweeping: Worker) -> None:
	changed = APPOINTMENT.update().where(APPOINTMENT.c.name == "APP-0001")
	demo_app.store.database.run(changed.values(status="Cancelled", minutes=20))
	assert until(lambda: demo_app.store.room(first_room(demo_app)).status is RoomStatus.REVOKED)
	room = demo_app.store.shown("APP-0001")
	assert until(lambda: demo_app.store.room(room).status == "Revoked")


def test_the_sweep_outlives_a_failure(
	demo_app: DemoApp, sweeping: Worker, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
	def fail(*_: object) -> list[str]:
		raise ValueError("Amara")

	monkeypatch.setattr(demo_app.store, "rooms_to_close", fail)
	assert until(lambda: "close" in caplog.text)
	monkeypatch.undo()
	demo_app.store.database.run(ROOM.update().values(closes_on=demo_app.clock.now()))
	assert until(lambda: demo_app.store.room(first_room(demo_app)).is_over)
	assert "Amara" not in caplog.text


def test_our_failure_never_stops_an_appointment(demo_app: DemoApp, monkeypatch: pytest.MonkeyPatch) -> None:
	def fail(*_: object) -> None:
		raise ValueError

	clinic = Clinic(demo_app)
	monkeypatch.setattr(demo_app.store, "rooms_of", fail)
	clinic.change("desk", "APP-0001", status="Cancelled")
	assert demo_app.store.appointment("APP-0001").status == "Cancelled"
	clinic.delete("desk", "APP-0001")
	assert demo_app.store.appointment("APP-0001") is None
	monkeypatch.undo()
	assert "APP-0001" in demo_app.store.appointments_to_reconcile(doubtful(demo_app.clock.now()), 10)


def test_the_log_names_kind_and_place_only(caplog: pytest.LogCaptureFixture) -> None:
	with caplog.at_level(logging.WARNING):
		try:
			int("Amara Bell")
		except ValueError as error:
			Log().failure("join", "room-1", error)
		Log().announce("2027-03", "The allowance is nearly used up.")
	assert "join of room-1 failed: ValueError at test_adapters.py:" in caplog.text
	assert "Amara" not in caplog.text
	assert "2027-03: The allowance is nearly used up." in caplog.text
