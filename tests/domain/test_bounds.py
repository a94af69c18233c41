"""Numbers that a person entered: whatever is stored, what is read lies within its bounds."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from theranvio_telehealth.domain import bounds
from theranvio_telehealth.domain.access_window import window
from theranvio_telehealth.domain.entities import Policy

TABLES = [bounds.SETTINGS, bounds.ALLOWANCE, bounds.AGREEMENT]
EVERY = [*(b for table in TABLES for b in table.values()), bounds.APPOINTMENT_MINUTES, bounds.PORT]
STORED = st.none() | st.integers() | st.floats() | st.text(max_size=8)


@given(st.sampled_from(EVERY), STORED)
def test_whatever_is_stored_what_is_read_lies_within(which: bounds.Bounds, stored: Any) -> None:
	read = which.read(stored)
	assert which.hold(read) or read == which.usual


@pytest.mark.parametrize(
	("stored", "read"),
	[("7", 7), (7, 7), ("-1", 0), (2147483647, 1440), ("x", 15), (None, 15), ("", 15), (float("inf"), 15)],
)
def test_a_lead(stored: Any, read: int) -> None:
	assert bounds.SETTINGS["lead_minutes"].read(stored) == read


def test_the_usual_settings_are_those_of_the_policy() -> None:
	usual = {name: timedelta(minutes=b.usual) for name, b in bounds.SETTINGS.items()}
	policy = Policy()
	assert list(usual.values()) == [policy.lead, policy.grace, policy.overrun, policy.default_duration]


def test_no_window_within_them_leaves_the_calendar() -> None:
	longest = Policy(*(timedelta(minutes=b.most) for b in bounds.SETTINGS.values()))
	for starts_on in (datetime(1900, 1, 1, tzinfo=timezone.utc), datetime(9999, 12, 25, tzinfo=timezone.utc)):
		made = window(starts_on, bounds.APPOINTMENT_MINUTES.most, longest)
		assert made.opens_on < made.starts_on < made.ends_on < made.closes_on
