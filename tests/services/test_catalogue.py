"""What the visit page is given to say."""

from __future__ import annotations

from theranvio_telehealth.services.catalogue import page_messages


def test_in_english_the_page_is_given_nothing() -> None:
	assert page_messages(lambda text: text) == {}


def test_what_is_the_same_in_both_languages_is_left_out() -> None:
	spanish = {"Admit": "Admitir", "Chat": "Chat"}
	assert page_messages(lambda text: spanish.get(text, text)) == {"Admit": "Admitir"}


def test_only_words_of_the_page_are_given() -> None:
	given = page_messages(str.upper)
	assert given["Waiting room"] == "WAITING ROOM"
	assert "BAA Record" not in given
	assert "Telehealth" not in given
