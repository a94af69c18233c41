"""Debian's coturn as a relay of this machine alone: on a free port, with a shared secret, and ended by the context that started it."""

from __future__ import annotations

import secrets
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tools.harness.visit_driver import wait_for

ADDRESS = "127.0.0.1"


@dataclass
class Relay:
	"""`secret` is what a Media Provider's form would hold."""

	port: int
	folder: Path
	secret: str = field(default_factory=lambda: secrets.token_urlsafe(24), repr=False)
	_process: subprocess.Popen[bytes] | None = None

	def config(self, transport: str, *, relay_only: bool = True, secret: str = "") -> dict[str, str | bool]:
		"""The fields of a Media Provider. `transport`: udp or tcp."""
		urls = f"turn:{ADDRESS}:{self.port}?transport={transport}"
		return {"turn_urls": urls, "turn_secrets": secret or self.secret, "relay_only": relay_only}

	def start(self) -> None:
		command = [
			*("turnserver", "-n", "--verbose", "--no-cli", "--no-tls", "--no-dtls", "--allow-loopback-peers"),
			*("--listening-ip", ADDRESS, "--relay-ip", ADDRESS, "--listening-port", str(self.port)),
			*("--use-auth-secret", "--static-auth-secret", self.secret, "--realm", "clinic.example"),
			*("--log-file", str(self.folder / "log"), "--simple-log"),
			*("--pidfile", str(self.folder / "pid"), "--userdb", str(self.folder / "users")),
		]
		self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
		wait_for("coturn", self._listens)

	def stop(self) -> None:
		if self._process:
			self._process.kill()
			self._process.wait()
			self._process = None

	@property
	def log(self) -> str:
		return (self.folder / "log").read_text(errors="replace")

	def _listens(self) -> bool:
		assert self._process is not None
		assert self._process.poll() is None, f"coturn ended: {self.log[-2000:]}"
		try:
			socket.create_connection((ADDRESS, self.port), 1).close()
		except OSError:
			return False
		return True


@contextmanager
def coturn(*, up: bool = True) -> Iterator[Relay]:
	with socket.socket() as place:
		place.bind((ADDRESS, 0))
		port = int(place.getsockname()[1])
	with tempfile.TemporaryDirectory() as folder:
		relay = Relay(port, Path(folder))
		if up:
			relay.start()
		try:
			yield relay
		finally:
			relay.stop()
