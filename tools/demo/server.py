"""Runs the demo on a port of this machine's own, and on nothing else."""

from __future__ import annotations

import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from theranvio_telehealth.providers.registry import provider_class
from theranvio_telehealth.services.ports import Clock
from tools.demo import pages
from tools.demo.clinic import Clinic
from tools.demo.clock import SystemClock
from tools.demo.demo_app import SWEEP_SECONDS, DemoApp, Worker
from tools.demo.emulated import Emulator
from tools.demo.people import PEOPLE
from tools.demo.web import create_app, is_loopback

SUGGESTED = ("okafor", "amara", "desk")
GREETING = """
  Theranvio Telehealth · demo clinic

    Everybody   {welcome}
    Clinician   {0}
    Client      {1}
    Front desk  {2}

  Open the clinician and the client in two tabs of one browser. Ctrl+C stops the demo.
"""
OFFER = """  The clinician's and the front desk's pages let you choose what new visits use: Peer-to-Peer or {0}.
"""


class NotLoopback(Exception):
	"""The address can be reached from other machines."""


class QuietHandler(WSGIRequestHandler):
	"""Writes no access log: it would contain the addresses of visits."""

	def log(self, type: str, message: str, *args: Any) -> None:
		return


def require_loopback(host: str) -> None:
	"""Raises `NotLoopback` unless every address of the host is this machine's own."""
	found = {str(info[4][0]) for info in socket.getaddrinfo(host, None)} if is_loopback(host) else set()
	if not found or not all(is_loopback(address) for address in found):
		raise NotLoopback(
			f"{host} can be reached from other machines, and the demo signs anybody in without a password. "
			"Use 127.0.0.1, ::1 or localhost."
		)


@contextmanager
def running(
	host: str,
	port: int,
	path: Path,
	clock: Clock | None = None,
	sweep_seconds: float = SWEEP_SECONDS,
	emulator: Emulator | None = None,
	relay: Mapping[str, str | bool] | None = None,
) -> Iterator[BaseWSGIServer]:
	"""A server ready to serve, with its background thread; both stop at the end."""
	require_loopback(host)
	if emulator:
		emulator.require_usable()
	demo_app = DemoApp(path, clock or SystemClock(), emulator, relay or {})
	demo_app.seed()
	Clinic(demo_app).open_for_today(by="desk")
	server = make_server(host, port, create_app(demo_app), threaded=True, request_handler=QuietHandler)
	worker = Worker(demo_app, sweep_seconds)
	worker.start()
	try:
		yield server
	finally:
		server.server_close()
		worker.stop()
		demo_app.store.close()


class NotBuilt(Exception):
	"""The visit page has no script yet."""


def serve(host: str, port: int, path: Path, emulator: Emulator | None = None) -> None:
	"""Serve until interrupted."""
	scripts = [provider_class(emulator.account.adapter).browser_script] if emulator else []
	if not pages.built(pages.BUNDLE) or not all((pages.PUBLIC / script).is_file() for script in scripts):
		raise NotBuilt("the visit page is not built. Run «npm ci && npm run bundle» first, or «make demo».")
	with running(host, port, path, emulator=emulator) as server:
		links = [pages.sign_in_address(m, str(server.port)) for m in PEOPLE if m.user in SUGGESTED]
		welcome = f"http://{host}:{server.port}/"
		print(GREETING.format(*links, welcome=welcome), flush=True)
		if emulator:
			print(OFFER.format(emulator.account.name), flush=True)
		server.serve_forever()
