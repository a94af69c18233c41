"""Signalling between browsers: one short list per attendee in the cache, gone after a minute. Never the database."""

from __future__ import annotations

import json
from typing import Any

import frappe

SECONDS = 60
MOST = 256


def _key(attendee_id: str) -> Any:
	return frappe.cache.make_key(f"theranvio_mail:{attendee_id}")


class SiteMailbox:
	def put(self, attendee_id: str, message: dict[str, Any]) -> None:
		key = _key(attendee_id)
		with frappe.cache.pipeline() as pipe:
			pipe.rpush(key, json.dumps(message))
			pipe.ltrim(key, -MOST, -1)
			pipe.expire(key, SECONDS)
			pipe.execute()

	def take(self, attendee_id: str) -> list[dict[str, Any]]:
		key = _key(attendee_id)
		with frappe.cache.pipeline(transaction=True) as pipe:
			pipe.lrange(key, 0, -1)
			pipe.delete(key)
			found, _ = pipe.execute()
		return [json.loads(message) for message in found]

	def drop(self, attendee_id: str) -> None:
		with frappe.cache.pipeline() as pipe:
			pipe.delete(_key(attendee_id))
			pipe.execute()
