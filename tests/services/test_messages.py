"""Every refusal has a status and a sentence that says what happened and what to do next."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import pytest

from theranvio_telehealth.domain import errors
from theranvio_telehealth.domain.errors import TelehealthError
from theranvio_telehealth.services.messages import ERROR_RESPONSES, answer

PROTOCOL = Path(__file__).parents[2] / "docs" / "visit-protocol.md"
ABSTRACT = {errors.TelehealthError, errors.Refused}
RAISED = [e for _, e in inspect.getmembers(errors, inspect.isclass) if e.__module__ == errors.__name__]
LEAVES = [error for error in RAISED if error not in ABSTRACT]
#: What a host refuses before any rule is asked.
OF_HOSTS = {"sign_in", "csrf", "wrong_method", "too_large", "too_many_requests", "failed"}


@pytest.mark.parametrize("error", LEAVES, ids=lambda e: e.__name__)
def test_every_refusal_has_an_answer_of_its_own(error: type[TelehealthError]) -> None:
	assert error.code in ERROR_RESPONSES
	assert answer(error()) == ERROR_RESPONSES[error.code]
	assert answer(error())[0] < 500 or error is errors.ProviderUnavailable


def test_nothing_is_answered_that_is_never_raised() -> None:
	assert set(ERROR_RESPONSES) == {error.code for error in LEAVES} | OF_HOSTS


def test_what_has_no_answer_is_our_fault() -> None:
	assert answer(TelehealthError()) == ERROR_RESPONSES["failed"]


@pytest.mark.parametrize("code", ERROR_RESPONSES)
def test_is_a_sentence_without_jargon(code: str) -> None:
	text = ERROR_RESPONSES[code][1]
	assert text[0].isupper()
	assert text.endswith(".")
	assert not re.search(r"[{}%_]|error|exception|\b[45]\d\d\b", text, re.I)


def test_the_protocols_table_says_the_same() -> None:
	table = {}
	for line in PROTOCOL.read_text().splitlines():
		cells = [cell.strip() for cell in line.strip("|").split("|")]
		if len(cells) == 3 and cells[1].isdigit():
			table |= dict.fromkeys(re.findall(r"`(\w+)`", cells[0]), int(cells[1]))
			table |= {code: int(status) for status, code in re.findall(r"(\d{3}) `(\w+)`", cells[2])}
	assert table == {code: status for code, (status, _) in ERROR_RESPONSES.items()}
