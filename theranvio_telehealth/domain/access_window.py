"""When a room can be entered. Instants are aware UTC; a window is half-open: it contains its opening, not its close."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from theranvio_telehealth.domain.entities import Policy, Room
from theranvio_telehealth.domain.enums import Phase
from theranvio_telehealth.domain.errors import TooEarly, WindowClosed


@dataclass(frozen=True, slots=True)
class Window:
	opens_on: datetime
	starts_on: datetime
	ends_on: datetime
	closes_on: datetime


def window(starts_on: datetime, minutes: int, policy: Policy) -> Window:
	"""The window of a visit of `minutes` (0: the policy's default). Windows of consecutive visits may overlap:
	each room has its own, and nothing of one is cut for the sake of the next."""
	length = timedelta(minutes=minutes) if minutes > 0 else policy.default_duration
	ends_on = starts_on + length
	return Window(starts_on - policy.lead, starts_on, ends_on, ends_on + policy.grace)


def closing_time(room: Room, policy: Policy, *, host_present: bool) -> datetime:
	"""The instant at which the room closes: later than `closes_on` only while a host is in it."""
	if not host_present:
		return room.closes_on
	return latest_close(room, policy)


def latest_close(room: Room, policy: Policy) -> datetime:
	"""The instant past which nothing keeps the room open."""
	return max(room.closes_on, room.ends_on + policy.overrun)


def phase(room: Room, policy: Policy, now: datetime, *, host_present: bool) -> Phase:
	if now < room.opens_on:
		return Phase.EARLY
	if now < closing_time(room, policy, host_present=host_present):
		return Phase.OPEN
	return Phase.CLOSED


def require_open(room: Room, policy: Policy, now: datetime, *, host_present: bool) -> None:
	"""Raises `TooEarly` or `WindowClosed`."""
	match phase(room, policy, now, host_present=host_present):
		case Phase.EARLY:
			raise TooEarly
		case Phase.CLOSED:
			raise WindowClosed
