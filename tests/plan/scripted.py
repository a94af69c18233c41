"""One visit as people hold it, through the services: they come, beat, reload and leave. No assertions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from theranvio_telehealth.domain.entities import Caller, Room
from theranvio_telehealth.domain.provider_events import Kind, ProviderEvent
from theranvio_telehealth.services import hosting, joining, sweep, visit
from theranvio_telehealth.services.events import record_provider_event
from theranvio_telehealth.services.ports import Ports
from tools.harness.ports import FixedClock

LATE = timedelta(seconds=1)


@dataclass
class ScriptedVisit:
	"""`events`: whether the provider reports what it sees, a second after it happened."""

	ports: Ports
	clock: FixedClock
	room: str
	host: str
	events: bool = False

	def hold(self, clients: Sequence[str], rejoins: int = 0) -> None:
		"""The host comes first, all beat for a minute, each rejoins so often, and the host ends the visit."""
		self._enter(self.host)
		joined = {self.host: self._join(self.host)}
		for client in clients:
			self._enter(client)
			hosting.admit(self.ports, Caller(self.host), self.room, self._participant(client))
			joined[client] = self._join(client)
		for _ in range(rejoins):
			self._beat(joined)
			joined = {user: self._rejoin(user, attendee) for user, attendee in joined.items()}
		self._beat(joined)
		self._end(joined)

	@property
	def _stored(self) -> Room:
		room = self.ports.store.room(self.room)
		assert room is not None
		return room

	def _participant(self, user: str) -> str:
		return next(p.name for p in self.ports.store.participants(self.room) if p.user == user)

	def _enter(self, user: str) -> None:
		self.clock.advance(seconds=1)
		visit.enter(self.ports, Caller(user), self.room)

	def _join(self, user: str) -> str:
		attendee = joining.join(self.ports, Caller(user), self.room)["attendee"]
		self.clock.advance(seconds=1)
		self._event(Kind.JOINED, attendee)
		return attendee

	def _rejoin(self, user: str, before: str) -> str:
		"""By a reload: the browser goes, comes back, and the attendee it had is destroyed."""
		attendee = self._join(user)
		self._event(Kind.LEFT, before)
		self._event(Kind.DELETED, before)
		return attendee

	def _beat(self, joined: dict[str, str]) -> None:
		for _ in range(6):
			self.clock.advance(seconds=10)
			for user, attendee in joined.items():
				visit.heartbeat(self.ports, Caller(user), self.room, attendee)

	def _end(self, joined: dict[str, str]) -> None:
		meeting = self._stored.meeting_id
		hosting.end(self.ports, Caller(self.host), self.room)
		self.clock.advance(seconds=1)
		for attendee in joined.values():
			self._event(Kind.LEFT, attendee, meeting)
		self._event(Kind.MEETING_ENDED, "", meeting)
		sweep.sweep(self.ports)

	def _event(self, kind: Kind, attendee: str, meeting: str = "") -> None:
		if self.events:
			happened = self.clock.now() - LATE / 2
			meeting = meeting or self._stored.meeting_id
			record_provider_event(self.ports, ProviderEvent(meeting, attendee, kind, happened))
