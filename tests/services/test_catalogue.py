"""The translations that the visit page receives."""

from __future__ import annotations

import pytest

from theranvio_telehealth.services.catalogue import key_of, page_messages, page_texts, tag_of


def test_in_english_the_page_is_given_nothing() -> None:
	assert page_messages(lambda text: text) == {}


def test_what_is_the_same_in_both_languages_is_left_out() -> None:
	spanish = {"Admit": "Admitir", "Chat": "Chat"}
	assert page_messages(lambda text: spanish.get(text, text)) == {key_of("Admit"): "Admitir"}


def test_only_words_of_the_page_are_given() -> None:
	given = page_messages(str.upper)
	assert given[key_of("Waiting room")] == "WAITING ROOM"
	assert not {key_of("BAA Record"), key_of("Telehealth")} & set(given)


def test_every_message_has_a_key_of_its_own() -> None:
	texts = page_texts()
	assert len({key_of(text) for text in texts}) == len(texts)


def test_the_key_is_the_one_that_the_page_computes() -> None:
	"""The same values in tests/js/spanish.test.mjs."""
	assert [key_of(text) for text in ("", "Admit", "Connecting…")] == ["0", "3c31335", "ca35204e"]


@pytest.mark.parametrize(
	("code", "tag"),
	[
		("en", "en"),
		("pt_BR", "pt-BR"),
		("pt-BR", "pt-BR"),
		("zh_Hant_TW", "zh-Hant-TW"),
		("sr_RS@latin", "en"),
		("", "en"),
		('"><script>', "en"),
		("x" * 100, "en"),
	],
)
def test_a_browser_knows_the_language(code: str, tag: str) -> None:
	assert tag_of(code) == tag
