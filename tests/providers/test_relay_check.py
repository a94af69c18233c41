"""*Test Connection* of a peer-to-peer provider, against a real relay: a real allocation, and each way it can fail."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from tests.providers.coturn import PROGRAM, SECRET, Relay, free_port, relay
from theranvio_telehealth.providers.base import Finding
from theranvio_telehealth.providers.peer_to_peer import PeerToPeerProvider

pytestmark = pytest.mark.skipif(not PROGRAM, reason="Debian's coturn is not installed")


@pytest.fixture(scope="module")
def coturn(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Relay]:
	with relay(tmp_path_factory.mktemp("coturn")) as running:
		yield running


def asked(**config: Any) -> tuple[Finding, ...]:
	"""What is found besides what the fields alone tell."""
	_summary, *found = PeerToPeerProvider.configured({"turn_secrets": SECRET} | config).check()
	return tuple(found)


def test_it_is_given_a_relay_and_its_own_address(coturn: Relay) -> None:
	found = asked(stun_urls=coturn.stun(), turn_urls=f"{coturn.udp()}\n{coturn.tcp()}")
	assert [(f.ok, f.text.split(" ", 3)[2]) for f in found] == [
		(True, coturn.stun()),
		(True, coturn.udp()),
		(True, coturn.tcp()),
	]
	assert [f.text.split(" ", 3)[3] for f in found] == ["answers.", "gives a relay.", "gives a relay."]


def test_the_relay_is_given_back(coturn: Relay) -> None:
	asked(turn_urls=coturn.tcp())
	assert coturn.has_logged("refreshed, realm=<clinic.test>, username=<") or coturn.has_logged("delete")


@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_a_wrong_secret_is_reported(coturn: Relay, transport: str) -> None:
	url = getattr(coturn, transport)()
	(found,) = asked(turn_urls=url, turn_secrets=f"wrong {SECRET}")
	assert not found.ok
	assert f"{url} refuses the secret" in found.text
	assert "wrong" not in found.text


@pytest.mark.parametrize("address", ["stun:127.0.0.1:{}", "turn:127.0.0.1:{}?transport=tcp"])
def test_a_closed_port_is_reported(address: str) -> None:
	url = address.format(free_port())
	(found,) = asked(**{f"{url[:4]}_urls": url})
	assert (found.ok, found.text) == (
		False,
		f"The server {url} takes no connection. Check the port, and whether the server runs.",
	)


@pytest.fixture
def deaf() -> Iterator[int]:
	"""A port that takes what is sent, and says nothing."""
	with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as hole:
		hole.bind(("127.0.0.1", 0))
		yield hole.getsockname()[1]


def test_silence_is_reported_and_all_are_asked_at_once(deaf: int) -> None:
	began = time.monotonic()
	urls = [f"turn:127.0.0.1:{deaf}", f"turn:127.0.0.1:{deaf}?transport=udp"]
	found = asked(stun_urls=f"stun:127.0.0.1:{deaf}", turn_urls="\n".join(urls))
	assert [f.ok for f in found] == [False] * 3
	assert all("does not answer within 5 seconds" in f.text for f in found)
	assert time.monotonic() - began < 14, "one after the other would take 15"


def test_a_certificate_that_no_one_trusts_is_reported() -> None:
	"""What answers TLS with something else is no relay with a certificate."""
	with socket.create_server(("127.0.0.1", 0)) as server:

		def greet() -> None:
			connection, _ = server.accept()
			with connection:
				connection.recv(1000)
				connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

		threading.Thread(target=greet, daemon=True).start()
		(found,) = asked(turn_urls=f"turns:127.0.0.1:{server.getsockname()[1]}")
	assert (found.ok, "no certificate" in found.text) == (False, True)


def test_an_unknown_host_name_is_reported() -> None:
	(found,) = asked(turn_urls="turn:relay.invalid?transport=tcp")
	assert not found.ok
	assert "cannot find" in found.text or "does not answer" in found.text, (
		"without a resolver nobody is found"
	)


def test_no_relay_is_asked_while_an_address_is_invalid(coturn: Relay) -> None:
	provider = PeerToPeerProvider.configured(
		{"turn_urls": f"{coturn.udp()} turn:x,turn:y", "turn_secrets": SECRET}
	)
	(found,) = provider.check()
	assert (found.ok, "turn:x,turn:y" in found.text) == (False, True)
