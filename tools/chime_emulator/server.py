"""Puts the parts together and serves them on loopback. One event loop, one port."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import tempfile
from pathlib import Path

from aiohttp import web

from tools.chime_emulator.admin_api import AdminApi
from tools.chime_emulator.clock import Clock
from tools.chime_emulator.control import Control
from tools.chime_emulator.control_api import ControlApi
from tools.chime_emulator.faults import Faults
from tools.chime_emulator.hub import Hub
from tools.chime_emulator.notary import Notary
from tools.chime_emulator.outbox import Outbox
from tools.chime_emulator.plane import Plane
from tools.chime_emulator.query_api import QueryApi
from tools.chime_emulator.settings import Settings
from tools.chime_emulator.world import Meeting, World

_SWEEP_EVERY = 0.2
_CLOSE_WITHIN = 0.1


class Server:
	def __init__(self, settings: Settings, notary: Notary | None = None) -> None:
		self.settings = settings
		self.port = settings.port
		self.notary = notary or Notary()
		faults = Faults(settings.seed)
		clock = Clock(settings.frozen_at)
		self._outbox = Outbox(settings, clock, faults, self.notary)
		self._world = World(settings, clock, self._outbox.emit)
		self._hub = Hub(self._world, faults)
		self._world.listener = self._hub
		self._control = ControlApi(Plane(self._world, Control(self._world, self._placement), faults))
		self._query = QueryApi(self._world, self._outbox, faults)
		self._desk = AdminApi(self._world, self._hub, self._outbox, faults, self.notary)
		self._runner: web.AppRunner | None = None
		self._tasks: list[asyncio.Task[None]] = []

	@property
	def url(self) -> str:
		return f"{'https' if self.settings.tls else 'http'}://{self.settings.host}:{self.port}"

	async def start(self) -> None:
		app = web.Application()
		app.add_routes(self._desk.routes())
		app.router.add_get("/control/{meeting}", self._hub.handle)
		app.router.add_route("*", "/client-events", self._ingest)
		app.router.add_post("/", self._query.handle)
		app.router.add_route("*", "/{tail:.*}", self._control.handle)
		self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=_CLOSE_WITHIN)
		await self._runner.setup()
		tls = _tls(self.settings.host) if self.settings.tls else None
		site = web.TCPSite(self._runner, self.settings.host, self.settings.port, ssl_context=tls)
		await site.start()
		self.port = self._runner.addresses[0][1]
		self._tasks = [asyncio.create_task(self._outbox.run()), asyncio.create_task(self._sweep())]

	async def stop(self) -> None:
		for task in self._tasks:
			task.cancel()
			with contextlib.suppress(asyncio.CancelledError):
				await task
		await self._hub.close()
		if self._runner:
			await self._runner.cleanup()

	async def _sweep(self) -> None:
		while True:
			await asyncio.sleep(_SWEEP_EVERY)
			self._world.sweep()
			self._outbox.send_due()

	async def _ingest(self, _request: web.Request) -> web.Response:
		"""Where clients report to Amazon by default; counted, so that a test can show that ours do not."""
		self._world.calls["client-events"] += 1
		headers = {"Access-Control-Allow-Origin": "*", "Access-Control-Allow-Headers": "*"}
		return web.Response(headers=headers)

	def _placement(self, meeting: Meeting) -> dict[str, str]:
		socket = self.url.replace("http", "ws", 1)
		host = f"{self.settings.host}:{self.port}"
		return {
			"AudioHostUrl": f"{host}/{meeting.meeting_id}",
			"AudioFallbackUrl": f"{socket}/fallback/{meeting.meeting_id}",
			"SignalingUrl": f"{socket}/control/{meeting.meeting_id}",
			"TurnControlUrl": f"{self.url}/turn",
			"EventIngestionUrl": f"{self.url}/client-events",
		}


def _tls(host: str) -> ssl.SSLContext:
	"""A context with a certificate for `host`; browsers must be configured to accept it."""
	notary = Notary(dns_name=host)
	context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
	with tempfile.TemporaryDirectory() as folder:
		both = Path(folder) / "server.pem"
		both.write_bytes(notary.key_pem() + notary.chain)
		context.load_cert_chain(both)
	return context
