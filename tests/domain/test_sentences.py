"""What providers say to administrators can be translated: every sentence keeps its template, and the template is marked."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from theranvio_telehealth import providers
from theranvio_telehealth.domain.sentences import Sentence, translated

FOLDER = Path(providers.__file__).parent
SPEAKERS = sorted(
	path.relative_to(FOLDER).as_posix()
	for path in FOLDER.rglob("*.py")
	if "theranvio_telehealth.domain.sentences" in path.read_text()
)
GERMAN = {"{0} is in {1}.": "In {1} ist {0}.", "All is well.": "Alles gut."}


def test_a_sentence_reads_as_what_it_says() -> None:
	sentence = Sentence("{0} is in {1}.", "A {1}", 5)
	assert sentence == "A {1} is in 5."
	assert isinstance(sentence, str)


@pytest.mark.parametrize(
	("sentence", "expected"),
	[
		(Sentence("{0} is in {1}.", "A {0} {x}", 5), "In 5 ist A {0} {x}."),
		(Sentence("All is well."), "Alles gut."),
		("All is well.", "Alles gut."),
		("Unknown.", "Unknown."),
	],
)
def test_it_is_translated_by_its_template(sentence: str, expected: str) -> None:
	assert translated(sentence, lambda text: GERMAN.get(text, text)) == expected


def _literals(text: str) -> set[str]:
	"""Sentences in the file that are not handed to `_`."""
	tree = ast.parse(text)
	documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
	docs = {
		id(node.body[0].value)
		for node in ast.walk(tree)
		if isinstance(node, documented) and node.body and isinstance(node.body[0], ast.Expr)
	}
	marked = {
		id(call.args[0])
		for call in ast.walk(tree)
		if isinstance(call, ast.Call) and getattr(call.func, "id", "") == "_"
	}
	found = (n for n in ast.walk(tree) if isinstance(n, ast.Constant) and isinstance(n.value, str))
	return {n.value for n in found if id(n) not in docs | marked and _is_sentence(n.value)}


def _is_sentence(text: str) -> bool:
	return text[:1].isupper() and text.endswith(".") and " " in text


@pytest.mark.parametrize("name", SPEAKERS)
def test_every_sentence_is_marked(name: str) -> None:
	text = (FOLDER / name).read_text()
	assert "_(" in text
	assert _literals(text) == set()


@pytest.mark.parametrize("planted", ['x = "Enter {0} here."', 'y = f("No answer came.")'])
def test_one_that_is_not_is_found(planted: str) -> None:
	assert _literals(f'"""Doc string."""\n{planted}\nz = _("All is well.")')
