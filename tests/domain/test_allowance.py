"""What a stay costs, and when an allowance says no."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from theranvio_telehealth.domain.allowance import billed_tenths, is_exhausted, is_low, require_minutes
from theranvio_telehealth.domain.enums import OnExhaustion
from theranvio_telehealth.domain.errors import AllowanceExhausted
from tools.harness.factories import make_allowance, make_participant, make_room
from tools.harness.ports import NOON

ROOM = make_room(provider="Video")


class TestTenths:
	@pytest.mark.parametrize(
		("seconds", "tenths"), [(0, 0), (1, 1), (5, 1), (6, 1), (7, 2), (60, 10), (61, 11), (3000, 500)]
	)
	def test_every_tenth_begun_counts(self, seconds: int, tenths: int) -> None:
		assert billed_tenths(seconds) == tenths

	@given(st.integers(0, 10**6))
	def test_never_less_than_was_used_nor_a_whole_tenth_more(self, seconds: int) -> None:
		assert 0 <= billed_tenths(seconds) * 6 - seconds < 6


class TestExhausted:
	@pytest.mark.parametrize(
		("used", "held", "gone"),
		[(0, 0, False), (599, 0, False), (600, 0, True), (601, 0, True), (300, 300, True)],
	)
	def test_to_the_second(self, used: int, held: int, gone: bool) -> None:
		allowance = make_allowance(included_minutes=10, used_seconds=used, held_seconds=held)
		assert is_exhausted(allowance) is gone

	def test_of_nothing_at_all(self) -> None:
		assert is_exhausted(make_allowance(included_minutes=0))

	@pytest.mark.parametrize(
		("used", "percent", "low"),
		[(479, 80, False), (480, 80, True), (0, 0, True), (599, 100, False), (600, 100, True)],
	)
	def test_low_from_the_share_on(self, used: int, percent: int, low: bool) -> None:
		allowance = make_allowance(included_minutes=10, used_seconds=used, warn_at_percent=percent)
		assert is_low(allowance) is low

	def test_what_is_held_counts_as_low_too(self) -> None:
		assert is_low(make_allowance(included_minutes=10, used_seconds=240, held_seconds=240))


class TestRequireMinutes:
	NEW, KNOWN = make_participant(), make_participant(admitted_on=NOON)
	EMPTY = make_allowance(included_minutes=1, used_seconds=60, on_exhaustion=OnExhaustion.BLOCK)

	def test_no_one_new_once_they_are_gone(self) -> None:
		with pytest.raises(AllowanceExhausted):
			require_minutes(self.EMPTY, self.NEW)

	def test_anyone_who_was_let_in_before_may_come_back(self) -> None:
		require_minutes(self.EMPTY, self.KNOWN)

	def test_a_warning_stops_no_one(self) -> None:
		require_minutes(replace(self.EMPTY, on_exhaustion=OnExhaustion.WARN), self.NEW)

	def test_one_second_left_is_left(self) -> None:
		require_minutes(replace(self.EMPTY, used_seconds=59), self.NEW)

	def test_no_allowance_is_no_limit(self) -> None:
		require_minutes(None, self.NEW)
