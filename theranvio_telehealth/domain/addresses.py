"""Which addresses are stored and shown: https pages that people open, and the STUN and TURN servers that browsers ask.

One rule for every way in, and asked again of whatever is read: an address is shown in pages, mails and the platform's own
desk, and not all of them escape it."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from urllib.parse import urlsplit

from theranvio_telehealth.domain.bounds import PORT

MOST = 500
#: What RFC 3986 allows, without the apostrophe, which ends an attribute.
_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~:/?#[]@!$&()*+,;=%")
_NAME = r"(?!-)[^\W_](?:[\w-]{0,61}[^\W_])?"
_HOST = re.compile(rf"(?:{_NAME}\.)*{_NAME}\.?")
_ICE = re.compile(
	r"(?P<scheme>stun|turns?):(?P<host>[\w.-]+|\[[0-9a-fA-F:.]+\])(?::(?P<port>[0-9]{1,5}))?"
	r"(?:\?transport=(?P<transport>udp|tcp))?"
)
_PORTS = {"stun": 3478, "turn": 3478, "turns": 5349}
_IPV6 = re.compile(r"[0-9a-fA-F:.]+")


def tidy(address: str | None) -> str:
	"""As it is stored: without the blanks that come along when it is pasted."""
	return (address or "").strip()


def is_https(address: str) -> bool:
	"""An absolute https address with a host, without a user name in it, and of plain characters only: no quotes, blanks,
	angle brackets, backslashes or control characters. Letters of any script are plain."""
	if len(address) > MOST or not all(map(_is_plain, address)):
		return False
	try:
		parts = urlsplit(address)
		_ = parts.port
	except ValueError:
		return False
	named = parts.username is None and "@" not in parts.netloc
	return parts.scheme == "https" and named and is_host(parts.hostname or "")


def is_host(name: str) -> bool:
	"""A domain name, an IPv4 address, or an IPv6 address without its brackets."""
	if ":" in name:
		return bool(_IPV6.fullmatch(name))
	return len(name) <= 253 and bool(_HOST.fullmatch(name))


@dataclass(frozen=True, slots=True)
class IceServer:
	"""A STUN or TURN server. `transport` to it: udp or tcp, which for `turns` is TLS over TCP."""

	address: str
	scheme: str
	host: str
	port: int
	transport: str


def ice_server(address: str) -> IceServer | None:
	"""The server of an address as browsers take it (RFC 7064, RFC 7065); None for what one of them refuses.

	`stun` takes no query; `turn` and `turns` take a transport, which for `turns` can only be TCP."""
	found = _ICE.fullmatch(address) if address.isascii() else None
	if found is None:
		return None
	scheme, host, port, transport = found["scheme"], found["host"], found["port"], found["transport"]
	usual = "tcp" if scheme == "turns" else "udp"
	if not is_host(host.strip("[]")) or not PORT.hold(int(port or PORT.most)):
		return None
	if (scheme == "stun" and transport) or (scheme == "turns" and transport == "udp"):
		return None
	number = int(port) if port else _PORTS[scheme]
	return IceServer(address, scheme, host.strip("[]"), number, transport or usual)


def _is_plain(character: str) -> bool:
	if character.isascii():
		return character in _PLAIN
	return unicodedata.category(character)[0] in "LMN"
