"""The expected state: which tokens were issued, who was connected when, and what their browsers sent. Calls no service.

The ledger is held against it: by Amazon's own record of connections where Amazon's word arrived, by heartbeats where it
was lost, and between the two where only part of it was lost."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from theranvio_telehealth.domain.entities import UsageEntry
from tools.chime_emulator.world import Connection
from tools.faults.amazon import Amazon
from tools.faults.clinic import PROVIDERS

SILENCE = 30
ARRIVALS, DEPARTURES = ("AttendeeJoined",), ("AttendeeLeft", "AttendeeDropped")
ENDS = ("AttendeeDeleted", "MeetingEnded")
Seconds = set[int]


@dataclass
class Ticket:
	"""One answered join. `token` is empty where the answer was lost on the way to the browser."""

	user: str
	participant: str
	meeting_id: str
	token: str = field(default="", repr=False)
	beats: list[int] = field(default_factory=list)
	credentials_revoked_on: int = 0

	def heard(self) -> list[tuple[int, int]]:
		"""The stretches without a silence, first beat to last."""
		stretches: list[tuple[int, int]] = []
		for beat in self.beats:
			if stretches and beat - stretches[-1][1] <= SILENCE:
				stretches[-1] = (stretches[-1][0], beat)
			else:
				stretches.append((beat, beat))
		return stretches


@dataclass
class Bounds:
	"""What a ledger must hold at least, and may hold at most."""

	least: Seconds = field(default_factory=set)
	most: Seconds = field(default_factory=set)

	def add(self, other: Bounds) -> None:
		self.least |= other.least
		self.most |= other.most


@dataclass(frozen=True)
class Notices:
	"""The moments of an attendee's events that arrived, and whether some of them never did."""

	arrivals: frozenset[int]
	departures: frozenset[int]
	ends: frozenset[int]
	incomplete: bool


class Oracle:
	def __init__(self, amazon: Amazon) -> None:
		self._amazon = amazon
		self.tickets: dict[str, Ticket] = {}
		self.exact = 0
		self.bounded = 0

	def joined(self, attendee: str, ticket: Ticket, now: datetime) -> None:
		self.tickets[attendee] = ticket
		self.beat(attendee, now)

	def beat(self, attendee: str, now: datetime) -> None:
		self.tickets[attendee].beats.append(round(now.timestamp()))

	def ledger(self) -> dict[tuple[str, str], Bounds]:
		"""By participant and provider, once everything is over and every event that will arrive has arrived."""
		bounds: dict[tuple[str, str], Bounds] = defaultdict(Bounds)
		for attendee, ticket in self.tickets.items():
			region = self._amazon.world.meetings[ticket.meeting_id].region
			provider = next(name for name, where in PROVIDERS.items() if where == region)
			bounds[ticket.participant, provider].add(self._of(attendee, ticket))
		return bounds

	def connections(self, attendee: str) -> list[Connection]:
		return [c for c in self._amazon.world.connections if c.key == attendee]

	def _of(self, attendee: str, ticket: Ticket) -> Bounds:
		notices = self._notices(attendee, ticket.meeting_id)
		stretches = [(round(c.began), round(c.ended or c.began)) for c in self.connections(attendee)]
		if not notices.arrivals:
			self.bounded += bool(ticket.beats)
			return _by_heartbeats(ticket, notices)
		if not notices.incomplete:
			self.exact += 1
			seen = _seconds(stretches)
			return Bounds(seen, set(seen))
		self.bounded += 1
		return _by_part(ticket, notices, stretches)

	def _notices(self, attendee: str, meeting: str) -> Notices:
		happened = [e for e in self._amazon.outbox.history if _concerns(e["detail"], attendee, meeting)]
		sent = {e["id"] for e in self._amazon.outbox.sent}
		arrived = [e["detail"] for e in happened if e["id"] in sent]
		lost = [e for e in happened if e["id"] not in sent and _is(e["detail"], *ARRIVALS, *DEPARTURES)]
		return Notices(
			arrivals=_moments(arrived, *ARRIVALS),
			departures=_moments(arrived, *DEPARTURES),
			ends=_moments(arrived, *ENDS),
			incomplete=bool(lost),
		)


def booked(entries: Iterable[UsageEntry]) -> tuple[Seconds, int]:
	"""The seconds that stand, each once, and how many were booked more than once."""
	standing: dict[tuple[int, int], int] = defaultdict(int)
	for entry in entries:
		span = (round(entry.started_on.timestamp()), round(entry.ended_on.timestamp()))
		standing[span] += 1 if entry.seconds > 0 else -1
	total = sum((end - start) * times for (start, end), times in standing.items())
	seconds = _seconds(span for span, times in standing.items() if times > 0)
	return seconds, total - len(seconds)


def _by_heartbeats(ticket: Ticket, notices: Notices) -> Bounds:
	"""To the last beat at least; at most until it would have been missed, or Amazon saw them go."""
	went = notices.departures | notices.ends
	least, most = _heard(ticket, notices), set()
	for start, last in ticket.heard():
		most |= set(range(start, max([last + SILENCE, *(moment for moment in went if moment > start)])))
	return Bounds(least, most)


def _heard(ticket: Ticket, notices: Notices) -> Seconds:
	"""From beat to beat, but not from being seen to go to the beat after it."""
	away: Seconds = set()
	for moment in notices.departures:
		away |= set(range(moment, min([beat for beat in ticket.beats if beat > moment], default=moment)))
	return _seconds(ticket.heard()) - away


def _by_part(ticket: Ticket, notices: Notices, stretches: list[tuple[int, int]]) -> Bounds:
	"""What both ends arrived of, and what a beat confirms of the rest; nothing outside the join's life."""
	bounds = Bounds()
	first = min([*notices.arrivals, *ticket.beats])
	last = max([ticket.credentials_revoked_on, *notices.ends, *(end for _, end in stretches)])
	bounds.most = set(range(first, last))
	for start, end in stretches:
		if start not in notices.arrivals:
			if end in notices.departures:  # who is seen to go was there
				bounds.least |= _heard(ticket, notices) & set(range(start, end))
			continue
		known = [end] if end in notices.departures else [beat for beat in ticket.beats if start < beat <= end]
		bounds.least |= set(range(start, max([start, *known])))
	return bounds


def _seconds(spans: Iterable[tuple[int, int]]) -> Seconds:
	return {second for start, end in spans for second in range(start, end)}


def _concerns(detail: dict[str, str], attendee: str, meeting: str) -> bool:
	return detail.get("meetingId") == meeting and detail.get("attendeeId", attendee) == attendee


def _is(detail: dict[str, str], *kinds: str) -> bool:
	return detail["eventType"].removeprefix("chime:") in kinds


def _moments(details: Iterable[dict[str, str]], *kinds: str) -> frozenset[int]:
	return frozenset(round(int(d["timestamp"]) / 1000) for d in details if _is(d, *kinds))
