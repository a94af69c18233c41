"""Simulated months against closed forms, hand-made days and slower ways to the same number."""

from __future__ import annotations

import math
import time
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.plan.clinics import CERTAIN, CHIME, MANY, MANY_VISITS, VISITS, simulated
from theranvio_telehealth.plan import simulation
from theranvio_telehealth.plan.clinic import Habits, Timetable
from theranvio_telehealth.plan.simulation import (
	Months,
	days_booked,
	days_of,
	month_factors,
	simulate,
	waiting_calls,
)
from theranvio_telehealth.providers.base import Quotas

MORNING = datetime(2027, 3, 3, 9)
LENGTH = 50 * 60
#: How far a mean of 100,000 visits may be from what it estimates: five times its own spread, which is at most the mean.
NEAR = 5 / math.sqrt(MANY_VISITS)


def booked(*visits: tuple[float, float], habits: Habits | None = None) -> Months:
	"""A month of visits that begin so many minutes after nine and last so many minutes."""
	days = days_booked((MORNING + timedelta(minutes=at), timedelta(minutes=length)) for at, length in visits)
	return simulate(days, habits or Habits(provider=CHIME), np.ones(1), np.random.default_rng(1))


# nothing left to chance


@pytest.mark.parametrize("piece", [1, 4, 1 << 14])
def test_without_chance_everything_is_exact(monkeypatch: pytest.MonkeyPatch, piece: int) -> None:
	monkeypatch.setattr(simulation, "PIECE", piece)
	found = simulated(months=2, **CERTAIN)
	assert found.visits.tolist() == found.clients.tolist() == [VISITS] * 2
	assert found.absent.tolist() == [0, 0]
	assert found.host_seconds.tolist() == found.client_seconds.tolist() == [VISITS * LENGTH] * 2
	assert found.tenths.tolist() == [VISITS * 2 * 500] * 2
	assert found.meetings.tolist() == [3, 3]
	assert found.people.tolist() == [6, 6]
	assert found.calls.tolist() == [3 * 3] * 2  # a meeting and two attendees, of three clinicians at once


def test_a_begun_tenth_of_a_minute_is_billed_whole() -> None:
	found = booked((0, 10 + 1 / 60))
	assert found.client_seconds.tolist() == [601]
	assert found.tenths.tolist() == [2 * 101]


def test_a_no_show_costs_the_clinicians_wait() -> None:
	found = simulated(**CERTAIN, no_shows=1, no_show_minutes=12.5)
	assert found.absent.tolist() == found.visits.tolist() == [VISITS]
	assert found.clients.tolist() == found.client_seconds.tolist() == [0]
	assert found.host_seconds.tolist() == [VISITS * 750]


def test_in_a_group_each_client_counts() -> None:
	found = simulated(**CERTAIN, group_share=1, group_clients=5)
	assert found.clients.tolist() == [5 * VISITS]
	assert found.client_seconds.tolist() == [5 * VISITS * LENGTH]
	assert found.people.tolist() == [3 * 6]


def test_no_visits_cost_nothing() -> None:
	found = simulated(**CERTAIN | {"visits_a_day": 0})
	assert all(getattr(found, name).tolist() == [0] for name in Months.__slots__)


# chance, by its mean


def mean(**keys: Any) -> Months:
	return simulated(**MANY, **keys)


def test_the_share_of_no_shows() -> None:
	found = mean(no_shows=0.2, no_show_minutes=10)
	assert found.absent[0] / MANY_VISITS == pytest.approx(0.2, abs=NEAR)
	total = found.host_seconds[0] + found.client_seconds[0]
	assert total / MANY_VISITS == pytest.approx(0.8 * 2 * LENGTH + 0.2 * 600, rel=NEAR)


def test_half_of_the_slots_booked_are_half_of_the_visits() -> None:
	found = simulated(**MANY | {"visits_a_day": 1})
	assert found.visits[0] / MANY_VISITS == pytest.approx(0.5, abs=NEAR)


def test_lengths_spread_around_the_booked_length() -> None:
	assert booked((0, 50), habits=Habits(length_spread=0.2)).host_seconds[0] != LENGTH
	found = mean(length_spread=0.2)
	assert found.host_seconds[0] / MANY_VISITS == pytest.approx(LENGTH, rel=0.2 * NEAR)
	assert found.host_seconds[0] == found.client_seconds[0]


