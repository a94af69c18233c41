"""The checkout as paths and texts; a test can pass a guard a tree with a violation instead."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGE = "theranvio_telehealth"

#: What others wrote, or what tools leave behind.
SKIPPED = {"node_modules", "__pycache__", "built", "dist", ".git", "package-lock.json"}
TEXTS = {
	".py",
	".js",
	".mjs",
	".json",
	".md",
	".html",
	".css",
	".txt",
	".toml",
	".cfg",
	".yml",
	".yaml",
	".sh",
	".po",
}

#: Path in the checkout → text.
Tree = Mapping[str, str]


@lru_cache(maxsize=1)
def checkout() -> Tree:
	"""Every text of ours, and the empty text for any other file."""
	return {path.relative_to(ROOT).as_posix(): _text(path) for path in _files(ROOT)}


def _files(folder: Path) -> Iterator[Path]:
	for entry in sorted(folder.iterdir()):
		hidden = entry.name.startswith(".") and entry.name != ".ci"
		if entry.name in SKIPPED or hidden or entry.name.endswith(".egg-info"):
			continue
		if entry.is_dir():
			yield from _files(entry)
		else:
			yield entry


def _text(path: Path) -> str:
	is_text = path.suffix in TEXTS or path.name in ("Makefile", "run")
	return path.read_text(encoding="utf-8") if is_text else ""


def python(tree: Tree, folder: str = PACKAGE) -> dict[str, str]:
	return {p: text for p, text in tree.items() if p.startswith(f"{folder}/") and p.endswith(".py")}


def inside(path: str) -> str:
	"""The path inside the package: `domain/rooms.py`."""
	return path.removeprefix(f"{PACKAGE}/")


@lru_cache(maxsize=1000)
def parsed(text: str) -> ast.Module:
	return ast.parse(text)


Function = ast.FunctionDef | ast.AsyncFunctionDef


def functions(text: str) -> list[Function]:
	return [n for n in ast.walk(parsed(text)) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)]


def length(function: Function) -> int:
	return (function.end_lineno or function.lineno) - function.lineno + 1


def top_level_names(text: str) -> set[str]:
	"""Functions and classes that can be reached by a dotted path."""
	kinds = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
	return {node.name for node in parsed(text).body if isinstance(node, kinds)}


def strings(text: str) -> Iterator[tuple[int, str]]:
	for node in ast.walk(parsed(text)):
		if isinstance(node, ast.Constant) and isinstance(node.value, str):
			yield node.lineno, node.value


def module_path(dotted: str, tree: Tree) -> str | None:
	"""The file of a module, if there is one."""
	base = dotted.replace(".", "/")
	return next((p for p in (f"{base}.py", f"{base}/__init__.py") if p in tree), None)


def at(path: str, line: int, what: str) -> str:
	return f"{path}:{line}: {what}"


def each(sources: Mapping[str, str], check: object) -> list[str]:
	"""What a check of one file finds in all of them."""
	assert callable(check)
	found: Iterable[list[str]] = (check(path, text) for path, text in sources.items())
	return [violation for violations in found for violation in violations]


def layer_of(path: str) -> str:
	"""The folder or module of the package that a file belongs to: `domain`, `hooks`."""
	return inside(path).partition("/")[0].removesuffix(".py")


def imported(text: str) -> Iterator[tuple[int, str]]:
	"""Every dotted name that is imported anywhere in the file."""
	for node in ast.walk(parsed(text)):
		if isinstance(node, ast.Import):
			yield from ((node.lineno, alias.name) for alias in node.names)
		elif isinstance(node, ast.ImportFrom):
			yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)
