"""`make demo`: the demo clinic, and beside it an emulator of Amazon Chime where this machine can run one. Both end together."""

from __future__ import annotations

import argparse
import re
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from theranvio_telehealth.embedded.__main__ import main as serve_clinic

CHECKOUT = Path(__file__).resolve().parent.parent
EVENTS = "/api/method/theranvio_telehealth.api.events.eventbridge"
ADDRESS = re.compile(r"Chime emulator on (http://127\.0\.0\.1:\d+)\n")
PATIENCE = 30.0  # seconds


def main(arguments: Sequence[str]) -> int:
	"""What is not said here is the clinic's own to understand."""
	parser = argparse.ArgumentParser(add_help=False)
	parser.add_argument("--port", type=int, default=8090)
	options, others = parser.parse_known_args(arguments)
	signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
	port, key = options.port or free_port(), secrets.token_urlsafe(32)
	print("Starting the demo clinic and an emulator of Amazon Chime; this takes some seconds …", flush=True)
	with emulator(port, key) as address:
		chime = ["--chime-endpoint", address, "--chime-events-key", key] if address else []
		return serve_clinic(["--port", str(port), *others, *chime])


def free_port() -> int:
	with socket.socket() as place:
		place.bind(("127.0.0.1", 0))
		return int(place.getsockname()[1])


@contextmanager
def emulator(clinic_port: int, key: str) -> Iterator[str]:
	"""Its address; empty, and said so, where there can be none."""
	events = f"http://127.0.0.1:{clinic_port}{EVENTS}"
	options = ("--port", "0", "--eventbridge-url", events, "--eventbridge-key", key)
	command = [sys.executable, "-u", "-m", "tests.chime_emulator", *options]
	with tempfile.TemporaryFile("w+") as complaints:
		child = subprocess.Popen(command, cwd=CHECKOUT, stdout=subprocess.PIPE, stderr=complaints, text=True)
		try:
			yield _address(child) or _without(complaints)
		finally:
			child.terminate()
			child.wait(PATIENCE)


def _address(child: subprocess.Popen[str]) -> str:
	assert child.stdout is not None
	deadline = threading.Timer(PATIENCE, child.kill)
	deadline.start()
	found = ADDRESS.fullmatch(child.stdout.readline())
	deadline.cancel()
	return found[1] if found else ""


def _without(complaints: IO[str]) -> str:
	complaints.seek(0)
	why = (complaints.read().strip().splitlines() or ["it did not start"])[-1]
	print(f"Amazon Chime (emulated) is not offered: {why}. Peer-to-peer is.", flush=True)
	return ""


if __name__ == "__main__":
	sys.exit(main(sys.argv[1:]))