def test_no_visit_outlives_its_window() -> None:
	found = mean(length_spread=2)
	assert found.host_seconds[0] / MANY_VISITS < LENGTH
	assert days_of(Timetable(1, 1))[0].end == 7 * 3600 + LENGTH + simulation.OVERRUN


@pytest.mark.parametrize("late", [2, 30])
def test_who_comes_late_misses_the_beginning(late: float) -> None:
	"""A clinician's stay lacks min(X, L), X exponential. A client comes in when both are there."""
	found = mean(late_minutes=late)
	scale = late * 60
	one = scale * (1 - math.exp(-LENGTH / scale))
	both = scale / 2 * (1 - math.exp(-2 * LENGTH / scale))
	assert found.host_seconds[0] / MANY_VISITS == pytest.approx(LENGTH - one, rel=NEAR)
	assert found.client_seconds[0] / MANY_VISITS == pytest.approx(LENGTH - (2 * one - both), rel=NEAR)


def test_who_leaves_early_misses_the_end() -> None:
	found = mean(early_minutes=5)
	missed = 300 * (1 - math.exp(-LENGTH / 300))
	assert found.host_seconds[0] == MANY_VISITS * LENGTH
	assert found.client_seconds[0] / MANY_VISITS == pytest.approx(LENGTH - missed, rel=NEAR)


def test_months_differ_by_their_spread() -> None:
	factors = month_factors(0.1, 1000, np.random.default_rng(1))
	assert factors.mean() == pytest.approx(1, abs=0.002)
	assert factors.std() == pytest.approx(0.1, abs=0.005)
	assert month_factors(0, 3, np.random.default_rng(1)).tolist() == [1, 1, 1]
	found = simulated(months=50, **MANY | {"visits_a_day": 0.5, "month_spread": 0.1})
	assert found.visits.std() / found.visits.mean() == pytest.approx(0.1, abs=0.02)


def test_a_full_day_gets_no_fuller() -> None:
	assert simulated(months=20, **CERTAIN, month_spread=0.3).visits.max() == VISITS


# peaks


def test_the_peak_of_a_hand_made_day() -> None:
	"""9:00–10:00, 9:30–10:30, 10:00–10:20 and 10:15–10:45: two until ten, as the first ends when the third begins,
	then three."""
	found = booked((0, 60), (30, 60), (60, 20), (75, 30))
	assert found.meetings.tolist() == [3]
	assert found.people.tolist() == [6]
	assert booked((0, 60), (30, 60), (60, 15), (75, 30)).meetings.tolist() == [2]


def test_days_peak_one_by_one() -> None:
	days = [(MORNING + timedelta(days=n), timedelta(minutes=60)) for n in (0, 0, 0, 1, 1)]
	found = simulate(days_booked(days), Habits(), np.ones(1), np.random.default_rng(1))
	assert found.meetings.tolist() == [3]
	assert found.visits.tolist() == [5]


def test_a_no_show_holds_its_meeting_while_the_clinician_waits() -> None:
	habits = Habits(provider=CHIME, no_shows=1, no_show_minutes=15)
	assert booked((0, 50), (14, 50), habits=habits).meetings.tolist() == [2]
	assert booked((0, 50), (15, 50), habits=habits).meetings.tolist() == [1]


visits = st.lists(st.tuples(st.integers(0, 200), st.integers(1, 90)), min_size=1, max_size=12)


@given(visits)
@settings(max_examples=50, deadline=None)
def test_the_peak_is_what_counting_each_minute_finds(pairs: list[tuple[int, int]]) -> None:
	counted = max(sum(at <= minute < at + length for at, length in pairs) for minute in range(300))
	found = booked(*pairs)
	assert found.meetings.tolist() == [counted]
	assert found.people.tolist() == [2 * counted]


@given(st.lists(st.integers(0, 40), min_size=1, max_size=30), st.integers(1, 15))
def test_calls_wait_as_in_a_queue(calls: list[int], rate: int) -> None:
	waiting = most = 0
	for arriving in calls:
		waiting += arriving
		most = max(most, waiting)
		waiting = max(0, waiting - rate)
	assert waiting_calls(np.array(calls), rate) == most


