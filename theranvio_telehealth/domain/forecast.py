"""Whether what is booked fits what is left of an allowance."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from theranvio_telehealth.domain.allowance import fits
from theranvio_telehealth.domain.entities import Allowance, Price

#: How many people a booked visit is expected to have: its host and its client.
PEOPLE = 2


@dataclass(frozen=True, slots=True)
class Forecast:
	"""`needed_seconds` are of all people together; `fits` is about minutes and cost."""

	needed_seconds: int
	missing_seconds: int
	fits: bool


def needed_seconds(booked: timedelta) -> int:
	"""Of all people in visits that take so long together."""
	return PEOPLE * round(booked.total_seconds())


def forecast(allowance: Allowance, booked: timedelta, price: Price) -> Forecast:
	"""`booked`: how long the visits still to come take together. `price`: what their provider takes."""
	needed = needed_seconds(booked)
	missing = max(0, needed - max(0, allowance.left_seconds))
	return Forecast(needed, missing, needed == 0 or fits(allowance, needed, price))


def lacking(allowances: Iterable[Allowance], booked: timedelta, price: Price) -> list[Allowance]:
	"""Those that a visit which takes so long would not fit."""
	return [allowance for allowance in allowances if not forecast(allowance, booked, price).fits]
