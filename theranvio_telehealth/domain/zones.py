"""The clinic's naive wall clock and UTC. Pure: the zone's name is given, and nothing here asks what time it is.

A clinic keeps its times without a zone, and once a year an hour is shown twice. An instant written for the clinic is in
whole milliseconds, so the last microsecond digit is free: 1 marks the second showing. Read back, nothing is lost."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from functools import lru_cache
from zoneinfo import ZoneInfo

_SECOND_SHOWING = 1  # in the microseconds below a millisecond


@lru_cache(maxsize=8)
def _zone(name: str) -> ZoneInfo:
	return ZoneInfo(name)


def to_utc(naive: datetime, zone: str) -> datetime:
	"""The instant, in whole milliseconds, at which the clinic's clock shows `naive`.

	Of a time shown twice it is the earlier, unless marked; a time that is never shown moves on by the gap."""
	below = naive.microsecond % 1000
	local = naive.replace(tzinfo=_zone(zone), microsecond=naive.microsecond - below)
	if below == _SECOND_SHOWING and _is_shown_twice(local):
		local = local.replace(fold=1)
	return local.astimezone(timezone.utc)


def to_naive(instant: datetime, zone: str) -> datetime:
	"""What the clinic's clock shows then, marked when it is the second showing of that time."""
	whole = instant.replace(microsecond=instant.microsecond // 1000 * 1000)
	local = whole.astimezone(_zone(zone))
	mark = timedelta(microseconds=_SECOND_SHOWING if local.fold else 0)
	return local.replace(tzinfo=None, fold=0) + mark


def latest_shown(instant: datetime, zone: str) -> datetime:
	"""A naive time that the clock has not passed up to then: every earlier instant's `to_naive` is at or below it."""
	local = instant.astimezone(_zone(zone))
	return to_naive(instant, zone) + (_repeated(local) if local.fold else timedelta(0))


def earliest_shown(instant: datetime, zone: str) -> datetime:
	"""A naive time below which the clock does not fall from then on: every later instant's `to_naive` is at or above it."""
	local = instant.astimezone(_zone(zone))
	return to_naive(instant, zone) - (timedelta(0) if local.fold else max(_repeated(local), timedelta(0)))


def day(instant: datetime, zone: str) -> date:
	"""The clinic's calendar day."""
	return instant.astimezone(_zone(zone)).date()


def _is_shown_twice(local: datetime) -> bool:
	return _repeated(local) > timedelta(0)


def _repeated(local: datetime) -> timedelta:
	"""How long a stretch the clock repeats around `local`; negative where it skips one, else zero."""
	before, after = local.replace(fold=0).utcoffset(), local.replace(fold=1).utcoffset()
	return (before or timedelta(0)) - (after or timedelta(0))
