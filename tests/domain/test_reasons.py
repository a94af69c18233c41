"""What counts as a reason."""

from __future__ import annotations

import pytest

from theranvio_telehealth.domain.reasons import is_reason


@pytest.mark.parametrize("text", ["Crisis call", "ok!!1", "危機対応", "  abc  "])
def test_a_reason(text: str) -> None:
	assert is_reason(text)


@pytest.mark.parametrize("text", ["", ".", "ab", "...", "\u200b" * 20, "\u3164" * 9, " \t\n", "--- ?"])
def test_no_reason(text: str) -> None:
	assert not is_reason(text)


def test_the_same_again_is_none() -> None:
	assert not is_reason("More visits ", "More visits")
	assert is_reason("More visits 2", "More visits")
