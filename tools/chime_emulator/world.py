"""The emulator's state: meetings, attendees, connections and the calls received."""

from __future__ import annotations

import base64
import random
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol

from tools.chime_emulator.clock import Clock
from tools.chime_emulator.settings import Settings

CONTENT = "#content"


@dataclass
class Attendee:
	attendee_id: str
	external_user_id: str
	join_token: str = field(repr=False)
	capabilities: dict[str, str]

	def may(self, medium: str, act: str) -> bool:
		return act in self.capabilities[medium]


@dataclass
class Connection:
	"""One connection of an attendee (or, with `#content`, of their screen share), with start and end."""

	meeting_id: str
	key: str
	began: float
	ended: float | None = None


@dataclass
class Meeting:
	meeting_id: str
	account: str
	region: str
	request: dict[str, Any]
	created_on: float
	idle_since: float
	attendees: dict[str, Attendee] = field(default_factory=dict)
	connected: set[str] = field(default_factory=set)
	ended: bool = False

	@property
	def features(self) -> dict[str, Any]:
		return dict(self.request.get("MeetingFeatures", {}))

	@property
	def max_count(self) -> int:
		return int(self.features.get("Attendee", {}).get("MaxCount", 250))

	def by_external_user(self, external_user_id: str) -> Attendee | None:
		return next((a for a in self.attendees.values() if a.external_user_id == external_user_id), None)


class Listener(Protocol):
	"""Called when an attendee loses the right to be in the meeting; holds the connections."""

	def attendee_removed(self, meeting: Meeting, attendee: Attendee) -> None: ...
	def meeting_ended(self, meeting: Meeting) -> None: ...


Emit = Callable[[Meeting, str, dict[str, Any]], None]


class World:
	"""All state of one emulator. Not thread-safe: used on the server's event loop only."""

	def __init__(self, settings: Settings, clock: Clock, emit: Emit) -> None:
		self.settings = settings
		self._random = random.Random(settings.seed) if settings.seeded_ids else random.SystemRandom()
		self.clock = clock
		self.emit = emit
		self.listener: Listener | None = None
		self.meetings: dict[str, Meeting] = {}
		self.by_client_token: dict[tuple[str, str, str], Meeting] = {}
		self.by_join_token: dict[str, tuple[Meeting, Attendee]] = {}
		self.connections: list[Connection] = []
		self.calls: Counter[str] = Counter()
		self.refused: Counter[str] = Counter()

	def live(self) -> Iterator[Meeting]:
		return (meeting for meeting in self.meetings.values() if not meeting.ended)

	def open_meeting(self, account: str, region: str, request: dict[str, Any]) -> Meeting:
		now = self.clock.now()
		meeting = Meeting(self._id(), account, region, request, now, now)
		self.meetings[meeting.meeting_id] = meeting
		self.by_client_token[account, region, request["ClientRequestToken"]] = meeting
		self.emit(meeting, "MeetingStarted", {"externalMeetingId": request["ExternalMeetingId"]})
		return meeting

	def end_meeting(self, meeting: Meeting) -> None:
		if meeting.ended:
			return
		meeting.ended = True
		if self.listener:
			self.listener.meeting_ended(meeting)
		self.emit(meeting, "MeetingEnded", {"externalMeetingId": meeting.request["ExternalMeetingId"]})

	def add_attendee(self, meeting: Meeting, external_user_id: str, capabilities: dict[str, str]) -> Attendee:
		attendee = Attendee(self._id(), external_user_id, self._token(), capabilities)
		meeting.attendees[attendee.attendee_id] = attendee
		self.by_join_token[attendee.join_token] = (meeting, attendee)
		self.emit_attendee(meeting, attendee, "AttendeeAdded")
		return attendee

	def _id(self) -> str:
		return str(uuid.UUID(int=self._random.getrandbits(128), version=4))

	def _token(self) -> str:
		return base64.urlsafe_b64encode(self._random.getrandbits(768).to_bytes(96, "big")).decode()

	def remove_attendee(self, meeting: Meeting, attendee: Attendee) -> None:
		del meeting.attendees[attendee.attendee_id]
		del self.by_join_token[attendee.join_token]
		self.emit_attendee(meeting, attendee, "AttendeeDeleted")
		if self.listener:
			self.listener.attendee_removed(meeting, attendee)

	def emit_attendee(self, meeting: Meeting, attendee: Attendee, event: str, **extra: str) -> None:
		detail = {"attendeeId": attendee.attendee_id, "externalUserId": attendee.external_user_id, **extra}
		self.emit(meeting, event, detail)

	def holder(self, join_token: str) -> tuple[Meeting, Attendee] | None:
		return self.by_join_token.get(join_token.removesuffix(CONTENT))

	def connect(self, meeting: Meeting, key: str) -> None:
		meeting.connected.add(key)
		self.connections.append(Connection(meeting.meeting_id, key, self.clock.now()))

	def disconnect(self, meeting: Meeting, key: str) -> None:
		meeting.connected.discard(key)
		for connection in self.connections:
			if (connection.meeting_id, connection.key) == (meeting.meeting_id, key):
				connection.ended = connection.ended or self.clock.now()
		if not meeting.connected:
			meeting.idle_since = self.clock.now()

	def sweep(self) -> None:
		"""End meetings as Amazon does: after five minutes without an audio connection, or after a day."""
		now = self.clock.now()
		for meeting in list(self.live()):
			idle = not meeting.connected and now - meeting.idle_since >= self.settings.idle_seconds
			if idle or now - meeting.created_on >= self.settings.life_seconds:
				self.end_meeting(meeting)
