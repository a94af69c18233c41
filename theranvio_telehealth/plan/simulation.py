"""A month of visits drawn many times, visit by visit, in pieces of bounded size. Times are whole seconds of a day."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from theranvio_telehealth.domain.allowance import SECONDS_PER_TENTH
from theranvio_telehealth.domain.entities import Policy
from theranvio_telehealth.plan.clinic import Habits, Timetable
from theranvio_telehealth.providers.base import Quotas

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

#: Visits that are drawn at once: their arrays stay within a processor's cache.
PIECE = 1 << 14
SECOND = timedelta(seconds=1)
#: No room stays open longer than this after the booked end.
OVERRUN = int(Policy().overrun.total_seconds())


@dataclass(frozen=True, slots=True, eq=False)
class Day:
	"""A day's visits: when they start, how long they are booked for, how many can start then, and each one's chance."""

	starts: Ints
	lengths: Ints
	seats: Ints
	chances: Floats

	@property
	def end(self) -> int:
		return int((self.starts + self.lengths).max(initial=0)) + OVERRUN


@dataclass(frozen=True, slots=True, eq=False)
class Months:
	"""The simulated months, one to a row of each array. `calls`: the most calls that had come to the provider before it
	could have served them, at its sustained rate."""

	visits: Ints
	absent: Ints
	clients: Ints
	host_seconds: Ints
	client_seconds: Ints
	tenths: Ints
	meetings: Ints
	people: Ints
	calls: Ints


def days_of(times: Timetable) -> list[Day]:
	slots = times.slots
	day = Day(
		starts=np.arange(slots) * times.slot_minutes * 60,
		lengths=np.full(slots, times.minutes * 60),
		seats=np.full(slots, times.clinicians),
		chances=np.full(slots, times.visits_a_day / max(slots, 1)),
	)
	return [day] * times.days


def days_booked(visits: Iterable[tuple[datetime, timedelta]]) -> list[Day]:
	"""The days of visits whose start and length are known, and which are booked for certain."""
	by_day = defaultdict(list)
	for start, length in visits:
		second = (start - datetime.combine(start, time())) // SECOND
		by_day[start.date()].append((second, length // SECOND))
	pairs = (np.array(pairs, np.int64).T for pairs in by_day.values())
	return [Day(starts, lengths, np.ones_like(starts), np.ones(len(starts))) for starts, lengths in pairs]


def month_factors(spread: float, months: int, rng: np.random.Generator) -> Floats:
	"""By how much each month is busier than the mean: log-normal, one from each of as many equally likely stretches."""
	sigma = math.sqrt(math.log1p(spread**2))
	places = np.clip((np.arange(months) + rng.random(months)) / months, 1e-9, 1 - 1e-9)
	normal = np.array([NormalDist().inv_cdf(place) for place in places])
	return np.exp(sigma * normal - sigma**2 / 2)


def simulate(days: Sequence[Day], habits: Habits, factors: Floats, rng: np.random.Generator) -> Months:
	"""As many months as there are factors."""
	rows = [_month(days, habits, factor, rng) for factor in factors]
	return Months(*np.array(rows).T)


def _month(days: Sequence[Day], habits: Habits, factor: float, rng: np.random.Generator) -> Ints:
	counts, peaks = np.zeros(6, np.int64), np.zeros(3, np.int64)
	for day in days:
		booked = rng.binomial(day.seats, np.minimum(1, day.chances * factor))
		moments = np.zeros((5, day.end + int(habits.no_show_minutes * 60) + 2), np.int64)
		for slots in _pieces(booked):
			counts += _visits(day.starts[slots], day.lengths[slots], habits, rng, moments)
		peaks = np.maximum(peaks, _peaks(moments, habits.capabilities.quotas))
	return np.concatenate([counts, peaks])


def _pieces(booked: Ints) -> Iterator[Ints]:
	"""The slot of every visit, in pieces."""
	until = np.concatenate([[0], np.cumsum(booked)])
	for first in range(0, int(until[-1]), PIECE):
		yield np.repeat(np.arange(len(booked)), np.diff(np.clip(until, first, first + PIECE)))


def _visits(
	starts: Ints, lengths: Ints, habits: Habits, rng: np.random.Generator, moments: Ints
) -> tuple[int, ...]:
	"""The counts of `Months`. A meeting lasts from the clinician's coming until they end it for everybody.

	`moments` grows by, for each second: meetings begun and ended, clients come, gone, and gone before the end."""
	number = len(starts)
	lasted = np.minimum(_whole(lengths * _stretch(habits.length_spread, number, rng)), lengths + OVERRUN)
	begun = starts + np.minimum(_delays(habits.late_minutes, number, rng), lasted)
	came = rng.random(number, np.float32) >= habits.no_shows
	ended = np.where(came, starts + lasted, begun + round(habits.no_show_minutes * 60))
	visit = _visit_of_each_client(came, habits, rng)
	latest = ended[visit]
	late = starts[visit] + _delays(habits.late_minutes, len(visit), rng)
	entered = np.minimum(np.maximum(begun[visit], late), latest)
	left = np.maximum(entered, latest - _delays(habits.early_minutes, len(visit), rng))
	for row, seconds in zip(moments, (begun, ended, entered, left, left[left < latest]), strict=True):
		row += np.bincount(seconds, minlength=len(row))
	stays = ended - begun, left - entered
	tenths = sum(int((-(-each // SECONDS_PER_TENTH)).sum()) for each in stays)
	return number, number - int(came.sum()), len(visit), *(int(each.sum()) for each in stays), tenths


def _visit_of_each_client(came: NDArray[np.bool_], habits: Habits, rng: np.random.Generator) -> Ints:
	held = np.flatnonzero(came)
	if not habits.group_share:
		return held
	groups = held[rng.random(len(held), np.float32) < habits.group_share]
	return np.concatenate([held, np.repeat(groups, habits.group_clients - 1)])


def _stretch(spread: float, number: int, rng: np.random.Generator) -> NDArray[np.float32]:
	"""Log-normal, with a mean of 1."""
	sigma = math.sqrt(math.log1p(spread**2))
	exponents = np.float32(sigma) * rng.standard_normal(number, np.float32) - np.float32(sigma**2 / 2)
	stretched: NDArray[np.float32] = np.exp(exponents)
	return stretched


def _delays(mean: float, number: int, rng: np.random.Generator) -> Ints:
	return _whole(np.float32(mean * 60) * rng.standard_exponential(number, np.float32))


def _whole(values: NDArray[np.float32]) -> Ints:
	return np.rint(values).astype(np.int64)


def _peaks(moments: Ints, quotas: Quotas | None) -> Ints:
	"""The most meetings and people at once, and the most calls: a meeting and an attendee where a meeting begins, an
	attendee for each client, the removal of each who leaves early, and the end of the meeting."""
	begun, ended, entered, left, early = moments
	meetings = np.cumsum(begun - ended).max()
	people = np.cumsum(begun - ended + entered - left).max()
	if quotas is None:
		return np.array([meetings, people, 0])
	return np.array(
		[meetings, people, waiting_calls(2 * begun + ended + entered + early, quotas.calls_a_second)]
	)


def waiting_calls(calls: Ints, rate: int) -> int:
	"""The most calls waiting at once, of which `rate` a second are served."""
	backlog = np.concatenate([[0], np.cumsum(calls - rate)])
	return int((backlog[1:] + rate - np.minimum.accumulate(backlog)[:-1]).max(initial=0))
