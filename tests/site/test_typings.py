"""typings/ against the installed Frappe: every module, name and parameter that it declares is there."""

from __future__ import annotations

import ast
import importlib
import inspect
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.architecture.sources import ROOT

TYPINGS = ROOT / "typings"
#: Named in typings only.
OURS = {"Session"}


def module_of(path: Path) -> str:
	return ".".join(path.relative_to(TYPINGS).with_suffix("").parts).removesuffix(".__init__")


def missing(module: Any, text: str) -> list[str]:
	return list(_missing(module, ast.parse(text).body))


def _missing(holder: Any, declared: list[ast.stmt]) -> Iterator[str]:
	for node in declared:
		if isinstance(node, ast.FunctionDef) and not node.name.startswith("__get"):
			yield from _missing_function(holder, node)
		elif isinstance(node, ast.ClassDef) and node.name not in OURS:
			held = getattr(holder, node.name, None)
			yield from [node.name] if held is None else _missing(held, node.body)
		elif isinstance(node, ast.AnnAssign) and inspect.ismodule(holder):
			yield from [] if hasattr(holder, ast.unparse(node.target)) else [ast.unparse(node.target)]


def _missing_function(holder: Any, node: ast.FunctionDef) -> Iterator[str]:
	function = getattr(holder, node.name, None)
	if not callable(function):
		yield from [node.name] if function is None else []
		return
	taken = inspect.signature(function).parameters
	if any(p.kind is p.VAR_KEYWORD for p in taken.values()):
		return
	for argument in [*node.args.args, *node.args.kwonlyargs]:
		if argument.arg not in {*taken, "self"}:
			yield f"{node.name}: {argument.arg}"


@pytest.mark.parametrize("path", sorted(TYPINGS.rglob("*.pyi")), ids=module_of)
def test_what_is_declared_is_there(site: Any, path: Path) -> None:
	assert missing(importlib.import_module(module_of(path)), path.read_text()) == []


@pytest.mark.parametrize(
	("text", "found"),
	[
		("def no_such_function() -> None: ...", "no_such_function"),
		("no_such_name: int", "no_such_name"),
		("class NoSuchClass: ...", "NoSuchClass"),
		("def scrub(text: str) -> str: ...", "scrub: text"),
	],
)
def test_a_declaration_that_frappe_has_not_is_found(site: Any, text: str, found: str) -> None:
	assert missing(importlib.import_module("frappe"), text) == [found]
