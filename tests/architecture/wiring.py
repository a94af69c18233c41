"""References by name: dotted paths, patches, DocTypes and their entities, the card's fields."""

from __future__ import annotations

import json
import re
import types
from collections.abc import Mapping
from dataclasses import fields
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any, Union, get_args, get_origin, get_type_hints

from tests.architecture.sources import PACKAGE, Tree, at, module_path, python, strings, top_level_names
from theranvio_telehealth.domain import entities, provider_events

DOTTED = re.compile(rf"{PACKAGE}(\.[A-Za-z_]\w*)+")
FILE = re.compile(rf"(?:/assets/{PACKAGE}|public)/([\w./-]+\.\w+)")
BUILT = re.compile(r"/dist/|\.bundle\.")

#: Which DocType keeps which entity, and whether it keeps anything else; after a plus, what it keeps apart.
STORED_IN: dict[type, tuple[str, bool]] = {
	entities.Room: ("Appointment Room+Room Meeting", False),
	entities.Participant: ("Room Participant+Participant Access", False),
	entities.Join: ("Room Join", False),
	provider_events.ProviderEvent: ("Provider Event", False),
	entities.Allowance: ("Usage Allowance", False),
	entities.UsageEntry: ("Usage Entry", False),
	entities.ProviderAccount: ("Media Provider", True),
	entities.Agreement: ("BAA Record", True),
}
#: Columns that the platform gives to every DocType.
STANDARD = {"name", "modified"}
LAYOUT = {"Section Break", "Column Break", "Tab Break", "HTML", "Button", "Heading"}
TYPES: dict[type, set[str]] = {
	str: {"Data", "Link", "Small Text", "Long Text", "Select", "Password", "Text"},
	bool: {"Check"},
	int: {"Int", "Percent"},
	Decimal: {"Currency", "Float"},
	datetime: {"Datetime"},
	date: {"Date"},
	tuple: {"Small Text", "Long Text", "Text"},
}

#: The card's names, each in the one place where its reader looks.
CARD = {
	f"{PACKAGE}/": f"{PACKAGE}/__init__.py",
	"hooks.py": f"{PACKAGE}/hooks.py",
	"fixtures/": f"{PACKAGE}/fixtures/",
	"patches/": f"{PACKAGE}/patches/",
	"tests/": "tests/",
	"setup.py": "setup.py",
	"README.md": "README.md",
}


def dangling_paths(tree: Tree) -> list[str]:
	"""Dotted paths in strings, in the hooks and wherever else code is named, that lead to nothing."""
	return [
		at(path, line, f"{value} does not exist")
		for path, text in python(tree).items()
		for line, value in strings(text)
		if DOTTED.fullmatch(value) and not _exists(value, tree)
	]


def _exists(dotted: str, tree: Tree) -> bool:
	if module_path(dotted, tree) or any(p.startswith(dotted.replace(".", "/") + "/") for p in tree):
		return True
	module, _, name = dotted.rpartition(".")
	path = module_path(module, tree)
	return bool(path) and name in top_level_names(tree[str(path)])


def dangling_files(tree: Tree) -> list[str]:
	"""Files that the hooks name and that are not there; what a build makes is made later."""
	hooks = tree.get(f"{PACKAGE}/hooks.py", "")
	return [
		at(f"{PACKAGE}/hooks.py", line, f"{value} does not exist")
		for line, value in strings(hooks)
		if (match := FILE.fullmatch(value))
		and not BUILT.search(value)
		and f"{PACKAGE}/public/{match.group(1)}" not in tree
	]


def unlisted_patches(tree: Tree) -> list[str]:
	listed = {
		line.split()[0] for line in tree.get(f"{PACKAGE}/patches.txt", "").splitlines() if _is_patch(line)
	}
	written = {
		path.removesuffix(".py").replace("/", ".")
		for path in python(tree, f"{PACKAGE}/patches")
		if not path.endswith("__init__.py")
	}
	runnable = {p for p in written if "execute" in top_level_names(tree[p.replace(".", "/") + ".py"])}
	return [
		*(f"{patch} is not listed in patches.txt" for patch in sorted(written - listed)),
		*(f"{patch} is listed and does not exist" for patch in sorted(listed - written)),
		*(f"{patch} has no execute()" for patch in sorted(written - runnable)),
	]


def _is_patch(line: str) -> bool:
	return bool(line.strip()) and line.strip()[0] not in "#["


def doctypes(tree: Tree) -> dict[str, dict[str, Any]]:
	"""Name → fields by name, of every DocType that is there."""
	found = [json.loads(t) for p, t in tree.items() if "/doctype/" in p and p.endswith(".json")]
	return {
		doctype["name"]: {f["fieldname"]: f for f in doctype["fields"] if f["fieldtype"] not in LAYOUT}
		for doctype in found
		if doctype.get("doctype") == "DocType"
	}


def entity_mismatches(tree: Tree, stored_in: Mapping[type, tuple[str, bool]] | None = None) -> list[str]:
	"""Fields, types and words of the entities against those of their DocTypes, of those that are there."""
	known = doctypes(tree)
	return [
		f"{doctype}: {what}"
		for entity, (doctype, more) in (stored_in or STORED_IN).items()
		if doctype.partition("+")[0] in known
		for what in _mismatches(entity, _together(doctype, known), more)
	]


def _together(doctype: str, known: Mapping[str, dict[str, Any]]) -> dict[str, Any]:
	return {name: field for part in doctype.split("+") for name, field in known.get(part, {}).items()}


def _mismatches(entity: type, stored: dict[str, Any], more: bool) -> list[str]:
	hints = get_type_hints(entity)
	wanted = {f.name: hints[f.name] for f in fields(entity) if f.name not in STANDARD}  # type: ignore[arg-type]
	return [
		*(f"has no {name}" for name in wanted.keys() - stored.keys()),
		*(f"has {name}, which the entity has not" for name in stored.keys() - wanted.keys() if not more),
		*(
			f"{name} is {stored[name]['fieldtype']}"
			for name in wanted.keys() & stored.keys()
			if not _fits(wanted[name], stored[name])
		),
	]


def _fits(hint: Any, field: dict[str, Any]) -> bool:
	if get_origin(hint) in (Union, types.UnionType):
		hint = next(a for a in get_args(hint) if a is not type(None))
	if isinstance(hint, type) and issubclass(hint, Enum):
		options = {option for option in field.get("options", "").split("\n") if option}
		return field["fieldtype"] == "Select" and options == {word.value for word in hint}
	return field["fieldtype"] in TYPES[get_origin(hint) or hint]


def missing_from_card(tree: Tree) -> list[str]:
	"""A card's name that is not in its place; a file of the card's that is in a second one, where it would mislead."""
	missing = [
		f"{name} is not at {place}" for name, place in CARD.items() if not any(_is_at(p, place) for p in tree)
	]
	twice = [
		f"{path} is a second {name}"
		for name in ("hooks.py", "setup.py")
		for path in tree
		if path.rpartition("/")[2] == name and path != CARD[name]
	]
	return missing + twice


def _is_at(path: str, place: str) -> bool:
	return path.startswith(place) if place.endswith("/") else path == place
