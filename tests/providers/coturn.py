"""Debian's coturn on this machine's loopback, as a clinic would run it: a shared secret, UDP and TCP. No test logic."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tools.network import free_port

SECRET = "shared-with-the-relay"
PROGRAM = shutil.which("turnserver", path="/usr/bin:/usr/local/bin")
PATIENCE = 30  # seconds


@dataclass(frozen=True)
class Relay:
	port: int
	log: Path

	def udp(self) -> str:
		return f"turn:127.0.0.1:{self.port}?transport=udp"

	def tcp(self) -> str:
		return f"turn:127.0.0.1:{self.port}?transport=tcp"

	def stun(self) -> str:
		return f"stun:127.0.0.1:{self.port}"

	def has_logged(self, what: str) -> bool:
		"""Whether its log comes to contain `what`."""
		return _comes(lambda: what in self.log.read_text(errors="replace"))


@contextmanager
def relay(folder: Path) -> Iterator[Relay]:
	assert PROGRAM, "install Debian's coturn"
	port, log = free_port(), folder / "relay.log"
	command = [
		PROGRAM, "-n", "--use-auth-secret", f"--static-auth-secret={SECRET}", "--realm=clinic.test",
		f"--listening-port={port}", "--listening-ip=127.0.0.1", "--relay-ip=127.0.0.1", "--allow-loopback-peers",
		"--no-cli", "--no-tls", "--no-dtls", "--verbose", f"--log-file={log}", "--simple-log", "--no-rfc5780",
		f"--pidfile={folder / 'relay.pid'}", f"--userdb={folder / 'relay.db'}",
	]  # fmt: skip
	process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT)
	try:
		assert _comes(lambda: _listens(port)), log.read_text() if log.exists() else "it said nothing"
		yield Relay(port, log)
	finally:
		process.terminate()
		process.wait(PATIENCE)


#: A binding request of RFC 8489: type, length, magic cookie, and a number of 12 bytes.
BINDING = bytes.fromhex("000100002112a442") + b"are you here"


def _listens(port: int) -> bool:
	"""By TCP, and by UDP, which comes later."""
	try:
		socket.create_connection(("127.0.0.1", port), timeout=1).close()
		with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
			asking.settimeout(1)
			asking.connect(("127.0.0.1", port))
			asking.send(BINDING)
			return b"are you here" in asking.recv(1000)
	except OSError:
		return False


def _comes(condition: object) -> bool:
	assert callable(condition)
	until = time.monotonic() + PATIENCE
	while time.monotonic() < until:
		if condition():
			return True
		time.sleep(0.1)
	return False
