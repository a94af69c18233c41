"""More time for a running visit: 15 minutes at a time, up to the policy's overrun. The room keeps what it was given, so
that it outlives a change of its appointment's time."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from theranvio_telehealth.domain.access_window import Window, latest_close
from theranvio_telehealth.domain.entities import MINUTE, Policy, Room
from theranvio_telehealth.domain.errors import ExtensionExhausted

STEP = timedelta(minutes=15)


def next_close(room: Room, policy: Policy) -> datetime | None:
	"""When the room would close after one more extension; None when no whole minute is left to give."""
	to = min(room.closes_on + STEP, latest_close(room, policy))
	return to if to - room.closes_on >= MINUTE else None


def extend(room: Room, policy: Policy) -> Room:
	"""One step more. Raises `ExtensionExhausted` at the policy's maximum."""
	to = next_close(room, policy)
	if to is None:
		raise ExtensionExhausted
	return replace(
		room, closes_on=to, extended_minutes=room.extended_minutes + (to - room.closes_on) // MINUTE
	)


def extended_until_open(room: Room, policy: Policy, now: datetime) -> Room:
	"""The room with as many steps as keep it open now; the same room when the policy does not allow that many."""
	longer = room
	while longer.closes_on <= now and next_close(longer, policy):
		longer = extend(longer, policy)
	return longer if now < longer.closes_on else room


def latest(times: Window, policy: Policy) -> datetime:
	"""The instant past which nothing keeps a room with these times open."""
	return max(times.closes_on, times.ends_on + policy.overrun)


def closing(room: Room, times: Window, policy: Policy) -> datetime:
	"""When the room closes at its appointment's new times: what it was given is still given, within the policy."""
	return min(times.closes_on + room.extended_minutes * MINUTE, latest(times, policy))
