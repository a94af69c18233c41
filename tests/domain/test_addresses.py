"""Addresses as they are stored: nothing in them can become more than an address where they are shown."""

from __future__ import annotations

from html import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from theranvio_telehealth.domain.addresses import ice_server, is_host, is_https, tidy


class TestTidy:
	@pytest.mark.parametrize(
		"address", ["https://x.test/a", " https://x.test/a", "https://x.test/a \n\t\u00a0"]
	)
	def test_blanks_around_it_go(self, address: str) -> None:
		assert tidy(address) == "https://x.test/a"

	@pytest.mark.parametrize("nothing", [None, "", "  "])
	def test_nothing_is_empty(self, nothing: str | None) -> None:
		assert tidy(nothing) == ""


class TestHttps:
	@given(st.text(max_size=40), st.text(max_size=40))
	def test_what_passes_is_safe_in_an_attribute_as_it_stands(self, host: str, path: str) -> None:
		address = f"https://{host}/{path}"
		if is_https(address):
			assert escape(address, quote=True).replace("&amp;", "&") == address
			assert not any(character.isspace() or character == "\\" for character in address)
			assert address.isprintable()

	@given(st.text(max_size=60))
	def test_whatever_is_entered_it_answers(self, text: str) -> None:
		assert is_https(text) in (True, False)
		assert is_https(tidy(text)) in (True, False)


class TestHost:
	@pytest.mark.parametrize(
		"name", ["x", "a.b", "turn-1.example.org", "192.0.2.1", "2001:db8::1", "bücher.example"]
	)
	def test_names_and_numbers(self, name: str) -> None:
		assert is_host(name)

	@pytest.mark.parametrize(
		"name", ["", ".", "a..b", "-a", "a-", "a b", "a_", "x" * 64, "a." * 127 + "ab", "a/b"]
	)
	def test_nothing_else(self, name: str) -> None:
		assert not is_host(name)


#: Address, and the server it means. What browsers make of each is asked of Chromium in `tests/demo`.
SERVERS = {
	"stun:relay.example.org": ("stun", "relay.example.org", 3478, "udp"),
	"stun:192.0.2.1:19302": ("stun", "192.0.2.1", 19302, "udp"),
	"turn:relay.example.org": ("turn", "relay.example.org", 3478, "udp"),
	"turn:relay.example.org:443?transport=tcp": ("turn", "relay.example.org", 443, "tcp"),
	"turn:[2001:db8::1]:3478?transport=udp": ("turn", "2001:db8::1", 3478, "udp"),
	"turns:relay.example.org": ("turns", "relay.example.org", 5349, "tcp"),
	"turns:relay.example.org:443?transport=tcp": ("turns", "relay.example.org", 443, "tcp"),
}
NO_SERVERS = [
	"",
	"relay.example.org",
	"relay.example.org:3478",
	"stun:",
	"stun://relay.example.org",
	"turn:user@relay.example.org",
	"http://relay.example.org",
	"stun:relay.example.org?transport=udp",
	"turns:relay.example.org?transport=udp",
	"turn:relay.example.org?transport=sctp",
	"turn:relay.example.org?transport=UDP",
	"turn:relay.example.org?transport=udp&x=1",
	"turn:relay.example.org?",
	"turn:relay.example.org:",
	"turn:relay.example.org:0",
	"turn:relay.example.org:65536",
	"turn:relay.example.org:3478:1",
	"turn:relay.example.org:port",
	"turn:relay.example.org/x",
	"turn:relay.example.org,turn:other.example.org",
	"stun:a,b",
	"turn:relay .example.org",
	" turn:relay.example.org",
	"turn:relay.example.org\n",
	"turn:2001:db8::1",
	"turn:[2001:db8::1",
	"turn:-relay.example.org",
	"turn:bücher.example",
	"turn:relay.example.org:３４７８",
	"STUN:relay.example.org",
]


class TestIceServer:
	@pytest.mark.parametrize("address", SERVERS)
	def test_servers(self, address: str) -> None:
		found = ice_server(address)
		assert found is not None
		assert (found.scheme, found.host, found.port, found.transport) == SERVERS[address]
		assert found.address == address

	@pytest.mark.parametrize("address", NO_SERVERS)
	def test_no_servers(self, address: str) -> None:
		assert ice_server(address) is None
