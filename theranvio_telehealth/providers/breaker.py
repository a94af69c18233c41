"""Keeps joins from hanging on a provider that is down: after repeated failures they are refused at once for a minute.

Requests that end access are never refused here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol, TypeVar

from theranvio_telehealth.domain.enums import Role
from theranvio_telehealth.providers.base import (
	Credentials,
	Finding,
	MediaProvider,
	Meeting,
	MeetingRequest,
	Unavailable,
)

T = TypeVar("T")

#: So many failures in a row, none longer after the one before than `MEMORY`, open the circuit.
FAILURES = 3
MEMORY = timedelta(minutes=2)
PAUSE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Circuit:
	"""How many of the latest joins failed, and until when the next are refused."""

	failures: int = 0
	failed_on: datetime | None = None
	paused_until: datetime | None = None


class CircuitStore(Protocol):
	"""Circuits by provider, shared by all processes of a site. Losing one, or one of two writes, does no harm."""

	def load(self, provider: str) -> Circuit: ...

	def save(self, provider: str, circuit: Circuit) -> None: ...


def try_it(circuit: Circuit, now: datetime) -> Circuit | None:
	"""The circuit with a try begun, or None while it is open. After the pause one try goes ahead; others wait for it."""
	until = circuit.paused_until
	if until is None:
		return circuit
	if now < until:
		return None
	return Circuit(circuit.failures, circuit.failed_on, now + PAUSE)


def failed(circuit: Circuit, now: datetime) -> Circuit:
	recent = circuit.failed_on is not None and now - circuit.failed_on <= MEMORY
	failures = circuit.failures + 1 if recent else 1
	pausing = failures >= FAILURES or circuit.paused_until is not None
	return Circuit(failures, now, now + PAUSE if pausing else None)


class CircuitBreakerProvider(MediaProvider):
	"""A provider behind its circuit."""

	def __init__(
		self, inner: MediaProvider, name: str, store: CircuitStore, clock: Callable[[], datetime]
	) -> None:
		self.inner = inner
		self.capabilities = inner.capabilities
		self.origins = inner.origins
		self.browser_script = inner.browser_script
		self._name = name
		self._store = store
		self._clock = clock

	@classmethod
	def configured(cls, config: Mapping[str, Any]) -> MediaProvider:
		raise TypeError("A circuit is put around a provider that is configured already.")

	def open_meeting(self, request: MeetingRequest) -> Meeting:
		return self._tried(lambda: self.inner.open_meeting(request))

	def add_attendee(self, meeting: Meeting, pseudonym: str, role: Role, until: datetime) -> Credentials:
		return self._tried(lambda: self.inner.add_attendee(meeting, pseudonym, role, until))

	def remove_attendee(self, meeting: Meeting, attendee_id: str) -> None:
		self.inner.remove_attendee(meeting, attendee_id)

	def close_meeting(self, meeting: Meeting) -> None:
		self.inner.close_meeting(meeting)

	def check(self) -> tuple[Finding, ...]:
		return self.inner.check()

	def _tried(self, act: Callable[[], T]) -> T:
		before = self._store.load(self._name)
		trying = try_it(before, self._clock())
		if trying is None:
			raise Unavailable("paused after repeated failures")
		self._keep(before, trying)
		try:
			return self._answered(act)
		except Unavailable:
			self._keep(trying, failed(self._store.load(self._name), self._clock()))
			raise

	def _answered(self, act: Callable[[], T]) -> T:
		"""Whatever it answers, also a refusal: it is up."""
		try:
			answer = act()
		except Unavailable:
			raise
		except Exception:
			self._store.save(self._name, Circuit())
			raise
		self._keep(self._store.load(self._name), Circuit())
		return answer

	def _keep(self, before: Circuit, after: Circuit) -> None:
		if after != before:
			self._store.save(self._name, after)
