"""How long functions and files may be, and how much test there is to the code."""

from __future__ import annotations

from collections.abc import Mapping

from tests.architecture.sources import PACKAGE, Tree, at, functions, length

LONGEST_FUNCTION, MEDIAN, P95 = 50, 8, 30
LONGEST_FILE = 400
TESTS_TO_CODE = 1.4
CODE = (".py", ".js", ".mjs")


def long_functions(path: str, text: str) -> list[str]:
	return [
		at(path, f.lineno, f"{f.name} has {length(f)} lines")
		for f in functions(text)
		if length(f) > LONGEST_FUNCTION
	]


def long_files(tree: Tree) -> list[str]:
	lines = {p: len(text.splitlines()) for p, text in tree.items() if is_product(p)}
	return [at(path, n, f"has {n} lines") for path, n in lines.items() if n > LONGEST_FILE]


def spread(sources: Mapping[str, str]) -> list[str]:
	"""The median and the 95th percentile of the lengths of all functions."""
	lengths = sorted(length(f) for text in sources.values() for f in functions(text))
	if not lengths:
		return []
	median, p95 = lengths[len(lengths) // 2], lengths[int(len(lengths) * 0.95)]
	found = [("median", median, MEDIAN), ("95th percentile", p95, P95)]
	return [f"the {name} of functions is {n} lines, more than {most}" for name, n, most in found if n > most]


def is_product(path: str) -> bool:
	return path.startswith(f"{PACKAGE}/") and path.endswith(CODE)


def is_test(path: str) -> bool:
	return path.startswith("tests/") and path.endswith(CODE)


def lines_of(tree: Tree, kind: object) -> int:
	"""Lines that are not blank."""
	assert callable(kind)
	return sum(bool(line.strip()) for path, text in tree.items() if kind(path) for line in text.splitlines())


def too_few_tests(tree: Tree) -> list[str]:
	code, tests = lines_of(tree, is_product), lines_of(tree, is_test)
	if tests >= TESTS_TO_CODE * code:
		return []
	return [f"{tests} lines of tests to {code} of code: {tests / code:.2f}, less than {TESTS_TO_CODE}"]
