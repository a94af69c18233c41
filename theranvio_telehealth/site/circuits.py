"""The latest failures of joins at each provider, in the cache, for all processes of the site. Without a cache no circuit opens,
and joins go on."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import asdict
from datetime import datetime
from typing import Any

from theranvio_telehealth.providers.breaker import MEMORY, PAUSE, Circuit
from theranvio_telehealth.site import cache

SECONDS = int((MEMORY + PAUSE).total_seconds())


class SiteCircuits:
	def load(self, provider: str) -> Circuit:
		with suppress(Exception):
			stored = cache.get(_key(provider))
			return _read(json.loads(stored)) if stored else Circuit()
		return Circuit()

	def save(self, provider: str, circuit: Circuit) -> None:
		with suppress(Exception):
			cache.set(_key(provider), json.dumps(asdict(circuit), default=str).encode(), SECONDS)


def _key(provider: str) -> str:
	return f"circuit:{provider}"


def _read(stored: dict[str, Any]) -> Circuit:
	return Circuit(int(stored["failures"]), _moment(stored["failed_on"]), _moment(stored["paused_until"]))


def _moment(stored: str | None) -> datetime | None:
	return datetime.fromisoformat(stored) if stored else None
