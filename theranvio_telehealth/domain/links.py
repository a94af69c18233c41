"""Signed, expiring, single-purpose tokens. Whether one was used already is its holder's business, not this file's.

Keys are a list, newest first: the first signs, all verify, so keys can be rotated while old links still work.
Expired and forged are told apart only after the signature holds."""

from __future__ import annotations

import hashlib
import hmac
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timezone

from theranvio_telehealth.domain.errors import TelehealthError

MIN_KEY_BYTES = 16


class BadLink(TelehealthError):
	"""Root of what can be wrong with a link."""


class ForgedLink(BadLink):
	"""Not signed by any of our keys for this purpose, or not a link at all."""


class ExpiredLink(BadLink):
	"""Genuine, but its time is over."""


@dataclass(frozen=True, slots=True)
class Link:
	"""What a token says: whom or what it is for, which `link_version` it belongs to, and until when."""

	subject: str
	version: int
	expires_on: datetime


def sign(link: Link, purpose: str, keys: Sequence[bytes]) -> str:
	"""A URL-safe token with a 256-bit signature. `purpose` keeps a token of one kind from serving as another."""
	body = _encode(
		json.dumps(
			[link.subject, link.version, int(link.expires_on.timestamp())], separators=(",", ":")
		).encode()
	)
	return f"{body}.{_encode(_mac(keys[0], purpose, body))}"


def verify(token: str, purpose: str, keys: Sequence[bytes], now: datetime) -> Link:
	"""The link of a genuine token. Raises `ForgedLink` or `ExpiredLink`."""
	body, _, signature = token.partition(".")
	said, given = _decode(body), _decode(signature)
	if not any([hmac.compare_digest(given, _mac(key, purpose, body)) for key in keys]):
		raise ForgedLink
	subject, version, expires = json.loads(said)
	link = Link(subject, version, datetime.fromtimestamp(expires, timezone.utc))
	if now >= link.expires_on:
		raise ExpiredLink
	return link


def fingerprint(token: str) -> str:
	"""The only form in which a token is ever stored: SHA-256, 64 hex digits."""
	return hashlib.sha256(token.encode()).hexdigest()


def _mac(key: bytes, purpose: str, body: str) -> bytes:
	if len(key) < MIN_KEY_BYTES:
		raise ValueError(f"a signing key needs at least {MIN_KEY_BYTES} bytes")
	own_key = hmac.digest(key, f"theranvio:link:{purpose}".encode(), "sha256")
	return hmac.digest(own_key, body.encode(), "sha256")


def _encode(raw: bytes) -> str:
	return urlsafe_b64encode(raw).rstrip(b"=").decode()


def _decode(text: str) -> bytes:
	try:
		raw = text.encode("ascii")
		decoded = urlsafe_b64decode(raw + b"=" * (-len(raw) % 4))
	except (UnicodeEncodeError, Base64Error, ValueError):
		raise ForgedLink from None
	if _encode(decoded) != text:
		raise ForgedLink
	return decoded
