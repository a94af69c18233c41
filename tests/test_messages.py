"""The catalogues are up to date with the code and completely translated. `make messages` refreshes them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog

from scripts import messages
from theranvio_telehealth.services.catalogue import PAGE, page_texts

CALL = re.compile(r"(?<![\w$])__\(")
LITERAL = re.compile(r'\s*("(?:[^"\\]|\\.)*")\s*[,)]')
TRANSLATIONS = sorted(messages.LOCALE.glob("*.po"))


def test_the_template_has_the_messages_of_the_code() -> None:
	assert messages.stale(messages.extracted(), messages.read(messages.POT)) == []


def test_there_is_a_translation() -> None:
	assert "es.po" in [path.name for path in TRANSLATIONS]


@pytest.mark.parametrize("path", TRANSLATIONS, ids=lambda path: path.stem)
def test_a_translation_is_complete(path: Path) -> None:
	catalog = messages.read(path)
	assert messages.stale(messages.read(messages.POT), catalog) + messages.faults(catalog) == []


# the visit page


def literals(source: str) -> Iterator[str]:
	"""What is given to `__`. Raises `ValueError` where that is not a literal, which no extractor finds."""
	for call in CALL.finditer(source):
		found = LITERAL.match(source, call.end())
		if not found:
			raise ValueError(f"__ needs a literal, near: {source[call.start() : call.start() + 60]}")
		yield json.loads(found[1])


def test_the_page_is_given_what_it_can_say() -> None:
	sources = [path for path in (messages.CHECKOUT / PAGE).rglob("*.js") if path.name != "words.js"]
	spoken = {text for path in sources for text in literals(path.read_text(encoding="utf-8"))}
	assert set(page_texts()) == spoken


def test_a_computed_message_is_noticed() -> None:
	assert list(literals('__("One") + __(\n\t"Two {0}",\n\t[x])')) == ["One", "Two {0}"]
	with pytest.raises(ValueError, match="literal"):
		list(literals("return __(name);"))


# planted


def in_code(folder: Path, **files: str) -> Catalog:
	for name, text in files.items():
		path = folder / messages.PACKAGE / name.replace("_", ".")
		path.parent.mkdir(exist_ok=True)
		path.write_text(text)
	return messages.extracted(folder)


def test_a_message_that_is_not_in_the_template_is_noticed(tmp_path: Path) -> None:
	found = in_code(
		tmp_path, a_py='x = _("Python")', b_js='`${__("JavaScript")}`', c_html='{{ _("Template") | e }}'
	)
	texts = ("JavaScript", "Python", "Template")
	assert sorted(messages.stale(found, Catalog())) == [f"not in the catalogue: {text}" for text in texts]
	assert messages.stale(found, found) == []


def test_a_message_that_has_gone_or_moved_is_noticed(tmp_path: Path) -> None:
	catalog = Catalog()
	catalog.add("Moved", locations=[("elsewhere.py", 1)])
	catalog.add("Gone")
	found = in_code(tmp_path, a_py='x = _("Moved")')
	assert messages.stale(found, catalog) == ["no longer in the code: Gone", "in other files: Moved"]


@pytest.mark.parametrize(
	("translation", "fault"),
	[
		("", "not translated"),
		("Hola {0}", "has other placeholders"),
		("Hola {1} de {0}", ""),
		("Hola {0} de {0} y {1}", "has other placeholders"),
		(" Hola {0} de {1}", "begins or ends with other blanks"),
	],
)
def test_a_faulty_translation_is_noticed(translation: str, fault: str) -> None:
	catalog = Catalog()
	catalog.add("Hello {0} of {1}", translation)
	assert messages.faults(catalog) == ([f"{fault}: Hello {{0}} of {{1}}"] if fault else [])


def test_a_fuzzy_translation_is_noticed() -> None:
	catalog = Catalog()
	catalog.add("Hello", "Adiós", flags=["fuzzy"])
	assert messages.faults(catalog) == ["fuzzy: Hello"]
