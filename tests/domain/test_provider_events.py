"""Stays from a provider's events: exhaustively over short stories, and whatever order, number or delay they come in."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import combinations, pairwise, permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from theranvio_telehealth.domain.entities import Span
from theranvio_telehealth.domain.provider_events import (
	MEETING_LIFE,
	Correction,
	Evidence,
	Kind,
	Presence,
	ProviderEvent,
	correction,
	merged,
	presence,
	stays,
)
from tools.harness.ports import NOON

LATER = NOON + timedelta(hours=12)
TICK = timedelta(milliseconds=1)
J, L, D, X, E = Kind.JOINED, Kind.LEFT, Kind.DROPPED, Kind.DELETED, Kind.MEETING_ENDED


def at(minutes: float) -> datetime:
	return NOON + timedelta(minutes=minutes)


def event(kind: Kind, minutes: float) -> ProviderEvent:
	return ProviderEvent("m", "" if kind is E else "a", kind, at(minutes))


def story(*events: tuple[Kind, float]) -> frozenset[ProviderEvent]:
	return frozenset(event(kind, minutes) for kind, minutes in events)


def span(start: float, end: float) -> Span:
	return Span(at(start), at(end))


class TestPresence:
	@pytest.mark.parametrize(
		("events", "spans", "open_since"),
		[
			([], [], None),
			([(J, 0)], [], 0),
			([(J, 0), (L, 5)], [(0, 5)], None),
			([(J, 0), (D, 5)], [(0, 5)], None),
			([(J, 0), (D, 2), (J, 3), (L, 30)], [(0, 2), (3, 30)], None),
			([(J, 0), (D, 2), (J, 2), (L, 30)], [(0, 30)], None),
			([(J, 0), (L, 0)], [], None),
			([(J, 0), (J, 4), (L, 9)], [(0, 9)], None),
			([(J, 0), (L, 5), (L, 9)], [(0, 5)], None),
			([(L, 5)], [], None),
			([(L, 5), (J, 6)], [], 6),
			([(J, 0), (X, 5)], [(0, 5)], None),
			([(J, 0), (E, 5)], [(0, 5)], None),
			([(J, 0), (X, 5), (E, 7)], [(0, 5)], None),
			([(J, 0), (E, 5), (X, 7)], [(0, 5)], None),
			([(J, 0), (X, 5), (L, 6)], [(0, 5)], None),
			([(J, 0), (L, 4), (X, 5)], [(0, 4)], None),
			([(J, 0), (X, 5), (J, 6)], [(0, 5)], None),
			([(J, 6), (X, 5)], [], None),
			([(J, 5), (X, 5)], [], None),
			([(J, 0), (L, 5), (X, 5)], [(0, 5)], None),
			([(X, 5)], [], None),
			([(E, 5)], [], None),
		],
		ids=str,
	)
	def test_is_what_the_events_say(
		self, events: list[tuple[Kind, float]], spans: list[tuple[float, float]], open_since: float | None
	) -> None:
		expected = Presence(tuple(span(*s) for s in spans), None if open_since is None else at(open_since))
		assert presence(story(*events), LATER) == expected

	def test_amazons_own_example(self) -> None:
		"""Joined 11:01, dropped 11:02, joined 11:03, left 11:30."""
		assert presence(story((J, 1), (D, 2), (J, 3), (L, 30)), LATER).spans == (span(1, 2), span(3, 30))


class TestCap:
	"""No stay outlives the longest meeting there can be, whatever was lost."""

	def test_an_open_one_is_closed_by_it(self) -> None:
		end = NOON + MEETING_LIFE
		assert presence(story((J, 0)), end - TICK) == Presence((), NOON)
		assert presence(story((J, 0)), end) == Presence((Span(NOON, end),))

	def test_it_counts_from_the_first_join(self) -> None:
		day = MEETING_LIFE / timedelta(minutes=1)
		events = story((J, 0), (L, 1), (J, day - 1))
		assert presence(events, at(day)).spans == (span(0, 1), span(day - 1, day))

	def test_what_comes_after_it_counts_nothing(self) -> None:
		day = MEETING_LIFE / timedelta(minutes=1)
		for kind in Kind:
			events = story((J, 0), (J, day + 1), (kind, day + 2))
			assert presence(events, at(day + 3)).spans == (span(0, day),)


def inside(events: frozenset[ProviderEvent], minute: int) -> bool:
	"""Whether a person is in just after a minute: by recursion, with nothing in common with how stays are stored."""
	if minute < 0 or any(e.kind in (X, E) and e.happened_on <= at(minute) for e in events):
		return False
	now = {e.kind for e in events if e.happened_on == at(minute)}
	joins, leaves = J in now, bool(now & {L, D})
	return inside(events, minute - 1) if joins is leaves else joins


def minutes(found: Presence, until: int) -> set[int]:
	open_ones = [Span(found.open_since, at(until))] if found.open_since else []
	return {m for m in range(until) for s in (*found.spans, *open_ones) if s.started_on <= at(m) < s.ended_on}


def test_every_story_of_up_to_four_events() -> None:
	"""6,196 of them: four instants, five kinds."""
	whole = [event(kind, minute) for kind in Kind for minute in range(4)]
	for length in range(5):
		for events in combinations(whole, length):
			known = frozenset(events)
			found = presence(known, LATER)
			assert minutes(found, 6) == {m for m in range(6) if inside(known, m)}, events


kinds = st.sampled_from([J, J, J, L, L, D, D, X, E])
stories = st.lists(st.builds(event, kinds, st.integers(0, 40)), max_size=14)


@given(stories)
def test_stays_are_in_order_apart_and_not_empty(events: list[ProviderEvent]) -> None:
	found = presence(events, LATER)
	assert all(s.started_on < s.ended_on for s in found.spans)
	assert all(a.ended_on <= b.started_on for a, b in pairwise(found.spans))
	assert found.open_since is None or all(s.ended_on < found.open_since for s in found.spans)


@given(stories, st.data())
def test_order_and_repetition_do_not_matter(events: list[ProviderEvent], data: st.DataObject) -> None:
	shuffled = data.draw(st.permutations(events))
	again = data.draw(st.lists(st.sampled_from(events))) if events else []
	assert presence([*shuffled, *again], LATER) == presence(events, LATER)


@given(stories, stories)
def test_a_final_event_leaves_nothing_open(events: list[ProviderEvent], more: list[ProviderEvent]) -> None:
	for kind in (X, E):
		assert presence([*events, *more, event(kind, 41)], LATER).open_since is None


@given(stories)
def test_a_final_event_only_cuts(events: list[ProviderEvent]) -> None:
	"""Hearing of the end never adds a minute."""
	before, after = presence(events, LATER), presence([*events, event(X, 20)], LATER)
	assert minutes(after, 60) == {m for m in minutes(before, 60) if m < 20}


class TestJoins:
	def test_events_win_over_heartbeats(self) -> None:
		join = Evidence(story((J, 0), (L, 10)), heartbeat_spans=(span(0, 30),))
		assert stays([join], LATER) == (span(0, 10),)

	def test_a_join_that_the_provider_never_saw_begin_is_as_heard(self) -> None:
		for events in (story(), story((L, 10)), story((X, 10)), story((E, 10), (L, 5))):
			assert stays([Evidence(events, (span(0, 30),))], LATER) == (span(0, 30),)

	def test_one_that_is_still_in_is_not_counted_yet(self) -> None:
		assert stays([Evidence(story((J, 0)), (span(0, 5),))], LATER) == ()

	def test_each_join_is_judged_by_itself(self) -> None:
		seen, unseen = (
			Evidence(story((J, 0), (L, 10)), (span(0, 12),)),
			Evidence(heartbeat_spans=(span(20, 30),)),
		)
		assert stays([seen, unseen], LATER) == (span(0, 10), span(20, 30))

	@pytest.mark.parametrize(
		("events", "heard", "found"),
		[
			([(J, 0), (D, 2), (L, 30)], [(0, 29)], [(0, 2), (2, 29)]),
			([(L, 2), (J, 3), (L, 30)], [(1, 29)], [(1, 2), (3, 30)]),
			(
				[(L, 2), (J, 3), (D, 9), (L, 30)],
				[(1, 4), (8, 12), (20, 40)],
				[(1, 2), (3, 9), (9, 12), (20, 30)],
			),
			([(J, 0), (D, 2), (L, 30), (X, 30)], [(0, 40)], [(0, 2), (2, 30)]),
			([(J, 0), (D, 2), (L, 31), (X, 30)], [(0, 40)], [(0, 2), (2, 30)]),
			([(J, 0), (D, 2), (L, 30)], [], [(0, 2)]),
			([(J, 0), (D, 2), (X, 30)], [(0, 29)], [(0, 2)]),
			([(J, 0), (D, 2), (J, 2), (L, 30)], [(0, 40)], [(0, 30)]),
			([(J, 0), (D, 2), (J, 3), (J, 4), (L, 30)], [(0, 40)], [(0, 2), (3, 30)]),
		],
	)
	def test_who_is_seen_to_go_was_there(
		self, events: list[tuple[Kind, float]], heard: list[tuple[int, int]], found: list[tuple[int, int]]
	) -> None:
		"""Of a stretch whose beginning was lost on the way, what was heard of it counts."""
		join = Evidence(story(*events), tuple(span(*s) for s in heard))
		assert stays([join], LATER) == tuple(span(*s) for s in found)

	def test_a_minute_is_counted_once(self) -> None:
		"""A new join begins before the old one is deleted."""
		old, new = Evidence(story((J, 0), (X, 11))), Evidence(story((J, 10), (L, 20)))
		assert stays([old, new], LATER) == stays([new, old], LATER) == (span(0, 20),)


spans = st.lists(
	st.builds(lambda a, b: span(min(a, b), max(a, b)), st.integers(0, 30), st.integers(0, 30)), max_size=8
)


def covered(of: Iterable[Span]) -> set[int]:
	return {m for s in of for m in range(40) if s.started_on <= at(m) < s.ended_on}


@given(spans)
def test_merging_keeps_the_time_and_nothing_else(given_spans: list[Span]) -> None:
	found = merged(given_spans)
	assert covered(found) == covered(given_spans)
	assert all(a.ended_on <= b.started_on for a, b in pairwise(found))
	assert merged(found) == found


@given(spans, spans)
def test_a_correction_brings_the_ledger_to_what_was(booked: list[Span], known: list[Span]) -> None:
	found = correction(booked, known)
	assert (set(booked) - set(found.withdrawn)) | set(found.added) == set(known)
	assert not set(found.withdrawn) & set(found.added)
	assert set(found.withdrawn) <= set(booked)


def test_a_ledger_that_is_right_needs_no_correction() -> None:
	assert correction([span(0, 1)], [span(0, 1)]) == Correction((), ())


def test_late_events_in_every_order_come_to_the_same_ledger() -> None:
	"""Events trickle in for hours; after each the ledger is corrected: in all 720 orders it ends alike."""
	events = story((J, 0), (D, 2), (J, 3), (L, 30), (X, 31), (E, 40))
	for order in permutations(events):
		ledger: set[Span] = {span(0, 35)}
		for known in range(1, len(order) + 1):
			join = Evidence(frozenset(order[:known]), heartbeat_spans=(span(0, 35),))
			change = correction(ledger, stays([join], LATER))
			ledger = (ledger - set(change.withdrawn)) | set(change.added)
		assert ledger == {span(0, 2), span(3, 30)}


class TestKey:
	def test_is_the_same_for_the_same_event(self) -> None:
		assert event(J, 1).key == event(J, 1).key == f"m:a:Joined:{round(at(1).timestamp() * 1000)}"

	def test_tells_different_ones_apart(self) -> None:
		several = [event(J, 1), event(L, 1), event(J, 2), event(E, 1)]
		several.append(ProviderEvent("n", "a", J, at(1)))
		several.append(ProviderEvent("m", "b", J, at(1)))
		several.append(ProviderEvent("m", "a", J, at(1) + TICK))
		assert len({e.key for e in several}) == len(several)

	def test_fits_its_column(self) -> None:
		guid = "87654321-4321-4321-1234-111122223333"
		assert len(ProviderEvent(guid, guid, E, NOON).key) <= 140
