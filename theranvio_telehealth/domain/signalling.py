"""What browsers may send each other through the mailbox: small, shallow, and JSON that any browser can read."""

from __future__ import annotations

import json
from typing import Any

from theranvio_telehealth.domain.errors import Malformed

MAX_MESSAGES = 64
MAX_MESSAGE_BYTES = 16_000
#: How deep lists and objects may be nested; a session description takes two.
MAX_DEPTH = 8


def require_passable(messages: Any) -> None:
	"""Raises `Malformed` unless it is a list of messages `{"data": {...}}` that can be passed on as they are.

	Python's JSON knows more than JSON: NaN, Infinity, and half a surrogate pair in a text."""
	if not isinstance(messages, list) or len(messages) > MAX_MESSAGES:
		raise Malformed
	for message in messages:
		if not isinstance(message, dict) or not isinstance(message.get("data"), dict):
			raise Malformed
		_require_json(message["data"])


def _require_json(data: dict[str, Any]) -> None:
	if _is_deeper(data, MAX_DEPTH):
		raise Malformed
	try:
		size = len(json.dumps(data, allow_nan=False))
		json.dumps(data, ensure_ascii=False).encode()
	except ValueError:  # half a surrogate is one too: UnicodeEncodeError
		raise Malformed from None
	if size > MAX_MESSAGE_BYTES:
		raise Malformed


def _is_deeper(value: Any, most: int) -> bool:
	inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
	if inner is None:
		return False
	return most == 0 or any(_is_deeper(item, most - 1) for item in inner)
