"""Writes the browser's types of the visit state from the server's: `python scripts/state_types.py`."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterator
from enum import Enum
from pathlib import Path
from types import ModuleType, NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints, is_typeddict

sys.path.insert(0, str(Path(__file__).parents[1]))
from theranvio_telehealth.services import visit_state

TARGET = Path(__file__).parents[1] / "theranvio_telehealth/public/js/visit/visit_state.d.ts"
HEAD = "/* Made of services/visit_state.py by scripts/state_types.py. */\n"
PLAIN = {str: "string", bool: "boolean", int: "number", NoneType: "null", Any: "any"}


def rendered(module: ModuleType = visit_state) -> str:
	own = [held for held in vars(module).values() if is_typeddict(held)]
	enums = sorted({enum for held in own for enum in _enums(held)}, key=lambda enum: enum.__name__)
	return "\n".join((HEAD, *map(_union, enums), "", *map(_interface, own)))


def _interface(held: type) -> str:
	fields = "".join(f"\t{name}: {_type(hint)};\n" for name, hint in get_type_hints(held).items())
	return f"interface {held.__name__} {{\n{fields}}}\n"


def _union(enum: type[Enum]) -> str:
	return f"type {enum.__name__} = {' | '.join(_quoted(word.value) for word in enum)};"


def _type(hint: Any) -> str:
	if hint in PLAIN:
		return PLAIN[hint]
	origin, given = get_origin(hint), get_args(hint)
	if origin in (Union, UnionType):
		return " | ".join(map(_type, given))
	if origin is Literal:
		return " | ".join(map(_quoted, given))
	if origin is list:
		return f"{_type(given[0])}[]"
	if origin is dict:
		return f"Record<string, {_type(given[1])}>"
	return str(hint.__name__)


def _quoted(word: str) -> str:
	return f'"{word}"'


def _enums(held: type) -> Iterator[type[Enum]]:
	for hint in get_type_hints(held).values():
		for part in (hint, *get_args(hint)):
			if inspect.isclass(part) and issubclass(part, Enum):
				yield part


if __name__ == "__main__":
	TARGET.write_text(rendered())
