"""A clinic as it is described in a file: when its visits are, and how they go. Times are minutes, shares lie between 0 and 1."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields
from pathlib import Path
from typing import Any, TypeVar, get_type_hints

from theranvio_telehealth.domain.bounds import DAY, Bounds
from theranvio_telehealth.domain.enums import Adapter
from theranvio_telehealth.providers import registry
from theranvio_telehealth.providers.base import Capabilities, MediaProvider

if sys.version_info >= (3, 11):
	import tomllib
else:
	import tomli as tomllib

T = TypeVar("T")


class BadInput(ValueError):
	"""What is wrong with what was given, in one sentence."""


def bounded(least: int, most: int, default: Any = MISSING) -> Any:
	"""A number that a file may give; without a default it has to."""
	return field(default=default, metadata={"bounds": Bounds(least, most)})


@dataclass(frozen=True, slots=True)
class Timetable:
	"""When visits are booked: a clinician's day has as many slots as fit into it, each booked with the same chance."""

	clinicians: int = bounded(1, 100_000)
	visits_a_day: float = bounded(0, DAY)  # of each clinician, on average
	days: int = bounded(1, 31, 21)  # working days in the month
	hours_a_day: float = bounded(1, 24, 8)
	slot_minutes: int = bounded(1, DAY, 60)
	minutes: int = bounded(1, DAY, 50)  # of each visit, as booked
	month_spread: float = bounded(0, 1, 0)  # standard deviation between months, as a share of the visits

	@property
	def slots(self) -> int:
		return int(self.hours_a_day * 60 // self.slot_minutes)


@dataclass(frozen=True, slots=True)
class Habits:
	"""How visits go. A late person comes after the start, an early one leaves before the end: exponential, by these means."""

	name: str = ""
	provider: str = registry.FIRST.value
	price: float = bounded(0, 1000, 0)  # of an attendee-minute
	currency: str = ""
	allowance_minutes: float = bounded(0, 10**12, 0)  # 0: none to compare with
	length_spread: float = bounded(0, 2, 0)  # a standard deviation, as a share of the booked length
	no_shows: float = bounded(0, 1, 0)  # share of visits to which no client comes
	no_show_minutes: float = bounded(0, DAY, 10)  # that the clinician waits in the call
	group_share: float = bounded(0, 1, 0)  # share of visits with several clients
	group_clients: int = bounded(2, 249, 2)  # in each of those
	late_minutes: float = bounded(0, DAY, 0)
	early_minutes: float = bounded(0, DAY, 0)
	waiting_minutes: float = bounded(0, DAY, 5)  # of each client in the waiting room
	rejoins: float = bounded(0, 20, 0)  # joins of each person beyond the first
	nudges: bool = True  # whether browsers receive realtime nudges

	@property
	def capabilities(self) -> Capabilities:
		return self.provider_class.capabilities

	@property
	def provider_class(self) -> type[MediaProvider]:
		return registry.provider_class(Adapter(self.provider))


KINDS: Mapping[type, tuple[str, tuple[type, ...]]] = {
	int: ("a whole number", (int,)),
	float: ("a number", (int, float)),
	str: ("a text", (str,)),
	bool: ("true or false", (bool,)),
}


def read_file(path: Path) -> dict[str, Any]:
	"""What a `.toml` or `.json` file says. Raises `BadInput`."""
	loads = {".toml": tomllib.loads, ".json": json.loads}.get(path.suffix)
	if loads is None:
		raise BadInput(f"{path.name} is neither a .toml nor a .json file.")
	try:
		found = loads(path.read_text(encoding="utf-8"))
	except OSError as error:
		raise BadInput(f"{path.name} cannot be read: {error.strerror}.") from None
	except (ValueError, RecursionError) as error:
		raise BadInput(f"{path.name} is not well-formed: {str(error).rstrip('.')}.") from None
	if not isinstance(found, dict):
		raise BadInput(f"{path.name} does not hold keys and values.")
	return found


def described(values: Mapping[str, Any]) -> tuple[Timetable, Habits]:
	"""A whole clinic. Raises `BadInput`."""
	known = {each.name for each in fields(Timetable)}
	how = habits({key: value for key, value in values.items() if key not in known})
	times = _made(Timetable, {key: value for key, value in values.items() if key in known})
	if times.visits_a_day > times.slots:
		raise BadInput(
			f"visits_a_day: {times.visits_a_day:g} visits do not fit into {times.slots} slots a day."
		)
	return times, how


def habits(values: Mapping[str, Any]) -> Habits:
	"""How visits go, where it is known already when they are. Raises `BadInput`."""
	found = _made(Habits, values)
	if found.provider not in {adapter.value for adapter in Adapter}:
		raise BadInput(f"provider: there is no {found.provider!r}; there are {', '.join(map(str, Adapter))}.")
	can = found.capabilities
	if not can.embedded:
		raise BadInput(f"provider: visits by {found.provider} take place elsewhere and use no minutes here.")
	if found.group_share and found.group_clients >= can.max_people:
		raise BadInput(
			f"group_clients: a call by {found.provider} holds {can.max_people} people, the clinician included."
		)
	return found


def _made(kind: type[T], values: Mapping[str, Any]) -> T:
	hints = get_type_hints(kind)
	known = {each.name: each for each in fields(kind)}  # type: ignore[arg-type]
	for key, value in values.items():
		if key not in known:
			raise BadInput(f"{key}: there is no such key.")
		_require(key, value, hints[key], known[key].metadata.get("bounds"))
	for key, each in known.items():
		if each.default is MISSING and key not in values:
			raise BadInput(f"{key} is missing.")
	return kind(**values)


def _require(key: str, value: Any, wanted: type, bounds: Bounds | None) -> None:
	name, kinds = KINDS[wanted]
	if type(value) not in kinds:  # True is an int
		raise BadInput(f"{key}: {value!r} is not {name}.")
	if bounds and not bounds.hold(value):
		raise BadInput(f"{key}: {value} is not between {bounds.least:,} and {bounds.most:,}.")
