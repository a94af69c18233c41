"""The circuit breaker of a provider: joins skip one that is down and try it again soon; teardown always calls it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from theranvio_telehealth.domain.enums import Role
from theranvio_telehealth.providers import breaker
from theranvio_telehealth.providers.base import (
	Credentials,
	Gone,
	Meeting,
	MeetingRequest,
	ProviderError,
	Rejected,
	Unavailable,
)
from theranvio_telehealth.providers.breaker import (
	FAILURES,
	MEMORY,
	PAUSE,
	Circuit,
	CircuitBreakerProvider,
	failed,
	try_it,
)
from theranvio_telehealth.providers.fake import FakeProvider
from tools.harness.ports import NOON, FixedClock

TICK = timedelta(milliseconds=1)
REQUEST = MeetingRequest("70" * 16, "", 2)


@dataclass
class Circuits:
	"""A store that several processes share."""

	stored: dict[str, Circuit] = field(default_factory=dict)
	writes: int = 0

	def load(self, provider: str) -> Circuit:
		return self.stored.get(provider, Circuit())

	def save(self, provider: str, circuit: Circuit) -> None:
		self.stored[provider] = circuit
		self.writes += 1


class Moody(FakeProvider):
	"""Raises `mood` at every call."""

	def __init__(self) -> None:
		super().__init__()
		self.mood: ProviderError | None = None
		self.asked = 0

	def _feel(self) -> None:
		self.asked += 1
		if self.mood:
			raise self.mood

	def open_meeting(self, request: MeetingRequest) -> Meeting:
		self._feel()
		return super().open_meeting(request)

	def add_attendee(self, meeting: Meeting, pseudonym: str, role: Role, until: datetime) -> Credentials:
		self._feel()
		return super().add_attendee(meeting, pseudonym, role, until)

	def remove_attendee(self, meeting: Meeting, attendee_id: str) -> None:
		self._feel()

	def close_meeting(self, meeting: Meeting) -> None:
		self._feel()


@dataclass
class Harness:
	"""Two processes of one site before one provider."""

	inner: Moody = field(default_factory=Moody)
	clock: FixedClock = field(default_factory=FixedClock)
	store: Circuits = field(default_factory=Circuits)

	def guard(self, name: str = "Video") -> CircuitBreakerProvider:
		return CircuitBreakerProvider(self.inner, name, self.store, self.clock.now)

	def fail(self, times: int) -> None:
		self.inner.mood = Unavailable()
		for _ in range(times):
			with pytest.raises(Unavailable):
				self.guard().open_meeting(REQUEST)


@pytest.fixture
def harness() -> Harness:
	return Harness()


def test_all_goes_through_while_all_is_well(harness: Harness) -> None:
	meeting = harness.guard().open_meeting(REQUEST)
	assert harness.guard().add_attendee(meeting, "p", Role.HOST, NOON).attendee_id
	assert harness.guard().capabilities == FakeProvider.capabilities
	assert harness.guard().check() == harness.inner.check()
	assert harness.store.writes == 0, "a provider that is well costs no write"


def test_repeated_failures_stop_the_asking(harness: Harness) -> None:
	harness.fail(FAILURES)
	asked = harness.inner.asked
	harness.fail(5)
	assert harness.inner.asked == asked == FAILURES


def test_joins_of_both_kinds_count_and_are_stopped(harness: Harness) -> None:
	harness.inner.mood = Unavailable()
	for _ in range(FAILURES):
		with pytest.raises(Unavailable):
			harness.guard().add_attendee(Meeting("m"), "p", Role.HOST, NOON)
	harness.fail(1)
	assert harness.inner.asked == FAILURES


def test_fewer_failures_do_not(harness: Harness) -> None:
	harness.fail(FAILURES - 1)
	harness.inner.mood = None
	assert harness.guard().open_meeting(REQUEST).meeting_id
	harness.fail(FAILURES - 1)
	harness.inner.mood = None
	assert harness.guard().open_meeting(REQUEST).meeting_id


def test_failures_far_apart_do_not(harness: Harness) -> None:
	for _ in range(3 * FAILURES):
		harness.fail(1)
		harness.clock.at += MEMORY + TICK
	assert harness.inner.asked == 3 * FAILURES


def test_after_the_pause_one_is_let_through_and_others_wait_for_it(harness: Harness) -> None:
	harness.fail(FAILURES)
	harness.clock.at += PAUSE
	harness.fail(3)
	assert harness.inner.asked == FAILURES + 1


def test_just_before_the_end_of_the_pause_it_holds(harness: Harness) -> None:
	harness.fail(FAILURES)
	harness.clock.at += PAUSE - TICK
	harness.fail(1)
	assert harness.inner.asked == FAILURES


def test_while_one_is_out_to_see_others_wait() -> None:
	paused = Circuit(FAILURES, NOON, NOON + PAUSE)
	trying = try_it(paused, NOON + PAUSE)
	assert trying is not None
	assert try_it(trying, NOON + PAUSE) is None


def test_long_after_the_pause_one_failure_is_enough(harness: Harness) -> None:
	harness.fail(FAILURES)
	harness.clock.at += PAUSE + 2 * MEMORY
	harness.fail(1)
	harness.clock.at += PAUSE - TICK
	harness.fail(1)
	assert harness.inner.asked == FAILURES + 1


def test_a_success_after_the_pause_ends_it(harness: Harness) -> None:
	harness.fail(FAILURES)
	harness.clock.at += PAUSE
	harness.inner.mood = None
	for _ in range(5):
		harness.guard().open_meeting(REQUEST)
	assert harness.store.load("Video") == Circuit()


@pytest.mark.parametrize("answer", [Rejected(), Gone()], ids=repr)
def test_a_refusal_is_an_answer(harness: Harness, answer: ProviderError) -> None:
	harness.fail(FAILURES - 1)
	harness.inner.mood = answer
	for _ in range(FAILURES):
		with pytest.raises(type(answer)):
			harness.guard().open_meeting(REQUEST)
	assert harness.store.load("Video") == Circuit()


def test_ending_access_is_always_asked_for_and_says_nothing_of_joins(harness: Harness) -> None:
	harness.fail(FAILURES)
	before = harness.store.load("Video")
	for end in (
		lambda: harness.guard().remove_attendee(Meeting("m"), "a"),
		lambda: harness.guard().close_meeting(Meeting("m")),
	):
		with pytest.raises(Unavailable):
			end()
	harness.inner.mood = None
	harness.guard().close_meeting(Meeting("m"))
	assert harness.inner.asked == FAILURES + 3
	assert harness.store.load("Video") == before


def test_providers_are_distinguished(harness: Harness) -> None:
	harness.fail(FAILURES)
	harness.inner.mood = None
	assert harness.guard("Another").open_meeting(REQUEST).meeting_id


def test_is_put_around_and_not_configured() -> None:
	with pytest.raises(TypeError):
		CircuitBreakerProvider.configured({})


@given(st.lists(st.tuples(st.sampled_from(["fail", "ok"]), st.integers(0, 90)), max_size=40))
def test_whatever_happens_it_asks_at_least_once_a_pause(script: list[tuple[str, int]]) -> None:
	"""It never stays open by itself, and while open nothing is asked within a pause of the last failure."""
	circuit, now, last_failure = Circuit(), NOON, None
	for outcome, seconds in script:
		now += timedelta(seconds=seconds)
		tried = try_it(circuit, now)
		if tried is None:
			assert last_failure is not None
			assert now - last_failure < PAUSE
			continue
		circuit = failed(tried, now) if outcome == "fail" else Circuit()
		last_failure = now if outcome == "fail" else None
	assert try_it(circuit, now + breaker.PAUSE) is not None
