"""The periods that an Allowance Plan makes: calendar months, ahead of time, without gap or overlap."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from theranvio_telehealth.domain.entities import Allowance
from theranvio_telehealth.domain.enums import FirstPeriod

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Plan:
	"""What a company, or one practitioner in it, may use each month."""

	name: str
	starts_on: date
	first_period: FirstPeriod
	minutes_per_month: int
	#: Periods that end on this day or later carry over what is left; None: none does.
	carry_over_since: date | None = None


@dataclass(frozen=True, slots=True)
class Period:
	"""Both days are within it."""

	start: date
	end: date
	minutes: int


def month_end(day: date) -> date:
	"""The last day of the month."""
	return (day.replace(day=28) + timedelta(days=4)).replace(day=1) - ONE_DAY


def periods(plan: Plan, today: date) -> Iterator[Period]:
	"""The plan's periods from its first to the one after today's, each with its minutes; a plan that starts later has its
	first one only."""
	start = plan.starts_on
	last = month_end(month_end(max(today, start)) + ONE_DAY) if today >= start else month_end(start)
	while start <= last:
		end = month_end(start)
		yield Period(start, end, _minutes(plan, start, end))
		start = end + ONE_DAY


def _minutes(plan: Plan, start: date, end: date) -> int:
	"""A share of a month is rounded up to the minute."""
	if start != plan.starts_on or plan.first_period is FirstPeriod.WHOLE:
		return plan.minutes_per_month
	return -(-plan.minutes_per_month * (end.day - start.day + 1) // end.day)


def amendment(before: int, after: int, allowance: Allowance) -> int:
	"""Seconds to add, which may be negative, to a period that has begun when the plan's minutes a month change: the share of the
	month that the period is, rounded towards the clinic."""
	end = month_end(allowance.period_start)
	days = allowance.period_end.day - allowance.period_start.day + 1
	return -(-(after - before) * 60 * days // end.day)


def carried_over(plan: Plan, ended: Allowance) -> int | None:
	"""Seconds that go on from an ended period to the next; None while people are still in its visits."""
	if plan.carry_over_since is None or ended.period_end < plan.carry_over_since:
		return 0
	return None if ended.held_seconds else max(0, ended.left_seconds)


def percents(text: str) -> tuple[int, ...]:
	"""Whole percentages, one to a line, in order. Raises `ValueError` for anything else, or more than 100."""
	found = sorted({int(word) for word in text.replace("%", " ").replace(",", " ").split()})
	if any(not 0 < percent <= 100 for percent in found):
		raise ValueError(text)
	return tuple(found)
