"""Regression tests of faults that the schedules found, each as short as possible."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest

from theranvio_telehealth.domain.entities import Caller
from theranvio_telehealth.domain.errors import ProviderUnavailable
from theranvio_telehealth.providers.chime import events as chime_events
from theranvio_telehealth.services import events, hosting, joining, visit
from theranvio_telehealth.services.sweep import sweep
from tools.faults import checks
from tools.faults.amazon import DEFAULT_ACCOUNT, connected
from tools.faults.clinic import PROVIDERS, Clinic
from tools.harness.factories import CLIENT, HOST


@pytest.fixture
def clinic() -> Iterator[Clinic]:
	"""The host and the client have been admitted; none has joined."""
	clinic = Clinic(1, fails_over=False)
	room = clinic.room.name
	with connected(clinic.amazon, *PROVIDERS.values()):
		for user in (HOST, CLIENT):
			visit.enter(clinic.ports, Caller(user), room)
		person = clinic.participant(CLIENT)
		assert person
		hosting.admit(clinic.ports, Caller(HOST), room, person.name)
		yield clinic


def join(clinic: Clinic, user: str) -> Any:
	return joining.join(clinic.ports, Caller(user), clinic.room.name)["credentials"]["attendee"]


def beat(clinic: Clinic, attendee: str, times: int) -> None:
	for _ in range(times):
		clinic.pass_time(10)
		visit.heartbeat(clinic.ports, Caller(CLIENT), clinic.room.name, attendee)


def lose(clinic: Clinic, *events_lost: str) -> None:
	clinic.amazon.faults.replace([{"on": f"event:{event}", "kind": "lost"} for event in events_lost])


def finish(clinic: Clinic) -> int:
	"""The visit ends, what was sent arrives: the seconds that stand for the client."""
	hosting.end(clinic.ports, Caller(HOST), clinic.room.name)
	for envelope in clinic.amazon.outbox.sent:
		if event := chime_events.read(envelope, {DEFAULT_ACCOUNT}):
			events.record_provider_event(clinic.ports, event)
	sweep(clinic.ports)
	person = clinic.participant(CLIENT)
	assert person
	entries = clinic.store.entries(clinic.room.name)
	return sum(entry.seconds for entry in entries if entry.participant == person.name)


def test_a_stretch_whose_arrival_was_lost_is_not_lost_with_it(clinic: Clinic) -> None:
	"""The connection breaks and comes back; no event reports that it came back."""
	attendee = join(clinic, CLIENT)
	clinic.amazon.ghosts.enter(attendee["JoinToken"])
	beat(clinic, attendee["AttendeeId"], 1)
	clinic.amazon.ghosts.depart(attendee["AttendeeId"], dropped=True)
	clinic.pass_time(2)
	lose(clinic, "AttendeeJoined")
	clinic.amazon.ghosts.enter(attendee["JoinToken"])
	beat(clinic, attendee["AttendeeId"], 60)
	assert finish(clinic) >= 600


def test_a_stay_in_a_meeting_that_ended_by_itself_is_settled(clinic: Clinic) -> None:
	"""No event reports its end; the next join finds it gone."""
	attendee = join(clinic, CLIENT)
	clinic.amazon.ghosts.enter(attendee["JoinToken"])
	beat(clinic, attendee["AttendeeId"], 60)
	lose(clinic, "AttendeeLeft", "AttendeeDeleted", "MeetingEnded")
	clinic.amazon.world.end_meeting(clinic.amazon.live()[0])
	join(clinic, HOST)
	assert finish(clinic) == 600


def test_an_attendee_made_after_its_join_was_taken_back_is_found(clinic: Clinic) -> None:
	"""A second tab joins while the first one's call is on its way; then the first one's answer is lost."""
	lost = [{"on": "CreateAttendee", "kind": "reset_after"}]

	def meanwhile(when: str, operation: str) -> None:
		clinic.amazon.around = lambda when, operation: None
		clinic.amazon.faults.replace([])
		join(clinic, CLIENT)
		clinic.amazon.faults.replace(lost)

	join(clinic, HOST)
	clinic.amazon.faults.replace(lost)
	clinic.amazon.around = meanwhile
	with suppress(ProviderUnavailable):
		join(clinic, CLIENT)
	clinic.amazon.faults.replace([])
	sweep(clinic.ports)
	assert list(checks.unaccounted(clinic)) == []
	assert len(clinic.amazon.live()[0].attendees) == 2
