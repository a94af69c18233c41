"""Signs of life of people outside the call: one short-lived value each in the cache, under an opaque name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import datetime

from theranvio_telehealth.domain.presence import Lack
from theranvio_telehealth.site import cache

SECONDS = 60 * 60


class SitePresence:
	def note(self, participant: str, seen_on: datetime) -> None:
		with suppress(Exception):
			cache.set(_key(participant), seen_on.isoformat().encode(), SECONDS)

	def note_lack(self, participant: str, lack: Lack | None) -> None:
		with suppress(Exception):
			cache.set(_lack_key(participant), str(lack or "").encode(), SECONDS)

	def lacks(self, participants: Iterable[str]) -> Mapping[str, Lack]:
		"""Without a cache nothing is known."""
		names = list(participants)
		try:
			found = cache.get_many([_lack_key(name) for name in names])
		except Exception:
			return {}
		return {name: Lack(word.decode()) for name, word in zip(names, found, strict=True) if word}

	def signs(self, participants: Iterable[str]) -> Mapping[str, datetime] | None:
		"""Without a cache nothing is known."""
		names = list(participants)
		try:
			found = cache.get_many([_key(name) for name in names])
		except Exception:
			return None
		return {
			name: datetime.fromisoformat(at.decode())
			for name, at in zip(names, found, strict=True)
			if at is not None
		}


def _lack_key(participant: str) -> str:
	return f"lack:{participant}"


def _key(participant: str) -> str:
	return f"seen:{participant}"
