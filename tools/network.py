"""What tools and tests need of this machine's network."""

from __future__ import annotations

import socket


def free_port() -> int:
	"""A TCP port of 127.0.0.1 that nothing listens on at this moment."""
	with socket.socket() as probe:
		probe.bind(("127.0.0.1", 0))
		return int(probe.getsockname()[1])
