"""boto3 connected to the emulator's control plane without a network, on a clock that is only set.

What is patched of botocore is what would take real time or carry one schedule's failures over to the next: the wait
between attempts, and the quota of attempts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.exceptions import ConnectionClosedError, ReadTimeoutError
from botocore.retries import quota, standard

from theranvio_telehealth.providers.chime import provider as chime
from theranvio_telehealth.providers.chime.config import ChimeConfig
from tools.chime_emulator.clock import Clock
from tools.chime_emulator.control import Control
from tools.chime_emulator.faults import Fault, Faults
from tools.chime_emulator.ghosts import Ghosts
from tools.chime_emulator.notary import Notary
from tools.chime_emulator.outbox import Outbox
from tools.chime_emulator.plane import Answer, Asked, Begun, Plane
from tools.chime_emulator.settings import DEFAULT_ACCOUNT, DEFAULT_KEY, Settings
from tools.chime_emulator.world import Meeting, World

SERVICE = "chime-sdk-meetings"
READ_TIMEOUT = 8
_NOTARY = Notary()


def account(region: str) -> dict[str, Any]:
	"""The fields of a Media Provider in that region."""
	return {
		"account_id": DEFAULT_ACCOUNT,
		"control_region": region,
		"media_region": region,
		"access_key_id": DEFAULT_KEY,
		"secret_access_key": "not-a-secret-of-anybody",
		"endpoint_url": "http://127.0.0.1:9",
	}


class CountedFaults(Faults):
	"""`bitten`: how often each kind of fault was injected into each operation or event."""

	def __init__(self, seed: int) -> None:
		super().__init__(seed)
		self.bitten: Counter[tuple[str, str]] = Counter()

	def pick(self, subject: str) -> Fault | None:
		fault = super().pick(subject)
		if fault:
			self.bitten[subject, fault.kind] += 1
		return fault


class Amazon:
	"""One account's Chime. `pass_time` is called with what a call takes; `around` before and after each call."""

	def __init__(self, seed: int, starts_at: float) -> None:
		settings = Settings(frozen_at=starts_at, seed=seed, seeded_ids=True)
		self.clock = Clock(starts_at)
		self.faults = CountedFaults(seed)
		self.outbox = Outbox(settings, self.clock, self.faults, _NOTARY)
		self.world = World(settings, self.clock, self.outbox.emit)
		self.ghosts = Ghosts(self.world)
		self.world.listener = self.ghosts
		self._plane = Plane(self.world, Control(self.world, _placement), self.faults)
		self.pass_time: Callable[[int], None] = lambda seconds: None
		self.around: Callable[[str, str], None] = lambda when, operation: None

	def advance(self, seconds: float) -> None:
		self.clock.advance(seconds)
		self.world.sweep()
		self.outbox.send_due()

	def live(self) -> list[Meeting]:
		self.world.sweep()
		return list(self.world.live())

	def carry(self, request: AWSPreparedRequest, **_: Any) -> AWSResponse:
		"""botocore's `before-send`: what it returns is the answer, what it raises is what the network did."""
		begun = self._plane.begin(_asked(request))
		operation = begun.call.operation if begun.call else ""
		self.around("before", operation)
		self.pass_time(round(begun.delay))
		if begun.cut == "before":
			self._hang_up(begun, request)
		answer = self._plane.finish(begun)
		self.around("after", operation)
		if begun.cut == "after" and answer.is_done:
			self._hang_up(begun, request)
		return Heard(str(request.url), answer)

	def _hang_up(self, begun: Begun, request: AWSPreparedRequest) -> None:
		if begun.kind.startswith("timeout"):
			self.pass_time(READ_TIMEOUT)
			raise ReadTimeoutError(endpoint_url=request.url)
		raise ConnectionClosedError(endpoint_url=request.url)


class Heard(AWSResponse):
	"""An HTTP answer that was not sent over a network."""

	def __init__(self, url: str, answer: Answer) -> None:
		super().__init__(url, answer.status, answer.headers, None)
		self._content = answer.text.encode()


def _asked(request: AWSPreparedRequest) -> Asked:
	parts = urlsplit(str(request.url))
	headers = {name: _text(value) for name, value in request.headers.items()}
	body = request.body if isinstance(request.body, bytes) else str(request.body or "").encode()
	return Asked(str(request.method), parts.path, dict(parse_qsl(parts.query)), headers, body)


def _text(value: str | bytes) -> str:
	return value.decode() if isinstance(value, bytes) else value


def _placement(meeting: Meeting) -> dict[str, str]:
	names = ("AudioHostUrl", "SignalingUrl", "TurnControlUrl")
	return {name: f"wss://emulated.test/{meeting.meeting_id}" for name in names}


@contextmanager
def connected(amazon: Amazon, *regions: str) -> Iterator[None]:
	"""Connects boto3's clients of these regions to this instance."""
	clients = [chime._client(SERVICE, ChimeConfig.from_fields(account(region))) for region in regions]
	wait, acquire = standard.ExponentialBackoff.delay_amount, quota.RetryQuota.acquire
	standard.ExponentialBackoff.delay_amount = lambda self, context: 0
	quota.RetryQuota.acquire = lambda self, capacity_amount: True
	for client in clients:
		client.meta.events.register(f"before-send.{SERVICE}", amazon.carry)
	try:
		yield
	finally:
		for client in clients:
			client.meta.events.unregister(f"before-send.{SERVICE}", amazon.carry)
		standard.ExponentialBackoff.delay_amount = wait
		quota.RetryQuota.acquire = acquire
