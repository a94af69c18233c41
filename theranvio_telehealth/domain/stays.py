"""Presence measured from heartbeats: which stretches a participant was in, to the second. Not what they cost."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from theranvio_telehealth.domain.entities import Participant, Stay

#: How often a browser beats. A stay that its participant does not end lasts no longer than this after its last beat.
BEAT = timedelta(seconds=10)
#: Silence longer than this ends the stay at the last beat.
GAP = timedelta(seconds=30)
#: A beat this soon after the last is written without a lock: the 10 s that are left are longer than any request takes.
FRESH = timedelta(seconds=20)


def is_present(participant: Participant, now: datetime) -> bool:
	"""In the call now: a stay is open and its last beat is fresh."""
	return participant.stay_seen_on is not None and now - participant.stay_seen_on <= GAP


def is_fresh(participant: Participant, now: datetime) -> bool:
	"""Present, and so lately that no other can have taken the place between this read and the beat that follows it."""
	return (
		is_present(participant, now)
		and participant.stay_seen_on is not None
		and now - participant.stay_seen_on <= FRESH
	)


def beat(participant: Participant, now: datetime) -> tuple[Participant, Stay | None]:
	"""The participant after a sign of life, and the stay that it closed, if silence had ended one.

	Duplicates, a second tab and a clock that goes backwards change nothing that was already counted."""
	if participant.stay_started_on is None or participant.stay_seen_on is None:
		return replace(participant, stay_started_on=now, stay_seen_on=now), None
	if is_present(participant, now):
		return replace(participant, stay_seen_on=max(participant.stay_seen_on, now)), None
	left, stay = stop(participant, now)
	return replace(left, stay_started_on=now, stay_seen_on=now), stay


def stop(participant: Participant, now: datetime) -> tuple[Participant, Stay | None]:
	"""The participant with no stay open, and the stay that was: up to `now`, or to the last beat after silence. Whose page was
	closed is silent too: until silence shows, one beat's time is counted."""
	started, seen = participant.stay_started_on, participant.stay_seen_on
	if started is None or seen is None:
		return participant, None
	ended = min(max(seen, now), seen + BEAT) if is_present(participant, now) else seen
	return _stopped(participant, started, ended)


def leave(participant: Participant, now: datetime) -> tuple[Participant, Stay | None]:
	"""The same where the participant ends it, which is a sign of life: all of it counts, unless silence had ended it."""
	if participant.stay_seen_on is None or not is_present(participant, now):
		return stop(participant, now)
	return stop_at(participant, now)


def stop_at(participant: Participant, happened_on: datetime) -> tuple[Participant, Stay | None]:
	"""The same where it was seen to end then; no stay ends before its last beat."""
	started, seen = participant.stay_started_on, participant.stay_seen_on
	if started is None or seen is None:
		return participant, None
	return _stopped(participant, started, max(seen, happened_on))


def _stopped(participant: Participant, started: datetime, ended: datetime) -> tuple[Participant, Stay]:
	stopped = replace(participant, stay_started_on=None, stay_seen_on=None)
	return stopped, Stay(participant.name, started, ended, participant.attendee_id)
