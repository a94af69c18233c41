"""Which adapter is meant is known in `providers/` only. Who may import a single provider, import-linter says."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tests.architecture.sources import at, inside, layer_of, parsed
from theranvio_telehealth.domain.enums import Adapter

VALUES = {adapter.value for adapter in Adapter}


def named_adapters(path: str, text: str) -> list[str]:
	"""An adapter's name or value outside `providers`."""
	if layer_of(path) == "providers" or inside(path) == "domain/enums.py":
		return []
	return [at(path, line, f"names {what}") for line, what in _named(parsed(text))]


def _named(tree: ast.Module) -> Iterator[tuple[int, str]]:
	typed = {id(part) for node in ast.walk(tree) for part in _annotations(node)}
	for node in ast.walk(tree):
		if isinstance(node, ast.Attribute) and node.attr in Adapter.__members__:
			if ast.unparse(node.value).rpartition(".")[2] == "Adapter":
				yield node.lineno, ast.unparse(node)
		elif isinstance(node, ast.Constant) and node.value in VALUES and id(node) not in typed:
			yield node.lineno, repr(node.value)


def _annotations(node: ast.AST) -> Iterator[ast.AST]:
	"""Frappe writes the options of a Select field as the type of its attribute."""
	if isinstance(node, ast.AnnAssign):
		yield from ast.walk(node.annotation)
