"""Presence from heartbeats: every second in exactly one stay, whatever the browsers and clocks do."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from theranvio_telehealth.domain.entities import Participant, Stay
from theranvio_telehealth.domain.stays import GAP, beat, is_present, leave, stop
from tools.harness.factories import make_participant
from tools.harness.ports import NOON

TICK = timedelta(milliseconds=1)
TICKS_OF_SILENCE = 60  # half seconds
TICKS_OF_A_BEAT = 20


def at(seconds: float) -> datetime:
	return NOON + timedelta(seconds=seconds)


def in_call(started: float = 0, seen: float = 0) -> Participant:
	return make_participant(name="p", stay_started_on=at(started), stay_seen_on=at(seen))


class TestBeat:
	def test_the_first_opens_a_stay(self) -> None:
		person, closed = beat(make_participant(), at(5))
		assert (person.stay_started_on, person.stay_seen_on, closed) == (at(5), at(5), None)

	def test_the_next_carries_it_on(self) -> None:
		person, closed = beat(in_call(), at(10))
		assert (person.stay_started_on, person.stay_seen_on, closed) == (at(0), at(10), None)

	def test_a_gap_of_just_thirty_seconds_is_none(self) -> None:
		person, closed = beat(in_call(), at(30))
		assert (person.stay_started_on, closed) == (at(0), None)

	def test_silence_ends_the_stay_at_its_last_beat(self) -> None:
		person, closed = beat(in_call(0, 20), at(20) + GAP + TICK)
		assert closed == Stay("p", at(0), at(20))
		assert (person.stay_started_on, person.stay_seen_on) == (at(50) + TICK,) * 2

	def test_a_duplicate_changes_nothing(self) -> None:
		once, _ = beat(in_call(), at(10))
		assert beat(once, at(10)) == (once, None)

	def test_a_second_tab_adds_nothing(self) -> None:
		"""Beats of two tabs of one person, interleaved, are one presence."""
		person = in_call()
		for seconds in (10, 11, 20, 21, 30, 31):
			person, closed = beat(person, at(seconds))
			assert closed is None
		assert stop(person, at(31))[1] == Stay("p", at(0), at(31))

	def test_a_clock_that_goes_backwards_takes_nothing_away(self) -> None:
		person, closed = beat(in_call(0, 20), at(5))
		assert (person, closed) == (in_call(0, 20), None)
		assert beat(in_call(0, 20), at(-3600)) == (in_call(0, 20), None)


class TestStop:
	def test_ends_now_what_was_just_heard_of(self) -> None:
		person, closed = stop(in_call(0, 20), at(25))
		assert closed == Stay("p", at(0), at(25))
		assert (person.stay_started_on, person.stay_seen_on) == (None, None)

	def test_ends_one_beat_after_the_last_while_silence_does_not_show(self) -> None:
		assert stop(in_call(0, 20), at(30))[1] == stop(in_call(0, 20), at(46))[1] == Stay("p", at(0), at(30))

	def test_leaving_is_a_sign_of_life(self) -> None:
		assert leave(in_call(0, 20), at(20) + GAP)[1] == Stay("p", at(0), at(50))
		assert leave(in_call(0, 20), at(20) + GAP + TICK)[1] == Stay("p", at(0), at(20))
		assert leave(make_participant(), NOON) == (make_participant(), None)

	def test_ends_at_the_last_beat_after_silence(self) -> None:
		assert stop(in_call(0, 20), at(20) + GAP)[1] == Stay("p", at(0), at(30))
		assert stop(in_call(0, 20), at(20) + GAP + TICK)[1] == Stay("p", at(0), at(20))

	def test_by_a_clock_that_went_backwards_keeps_what_was_counted(self) -> None:
		assert stop(in_call(0, 20), at(5))[1] == Stay("p", at(0), at(20))

	def test_outside_the_call_changes_nothing(self) -> None:
		person = make_participant()
		assert stop(person, NOON) == (person, None)

	def test_twice_is_once(self) -> None:
		stopped, _ = stop(in_call(), at(5))
		assert stop(stopped, at(6)) == (stopped, None)


class TestPresence:
	def test_is_a_fresh_beat(self) -> None:
		assert is_present(in_call(0, 20), at(20) + GAP)
		assert not is_present(in_call(0, 20), at(20) + GAP + TICK)
		assert not is_present(make_participant(), NOON)

	def test_seconds_are_rounded_once_per_stay(self) -> None:
		assert Stay("p", at(0), at(59.6)).seconds == 60
		assert Stay("p", at(0), at(0.4)).seconds == 0


@dataclass
class Watcher:
	"""Presence computed a second time, as a set of ticks: nothing in common with how stays are stored."""

	seen: set[int] = field(default_factory=set)
	last: int | None = None

	def heard(self, now: int) -> None:
		if self.last is not None and now - self.last <= TICKS_OF_SILENCE:
			self.seen.update(range(self.last, now))
			self.last = max(self.last, now)
		else:
			self.last = now

	def stopped(self, now: int) -> None:
		if self.last is not None and now - self.last <= TICKS_OF_SILENCE:
			self.seen.update(range(self.last, min(now, self.last + TICKS_OF_A_BEAT)))
		self.last = None


#: (is it a beat, ticks since the one before, how far this reading of the clock is back)
signs = st.lists(
	st.tuples(
		st.sampled_from([True, True, True, False]),
		st.sampled_from([0, 1, 2, 10, 20, 59, 60, 61, 90]),
		st.sampled_from([0, 0, 0, 1, 3, 8]),
	),
	max_size=25,
)


def play(script: list[tuple[bool, int, int]]) -> tuple[list[Stay], Watcher]:
	"""Readings run back only while a stay is open: from one stay to the next the clock runs forward."""
	person, watcher, stays, now = make_participant(name="p"), Watcher(), [], 0
	for is_beat, later, back in script:
		now += later
		reading = now - back if person.stay_seen_on is not None else now
		act = beat if is_beat else stop
		person, closed = act(person, at(reading / 2))
		(watcher.heard if is_beat else watcher.stopped)(reading)
		stays += [closed] if closed else []
	person, closed = stop(person, at(now / 2))
	watcher.stopped(now)
	return [*stays, *([closed] if closed else [])], watcher


def tick(moment: datetime) -> int:
	return round((moment - NOON).total_seconds() * 2)


@given(signs)
def test_stays_are_in_order_and_do_not_overlap(script: list[tuple[bool, int, int]]) -> None:
	stays, _ = play(script)
	assert all(stay.started_on <= stay.ended_on for stay in stays)
	assert all(a.ended_on <= b.started_on for a, b in pairwise(stays))


@given(signs)
def test_every_tick_of_presence_is_in_exactly_one_stay(script: list[tuple[bool, int, int]]) -> None:
	stays, watcher = play(script)
	covered = [t for stay in stays for t in range(tick(stay.started_on), tick(stay.ended_on))]
	assert len(covered) == len(watcher.seen)
	assert set(covered) == watcher.seen


@given(signs)
def test_only_silence_and_stopping_end_a_stay(script: list[tuple[bool, int, int]]) -> None:
	beats = sum(is_beat for is_beat, _, _ in script)
	stays, _ = play(script)
	assert len(stays) <= beats
	assert bool(stays) == bool(beats)
