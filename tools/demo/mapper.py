"""Dataclasses to SQLite rows and back, from the dataclasses' own fields. It knows no entity by name."""

from __future__ import annotations

import json
import re
import types
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, is_dataclass
from datetime import date, datetime, timedelta, timezone
from enum import Enum
from typing import Any, Generic, TypeVar, Union, get_args, get_origin, get_type_hints

EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
MILLISECOND = timedelta(milliseconds=1)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Codec:
	"""How one type is kept in a column."""

	column: str
	encode: Callable[[Any], Any]
	decode: Callable[[Any], Any]


def to_millis(instant: datetime) -> int:
	return (instant - EPOCH) // MILLISECOND


def from_millis(millis: int) -> datetime:
	return EPOCH + millis * MILLISECOND


SCALARS: dict[type, Codec] = {
	str: Codec("text not null", str, str),
	int: Codec("integer not null", int, int),
	bool: Codec("integer not null", int, bool),
	datetime: Codec("integer not null", to_millis, from_millis),
	date: Codec("text not null", date.isoformat, date.fromisoformat),
	timedelta: Codec("integer not null", lambda d: d // MILLISECOND, lambda n: n * MILLISECOND),
}


def codec_of(hint: Any) -> Codec:
	"""The codec of a field's type: a scalar, a word, an optional, strings or a dataclass."""
	if get_origin(hint) in (Union, types.UnionType):
		return _optional(codec_of(next(a for a in get_args(hint) if a is not type(None))))
	if get_origin(hint) is tuple:
		read = getattr(get_args(hint)[0], "read", str)
		return Codec(
			"text not null",
			lambda value: json.dumps([str(word) for word in value]),
			lambda text: tuple(map(read, json.loads(text))),
		)
	if is_dataclass(hint):
		return _nested(Mapper(hint))  # type: ignore[arg-type]
	if issubclass(hint, Enum):
		return Codec("text not null", lambda word: word.value, hint)
	return SCALARS[hint]


def _optional(inner: Codec) -> Codec:
	return Codec(
		inner.column.removesuffix(" not null"),
		lambda value: None if value is None else inner.encode(value),
		lambda kept: None if kept is None else inner.decode(kept),
	)


def _nested(mapper: Mapper[Any]) -> Codec:
	return Codec(
		"text not null",
		lambda value: json.dumps(mapper.row(value)),
		lambda text: mapper.entity(json.loads(text)),
	)


class Mapper(Generic[T]):
	"""One entity's table. The key is the first field unless told otherwise; empty: it has one row."""

	def __init__(self, entity: type[T], key: str | None = None, unique: Sequence[str] = ()) -> None:
		hints = get_type_hints(entity)
		self.type = entity
		self.table = re.sub(r"(?<!^)(?=[A-Z])", "_", entity.__name__).lower()
		self.codecs = {f.name: codec_of(hints[f.name]) for f in fields(entity)}  # type: ignore[arg-type]
		self.secret = frozenset(f.name for f in fields(entity) if not f.repr)  # type: ignore[arg-type]
		self.key = next(iter(self.codecs)) if key is None else key
		self.unique = unique
		self.columns = ", ".join(f'"{name}"' for name in self.codecs)

	def row(self, entity: T) -> list[Any]:
		return [codec.encode(getattr(entity, name)) for name, codec in self.codecs.items()]

	def entity(self, row: Sequence[Any]) -> T:
		kept = zip(self.codecs.items(), row, strict=True)
		return self.type(**{name: codec.decode(value) for (name, codec), value in kept})

	@property
	def create(self) -> str:
		columns = [f'"{name}" {codec.column}' for name, codec in self.codecs.items()]
		columns += [f'unique ("{name}")' for name in (self.key, *self.unique) if name]
		return f'create table if not exists "{self.table}" ({", ".join(columns)})'

	@property
	def insert(self) -> str:
		return f'insert into "{self.table}" ({self.columns}) values ({", ".join("?" * len(self.codecs))})'

	@property
	def update(self) -> str:
		"""Set every column of the row whose key is the last parameter."""
		assignments = ", ".join(f'"{name}" = ?' for name in self.codecs)
		return f'update "{self.table}" set {assignments} where {self.is_key}'

	@property
	def select(self) -> str:
		return f'select {self.columns} from "{self.table}"'

	@property
	def is_key(self) -> str:
		return f'"{self.key}" = ?' if self.key else "? is not null"

	def key_of(self, entity: T) -> str:
		return str(getattr(entity, self.key)) if self.key else ""
