"""`python -m theranvio_telehealth.embedded`: a demo clinic on this machine, with real video between two tabs."""

from __future__ import annotations

import argparse
import logging
import signal
import sys
import tempfile
from pathlib import Path

from theranvio_telehealth.embedded.database import ForeignDatabase
from theranvio_telehealth.embedded.emulated import Emulator, NoEmulator
from theranvio_telehealth.embedded.server import NotBuilt, NotLoopback, serve


def main(arguments: list[str] | None = None) -> int:
	parser = argparse.ArgumentParser(prog="python -m theranvio_telehealth.embedded", description=__doc__)
	parser.add_argument("--port", type=int, default=8090, help="0 takes any that is free")
	parser.add_argument("--host", default="127.0.0.1", help="an address of this machine's own, nothing else")
	parser.add_argument("--db", type=Path, help="keep the clinic in this file; without it, nothing is kept")
	parser.add_argument("--chime-endpoint", default="", help="an emulator of Amazon Chime on this machine")
	parser.add_argument("--chime-events-key", default="", help="what the emulator tells of events with")
	options = parser.parse_args(arguments)
	emulator = Emulator(options.chime_endpoint, options.chime_events_key) if options.chime_endpoint else None
	logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(message)s", stream=sys.stderr)
	signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
	try:
		with tempfile.TemporaryDirectory(prefix="theranvio-demo-") as scratch:
			serve(options.host, options.port, options.db or Path(scratch, "clinic.db"), emulator)
	except (NotLoopback, NotBuilt, NoEmulator, ForeignDatabase, OSError) as error:
		print(f"The demo did not start: {error}", file=sys.stderr)
		return 2
	return 0


if __name__ == "__main__":
	sys.exit(main())
