"""Runs the emulator by itself: `python -m tools.chime_emulator --port 46000`. Prints its address when it is up."""

from __future__ import annotations

import argparse
import asyncio
import contextlib

from tools.chime_emulator.server import Server
from tools.chime_emulator.settings import DEFAULT_ACCOUNT, DEFAULT_KEY, Settings, SnsTarget


def _settings() -> Settings:
	parser = argparse.ArgumentParser(prog="python -m tools.chime_emulator", description=__doc__)
	parser.add_argument("--port", type=int, default=0, help="0 picks a free one")
	parser.add_argument("--tls", action="store_true", help="https and wss, with a certificate of its own")
	parser.add_argument("--access-key", default=DEFAULT_KEY)
	parser.add_argument("--account", default=DEFAULT_ACCOUNT)
	parser.add_argument("--eventbridge-url", default="")
	parser.add_argument("--eventbridge-key", default="")
	parser.add_argument("--sns", nargs=2, action="append", metavar=("TOPIC_ARN", "URL"), default=[])
	parser.add_argument("--seed", type=int, default=1)
	options = parser.parse_args()
	return Settings(
		port=options.port,
		tls=options.tls,
		accounts={options.access_key: options.account},
		eventbridge_url=options.eventbridge_url,
		eventbridge_key=options.eventbridge_key,
		sns_targets=tuple(SnsTarget(arn, url) for arn, url in options.sns),
		seed=options.seed,
	)


async def _serve(settings: Settings) -> None:
	server = Server(settings)
	await server.start()
	print(f"Chime emulator on {server.url}", flush=True)
	try:
		await asyncio.Event().wait()
	finally:
		await server.stop()


if __name__ == "__main__":
	with contextlib.suppress(KeyboardInterrupt):
		asyncio.run(_serve(_settings()))
