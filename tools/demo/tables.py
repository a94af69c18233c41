"""The entities as tables of SQLite, made from their own fields: a column for each field, and its Python type in both directions."""

from __future__ import annotations

import json
import re
import types
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from datetime import date, datetime
from decimal import Decimal
from enum import Enum as Words
from typing import Any, Union, get_args, get_origin, get_type_hints

from sqlalchemy import (
	Boolean,
	Column,
	Date,
	Enum,
	Integer,
	MetaData,
	String,
	Table,
	TypeDecorator,
)
from sqlalchemy.types import TypeEngine

from theranvio_telehealth.domain.entities import (
	EPOCH,
	MILLISECOND,
	Allowance,
	Appointment,
	Join,
	Participant,
	Policy,
	ProviderAccount,
	Room,
	Settings,
	UsageEntry,
)
from theranvio_telehealth.domain.provider_events import ProviderEvent


class Instant(TypeDecorator[datetime]):
	"""An aware UTC datetime, in milliseconds."""

	impl = Integer
	cache_ok = True

	def process_bind_param(self, value: datetime | None, dialect: Any) -> int | None:
		return None if value is None else (value - EPOCH) // MILLISECOND

	def process_result_value(self, value: int | None, dialect: Any) -> datetime | None:
		return None if value is None else EPOCH + value * MILLISECOND


class Tuple(TypeDecorator[tuple[Any, ...]]):
	"""A tuple of values that print as text and are read from it, as a JSON list."""

	impl = String
	cache_ok = True

	def __init__(self, item: type) -> None:
		super().__init__()
		self.item = item

	def process_bind_param(self, value: tuple[Any, ...] | None, dialect: Any) -> str:
		return json.dumps([str(item) for item in value or ()])

	def process_result_value(self, value: str | None, dialect: Any) -> tuple[Any, ...]:
		return tuple(map(getattr(self.item, "read", self.item), json.loads(value or "[]")))


class PolicyText(TypeDecorator[Policy]):
	"""A policy, as a JSON object of milliseconds."""

	impl = String
	cache_ok = True

	def process_bind_param(self, value: Policy | None, dialect: Any) -> str:
		return json.dumps({name: length // MILLISECOND for name, length in asdict(value or Policy()).items()})

	def process_result_value(self, value: str | None, dialect: Any) -> Policy:
		return Policy(**{name: MILLISECOND * length for name, length in json.loads(value or "{}").items()})


class Money(TypeDecorator[Decimal]):
	"""A decimal, in millionths."""

	impl = Integer
	cache_ok = True

	def process_bind_param(self, value: Decimal | None, dialect: Any) -> int | None:
		return None if value is None else int(value * 1_000_000)

	def process_result_value(self, value: int | None, dialect: Any) -> Decimal | None:
		return None if value is None else Decimal(value) / 1_000_000


SCALARS: dict[type, type[TypeEngine[Any]]] = {
	str: String,
	int: Integer,
	bool: Boolean,
	Decimal: Money,
	date: Date,
	datetime: Instant,
	Policy: PolicyText,
}


def type_of(hint: Any) -> TypeEngine[Any]:
	"""The column's type for a field's: a scalar, an enum, or a tuple."""
	if get_origin(hint) is tuple:
		return Tuple(get_args(hint)[0])
	if issubclass(hint, Words):
		return Enum(
			hint, native_enum=False, length=None, values_callable=lambda words: [w.value for w in words]
		)
	return SCALARS[hint]()


def is_optional(hint: Any) -> bool:
	return get_origin(hint) in (Union, types.UnionType)


def table_of(entity: type, key: str = "", unique: Sequence[str] = (), indexed: Sequence[str] = ()) -> Table:
	"""`key`: the field that names a row; empty: the table has one row. Columns are in the order of the fields."""
	hints = get_type_hints(entity)
	columns = []
	for field in fields(entity):
		hint = hints[field.name]
		required = next(a for a in get_args(hint) if a is not type(None)) if is_optional(hint) else hint
		columns.append(
			Column(
				field.name,
				type_of(required),
				nullable=is_optional(hint),
				unique=field.name == key or field.name in unique,
				index=field.name in indexed or None,
			)
		)
	name = re.sub(r"(?<!^)(?=[A-Z])", "_", entity.__name__).lower()
	secret = frozenset(field.name for field in fields(entity) if not field.repr)
	return Table(name, METADATA, *columns, info={"entity": entity, "key": key, "secret": secret})


@dataclass(frozen=True, slots=True)
class Shown:
	"""What the clinic's own list shows of an appointment: its room. `changed_on`: when the clinic last wrote it."""

	appointment: str
	room: str
	changed_on: datetime


@dataclass(frozen=True, slots=True)
class Change:
	"""One write to a room or a participant: who, when, and the columns that changed, as JSON."""

	subject: str
	changed_on: datetime
	changed_by: str
	changes: str


METADATA = MetaData()
ROOM = table_of(Room, "name", unique=("appointment_key",), indexed=("appointment",))
PARTICIPANT = table_of(Participant, "name", indexed=("room",))
APPOINTMENT = table_of(Appointment, "name")
SHOWN = table_of(Shown, "appointment")
ALLOWANCE = table_of(Allowance, "name")
JOIN = table_of(Join, "attendee_id", indexed=("room", "meeting_id"))
EVENT = table_of(ProviderEvent, "key", indexed=("meeting_id",))
USAGE = table_of(UsageEntry, "idempotency_key", indexed=("room",))
PROVIDER = table_of(ProviderAccount, "name")
SETTINGS = table_of(Settings)
CHANGE = table_of(Change)
TABLES: dict[type, Table] = {table.info["entity"]: table for table in METADATA.tables.values()}
