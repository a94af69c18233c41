"""Calls through Debian's coturn: relayed both ways, refused and silent; and what people read of it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from aioice import stun, turn
from playwright.sync_api import Browser

from tests.parts.conftest import Sides
from theranvio_telehealth.domain.enums import Role
from theranvio_telehealth.providers.base import Meeting
from theranvio_telehealth.providers.peer_to_peer import PeerToPeerProvider
from tools.demo.clock import SystemClock
from tools.demo.demo_app import PEER_TO_PEER
from tools.harness.chime_demo import demo_running
from tools.harness.coturn import ADDRESS, Relay, coturn
from tools.harness.visit_driver import let_in, meet, see_each_other

REFUSED = "The server that relays this call refused the connection."
SILENT = "The server that relays this call does not answer."

#: Of each connection that is not closed: what kind the chosen address of this side is, and how it reaches the relay.
PATHS = """async () => {
	const paths = [];
	for (const connection of window.connections) {
		if (connection.connectionState === "closed") continue;
		const stats = await connection.getStats();
		const all = [...stats.values()];
		const transport = all.find((entry) => entry.selectedCandidatePairId);
		const pair = transport
			? stats.get(transport.selectedCandidatePairId)
			: all.find((entry) => entry.type === "candidate-pair" && entry.selected);
		const local = stats.get(pair.localCandidateId);
		paths.push([local.candidateType, local.relayProtocol]);
	}
	return paths;
}"""


class Yesterday(SystemClock):
	"""A clinic whose clock is a day behind: what it makes has expired for everybody else."""

	def now(self) -> datetime:
		return super().now() - timedelta(days=1)


@pytest.fixture
def relay() -> Iterator[Relay]:
	with coturn() as relay:
		yield relay


@pytest.fixture
def clinic(chromium: Browser, tmp_path: Path) -> Iterator[Any]:
	"""Given a relay's config: the demo with a peer-to-peer visit booked."""
	with ExitStack() as stack:
		browser, database = chromium, tmp_path / "clinic.db"
		yield lambda config, clock=None: stack.enter_context(
			demo_running(browser, database, PEER_TO_PEER, chime=False, relay=config, clock=clock)
		)


@pytest.mark.parametrize("transport", ["udp", "tcp"])
@pytest.mark.parametrize("client", ["chromium", "firefox"])
def test_a_call_through_the_relay_alone(
	relay: Relay, clinic: Any, sides: Sides, transport: str, client: str
) -> None:
	pair = sides(clinic(relay.config(transport)), "chromium", client)
	meet(*pair)
	for side in pair:
		assert side.page.evaluate(PATHS) == [["relay", transport]]
	assert relay.log.count("ALLOCATE processed, success") >= 2


@pytest.mark.parametrize("how", ["wrong", "expired"])
def test_a_relay_that_takes_no_password_is_reported_to_both(
	relay: Relay, clinic: Any, sides: Sides, how: str
) -> None:
	"""Wrong: the clinic has another secret. Expired: the clinic's clock is a day behind the relay's."""
	config = relay.config("udp", secret="another" if how == "wrong" else "")
	pair = sides(clinic(config, Yesterday() if how == "expired" else None), "chromium", "chromium")
	let_in(*pair)
	for side in pair:
		side.sees(REFUSED)
		side.announces(REFUSED)


def test_a_relay_that_is_down_is_reported_to_both(clinic: Any, sides: Sides) -> None:
	with coturn(up=False) as relay:
		pair = sides(clinic(relay.config("udp")), "chromium", "chromium")
		let_in(*pair)
		for side in pair:
			side.sees(SILENT)
			side.announces(SILENT)


@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_a_relay_that_stops_during_the_call_is_reported_to_both_until_it_is_back(
	relay: Relay, clinic: Any, sides: Sides, transport: str
) -> None:
	pair = sides(clinic(relay.config(transport)), "chromium", "chromium")
	meet(*pair)
	relay.stop()
	for side in pair:
		side.sees(SILENT)
		side.announces(SILENT)
	relay.start()
	see_each_other(*pair)


class TestPasswords:
	"""As the provider makes them, with another client of coturn than a browser."""

	def answer(self, relay: Relay, until: datetime, **config: Any) -> int:
		provider = PeerToPeerProvider.configured(relay.config("udp", **config))
		made = provider.add_attendee(Meeting("p2p-1"), "someone", Role.CLIENT, until).payload
		(server,) = made["ice_servers"]
		allocation = answered(relay, server["username"], server["credential"])
		with ThreadPoolExecutor(1) as thread:  # Playwright's event loop runs in this one
			return thread.submit(asyncio.run, allocation).result()

	def test_hold_until_the_join_can_no_longer_last(self, relay: Relay) -> None:
		now = datetime.now(timezone.utc)
		assert self.answer(relay, now + timedelta(minutes=5)) == 200
		assert self.answer(relay, now - timedelta(seconds=2)) == 401

	def test_of_another_secret_open_nothing(self, relay: Relay) -> None:
		later = datetime.now(timezone.utc) + timedelta(minutes=5)
		assert self.answer(relay, later, secret="another") == 401


async def answered(relay: Relay, username: str, password: str) -> int:
	"""200, or the code of coturn's refusal."""
	try:
		transport, _ = await turn.create_turn_endpoint(
			asyncio.DatagramProtocol, (ADDRESS, relay.port), username, password
		)
	except stun.TransactionFailed as refused:
		return int(refused.response.attributes["ERROR-CODE"][0])
	transport.close()
	return 200
