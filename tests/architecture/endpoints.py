"""Every endpoint is guarded and says which HTTP methods it takes; type checks of the platform are left working."""

from __future__ import annotations

import ast
import re

from tests.architecture.sources import Function, at, functions, imported, inside, layer_of

GUARDS = "theranvio_telehealth.api.guards."
#: The files whose endpoints let guests in, and their guard: what events say brings its own proof; `guarded` asks guests for
#: an invitation.
OPEN = {"api/events.py": "received", "api/visit.py": "guarded"}


def decorators(function: Function) -> list[str]:
	return [ast.unparse(d.func if isinstance(d, ast.Call) else d) for d in function.decorator_list]


def is_endpoint(function: Function) -> bool:
	return any(name in ("frappe.whitelist", "whitelist") for name in decorators(function))


def unguarded(path: str, text: str) -> list[str]:
	"""In `api/` a guard stands right under `whitelist`, and is the real one: `received` for events, `guarded` everywhere
	else; guests are let in by two files only. Outside `api/` the document's own permission is asked for first."""
	return [
		at(path, f.lineno, f"{f.name} is not guarded")
		for f in functions(text)
		if is_endpoint(f) and not (_has_guard(f, path, text) if layer_of(path) == "api" else _asks_first(f))
	]


def _has_guard(function: Function, path: str, text: str) -> bool:
	lets_guests_in = "allow_guest" in ast.unparse(function.decorator_list[0])
	guard = OPEN.get(inside(path), "guarded")
	is_real = GUARDS + guard in {name for _, name in imported(text)}
	is_in_place = inside(path) in OPEN if lets_guests_in else guard == "guarded"
	return is_real and is_in_place and decorators(function)[:2] == ["frappe.whitelist", guard]


def _asks_first(function: Function) -> bool:
	"""`check_permission` is called on the document that the first statement loads, or `only_for` is, or
	`has_permission` that raises, or a helper that requires it; or a PermissionError is raised."""
	opening = [ast.unparse(statement) for statement in function.body[:2] if not _is_docstring(statement)]
	raises = re.compile(
		r"frappe\.has_permission\(.*throw=True\)|\b_require\w*\(|frappe\.throw\(.*frappe\.PermissionError\)"
	)
	return any(
		".check_permission(" in s or s.startswith("frappe.only_for(") or raises.search(s) for s in opening
	)


def _is_docstring(statement: ast.stmt) -> bool:
	return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def without_methods(path: str, text: str) -> list[str]:
	return [
		at(path, f.lineno, f"{f.name} takes any HTTP method")
		for f in functions(text)
		for d in f.decorator_list
		if ast.unparse(d).startswith("frappe.whitelist") and "methods=" not in ast.unparse(d)
	]


def future_annotations(path: str, text: str) -> list[str]:
	"""They turn the platform's type checks off, which read annotations at run time."""
	line = next((line for line, name in imported(text) if name == "__future__.annotations"), 0)
	checked = layer_of(path) in ("api", "overrides") or any(is_endpoint(f) for f in functions(text))
	return [at(path, line, "postpones annotations")] if line and checked else []
