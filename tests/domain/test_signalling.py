"""What is passed on between browsers is what any of them can read."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from theranvio_telehealth.domain.errors import Malformed
from theranvio_telehealth.domain.signalling import (
	MAX_DEPTH,
	MAX_MESSAGE_BYTES,
	MAX_MESSAGES,
	require_passable,
)


def nested(depth: int) -> dict[str, Any]:
	return {"x": nested(depth - 1)} if depth > 1 else {}


def is_passable(*data: Any) -> bool:
	try:
		require_passable([{"data": d} for d in data])
	except Malformed:
		return False
	return True


@pytest.mark.parametrize(
	"data",
	[
		{},
		{"description": {"type": "offer", "sdp": "v=0\r\n"}},
		{"candidate": None, "n": [1, 2.5, -1e300, True, "𝄞 é"]},
		nested(MAX_DEPTH),
		{"x": "y" * (MAX_MESSAGE_BYTES - 9)},
	],
	ids=range(5),
)
def test_passable(data: dict[str, Any]) -> None:
	assert is_passable(data)


@pytest.mark.parametrize(
	"data",
	[
		{"x": float("nan")},
		{"x": [float("inf")]},
		{"x": {"y": float("-inf")}},
		json.loads('{"x": NaN}'),
		json.loads('{"x": 1e999}'),
		json.loads('{"x": "\\ud800"}'),
		json.loads('{"\\udfff": 1}'),
		nested(MAX_DEPTH + 1),
		{"x": [[[[[[[[]]]]]]]]},
		{"x": "y" * (MAX_MESSAGE_BYTES - 8)},
		[],
		"x",
		None,
	],
	ids=range(13),
)
def test_malformed(data: Any) -> None:
	assert not is_passable(data)
	assert not is_passable({}, data)


@pytest.mark.parametrize(
	"messages", [None, {}, "x", [{}], ["x"], [{"data": {}}] * (MAX_MESSAGES + 1)], ids=str
)
def test_messages_that_are_none(messages: Any) -> None:
	with pytest.raises(Malformed):
		require_passable(messages)


SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text()


@given(
	st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=20)
)
def test_whatever_passes_is_strict_json(value: Any) -> None:
	data = {"x": value}
	if is_passable(data):
		json.dumps(data, allow_nan=False, ensure_ascii=False).encode()
