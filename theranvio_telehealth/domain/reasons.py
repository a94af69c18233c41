"""The reason that a person enters for a change that stays on record."""

from __future__ import annotations

LEAST_CHARACTERS = 3
#: Letters that show nothing: the fillers of Hangul.
BLANK = "\u115f\u1160\u3164\uffa0"


def is_reason(text: str, before: str = "") -> bool:
	"""At least three letters or digits that can be seen, and other ones than in the reason before."""
	letters = _letters(text)
	return len(letters) >= LEAST_CHARACTERS and letters != _letters(before)


def _letters(text: str) -> str:
	return "".join(each for each in text if each.isalnum() and each not in BLANK)
