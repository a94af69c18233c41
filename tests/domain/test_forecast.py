"""Whether what is booked fits what is left of an allowance."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from theranvio_telehealth.domain.entities import Price
from theranvio_telehealth.domain.forecast import Forecast, forecast, lacking, needed_seconds
from tools.harness.factories import make_allowance

FREE = Price()
HOUR = timedelta(hours=1)


def test_a_visit_takes_the_minutes_of_two_people() -> None:
	assert needed_seconds(timedelta(minutes=20)) == 2400


@pytest.mark.parametrize(
	("included", "missing", "fits"), [(120, 0, True), (119, 60, False), (0, 7200, False), (500, 0, True)]
)
def test_what_is_booked_fits_to_the_second(included: int, missing: int, fits: bool) -> None:
	allowance = make_allowance(included_minutes=included)
	assert forecast(allowance, HOUR, FREE) == Forecast(7200, missing, fits)


def test_what_is_held_and_used_is_not_left() -> None:
	allowance = make_allowance(included_minutes=121, used_seconds=30, held_seconds=31)
	assert forecast(allowance, HOUR, FREE) == Forecast(7200, 1, False)


def test_what_is_overdrawn_is_not_missing_for_visits_to_come() -> None:
	allowance = make_allowance(included_minutes=1, used_seconds=6000)
	assert forecast(allowance, HOUR, FREE).missing_seconds == 7200


def test_without_visits_everything_fits() -> None:
	allowance = make_allowance(included_minutes=1, used_seconds=6000)
	assert forecast(allowance, timedelta(0), FREE) == Forecast(0, 0, True)


@pytest.mark.parametrize(("cap", "fits"), [("1.20", True), ("1.19", False), ("0", True)])
def test_the_cost_stays_below_the_cap(cap: str, fits: bool) -> None:
	allowance = make_allowance(included_minutes=1000, price_cap=Decimal(cap), currency="CAD")
	assert forecast(allowance, HOUR, Price(Decimal("0.01"), "CAD")) == Forecast(7200, 0, fits)


def test_a_visit_has_to_fit_every_allowance_that_pays_for_it() -> None:
	wide, narrow = make_allowance(included_minutes=120), make_allowance(name="narrow", included_minutes=119)
	assert lacking([wide, narrow], HOUR, FREE) == [narrow]
	assert lacking([wide], HOUR, FREE) == []
