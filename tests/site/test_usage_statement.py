"""The print format Usage Statement, rendered by the platform."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.site.ledgers import REASON, Books, keep_books
from theranvio_telehealth.site.allowances import top_up
from theranvio_telehealth.site.store import SiteStore
from tools.harness.site.people import FRONT_DESK, HOME_OFFICE, HOST, OFFICE, US_OFFICE

FORMAT = "Usage Statement"
PRINT = "frappe.www.printview.get_html_and_style"


@pytest.fixture
def books(site: Any, make_appointment: Any) -> Books:
	return keep_books(make_appointment)


def printed(http: Any, who: str, name: str) -> Any:
	return http(who).get(PRINT, doc="Usage Allowance", name=name, print_format=FORMAT)


def words(html: str) -> str:
	return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def test_a_statement_says_what_the_allowance_and_its_entries_say(site: Any, http: Any, books: Books) -> None:
	site.db.set_value("Usage Allowance", books.home, "held_seconds", 90)
	site.db.commit()
	text = words(printed(http, HOME_OFFICE, books.home).json()["message"]["html"])
	for line in (
		"Included Minutes 1,000.00 Added Minutes 50.00 Used Minutes 32.62 Held Minutes 1.50 Minutes Left 1,015.88",
		"Estimated Cost $ 0.0532 Price Cap $ 100.00",
		"Hanna Host 1 30.10 30.20 $ 0.0513",
		"Otto Other 1 2.52 2.60 $ 0.0019",
		f"Top-up 50.00 {REASON} Administrator",
	):
		assert line in text, (line, text)
	assert "Planted Name" not in text


def test_a_statement_of_a_practitioner_names_them(http: Any, books: Books) -> None:
	text = words(printed(http, OFFICE, books.hosts).json()["message"]["html"])
	assert "Theranvio Clinic · Hanna Host" in text
	assert "Otto Other" not in text


def test_what_was_written_by_hand_is_no_markup(site: Any, http: Any, books: Books) -> None:
	top_up(SiteStore(), books.home, 1, "<img src=x onerror=alert(1)>{{ 7 * 7 }}", "markup")
	site.db.commit()
	html = printed(http, HOME_OFFICE, books.home).json()["message"]["html"]
	assert "&lt;img src=x onerror=alert(1)&gt;{{ 7 * 7 }}" in html


def test_a_statement_is_printed_as_a_page(http: Any, books: Books) -> None:
	path = f"/printview?doctype=Usage Allowance&name={books.home}&format={FORMAT}"
	page = http(HOME_OFFICE).page(path)
	assert page.ok
	assert "Otto Other" in page.text


@pytest.mark.parametrize("who", [US_OFFICE, HOST, FRONT_DESK])
def test_a_statement_is_for_those_who_may_read_the_allowance(http: Any, books: Books, who: str) -> None:
	answer = printed(http, who, books.home)
	assert not answer.ok
	assert "Otto Other" not in answer.text
