"""Requests per second over persistent connections, with little work in the client."""

from __future__ import annotations

import socket
import threading
import time
from dataclasses import dataclass
from urllib.parse import urlsplit

import requests

CONNECTIONS = 8


@dataclass(frozen=True)
class Target:
	"""A GET as one signed-in person sends it."""

	request: bytes
	address: tuple[str, int]

	@classmethod
	def of(cls, session: requests.Session, url: str, **parameters: str) -> Target:
		prepared = session.prepare_request(requests.Request("GET", url, params=parameters))
		place = urlsplit(url)
		lines = [f"GET {prepared.path_url} HTTP/1.1", f"Host: {place.netloc}", "Accept: application/json"]
		lines.append(f"Cookie: {prepared.headers['Cookie']}")
		return cls("\r\n".join([*lines, "", ""]).encode(), (place.hostname, place.port))

	def rps(self, seconds: float) -> float:
		"""How many answers a second, all of them 200."""
		counts, refusals = [0] * CONNECTIONS, []
		end = time.monotonic() + seconds
		threads = [
			threading.Thread(target=self._ask, args=(counts, refusals, n, end)) for n in range(CONNECTIONS)
		]
		for thread in threads:
			thread.start()
		for thread in threads:
			thread.join()
		assert not refusals, refusals
		return sum(counts) / seconds

	def _ask(self, counts: list[int], refusals: list[bytes], number: int, end: float) -> None:
		with socket.create_connection(self.address) as wire, wire.makefile("rb") as answers:
			while time.monotonic() < end:
				wire.sendall(self.request)
				status = read_status(answers)
				if b" 200 " not in status:
					return refusals.append(status)
				counts[number] += 1
		return None


def read_status(answers: socket.SocketIO) -> bytes:
	"""Read one answer to its end."""
	status, length = answers.readline(), 0
	while (line := answers.readline().lower()) not in (b"\r\n", b""):
		if line.startswith(b"content-length:"):
			length = int(line.split(b":")[1])
	answers.read(length)
	return status
