"""The catalogues in `theranvio_telehealth/locale`: `python scripts/messages.py` refreshes them from the code.

It finds what Frappe's `bench generate-pot-file` finds, without a bench; tests/site/test_messages.py compares the two.
tests/test_messages.py fails where a catalogue is not up to date or a translation is missing."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.pofile import read_po, write_po

CHECKOUT = Path(__file__).resolve().parents[1]
PACKAGE = "theranvio_telehealth"
LOCALE = CHECKOUT / PACKAGE / "locale"
POT = LOCALE / "main.pot"
BUILT = {"dist", "built", "__pycache__", "node_modules"}
KEYWORDS = {**DEFAULT_KEYWORDS, "__": None, "_lt": None}
PLACE = re.compile(r"\{\w*\}|</?\w+>")

Found = tuple[None, str, str, list[str]]


def doctype(file: BinaryIO, *_given: Any, **_options: Any) -> Iterator[Found]:
	"""Names, labels, descriptions, options and roles of a DocType, as `frappe.gettext.extractors.doctype` has them."""
	data = json.load(file)
	name = data["name"]
	yield None, "_", name, ["Name of a DocType"]
	if text := data.get("description"):
		yield None, "_", text, ["Description of a DocType"]
	for field in data.get("fields", []):
		for text, comment in _field(field, name):
			yield None, "_", text, [comment]
	for link in data.get("links", []):
		if "group" in link:
			yield None, "_", link["group"], [f"Group in {name}'s connections"]
		yield None, "_", link["link_doctype"], [f"Linked DocType in {name}'s connections"]
	for rule in data.get("permissions", []):
		yield None, "_", rule["role"], ["Name of a role"]


def _field(field: dict[str, Any], doctype: str) -> Iterator[tuple[str, str]]:
	kind, label = field["fieldtype"], field.get("label")
	where = f"'{label or field['fieldname']}' ({kind}) field in DocType '{doctype}'"
	if label:
		yield label, f"Label of a {kind} field in DocType '{doctype}'"
	if text := field.get("description"):
		yield text, f"Description of the {where}"
	options = field.get("options") or ""
	if kind == "Select" and field["fieldname"] != "naming_series":
		for option in options.split("\n"):
			if option and not option.isdigit():
				yield option, f"Option for the {where}"
	elif kind == "HTML" and options:
		yield options, f"Content of the {where}"


def workspace(file: BinaryIO, *_given: Any, **_options: Any) -> Iterator[Found]:
	data = json.load(file)
	where = f"in the {data['label']} Workspace"
	yield None, "_", data["label"], ["Name of a Workspace"]
	for kind in ("chart", "number_card"):
		for widget in data[f"{kind}s"]:
			yield None, "_", widget["label"], [f"Label of a {kind.replace('_', ' ')} {where}"]
	for link in data["links"]:
		yield None, "_", link["label"], [f"Label of a {link['type']} {where}"]
	for shortcut in data["shortcuts"]:
		yield None, "_", shortcut["label"], [f"Label of a shortcut {where}"]
		if "format" in shortcut:
			yield None, "_", shortcut["format"], [f"Count format of shortcut {where}"]
	for block in json.loads(data["content"]):
		if block["type"] in ("header", "paragraph"):
			yield None, "_", block["data"]["text"], [f"{block['type'].title()} text {where}"]


def report(file: BinaryIO, *_given: Any, **_options: Any) -> Iterator[Found]:
	yield None, "_", json.load(file)["report_name"], ["Name of a report"]


METHODS: list[tuple[str, Any]] = [
	("**/doctype/*/*.json", doctype),
	("**/workspace/*/*.json", workspace),
	("**/report/*/*.json", report),
	("**.py", "python"),
	("**.js", "javascript"),
	("**.html", "jinja2.ext:babel_extract"),
]


def extracted(checkout: Path = CHECKOUT) -> Catalog:
	"""Every message in the code, with the files it is in. Line numbers would change the catalogues with every commit."""
	catalog = _catalog()
	found = extract_from_dir(
		checkout / PACKAGE,
		METHODS,
		options_map={"**.js": {"parse_template_string": True}},
		keywords=KEYWORDS,
		directory_filter=lambda path: Path(path).name not in BUILT,
	)
	for file, _line, text, comments, context in found:
		if text:
			catalog.add(text, locations=[(f"{PACKAGE}/{file}", 0)], auto_comments=comments, context=context)
	return catalog


def _catalog() -> Catalog:
	return Catalog(
		project="Theranvio Telehealth",
		copyright_holder="Theranvio",
		msgid_bugs_address="support@theranvio.com",
		fuzzy=False,
	)


def read(path: Path) -> Catalog:
	with path.open("rb") as file:
		return read_po(file, locale=None if path == POT else path.stem)


def write(path: Path, catalog: Catalog) -> None:
	with path.open("wb") as file:
		write_po(file, catalog, width=0, sort_output=True, ignore_obsolete=True, include_lineno=False)


def stale(found: Catalog, catalog: Catalog) -> list[str]:
	"""What a catalogue lacks of the messages in the code, and what it has besides."""
	wanted, there = _places(found), _places(catalog)
	return [
		*(f"not in the catalogue: {text}" for text in wanted.keys() - there.keys()),
		*(f"no longer in the code: {text}" for text in there.keys() - wanted.keys()),
		*(f"in other files: {text}" for text in wanted.keys() & there.keys() if wanted[text] != there[text]),
	]


def _places(catalog: Catalog) -> dict[str, set[str]]:
	return {str(m.id): {file for file, _line in m.locations} for m in catalog if m.id}


def faults(catalog: Catalog) -> list[str]:
	"""What is wrong with the translations of a catalogue."""
	return [f"{fault}: {message.id}" for message in catalog if message.id for fault in _faults(message)]


def _faults(message: Message) -> Iterator[str]:
	text, translation = str(message.id), str(message.string)
	if message.fuzzy:
		yield "fuzzy"
	if not translation:
		yield "not translated"
	elif sorted(PLACE.findall(text)) != sorted(PLACE.findall(translation)):
		yield "has other placeholders"
	elif (text[:1].isspace(), text[-1:].isspace()) != (translation[:1].isspace(), translation[-1:].isspace()):
		yield "begins or ends with other blanks"


def refresh() -> None:
	found = extracted()
	if not POT.exists() or stale(found, read(POT)):
		found.creation_date = datetime.now().astimezone()
		write(POT, found)
	for path in sorted(LOCALE.glob("*.po")):
		catalog = read(path)
		if stale(read(POT), catalog):
			catalog.update(read(POT), no_fuzzy_matching=True)
			write(path, catalog)
		for fault in faults(catalog):
			print(f"{path.name}: {fault}")


if __name__ == "__main__":
	sys.exit(refresh())
