"""More time for a running visit, step by step, up to the policy's maximum."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from theranvio_telehealth.domain.access_window import latest_close, window
from theranvio_telehealth.domain.entities import Policy
from theranvio_telehealth.domain.errors import ExtensionExhausted
from theranvio_telehealth.domain.extension import closing, extend, extended_until_open, next_close
from tools.harness.factories import make_room
from tools.harness.ports import NOON

POLICY = Policy()
ROOM = make_room()
MINUTE = timedelta(minutes=1)
minutes = st.integers(0, 240)


def overrun(of: int) -> Policy:
	return replace(POLICY, overrun=of * MINUTE)


def test_a_step_is_fifteen_minutes() -> None:
	assert next_close(ROOM, POLICY) == ROOM.closes_on + 15 * MINUTE
	assert extend(ROOM, POLICY) == replace(ROOM, closes_on=ROOM.closes_on + 15 * MINUTE, extended_minutes=15)


def test_the_last_step_is_as_long_as_the_policy_allows() -> None:
	policy = overrun(52)
	once = extend(ROOM, policy)
	twice = extend(once, policy)
	assert (twice.extended_minutes, twice.closes_on) == (22, ROOM.ends_on + 52 * MINUTE)


@pytest.mark.parametrize("most", [0, 29, 30])
def test_none_where_the_overrun_is_not_longer_than_the_grace(most: int) -> None:
	assert next_close(ROOM, overrun(most)) is None
	with pytest.raises(ExtensionExhausted):
		extend(ROOM, overrun(most))


def test_none_beyond_the_maximum() -> None:
	twice = extend(extend(ROOM, POLICY), POLICY)
	assert twice.closes_on == latest_close(ROOM, POLICY)
	with pytest.raises(ExtensionExhausted):
		extend(twice, POLICY)


@given(minutes, st.integers(-60, 300))
def test_extended_until_open_gives_what_is_needed_or_nothing(most: int, late: int) -> None:
	now = ROOM.closes_on + late * MINUTE
	stored = extended_until_open(ROOM, overrun(most), now)
	if now < ROOM.closes_on or now >= latest_close(ROOM, overrun(most)):
		assert stored is ROOM
	else:
		assert now < stored.closes_on <= min(now + 15 * MINUTE, latest_close(ROOM, overrun(most)))


@given(minutes, st.integers(0, 60), st.integers(1, 240))
def test_at_new_times_it_lasts_as_before_within_the_policy(
	most: int, given_minutes: int, length: int
) -> None:
	room = replace(ROOM, extended_minutes=given_minutes, closes_on=ROOM.closes_on + given_minutes * MINUTE)
	times = window(NOON, length, overrun(most))
	closes_on = closing(room, times, overrun(most))
	assert times.closes_on <= closes_on <= times.closes_on + given_minutes * MINUTE
	assert closes_on <= max(times.closes_on, times.ends_on + most * MINUTE)
