"""Presence as the provider saw it: from whatever is known of a join to the stays it comes to. Not what they cost.

Everything here is a function of a set of events, so that their order, their repetition and their delay cannot matter."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from theranvio_telehealth.domain.entities import EPOCH, Span
from theranvio_telehealth.domain.enums import StrEnum

#: No meeting lives longer than this, whatever was lost.
MEETING_LIFE = timedelta(hours=24)


class Kind(StrEnum):
	JOINED = "Joined"
	LEFT = "Left"
	DROPPED = "Dropped"
	DELETED = "Deleted"
	MEETING_ENDED = "Meeting Ended"


#: By how much a provider's clock may be ahead of ours.
CLOCKS_DIFFER = timedelta(minutes=5)

#: After these the credentials are worthless: nothing of the join is later.
FINAL = frozenset({Kind.DELETED, Kind.MEETING_ENDED})


@dataclass(frozen=True, slots=True)
class ProviderEvent:
	"""One thing that happened. `attendee_id` is empty where it happened to the whole meeting."""

	meeting_id: str
	attendee_id: str
	kind: Kind
	happened_on: datetime
	key: str = ""  # the same for the same event, however often and by whatever way it comes

	def __post_init__(self) -> None:
		stamp = round(self.happened_on.timestamp() * 1000)
		key = f"{self.meeting_id}:{self.attendee_id}:{self.kind}:{stamp}"
		object.__setattr__(self, "key", key)


@dataclass(frozen=True, slots=True)
class Presence:
	"""The stretches of one join that are over, and since when it has been in the call, if it is."""

	spans: tuple[Span, ...] = ()
	open_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
	"""All that is known of one join: the events of its attendee and meeting, what its heartbeats came to, and since
	when its credentials are destroyed for certain."""

	events: frozenset[ProviderEvent] = frozenset()
	heartbeat_spans: tuple[Span, ...] = ()
	credentials_revoked_on: datetime | None = None


@dataclass(frozen=True, slots=True)
class Correction:
	"""What a ledger that only grows must take back and add."""

	withdrawn: tuple[Span, ...]
	added: tuple[Span, ...]


def is_from_the_future(event: ProviderEvent, now: datetime) -> bool:
	return event.happened_on > now + CLOCKS_DIFFER


def presence(events: Iterable[ProviderEvent], now: datetime) -> Presence:
	"""What one attendee's events, and its meeting's, say. Events lost on the way are not made up.

	A repeated join carries a stay on; joining and leaving in the same instant (a connection renewed) change nothing."""
	known = frozenset(events)
	last = _last_moment(known)
	spans: list[Span] = []
	since: datetime | None = None
	for at, kinds in _by_instant(e for e in known if e.kind not in FINAL):
		if last is not None and at >= last:
			break
		joins, leaves = Kind.JOINED in kinds, bool(kinds - {Kind.JOINED})
		if joins is leaves:
			continue
		if joins:
			since = since or at
		elif since is not None:
			spans.append(Span(since, at))
			since = None
	if since is not None and last is not None and (now >= last or _is_final(known)):
		return Presence((*spans, Span(since, last)))
	return Presence(tuple(spans), since)


def stays(joins: Iterable[Evidence], now: datetime) -> tuple[Span, ...]:
	"""One person's closed stays over all their joins, each second once.

	Where the provider saw a join begin, its events say how long it lasted; of other joins the heartbeats do, and of
	what came before a departure whose arrival was lost."""
	return merged(span for join in joins for span in _spans(join, now))


def merged(spans: Iterable[Span]) -> tuple[Span, ...]:
	"""The same time with no second in it twice, in order. What only touches stays apart."""
	done: list[Span] = []
	for span in sorted(s for s in spans if s.started_on < s.ended_on):
		if done and span.started_on < done[-1].ended_on:
			done[-1] = Span(done[-1].started_on, max(done[-1].ended_on, span.ended_on))
		else:
			done.append(span)
	return tuple(done)


def correction(booked: Iterable[Span], known: Iterable[Span]) -> Correction:
	"""What brings a ledger from the stays it has to the stays that were."""
	had, has = frozenset(booked), frozenset(known)
	return Correction(tuple(sorted(had - has)), tuple(sorted(has - had)))


def _spans(join: Evidence, now: datetime) -> tuple[Span, ...]:
	if not any(e.kind is Kind.JOINED for e in join.events):
		return join.heartbeat_spans
	seen = presence(join.events, now)
	return (*seen.spans, *_cut_short(seen.open_since, join), *_unannounced(join))


def _unannounced(join: Evidence) -> Iterator[Span]:
	"""Heartbeat spans before a Left event without a matching Joined event, which was lost."""
	last = _last_moment(join.events) or EPOCH
	went, is_in = EPOCH, False
	for at, kinds in _by_instant(e for e in join.events if e.kind not in FINAL):
		if Kind.JOINED not in kinds and not is_in:
			yield from (
				Span(max(h.started_on, went), min(h.ended_on, at, last)) for h in join.heartbeat_spans
			)
		if kinds == {Kind.JOINED}:
			is_in = True
		elif Kind.JOINED not in kinds:
			went, is_in = at, False


def _cut_short(since: datetime | None, join: Evidence) -> tuple[Span, ...]:
	"""The last stretch of a join without an end event: to its last sign of life, or else to its certain end."""
	if since is None or join.credentials_revoked_on is None:
		return ()
	heard = max((span.ended_on for span in join.heartbeat_spans), default=since)
	return (
		Span(
			since, min(heard if heard > since else join.credentials_revoked_on, join.credentials_revoked_on)
		),
	)


def _is_final(events: Iterable[ProviderEvent]) -> bool:
	return any(e.kind in FINAL for e in events)


def _last_moment(events: frozenset[ProviderEvent]) -> datetime | None:
	"""When the join cannot have lasted longer: its end, its meeting's, or the end of a meeting's life."""
	moments = [e.happened_on for e in events if e.kind in FINAL]
	joined = [e.happened_on for e in events if e.kind is Kind.JOINED]
	return min([*moments, *([min(joined) + MEETING_LIFE] if joined else [])], default=None)


def _by_instant(events: Iterable[ProviderEvent]) -> list[tuple[datetime, set[Kind]]]:
	ordered = sorted(events, key=lambda e: e.happened_on)
	return [(at, {e.kind for e in same}) for at, same in groupby(ordered, key=lambda e: e.happened_on)]
