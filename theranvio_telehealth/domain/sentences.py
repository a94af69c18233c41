"""Sentences for administrators: English here, translated where they are shown."""

from __future__ import annotations

from collections.abc import Callable


def _(text: str) -> str:
	"""Marks a text for translation."""
	return text


class Sentence(str):
	"""A sentence with its values filled in, which remembers what to translate it by."""

	__slots__ = ("template", "values")
	template: str
	values: tuple[str, ...]

	def __new__(cls, template: str, *values: object) -> Sentence:
		shown = tuple(str(value) for value in values)
		made = super().__new__(cls, template.format(*shown))
		made.template, made.values = template, shown
		return made


def translated(text: str, translate: Callable[[str], str]) -> str:
	"""The sentence in the language that `translate` knows."""
	if isinstance(text, Sentence):
		return translate(text.template).format(*text.values)
	return translate(text)
