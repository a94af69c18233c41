"""How a test starts an emulator and speaks to it. `Emulator` runs one in a thread; `EmulatorClient` needs only a URL."""

from __future__ import annotations

import asyncio
import json
import ssl
import threading
import urllib.request
from types import TracebackType
from typing import Any

import boto3
from botocore.config import Config

from tools.chime_emulator.notary import Notary
from tools.chime_emulator.server import Server
from tools.chime_emulator.settings import DEFAULT_KEY, Settings

_START_WITHIN = 20


class EmulatorClient:
	"""The emulator's own endpoints, and boto3 clients pointed at it."""

	def __init__(self, url: str) -> None:
		self.url = url

	def boto(self, service: str = "chime-sdk-meetings", key: str = DEFAULT_KEY, **options: Any) -> Any:
		config = {
			"retries": {"mode": "standard", "total_max_attempts": 1},
			"connect_timeout": 3,
			"read_timeout": 8,
		}
		region = options.pop("region", "us-east-1")
		return boto3.client(
			service,
			endpoint_url=self.url,
			region_name=region,
			aws_access_key_id=key,
			aws_secret_access_key="not-a-secret",
			verify=False,
			config=Config(**{**config, **options}),
		)

	def state(self) -> dict[str, Any]:
		return dict(self._ask("GET", "/_state"))

	def meeting(self, meeting_id: str) -> dict[str, Any]:
		return next(m for m in self.state()["meetings"] if m["meeting_id"] == meeting_id)

	def fail(self, *rules: dict[str, Any], seed: int | None = None) -> None:
		"""Replace all faults: `fail({"on": "CreateMeeting", "kind": "reset_after", "times": 1})`; none: all is well."""
		self._ask("PUT", "/_faults", {"rules": list(rules), "seed": seed})

	def advance(self, seconds: float) -> None:
		self._ask("POST", "/_clock", {"advance": seconds})

	def events(self) -> list[dict[str, Any]]:
		return list(self._ask("GET", "/_events")["events"])

	def deliveries(self) -> list[dict[str, str]]:
		return list(self._ask("GET", "/_events")["deliveries"])

	def hold_events(self, hold: bool) -> None:
		self._ask("POST", "/_events", {"hold": hold})

	def drop(self, attendee_id: str) -> None:
		self._ask("POST", "/_drop", {"attendee_id": attendee_id})

	def enter(self, join_token: str) -> str:
		"""An attendee connects without media; returns the attendee's id. `drop` cuts their connection, `depart` is leaving."""
		return str(self._ask("POST", "/_ghosts", {"join_token": join_token})["attendee_id"])

	def depart(self, attendee_id: str) -> None:
		self._ask("DELETE", "/_ghosts", {"attendee_id": attendee_id})

	def fetch(self, path: str) -> bytes:
		return self._open("GET", path, None)

	def _ask(self, method: str, path: str, body: Any = None) -> Any:
		return json.loads(self._open(method, path, None if body is None else json.dumps(body).encode()))

	def _open(self, method: str, path: str, body: bytes | None) -> bytes:
		request = urllib.request.Request(self.url + path, data=body, method=method)
		context = ssl._create_unverified_context() if self.url.startswith("https") else None
		with urllib.request.urlopen(request, timeout=10, context=context) as answer:
			return bytes(answer.read())


class Emulator(EmulatorClient):
	"""`with Emulator() as emulator:`; `emulator.url` is what boto3 takes as `endpoint_url`."""

	def __init__(self, settings: Settings | None = None, notary: Notary | None = None) -> None:
		super().__init__("")
		self._server = Server(settings or Settings(), notary)
		self._loop = asyncio.new_event_loop()
		self._thread = threading.Thread(target=self._loop.run_forever, name="chime-emulator", daemon=True)

	@property
	def notary(self) -> Notary:
		"""Signs what a test wants to have signed (or forged)."""
		return self._server.notary

	def start(self) -> Emulator:
		self._thread.start()
		asyncio.run_coroutine_threadsafe(self._server.start(), self._loop).result(_START_WITHIN)
		self.url = self._server.url
		return self

	def stop(self) -> None:
		asyncio.run_coroutine_threadsafe(self._server.stop(), self._loop).result(_START_WITHIN)
		self._loop.call_soon_threadsafe(self._loop.stop)
		self._thread.join(_START_WITHIN)
		self._loop.close()

	def __enter__(self) -> Emulator:
		return self.start()

	def __exit__(
		self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
	) -> None:
		self.stop()
