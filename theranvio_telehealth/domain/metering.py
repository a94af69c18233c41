"""Presence measured from heartbeats: which stretches a participant was in, to the second. Not what they cost."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from theranvio_telehealth.domain.entities import Participant, Stay

#: A browser beats every 10 s; silence longer than this ends the stay at the last beat.
GAP = timedelta(seconds=30)
#: A beat this soon after the last is written without a lock: the 10 s that are left are longer than any request takes.
FRESH = timedelta(seconds=20)


def is_present(person: Participant, now: datetime) -> bool:
	"""In the call now: a stay is open and its last beat is fresh."""
	return person.stay_seen_on is not None and now - person.stay_seen_on <= GAP


def is_fresh(person: Participant, now: datetime) -> bool:
	"""Present, and so lately that nobody can have taken their place between this look and a beat that follows it."""
	return is_present(person, now) and person.stay_seen_on is not None and now - person.stay_seen_on <= FRESH


def beat(person: Participant, now: datetime) -> tuple[Participant, Stay | None]:
	"""The participant after a sign of life, and the stay that it closed, if silence had ended one.

	Duplicates, a second tab and a clock that goes backwards change nothing that was already counted."""
	if person.stay_started_on is None or person.stay_seen_on is None:
		return replace(person, stay_started_on=now, stay_seen_on=now), None
	if is_present(person, now):
		return replace(person, stay_seen_on=max(person.stay_seen_on, now)), None
	left, stay = stop(person, now)
	return replace(left, stay_started_on=now, stay_seen_on=now), stay


def stop(person: Participant, now: datetime) -> tuple[Participant, Stay | None]:
	"""The participant with no stay open, and the stay that was: up to `now`, or to the last beat after silence."""
	started, seen = person.stay_started_on, person.stay_seen_on
	if started is None or seen is None:
		return person, None
	ended = max(seen, now) if is_present(person, now) else seen
	return replace(person, stay_started_on=None, stay_seen_on=None), Stay(
		person.name, started, ended, person.attendee_id
	)
