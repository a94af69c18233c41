"""`make demo`, or `python -m tools.demo`: a demo clinic on this machine, with real video between two tabs, and beside it an
emulator of Amazon Chime where its packages are installed. Both end together."""

from __future__ import annotations

import argparse
import logging
import re
import secrets
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO

from tools.demo.database import ForeignDatabase
from tools.demo.emulated import Emulator, NoEmulator
from tools.demo.server import NotBuilt, NotLoopback, serve
from tools.network import free_port

CHECKOUT = Path(__file__).parents[2]
EVENTS = "/api/method/theranvio_telehealth.api.events.eventbridge"
ADDRESS = re.compile(r"Chime emulator on (http://127\.0\.0\.1:\d+)\n")
PATIENCE = 30.0  # seconds


def main() -> int:
	parser = argparse.ArgumentParser(prog="python -m tools.demo", description=__doc__)
	parser.add_argument("--port", type=int, default=8090, help="0 takes any that is free")
	parser.add_argument("--host", default="127.0.0.1", help="an address of this machine's own, nothing else")
	parser.add_argument("--db", type=Path, help="keep the clinic in this file; without it, nothing is kept")
	options = parser.parse_args()
	logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(message)s", stream=sys.stderr)
	signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
	port = options.port or free_port()
	print("Starting the demo clinic and an emulator of Amazon Chime; this takes some seconds …", flush=True)
	try:
		with ExitStack() as stack:
			scratch = stack.enter_context(tempfile.TemporaryDirectory(prefix="theranvio-demo-"))
			emulator = stack.enter_context(emulator_running(port))
			serve(options.host, port, options.db or Path(scratch, "clinic.db"), emulator)
	except (NotLoopback, NotBuilt, NoEmulator, ForeignDatabase, OSError) as error:
		print(f"The demo did not start: {error}", file=sys.stderr)
		return 2
	return 0


@contextmanager
def emulator_running(clinic_port: int) -> Iterator[Emulator | None]:
	"""None, with a line that says why, where it cannot run."""
	key = secrets.token_urlsafe(32)
	events = f"http://127.0.0.1:{clinic_port}{EVENTS}"
	options = ("--port", "0", "--eventbridge-url", events, "--eventbridge-key", key)
	command = [sys.executable, "-u", "-m", "tools.chime_emulator", *options]
	with tempfile.TemporaryFile("w+") as errors:
		child = subprocess.Popen(command, cwd=CHECKOUT, stdout=subprocess.PIPE, stderr=errors, text=True)
		try:
			address = _address(child)
			if not address:
				print(
					f"Amazon Chime (emulated) is not offered: {_last_line(errors)}. Peer-to-peer is.",
					flush=True,
				)
			yield Emulator(address, key) if address else None
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


def _last_line(errors: IO[str]) -> str:
	errors.seek(0)
	return (errors.read().strip().splitlines() or ["it did not start"])[-1]


if __name__ == "__main__":
	sys.exit(main())
