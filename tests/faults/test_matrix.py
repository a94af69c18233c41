"""A short list of schedules, and violations planted in the product, which the checks must find."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from theranvio_telehealth.domain import admission, meetings, provider_events
from theranvio_telehealth.providers.chime.provider import ChimeProvider
from theranvio_telehealth.services import joining, teardown
from tools.demo.store import SqliteStore
from tools.faults.acts import COUNTED, IN, LEFT
from tools.faults.environment import CALL_FAULTS, EVENT_FAULTS, EVENTS, OPERATIONS, PAIRS
from tools.faults.matrix import run_all
from tools.faults.schedule import run

SHORT = range(1, 2 * len(PAIRS) + 1)
Plant = Callable[[pytest.MonkeyPatch], None]


def test_every_fault_is_survived() -> None:
	result = run_all(SHORT)
	assert [f"seed {seed}: {wrong}" for seed, wrong in result.wrong] == []
	met = result.met()
	assert {on for on, _ in met} == {*OPERATIONS, *(f"event:{event}" for event in EVENTS)}
	assert {kind for _, kind in met} == {*CALL_FAULTS, *EVENT_FAULTS}
	assert len(met) > 0.85 * len(PAIRS)
	assert result.counts["exact stays"] > 1000


def test_the_same_seed_is_the_same_schedule() -> None:
	assert run(7) == run(7)
	assert run(7).counts != run(8).counts


def nothing(*_: Any, **__: Any) -> None:
	return None


def no_attendee_is_removed(monkeypatch: pytest.MonkeyPatch) -> None:
	monkeypatch.setattr(ChimeProvider, "remove_attendee", nothing)


def no_meeting_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
	monkeypatch.setattr(ChimeProvider, "close_meeting", nothing)


def lost_answers_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
	"""Attendees are known by the id that a call answers with, and by nothing else."""
	asked = ChimeProvider.remove_attendee
	known_by_id = lambda self, meeting, name: asked(self, meeting, name) if "-" in name else None  # noqa: E731
	monkeypatch.setattr(ChimeProvider, "remove_attendee", known_by_id)


def meetings_are_asked_for_anew(monkeypatch: pytest.MonkeyPatch) -> None:
	"""Each try to make the room's meeting makes another one."""
	asked, tries = joining.request_of, iter(range(10**6))
	anew = lambda room, people: replace(asked(room, people), token=f"try-{next(tries)}")  # noqa: E731
	monkeypatch.setattr(joining, "request_of", anew)


def nothing_is_swept(monkeypatch: pytest.MonkeyPatch) -> None:
	monkeypatch.setattr(SqliteStore, "rooms_to_tear_down", lambda self, limit: [])


def a_call_moves_and_leaves_its_meeting(monkeypatch: pytest.MonkeyPatch) -> None:
	moved = meetings.moved
	forgotten = lambda *given: replace(moved(*given), former_meetings=())  # noqa: E731
	monkeypatch.setattr(meetings, "moved", forgotten)


def a_join_is_stored_whatever_happened_meanwhile(monkeypatch: pytest.MonkeyPatch) -> None:
	monkeypatch.setattr(joining.VisitContext, "require_enterable", nothing)
	joined = lambda person, pseudonym, attendee: replace(person, attendee_id=attendee)  # noqa: E731
	monkeypatch.setattr(admission, "joined", joined)


def anybody_may_join(monkeypatch: pytest.MonkeyPatch) -> None:
	monkeypatch.setattr(admission, "require_admitted", lambda person: person)


def dropped_is_not_gone(monkeypatch: pytest.MonkeyPatch) -> None:
	known = provider_events.presence
	others = lambda events, now: known((e for e in events if e.kind.value != "Dropped"), now)  # noqa: E731
	monkeypatch.setattr(provider_events, "presence", others)


def heartbeats_count_beside_events(monkeypatch: pytest.MonkeyPatch) -> None:
	known = provider_events._spans
	monkeypatch.setattr(
		provider_events, "_spans", lambda join, now: (*known(join, now), *join.heartbeat_spans)
	)


def nothing_is_taken_back(monkeypatch: pytest.MonkeyPatch) -> None:
	book = SqliteStore.book
	monkeypatch.setattr(SqliteStore, "book", lambda its, entry: entry.seconds > 0 and book(its, entry))


def no_hold_is_released(monkeypatch: pytest.MonkeyPatch) -> None:
	hold = SqliteStore.hold
	monkeypatch.setattr(SqliteStore, "hold", lambda its, n, names: hold(its, n, names) if n > 0 else None)


def an_end_is_not_settled(monkeypatch: pytest.MonkeyPatch) -> None:
	"""A person who is in when everything stops, and whose end no event reports, is never billed."""
	monkeypatch.setattr(teardown, "end_joins", nothing)


PLANTED: list[tuple[Plant, str]] = [
	(no_attendee_is_removed, LEFT),
	(no_meeting_is_closed, LEFT),
	(lost_answers_are_forgotten, LEFT),
	(meetings_are_asked_for_anew, LEFT),
	(nothing_is_swept, LEFT),
	(a_call_moves_and_leaves_its_meeting, LEFT),
	(a_join_is_stored_whatever_happened_meanwhile, LEFT),
	(anybody_may_join, IN),
	(dropped_is_not_gone, COUNTED),
	(heartbeats_count_beside_events, COUNTED),
	(nothing_is_taken_back, COUNTED),
	(no_hold_is_released, COUNTED),
	(an_end_is_not_settled, COUNTED),
]


@pytest.mark.parametrize(("plant", "kind"), PLANTED, ids=lambda value: getattr(value, "__name__", value))
def test_what_is_planted_is_found(monkeypatch: pytest.MonkeyPatch, plant: Plant, kind: str) -> None:
	plant(monkeypatch)
	assert any(wrong.kind == kind for seed in SHORT for wrong in run(seed).wrong)
