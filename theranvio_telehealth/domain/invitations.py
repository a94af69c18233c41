"""An invitation's token: 128 random bits, of which only hashes are stored and compared."""

from __future__ import annotations

from hashlib import sha256


def link_hash(token: str) -> str:
	"""What a participant keeps of the token, as 64 hex digits."""
	return _hash("link", token)


def csrf_token(token: str) -> str:
	"""What our page sends with every change, and no other page can know: 64 hex digits."""
	return _hash("csrf", token)


def _hash(purpose: str, token: str) -> str:
	return sha256(f"{purpose}:{token}".encode()).hexdigest()
