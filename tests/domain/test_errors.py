"""Every refusal has a code, a status and a sentence that says what happened and what to do next."""

from __future__ import annotations

import inspect
import re
from pathlib import Path
from typing import Any

import pytest

from theranvio_telehealth.domain import errors
from theranvio_telehealth.domain.errors import TelehealthError

PROTOCOL = Path(__file__).parents[2] / "docs" / "visit-protocol.md"
DEFINED = [e for _, e in inspect.getmembers(errors, inspect.isclass) if e.__module__ == errors.__name__]
REFUSALS = [error for error in DEFINED if error is not TelehealthError]


@pytest.mark.parametrize("error", REFUSALS, ids=lambda e: e.__name__)
def test_is_a_sentence_without_jargon(error: type[TelehealthError]) -> None:
	assert error.text[0].isupper()
	assert error.text.endswith(".")
	assert not re.search(r"[{}%_]|error|exception|\b[45]\d\d\b", error.text, re.I)


@pytest.mark.parametrize("error", REFUSALS, ids=lambda e: e.__name__)
def test_only_a_fault_of_ours_or_of_the_provider_is_a_server_error(error: type[TelehealthError]) -> None:
	assert 400 <= error.status < 500 or error in (errors.Failed, errors.ProviderUnavailable)


def test_codes_are_unique() -> None:
	assert len({error.code for error in REFUSALS}) == len(REFUSALS)


@pytest.mark.parametrize("error", REFUSALS, ids=lambda e: e.__name__)
def test_the_code_is_the_class_in_small_letters(error: type[TelehealthError]) -> None:
	assert error.code == re.sub(r"(?<!^)([A-Z])", r"_\1", error.__name__).lower()


def test_the_tree_in_the_docstring_names_them_all() -> None:
	assert errors.__doc__ is not None
	assert [e.__name__ for e in DEFINED if e.__name__ not in errors.__doc__] == []


def test_the_protocols_table_says_the_same() -> None:
	table = {}
	for line in PROTOCOL.read_text().splitlines():
		cells = [cell.strip() for cell in line.strip("|").split("|")]
		if len(cells) == 3 and cells[1].isdigit():
			table |= dict.fromkeys(re.findall(r"`(\w+)`", cells[0]), int(cells[1]))
			table |= {code: int(status) for status, code in re.findall(r"(\d{3}) `(\w+)`", cells[2])}
	assert table == {error.code: error.status for error in REFUSALS}


WHOLE: dict[str, Any] = {"code": "x", "status": 409, "text": "X."}


@pytest.mark.parametrize("missing", WHOLE)
def test_no_refusal_is_defined_without_all_three(missing: str) -> None:
	for parent in (TelehealthError, errors.NotFound):
		with pytest.raises(TypeError, match=f"Half does not define {missing}$"):
			type("Half", (parent,), {name: value for name, value in WHOLE.items() if name != missing})


@pytest.mark.parametrize("error", REFUSALS, ids=lambda e: e.__name__)
def test_only_what_puts_out_is_quiet_and_only_on_request(error: type[TelehealthError]) -> None:
	assert errors.status_of(error, "") == errors.status_of(error, "404") == error.status
	assert errors.status_of(error, "200") == (200 if error.puts_out else error.status)
