"""What this site keeps for a while in its cache: values, marks and counts that all its processes share. Losing them does
no harm."""

from __future__ import annotations

import time
from collections.abc import Sequence

import frappe


def set(what: str, value: bytes, seconds: int) -> None:
	frappe.cache.set(_key(what), value, ex=seconds)


def get(what: str) -> bytes | None:
	return frappe.cache.get(_key(what))


def get_many(whats: Sequence[str]) -> Sequence[bytes | None]:
	"""In their order; None for each that is not there."""
	return frappe.cache.mget([_key(what) for what in whats]) if whats else []


def set_once(what: str, seconds: int) -> bool:
	"""Whether it was not marked yet."""
	return bool(frappe.cache.set(_key(what), b"1", nx=True, ex=seconds))


def increment(what: str, seconds: int) -> int:
	"""How often it was counted within this stretch of the clock, this time included."""
	key = _key(f"{what}:{int(time.time()) // seconds}")
	with frappe.cache.pipeline() as pipe:
		pipe.incr(key)
		pipe.expire(key, seconds)
		count, _ = pipe.execute()
	return int(count)


def _key(what: str) -> bytes:
	return frappe.cache.make_key(f"theranvio:{what}")
