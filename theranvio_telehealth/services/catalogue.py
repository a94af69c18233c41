"""The words that the visit page says by itself, in its reader's language, and that language's name for a browser."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

from babel.messages.pofile import read_po

TEMPLATE = Path(__file__).parents[1] / "locale/main.pot"
#: Messages with such a reference are the page's own.
PAGE = "theranvio_telehealth/public/js/visit/"
ENGLISH = "en"
TAG = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,5}")


def tag_of(code: str) -> str:
	"""A BCP 47 tag for a site's language code: `pt_BR` is `pt-BR`. English for what is none."""
	tag = code.strip().replace("_", "-")
	return tag if TAG.fullmatch(tag) else ENGLISH


def page_messages(translate: Callable[[str], str]) -> dict[str, str]:
	"""The translations by `key_of` their English text. What is the same in both is left out: in English all of it."""
	messages = {text: translate(text) for text in page_texts()}
	return {key_of(text): translated for text, translated in messages.items() if translated != text}


def key_of(text: str) -> str:
	"""A hash, as the bundle has the English text already: public/js/visit/words.js computes the same one."""
	key = 0
	for letter in text:
		key = (key * 31 + ord(letter)) % 2**32
	return f"{key:x}"


@lru_cache(maxsize=1)
def page_texts() -> tuple[str, ...]:
	with TEMPLATE.open("rb") as file:
		catalogue = read_po(file)
	return tuple(
		str(message.id)
		for message in catalogue
		if any(place.startswith(PAGE) for place, _line in message.locations)
	)
