"""When a room can be entered: half-open windows in UTC, whatever the clinic's clock does."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from theranvio_telehealth.domain.access_window import Window, closing_time, phase, require_open, window
from theranvio_telehealth.domain.entities import Policy, Room
from theranvio_telehealth.domain.enums import Phase
from theranvio_telehealth.domain.errors import TooEarly, WindowClosed
from theranvio_telehealth.domain.zones import to_naive, to_utc
from tools.harness.factories import make_room
from tools.harness.ports import NOON

POLICY = Policy()
MOMENT = timedelta(milliseconds=1)
NEW_YORK = "America/New_York"

minutes = st.integers(1, 24 * 60)
lengths = st.timedeltas(timedelta(0), timedelta(hours=6))
policies = st.builds(Policy, lead=lengths, grace=lengths, overrun=lengths, default_duration=lengths)


def room_at(starts_on: datetime, booked_minutes: int, policy: Policy = POLICY) -> Room:
	times = window(starts_on, booked_minutes, policy)
	return make_room(
		starts_on=times.starts_on, ends_on=times.ends_on, opens_on=times.opens_on, closes_on=times.closes_on
	)


def phases(room: Room, policy: Policy = POLICY, *, host_present: bool = False) -> dict[str, Phase]:
	"""Where the moments just before and at the opening and the last call lie."""
	closing = closing_time(room, policy, host_present=host_present)
	moments = {
		"before opening": room.opens_on - MOMENT,
		"opening": room.opens_on,
		"before closing": closing - MOMENT,
		"closing": closing,
	}
	return {name: phase(room, policy, at, host_present=host_present) for name, at in moments.items()}


HALF_OPEN = {
	"before opening": Phase.EARLY,
	"opening": Phase.OPEN,
	"before closing": Phase.OPEN,
	"closing": Phase.CLOSED,
}


class TestWindow:
	def test_opens_before_the_start_and_closes_after_the_end(self) -> None:
		assert window(NOON, 20, POLICY) == Window(
			opens_on=NOON - timedelta(minutes=15),
			starts_on=NOON,
			ends_on=NOON + timedelta(minutes=20),
			closes_on=NOON + timedelta(minutes=50),
		)

	@pytest.mark.parametrize("booked", [0, -1, -50])
	def test_no_duration_means_the_policys(self, booked: int) -> None:
		assert window(NOON, booked, POLICY) == window(NOON, 50, POLICY)

	def test_the_policys_duration_counts_only_without_one(self) -> None:
		long_visits = Policy(default_duration=timedelta(hours=2))
		assert window(NOON, 0, long_visits).ends_on == NOON + timedelta(hours=2)
		assert window(NOON, 1, long_visits).ends_on == NOON + timedelta(minutes=1)

	def test_runs_past_midnight(self) -> None:
		late = datetime(2027, 12, 31, 23, 50, tzinfo=timezone.utc)
		times = window(late, 20, POLICY)
		assert times.ends_on == datetime(2028, 1, 1, 0, 10, tzinfo=timezone.utc)
		assert times.closes_on == datetime(2028, 1, 1, 0, 40, tzinfo=timezone.utc)
		assert phase(room_at(late, 20), POLICY, times.ends_on, host_present=False) is Phase.OPEN

	def test_opens_the_day_before(self) -> None:
		early = datetime(2027, 3, 1, 0, 5, tzinfo=timezone.utc)
		assert window(early, 20, POLICY).opens_on == datetime(2027, 2, 28, 23, 50, tzinfo=timezone.utc)

	@given(minutes, policies)
	def test_is_in_order_and_as_long_as_booked(self, booked: int, policy: Policy) -> None:
		times = window(NOON, booked, policy)
		assert times.opens_on <= times.starts_on < times.ends_on <= times.closes_on
		assert times.ends_on - times.starts_on == timedelta(minutes=booked)
		assert (times.starts_on - times.opens_on, times.closes_on - times.ends_on) == (
			policy.lead,
			policy.grace,
		)

	def test_windows_of_consecutive_visits_overlap_and_neither_is_cut(self) -> None:
		first, second = room_at(NOON, 30), room_at(NOON + timedelta(minutes=30), 30)
		at_the_change = NOON + timedelta(minutes=30)
		assert second.opens_on < first.closes_on
		for room in (first, second):
			assert phase(room, POLICY, at_the_change, host_present=False) is Phase.OPEN
		assert first.closes_on == NOON + timedelta(minutes=60)
		assert second.opens_on == NOON + timedelta(minutes=15)


class TestClosing:
	def test_half_open_without_a_host(self) -> None:
		assert phases(room_at(NOON, 50)) == HALF_OPEN

	def test_half_open_with_a_host(self) -> None:
		assert phases(room_at(NOON, 50), host_present=True) == HALF_OPEN

	@given(minutes, policies.filter(lambda p: p.lead + p.grace > timedelta(0)), st.booleans())
	def test_half_open_whatever_the_policy(self, booked: int, policy: Policy, host_present: bool) -> None:
		assert phases(room_at(NOON, booked, policy), policy, host_present=host_present) == HALF_OPEN

	def test_only_a_present_host_keeps_it_open_longer(self) -> None:
		room = room_at(NOON, 50)
		assert closing_time(room, POLICY, host_present=False) == room.ends_on + POLICY.grace
		assert closing_time(room, POLICY, host_present=True) == room.ends_on + POLICY.overrun

	@pytest.mark.parametrize("overrun", [0, 1, 29, 30])
	def test_a_short_overrun_closes_nothing_early(self, overrun: int) -> None:
		policy = replace(POLICY, overrun=timedelta(minutes=overrun))
		room = room_at(NOON, 50, policy)
		assert closing_time(room, policy, host_present=True) == room.closes_on

	def test_the_overrun_ends_too(self) -> None:
		room = room_at(NOON, 50)
		last = room.ends_on + POLICY.overrun
		assert phase(room, POLICY, last, host_present=True) is Phase.CLOSED

	def test_the_host_may_not_come_early_for_being_present(self) -> None:
		room = room_at(NOON, 50)
		assert phase(room, POLICY, room.opens_on - MOMENT, host_present=True) is Phase.EARLY

	@given(policies, st.timedeltas(timedelta(hours=-30), timedelta(hours=30)))
	def test_a_present_host_never_closes_what_is_open(self, policy: Policy, after: timedelta) -> None:
		room, now = room_at(NOON, 50, policy), NOON + after
		alone = phase(room, policy, now, host_present=False)
		hosted = phase(room, policy, now, host_present=True)
		assert hosted is alone or (alone, hosted) == (Phase.CLOSED, Phase.OPEN)


class TestRequireOpen:
	def test_too_early(self) -> None:
		room = room_at(NOON, 50)
		with pytest.raises(TooEarly):
			require_open(room, POLICY, room.opens_on - MOMENT, host_present=False)

	@pytest.mark.parametrize("host_present", [False, True])
	def test_open(self, host_present: bool) -> None:
		room = room_at(NOON, 50)
		for at in (room.opens_on, NOON, room.ends_on, room.closes_on - MOMENT):
			require_open(room, POLICY, at, host_present=host_present)

	def test_closed(self) -> None:
		room = room_at(NOON, 50)
		with pytest.raises(WindowClosed):
			require_open(room, POLICY, room.closes_on, host_present=False)
		require_open(room, POLICY, room.closes_on, host_present=True)
		with pytest.raises(WindowClosed):
			require_open(room, POLICY, room.ends_on + POLICY.overrun, host_present=True)


class TestClinicTime:
	"""A clinic books by its wall clock; the window is the same stretch of real time on every day of the year."""

	def booked_at(self, naive: datetime, booked: int = 50) -> Window:
		return window(to_utc(naive, NEW_YORK), booked, POLICY)

	def test_a_time_that_is_skipped_means_the_hour_after_the_gap(self) -> None:
		times = self.booked_at(datetime(2027, 3, 14, 2, 30))
		assert times.starts_on == datetime(2027, 3, 14, 7, 30, tzinfo=timezone.utc)
		assert to_naive(times.starts_on, NEW_YORK) == datetime(2027, 3, 14, 3, 30)

	def test_a_time_shown_twice_means_its_first_showing(self) -> None:
		times = self.booked_at(datetime(2027, 11, 7, 1, 30))
		assert times.starts_on == datetime(2027, 11, 7, 5, 30, tzinfo=timezone.utc)

	@pytest.mark.parametrize(
		"naive",
		[
			datetime(2027, 3, 14, 1, 45),
			datetime(2027, 3, 14, 2, 30),
			datetime(2027, 11, 7, 0, 50),
			datetime(2027, 11, 7, 1, 59),
		],
		ids=["into the gap", "in the gap", "into the repetition", "in the repetition"],
	)
	def test_a_change_of_the_clocks_makes_no_visit_longer_or_shorter(self, naive: datetime) -> None:
		times = self.booked_at(naive)
		assert times.ends_on - times.starts_on == timedelta(minutes=50)
		assert times.closes_on - times.opens_on == timedelta(minutes=95)

	@given(st.datetimes(datetime(2026, 1, 1), datetime(2030, 1, 1)), minutes)
	def test_no_day_of_the_year_is_different(self, naive: datetime, booked: int) -> None:
		times = self.booked_at(naive, booked)
		assert times.closes_on - times.opens_on == POLICY.lead + POLICY.grace + timedelta(minutes=booked)
		assert times.starts_on.utcoffset() == timedelta(0)
