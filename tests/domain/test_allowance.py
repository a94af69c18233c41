"""What a stay costs, what is held for whom, and when an allowance refuses."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from theranvio_telehealth.domain.allowance import (
	IDLE_HOLD,
	billed_tenths,
	cost,
	counted_once,
	expected_end,
	paying,
	reached_percent,
	require_minutes,
	with_hold,
)
from theranvio_telehealth.domain.entities import Allowance, Participant, Price
from theranvio_telehealth.domain.enums import OnExhaustion
from theranvio_telehealth.domain.enums import ParticipantState as State
from theranvio_telehealth.domain.errors import AllowanceExhausted
from tools.harness.factories import make_allowance, make_participant, make_room
from tools.harness.ports import NOON

ROOM = make_room(provider="Video")
PRICE = Price(Decimal("0.0017"), "USD")


class TestTenths:
	@pytest.mark.parametrize(
		("seconds", "tenths"), [(0, 0), (1, 1), (5, 1), (6, 1), (7, 2), (60, 10), (61, 11), (3000, 500)]
	)
	def test_every_tenth_begun_counts(self, seconds: int, tenths: int) -> None:
		assert billed_tenths(seconds) == tenths

	@given(st.integers(0, 10**6))
	def test_never_less_than_was_used_nor_a_whole_tenth_more(self, seconds: int) -> None:
		assert 0 <= billed_tenths(seconds) * 6 - seconds < 6


class TestCost:
	def test_by_tenths_to_the_millionth(self) -> None:
		assert cost(250, PRICE) == Decimal("0.0425")
		assert cost(1, PRICE) == Decimal("0.00017")
		assert cost(1, Price(Decimal("0.000005"), "USD")) == 0  # half a millionth is rounded to the even one

	@given(st.integers(0, 10**7))
	def test_a_correction_takes_back_exactly_what_was_booked(self, tenths: int) -> None:
		assert cost(-tenths, PRICE) == -cost(tenths, PRICE)


class TestExpectedEnd:
	def test_the_appointments_end(self) -> None:
		assert expected_end(ROOM, ROOM.starts_on) == ROOM.ends_on

	def test_with_its_extensions(self) -> None:
		assert expected_end(replace(ROOM, extended_minutes=15), NOON) == ROOM.ends_on + timedelta(minutes=15)

	def test_past_it_the_close(self) -> None:
		assert expected_end(ROOM, ROOM.ends_on) == ROOM.closes_on


class TestHold:
	IN = make_participant(state=State.ADMITTED, admitted_on=NOON)

	def hold(self, now: datetime, **participant: Any) -> Participant:
		return with_hold(replace(self.IN, **participant), ROOM, ["A", "B"], now)

	def test_to_the_expected_end(self) -> None:
		held = self.hold(ROOM.ends_on - timedelta(minutes=20))
		assert (held.held_seconds, held.held_allowances) == (1200, ("A", "B"))

	def test_of_an_open_stay_from_its_start(self) -> None:
		started, now = ROOM.ends_on - timedelta(minutes=20), ROOM.ends_on - timedelta(minutes=5)
		held = self.hold(now, stay_started_on=started, stay_seen_on=now)
		assert (held.held_seconds, held.hold_expires_on) == (1200, None)

	@pytest.mark.parametrize("state", [s for s in State if s is not State.ADMITTED])
	def test_of_no_other_state(self, state: State) -> None:
		before = self.hold(NOON)
		after = with_hold(replace(before, state=state), ROOM, ["A"], NOON)
		assert (after.held_seconds, after.held_allowances, after.hold_expires_on) == (0, (), None)

	def test_without_an_allowance_nothing_is_held(self) -> None:
		assert with_hold(self.IN, ROOM, [], NOON).held_seconds == 0

	def test_without_a_stay_it_expires(self) -> None:
		first = self.hold(NOON)
		assert first.hold_expires_on == NOON + IDLE_HOLD
		late = NOON + IDLE_HOLD
		assert with_hold(first, ROOM, ["A"], late - timedelta(seconds=1)).held_seconds > 0
		expired = with_hold(first, ROOM, ["A"], late)
		assert (expired.held_seconds, expired.held_allowances) == (0, ())
		assert with_hold(expired, ROOM, ["A"], late + timedelta(minutes=1)) == expired
		back = replace(expired, stay_started_on=late, stay_seen_on=late)
		assert with_hold(back, ROOM, ["A"], late).held_seconds > 0


class TestReachedPercent:
	@pytest.mark.parametrize(
		("used", "percents", "reached"),
		[
			(299, (50, 80), 0),
			(300, (50, 80), 50),
			(479, (50, 80), 50),
			(480, (50, 80), 80),
			(9999, (50, 80), 80),
			(9999, (), 0),
		],
	)
	def test_the_highest(self, used: int, percents: tuple[int, ...], reached: int) -> None:
		allowance = make_allowance(included_minutes=10, used_seconds=used, warning_percents=percents)
		assert reached_percent(allowance) == reached

	def test_what_was_added_is_included(self) -> None:
		allowance = make_allowance(included_minutes=10, added_seconds=600, used_seconds=480)
		assert reached_percent(allowance) == 0


class TestRequireMinutes:
	NEW, KNOWN = make_participant(), make_participant(admitted_on=NOON)
	NOW = ROOM.ends_on - timedelta(minutes=10)
	#: Just enough for ten minutes.
	JUST = make_allowance(
		included_minutes=60, used_seconds=2000, held_seconds=1000, on_exhaustion=OnExhaustion.BLOCK
	)
	SHORT = replace(JUST, used_seconds=2001)

	def require(self, *allowances: Allowance, who: Participant = NEW, **room: Any) -> None:
		require_minutes(allowances, who, replace(ROOM, **room), PRICE, self.NOW)

	def test_to_the_second(self) -> None:
		self.require(self.JUST)
		with pytest.raises(AllowanceExhausted):
			self.require(self.SHORT)

	@pytest.mark.parametrize("both", [(JUST, SHORT), (SHORT, JUST)])
	def test_both_must_have_room(self, both: tuple[Allowance, ...]) -> None:
		with pytest.raises(AllowanceExhausted):
			self.require(*both)

	def test_anyone_who_was_let_in_before_may_come_back(self) -> None:
		self.require(self.SHORT, who=self.KNOWN)

	def test_a_warning_stops_no_one(self) -> None:
		self.require(replace(self.SHORT, on_exhaustion=OnExhaustion.WARN))

	def test_an_administrator_lets_one_visit_in(self) -> None:
		self.require(self.SHORT, over_limit_by="admin@clinic.test")

	def test_a_top_up_makes_room(self) -> None:
		self.require(replace(self.SHORT, added_seconds=1))

	def test_no_allowance_is_no_limit(self) -> None:
		self.require()

	@pytest.mark.parametrize(
		("cap", "currency", "refused"),
		[("0.07939", "USD", False), ("0.07938", "USD", True), ("0.07938", "EUR", False), ("0", "USD", False)],
	)
	def test_the_price_cap(self, cap: str, currency: str, refused: bool) -> None:
		"""Spent 0.034; 1,000 s are held and 600 s asked for, 267 tenths with the last begun: 0.04539."""
		capped = replace(
			self.JUST, price_cap=Decimal(cap), currency=currency, cost=Decimal("0.034"), included_minutes=9999
		)
		if refused:
			with pytest.raises(AllowanceExhausted):
				self.require(capped)
		else:
			self.require(capped)


def test_one_of_each_kind_pays() -> None:
	"""More of them are left where practitioners became one."""
	own, twin = (make_allowance(name=name, practitioner="p") for name in ("own", "twin"))
	whole = make_allowance(name="whole")
	assert paying([own, twin, whole]) == [own, whole]
	assert paying([whole]) == [whole]
	assert paying([own, twin]) == [own]
	assert paying([]) == []


def test_a_minute_that_two_allowances_pay_for_is_counted_once() -> None:
	whole, one, two = (
		make_allowance(name=n, company="A", practitioner=p)
		for n, p in zip("wot", ("", "p", "q"), strict=True)
	)
	elsewhere = make_allowance(name="e", company="B", practitioner="p")
	assert counted_once([one, whole, two, elsewhere]) == [whole, elsewhere]
	assert counted_once([one, two]) == [one, two]
	assert counted_once([]) == []
