"""A plan's periods: months without gap or overlap, and what changes and ends of a period are worth."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from theranvio_telehealth.domain.allowance_plan import (
	Period,
	Plan,
	amendment,
	carried_over,
	month_end,
	percents,
	periods,
)
from theranvio_telehealth.domain.enums import FirstPeriod
from tools.harness.factories import make_allowance

PLAN = Plan("PLAN-1", date(2027, 1, 15), FirstPeriod.WHOLE, 3100)
CARRYING = replace(PLAN, carry_over_since=date(2020, 1, 1))
days = st.dates(date(2020, 1, 1), date(2030, 12, 31))


def test_from_the_first_day_to_the_end_of_next_month() -> None:
	assert list(periods(PLAN, date(2027, 2, 10))) == [
		Period(date(2027, 1, 15), date(2027, 1, 31), 3100),
		Period(date(2027, 2, 1), date(2027, 2, 28), 3100),
		Period(date(2027, 3, 1), date(2027, 3, 31), 3100),
	]


def test_a_plan_that_starts_later_has_its_first_period() -> None:
	assert list(periods(PLAN, date(2026, 1, 1))) == [Period(date(2027, 1, 15), date(2027, 1, 31), 3100)]


def test_the_first_period_pro_rata() -> None:
	first, second = list(periods(replace(PLAN, first_period=FirstPeriod.PRO_RATA), PLAN.starts_on))
	assert (first.minutes, second.minutes) == (1700, 3100)


@given(days, st.integers(0, 4000), st.sampled_from(FirstPeriod), st.integers(0, 10**6))
def test_without_gap_or_overlap(starts: date, later: int, first: FirstPeriod, minutes: int) -> None:
	today = starts + timedelta(days=later)
	made = list(periods(Plan("P", starts, first, minutes), today))
	assert made[0].start == starts
	assert made[-1].start > today
	assert all(b.start == a.end + timedelta(days=1) for a, b in itertools.pairwise(made))
	assert all((p.start.month, p.end) == (p.end.month, month_end(p.start)) for p in made)
	assert all(0 <= p.minutes <= minutes for p in made)


@given(days, st.integers(0, 10**6), st.integers(0, 10**6))
def test_an_amendment_and_its_opposite_take_at_most_a_second(start: date, before: int, after: int) -> None:
	period = make_allowance(period_start=start, period_end=month_end(start))
	assert 0 <= amendment(before, after, period) + amendment(after, before, period) <= 1


def test_an_amendment_of_a_whole_month() -> None:
	assert amendment(100, 160, make_allowance()) == 3600
	assert amendment(160, 100, make_allowance()) == -3600


class TestCarriedOver:
	ENDED = make_allowance(included_minutes=10, used_seconds=200)

	def test_not_from_before_it_was_wished(self) -> None:
		later = replace(PLAN, carry_over_since=self.ENDED.period_end + timedelta(days=1))
		assert carried_over(later, self.ENDED) == 0

	def test_what_is_left(self) -> None:
		assert carried_over(CARRYING, self.ENDED) == 400

	def test_nothing_without_the_plans_word(self) -> None:
		assert carried_over(PLAN, self.ENDED) == 0

	def test_a_debt_is_not_carried_over(self) -> None:
		assert carried_over(CARRYING, replace(self.ENDED, used_seconds=9999)) == 0

	def test_not_while_people_are_in_its_visits(self) -> None:
		assert carried_over(CARRYING, replace(self.ENDED, held_seconds=1)) is None


@pytest.mark.parametrize(
	("text", "found"), [("80", (80,)), ("90\n50 %", (50, 90)), ("50, 80,100", (50, 80, 100)), ("", ())]
)
def test_percents(text: str, found: tuple[int, ...]) -> None:
	assert percents(text) == found


@pytest.mark.parametrize("text", ["0", "101", "-1", "half", "80.5"])
def test_no_percents(text: str) -> None:
	with pytest.raises(ValueError, match=r".*"):
		percents(text)
