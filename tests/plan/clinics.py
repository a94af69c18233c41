"""Clinics to plan for, by the keys of a file. No test logic."""

from __future__ import annotations

from typing import Any

import numpy as np

from theranvio_telehealth.domain.enums import Adapter
from theranvio_telehealth.plan.clinic import described
from theranvio_telehealth.plan.forecast import Forecast, forecast
from theranvio_telehealth.plan.simulation import Months, days_of, month_factors, simulate

CHIME = Adapter.CHIME.value
#: Every slot is booked, and every visit goes as booked: nothing is left to chance.
CERTAIN = {"clinicians": 3, "visits_a_day": 2, "hours_a_day": 2, "days": 5, "provider": CHIME}
VISITS = 3 * 2 * 5
#: The same clinic on another scale, for means: 100,000 visits a month.
MANY = {**CERTAIN, "clinicians": 10_000, "provider": CHIME}
MANY_VISITS = 10_000 * 2 * 5


def simulated(months: int = 1, seed: int = 1, **keys: Any) -> Months:
	times, habits = described(keys)
	rng = np.random.default_rng(seed)
	return simulate(days_of(times), habits, month_factors(times.month_spread, months, rng), rng)


def forecast_of(seed: int = 1, risk: float = 0.05, months: int = 0, **keys: Any) -> Forecast:
	times, habits = described(keys)
	rng = np.random.default_rng(seed)
	return forecast(days_of(times), habits, rng, risk=risk, months=months, month_spread=times.month_spread)
