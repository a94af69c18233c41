"""What the months come to: spreads, cost, and the allowance to buy for a risk."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.plan.clinics import CERTAIN, MANY, VISITS, forecast_of
from theranvio_telehealth.plan.clinic import BadInput, Timetable
from theranvio_telehealth.plan.forecast import RISKS, Spread, months_for, to_buy
from theranvio_telehealth.plan.simulation import days_of

MINUTES = VISITS * 2 * 50
BUSY = {**CERTAIN, "visits_a_day": 1.5, "month_spread": 0.1, "no_shows": 0.1}


def test_without_chance_all_figures_are_one() -> None:
	found = forecast_of(**CERTAIN, price=0.0017, months=20)
	assert found.minutes == Spread(MINUTES, MINUTES, MINUTES, MINUTES, MINUTES)
	assert found.cost.mean == found.cost.most == pytest.approx(MINUTES * 0.0017)
	assert set(found.allowances.values()) == {MINUTES}
	assert found.months == len(found.month_minutes) == 20


def test_each_rejoin_may_begin_one_more_tenth() -> None:
	found = forecast_of(**CERTAIN, price=1, rejoins=0.5, months=20)
	assert found.minutes.mean == MINUTES
	assert found.cost.mean == pytest.approx(MINUTES + 0.1 * 0.5 * 2 * VISITS)


def test_a_spread_is_of_the_months() -> None:
	assert Spread.of(np.arange(101.0)) == Spread(50, 5, 50, 95, 100)


months = st.lists(st.integers(0, 10**6), min_size=1, max_size=60).map(lambda each: np.array(each, float))
risks = st.floats(0.01, 0.99)


@given(months, risks)
def test_at_most_that_share_of_the_months_needs_more(minutes: Any, risk: float) -> None:
	bought = to_buy(minutes, risk)
	assert (minutes > bought).sum() <= risk * len(minutes)


@given(months, risks)
def test_the_allowance_is_one_of_the_months_in_order(minutes: Any, risk: float) -> None:
	in_order, place = sorted(minutes), (len(minutes) - 1) * (1 - risk)
	assert to_buy(minutes, risk) in {in_order[math.ceil(place - 1e-9)], in_order[math.ceil(place)]}


@given(months, risks, risks)
def test_a_smaller_risk_never_takes_less(minutes: Any, one: float, other: float) -> None:
	assert to_buy(minutes, min(one, other)) >= to_buy(minutes, max(one, other))


def test_part_of_a_minute_is_bought_whole() -> None:
	assert to_buy(np.array([10.01]), 0.5) == 11


def test_allowances_by_risk() -> None:
	found = forecast_of(**BUSY, risk=0.02)
	in_order = [found.allowances[risk] for risk in sorted(found.allowances, reverse=True)]
	assert set(found.allowances) == {*RISKS, 0.02}
	assert in_order == sorted(in_order)
	assert len(set(in_order)) == len(in_order)
	assert found.allowance == found.allowances[0.02]
	assert np.mean(np.array(found.month_minutes) > found.allowance) <= 0.02


def test_a_risk_that_the_months_are_too_few_for_is_left_out() -> None:
	assert set(forecast_of(**BUSY, months=20).allowances) == {0.2, 0.1, 0.05}


@pytest.mark.parametrize(("there", "chance"), [(MINUTES - 1, 1.0), (MINUTES, 0.0)])
def test_the_chance_that_an_allowance_runs_out(there: int, chance: float) -> None:
	assert forecast_of(**CERTAIN, allowance_minutes=there, months=20).runs_out == chance


def test_without_an_allowance_there_is_no_such_chance() -> None:
	assert forecast_of(**CERTAIN, months=20).runs_out is None


def test_what_was_bought_lasts_in_other_months_too() -> None:
	"""Bought by some months, it runs out in about as many of others as it may."""
	bought = forecast_of(**BUSY, months=400).allowance
	others = forecast_of(**BUSY, months=400, seed=2).month_minutes
	assert np.mean(np.array(others) > bought) == pytest.approx(0.05, abs=0.03)


@pytest.mark.parametrize(
	("risk", "months", "sentence"),
	[
		(0, 0, "The risk has to be between 0 and 1, and 0 is not."),
		(1, 0, "The risk has to be between 0 and 1, and 1 is not."),
		(-0.1, 0, "The risk has to be between 0 and 1, and -0.1 is not."),
		(float("nan"), 0, "The risk has to be between 0 and 1, and nan is not."),
		(0.05, 19, "A risk of 0.05 takes at least 20 months."),
		(0.05, -1, "A risk of 0.05 takes at least 20 months."),
		(0.00001 / 2, 0, "At most 100,000 months are simulated, and a risk of 5e-06 takes 200,000."),
		(0.05, 100_001, "At most 100,000 months are simulated, and a risk of 0.05 takes 20."),
	],
)
def test_a_risk_and_months_that_do_not_go_together(risk: float, months: int, sentence: str) -> None:
	with pytest.raises(BadInput) as refused:
		forecast_of(**CERTAIN, risk=risk, months=months)
	assert str(refused.value) == sentence


@pytest.mark.parametrize(
	("clinicians", "risk", "months"),
	[(3, 0.05, 200), (3, 0.001, 1000), (20_000, 0.05, 62), (100_000, 0.05, 20)],
)
def test_as_many_months_as_can_be_drawn(clinicians: int, risk: float, months: int) -> None:
	assert months_for(days_of(Timetable(clinicians, visits_a_day=4, days=10)), risk) == months


def test_a_seed_gives_the_same_forecast_again() -> None:
	assert forecast_of(**BUSY, seed=3) == forecast_of(**BUSY, seed=3) != forecast_of(**BUSY, seed=4)


def test_a_large_clinic_varies_little() -> None:
	found = forecast_of(**MANY, no_shows=0.1, months=20)
	assert found.minutes.high / found.minutes.low < 1.01
