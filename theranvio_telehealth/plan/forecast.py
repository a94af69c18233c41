"""What the simulated months come to: minutes, cost, peaks, rows and requests, and the allowance to buy for a risk."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from theranvio_telehealth.plan import footprint
from theranvio_telehealth.plan.clinic import BadInput, Habits
from theranvio_telehealth.plan.simulation import Day, Months, month_factors, simulate

#: Visits that are drawn for a forecast if no number of months is asked for, and how many months that may come to.
VISITS_DRAWN = 50_000_000
FEWEST, MOST, MOST_AT_ALL = 20, 200, 100_000
RISKS = (0.2, 0.1, 0.05, 0.01)


@dataclass(frozen=True, slots=True)
class Spread:
	"""A figure of a month. 5 % of the months are below `low`, and 5 % above `high`."""

	mean: float
	low: float
	middle: float
	high: float
	most: float

	@classmethod
	def of(cls, values: NDArray[np.float64] | NDArray[np.int64]) -> Spread:
		low, middle, high = np.quantile(values, (0.05, 0.5, 0.95))
		return cls(*(round(float(value), 4) for value in (values.mean(), low, middle, high, values.max())))


@dataclass(frozen=True, slots=True)
class Forecast:
	"""One month. `allowances`: the minutes to buy, by the chance that they run out; `runs_out`: the chance that the
	clinic's own allowance does, if it has one."""

	habits: Habits
	months: int
	visits: Spread
	no_shows: Spread
	minutes: Spread
	cost: Spread
	meetings: Spread
	people: Spread
	calls: Spread
	rows: Mapping[str, float]
	requests: Mapping[str, float]
	risk: float
	allowances: Mapping[float, int]
	runs_out: float | None
	month_minutes: Sequence[float]

	@property
	def allowance(self) -> int:
		return self.allowances[self.risk]


def months_for(days: Sequence[Day], risk: float) -> int:
	"""Enough of them for the risk, and no more than can be drawn in a short time."""
	booked = sum(float((day.seats * day.chances).sum()) for day in days)
	affordable = int(VISITS_DRAWN / max(booked, 1))
	return max(min(affordable, MOST), FEWEST, math.ceil(1 / risk))


def forecast(
	days: Sequence[Day],
	habits: Habits,
	rng: np.random.Generator,
	*,
	risk: float = 0.05,
	months: int = 0,
	month_spread: float = 0,
) -> Forecast:
	"""`months` to simulate; 0: enough of them. Raises `BadInput`."""
	if not 0 < risk < 1:
		raise BadInput(f"The risk has to be between 0 and 1, and {risk:g} is not.")
	fewest, number = math.ceil(1 / risk), months or months_for(days, risk)
	if number < fewest:
		raise BadInput(f"A risk of {risk:g} takes at least {fewest:,} months.")
	if number > MOST_AT_ALL:
		raise BadInput(
			f"At most {MOST_AT_ALL:,} months are simulated, and a risk of {risk:g} takes {fewest:,}."
		)
	return _summed(habits, simulate(days, habits, month_factors(month_spread, number, rng), rng), risk)


def _summed(habits: Habits, found: Months, risk: float) -> Forecast:
	minutes = (found.host_seconds + found.client_seconds) / 60
	rejoins = habits.rejoins * (found.visits + found.clients)
	visits, clients = float(found.visits.mean()), float(found.clients.mean())
	seconds = float(found.host_seconds.mean()), float(found.client_seconds.mean())
	return Forecast(
		habits=habits,
		months=len(minutes),
		visits=Spread.of(found.visits),
		no_shows=Spread.of(found.absent),
		minutes=Spread.of(minutes),
		cost=Spread.of((found.tenths + rejoins) / 10 * habits.price),
		meetings=Spread.of(found.meetings),
		people=Spread.of(found.people),
		calls=Spread.of(found.calls),
		rows=footprint.rows(habits, visits, visits - float(found.absent.mean()), clients),
		requests=footprint.requests(habits, visits, clients, *seconds),
		risk=risk,
		allowances={each: to_buy(minutes, each) for each in (*RISKS, risk) if len(minutes) * each >= 1},
		runs_out=float((minutes > habits.allowance_minutes).mean()) if habits.allowance_minutes else None,
		month_minutes=[float(value) for value in minutes],
	)


def to_buy(minutes: NDArray[np.float64], risk: float) -> int:
	"""Whole minutes that at most this share of the months exceeds."""
	return math.ceil(np.quantile(minutes, 1 - risk, method="higher"))