def test_which_calls_a_meeting_takes() -> None:
	"""It is made with its host's attendee; two clients come while one leaves before the end; it ends. One call is served a second."""
	begun, ended, entered, left, early = [1, 0, 0], [0, 0, 1], [0, 2, 0], [0, 1, 1], [0, 1, 0]
	peaks = simulation._peaks(np.array([begun, ended, entered, left, early]), Quotas(9, 1, 9))
	assert peaks.tolist() == [1, 2, 4]  # calls: 2; then 1 left and 3 more; then 3 left and 1 more


def test_ten_meetings_at_the_same_second() -> None:
	ten = [(0.0, 50.0)] * 10
	assert booked(*ten).calls.tolist() == [30]
	assert booked(*ten, habits=Habits()).calls.tolist() == [0]  # no quotas between two browsers
	assert booked(*((n / 15, 50.0) for n in range(10))).calls.tolist() == [3]
	assert booked(*((n / 15, 50 - n / 15) for n in range(10))).calls.tolist() == [
		10
	]  # all end at once, by one call each


# whatever is described

clinics = st.fixed_dictionaries(
	{
		"clinicians": st.integers(1, 30),
		"visits_a_day": st.floats(0, 8),
		"days": st.integers(1, 3),
		"minutes": st.integers(1, 200),
		"length_spread": st.floats(0, 2),
		"no_shows": st.floats(0, 1),
		"no_show_minutes": st.floats(0, 60),
		"group_share": st.floats(0, 1),
		"group_clients": st.integers(2, 7),
		"late_minutes": st.floats(0, 300),
		"early_minutes": st.floats(0, 300),
		"month_spread": st.floats(0, 1),
		"provider": st.just(CHIME),
	}
)


@given(clinics, st.integers(0, 5))
@settings(max_examples=60, deadline=None)
def test_months_hold_together(keys: dict[str, Any], seed: int) -> None:
	found = simulated(months=3, seed=seed, **keys)
	assert all((getattr(found, name) >= 0).all() for name in Months.__slots__)
	held, people = found.visits - found.absent, found.visits + found.clients
	assert (held <= found.clients).all()
	assert (found.clients <= held * keys["group_clients"]).all()
	seconds = found.host_seconds + found.client_seconds
	assert (seconds <= found.tenths * 6).all()
	assert (found.tenths * 6 <= seconds + 5 * people).all()
	assert (found.meetings <= found.people).all()
	assert (found.people <= people).all()
	longest = keys["minutes"] * 60 + simulation.OVERRUN
	assert (found.client_seconds <= found.clients * longest).all()


@given(clinics, st.integers(0, 5))
@settings(max_examples=10, deadline=None)
def test_a_seed_gives_the_same_months_again(keys: dict[str, Any], seed: int) -> None:
	first, second = (simulated(months=2, seed=seed, **keys) for _ in range(2))
	assert all(np.array_equal(getattr(first, name), getattr(second, name)) for name in Months.__slots__)


def test_another_seed_gives_others() -> None:
	first, second = (simulated(seed=seed, **MANY, no_shows=0.5) for seed in (1, 2))
	assert first.absent.tolist() != second.absent.tolist()


def test_visits_are_drawn_in_pieces_of_bounded_size() -> None:
	counts = np.array([0, 5, simulation.PIECE + 3, 0, 2])
	pieces = list(simulation._pieces(counts))
	assert [len(piece) for piece in pieces] == [simulation.PIECE, 10]
	assert np.bincount(np.concatenate(pieces), minlength=5).tolist() == counts.tolist()
	assert list(simulation._pieces(np.zeros(3, np.int64))) == []


def test_a_million_visits_take_seconds() -> None:
	"""Ten million are measured by tools/benchmarks/test_plan.py."""
	began = time.process_time()
	found = simulated(**MANY | {"clinicians": 100_000}, length_spread=0.2, no_shows=0.1, late_minutes=2)
	assert found.visits.tolist() == [1_000_000]
	assert time.process_time() - began < 5
