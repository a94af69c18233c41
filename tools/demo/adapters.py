"""The demo's small ports, in this process's memory: mailbox, nudges, log, later work, bell, circuits of providers."""

from __future__ import annotations

import logging
import queue
import threading
import traceback
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from typing import Any

from theranvio_telehealth.domain.entities import Agreement, Room
from theranvio_telehealth.providers.base import ProviderError
from theranvio_telehealth.providers.breaker import Circuit
from theranvio_telehealth.services.ports import Clock

AfterCommit = Callable[[Callable[[], None]], None]

logger = logging.getLogger("theranvio.demo")


class Mailbox:
	"""Messages live for a minute; what is over the bounds falls out, oldest first."""

	LIFE = timedelta(seconds=60)
	MESSAGES = 256
	BOXES = 256

	def __init__(self, clock: Clock) -> None:
		self._clock = clock
		self._boxes: dict[str, deque[tuple[datetime, dict[str, Any]]]] = {}
		self._lock = threading.Lock()

	def put(self, attendee_id: str, message: dict[str, Any]) -> None:
		with self._lock:
			self._forget_old()
			if attendee_id not in self._boxes and len(self._boxes) >= self.BOXES:
				del self._boxes[next(iter(self._boxes))]
			box = self._boxes.setdefault(attendee_id, deque(maxlen=self.MESSAGES))
			box.append((self._clock.now(), message))

	def take(self, attendee_id: str) -> list[dict[str, Any]]:
		with self._lock:
			self._forget_old()
			return [message for _, message in self._boxes.pop(attendee_id, ())]

	def drop(self, attendee_id: str) -> None:
		with self._lock:
			self._boxes.pop(attendee_id, None)

	def _forget_old(self) -> None:
		oldest = self._clock.now() - self.LIFE
		for attendee_id, box in list(self._boxes.items()):
			while box and box[0][0] <= oldest:
				box.popleft()
			if not box:
				del self._boxes[attendee_id]


class Nudges:
	"""Who listens, and the pings to them. Several pings that have not been sent yet are one."""

	LISTENERS = 16
	KEEP_ALIVE = 15.0

	def __init__(self, after_commit: AfterCommit) -> None:
		self._after_commit = after_commit
		self._listeners: dict[str, list[queue.Queue[bool]]] = {}
		self._lock = threading.Lock()

	def users(self, users: Iterable[str]) -> None:
		reported = set(users)
		self._after_commit(lambda: self._ping(reported))

	def _ping(self, users: set[str]) -> None:
		with self._lock:
			for user in users:
				for listener in self._listeners.get(user, ()):
					_offer(listener, True)

	def stream(self, user: str) -> Iterator[bytes]:
		"""Server-sent events: an empty message for each ping, a comment now and then to see who is still there."""
		with self._listening(user) as listener:
			yield b":\n\n"
			while True:
				try:
					if not listener.get(timeout=self.KEEP_ALIVE):
						return
					yield b"data:\n\n"
				except queue.Empty:
					yield b":\n\n"

	@contextmanager
	def _listening(self, user: str) -> Iterator[queue.Queue[bool]]:
		"""A new listener; beyond the bound, the user's oldest is stopped."""
		listener: queue.Queue[bool] = queue.Queue(maxsize=1)
		with self._lock:
			listeners = self._listeners.setdefault(user, [])
			listeners.append(listener)
			surplus = listeners[: -self.LISTENERS]
		for oldest in surplus:
			self._forget(user, oldest)
			_offer(oldest, False)
		try:
			yield listener
		finally:
			self._forget(user, listener)

	def _forget(self, user: str, listener: queue.Queue[bool]) -> None:
		with self._lock:
			if listener in self._listeners.get(user, ()):
				self._listeners[user].remove(listener)


def _offer(listener: queue.Queue[bool], word: bool) -> None:
	"""Put the word in place of whatever was not heard yet."""
	while True:
		try:
			return listener.put_nowait(word)
		except queue.Full:
			with suppress(queue.Empty):
				listener.get_nowait()


class Log:
	"""Standard error: acts, opaque names, and the kind and place of an error. Never its message or its values."""

	def failure(self, what: str, subject: str, error: BaseException) -> None:
		frames = traceback.extract_tb(error.__traceback__)
		place = f"{frames[-1].filename.rpartition('/')[2]}:{frames[-1].lineno}" if frames else "?"
		stated = f" ({error})" if isinstance(error, ProviderError) and str(error) else ""
		logger.error("%s of %s failed: %s%s at %s", what, subject or "-", type(error).__name__, stated, place)

	def announce(self, subject: str, text: str, users: Sequence[str] = ()) -> None:
		logger.warning("%s: %s", subject, text)


class NoAgreements:
	"""The demo clinic is in Canada and has no BAA Record."""

	def agreements(self) -> Sequence[Agreement]:
		return ()

	def companies(self) -> Mapping[str, str]:
		return {}

	def save_agreement(self, agreement: Agreement) -> None:
		"""There is none."""

	def save_phi_switch(self, on: bool) -> None:
		"""It is off."""


class Background:
	"""Rooms to be released, for the background thread."""

	def __init__(self, after_commit: AfterCommit) -> None:
		self._after_commit = after_commit
		self.rooms: queue.SimpleQueue[str] = queue.SimpleQueue()

	def tear_down(self, room: str) -> None:
		self._after_commit(lambda: self.rooms.put(room))


class Bell:
	"""The demo clinic has no desk beside its pages, which show who waits by themselves."""

	def ring(self, users: Iterable[str], room: Room) -> None:
		"""Nothing to ring."""


class Circuits:
	"""How joins fared at each provider lately."""

	def __init__(self) -> None:
		self._circuits: dict[str, Circuit] = {}

	def load(self, provider: str) -> Circuit:
		return self._circuits.get(provider, Circuit())

	def save(self, provider: str, circuit: Circuit) -> None:
		self._circuits[provider] = circuit
