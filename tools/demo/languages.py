"""The languages of the catalogues: the visit page and the refusals are in the one that a browser asks for, or `?lang=es`."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

from babel.messages.pofile import read_po
from flask import Request

from theranvio_telehealth.services.catalogue import ENGLISH

LOCALE = Path(__file__).parents[2] / "theranvio_telehealth/locale"
LANGUAGES = (ENGLISH, *sorted(path.stem for path in LOCALE.glob("*.po")))
#: Keeps the choice for the calls of the page that was opened with it.
COOKIE = "lang"


def language_of(request: Request) -> str:
	chosen = request.args.get("lang") or request.cookies.get(COOKIE)
	return chosen if chosen in LANGUAGES else request.accept_languages.best_match(LANGUAGES, ENGLISH)


@lru_cache
def translator(language: str) -> Callable[[str], str]:
	if language == ENGLISH:
		return str
	with (LOCALE / f"{language}.po").open("rb") as file:
		catalogue = read_po(file)
	translated = {message.id: str(message.string) for message in catalogue if message.string}
	return lambda text: translated.get(text, text)
