"""Who has the page open outside the call, from its heartbeats."""

from __future__ import annotations

from datetime import timedelta

import pytest

from theranvio_telehealth.domain.enums import ParticipantState as State
from theranvio_telehealth.domain.presence import SILENCE, has_page_open, is_away
from tools.harness.factories import make_participant, make_room
from tools.harness.ports import NOON

PAST = timedelta(milliseconds=1)


def waiting(since: timedelta = timedelta(hours=1)) -> object:
	return make_participant(make_room(), state=State.WAITING, waiting_since=NOON - since)


@pytest.mark.parametrize(("silent", "away"), [(timedelta(), False), (SILENCE, False), (SILENCE + PAST, True)])
def test_silence_makes_away(silent: timedelta, away: bool) -> None:
	person = waiting()
	assert is_away(person, {person.name: NOON - silent}, NOON) is away
	assert has_page_open(person, {person.name: NOON - silent}, NOON) is not away


def test_entering_is_a_sign_too() -> None:
	assert not is_away(waiting(SILENCE), {}, NOON)
	assert is_away(waiting(SILENCE + PAST), {}, NOON)


def test_no_one_is_called_away_when_nothing_can_be_known() -> None:
	assert not is_away(waiting(), None, NOON)
	assert has_page_open(waiting(), None, NOON)
	assert has_page_open(make_participant(make_room(), state=State.ADMITTED), None, NOON)
	assert not has_page_open(make_participant(make_room(), state=State.INVITED), None, NOON)


@pytest.mark.parametrize("state", [s for s in State if s is not State.WAITING])
def test_only_who_waits_can_be_away(state: State) -> None:
	assert not is_away(make_participant(make_room(), state=state), {}, NOON)


def test_of_another_person_one_learns_nothing() -> None:
	assert not has_page_open(make_participant(make_room(), name="me"), {"another": NOON}, NOON)
