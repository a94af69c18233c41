"""A second provider takes a call over where its own does not answer, if the clinic and its agreements allow that."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from tests.services.acts import CLIENT, HOST, Rejected, Unavailable, Visit, Weathered, outcome
from theranvio_telehealth.domain.entities import Caller, Settings
from theranvio_telehealth.providers.fake import FakeProvider
from theranvio_telehealth.services import hosting, sweep
from tools.harness.factories import booked, make_agreement, make_provider
from tools.harness.ports import NOON


@pytest.fixture
def spare(visit: Visit) -> Weathered:
	"""The clinic has a second provider and wants it used."""
	media = Weathered(FakeProvider())
	visit.harness.media["Spare"] = media
	visit.harness.store.put(make_provider(name="Spare", media_region="eu-west-2"))
	visit.harness.store.put(Settings(default_provider="Video", failover_provider="Spare"))
	return media


def down(visit: Visit, *, after_making: bool = False) -> None:
	"""The room's own provider answers no more, perhaps only after having done what it was asked."""
	if after_making:
		visit.media.meanwhile = [_stumble]
	else:
		visit.media.fails = Unavailable


def _stumble() -> None:
	raise Unavailable


def of(media: Weathered) -> set[str]:
	meetings: dict[str, set[str]] = media.inner.meetings  # type: ignore[attr-defined]
	return {attendee for them in meetings.values() for attendee in them}


def test_the_call_begins_at_the_second(visit: Visit, spare: Weathered) -> None:
	visit.let_in()
	down(visit)
	attendee = visit.join(HOST)
	assert of(spare) == {attendee}
	assert (visit.room.provider, visit.room.media_region) == ("Spare", "eu-west-2")
	assert visit.join(CLIENT) in of(spare)


def test_the_failure_is_on_record_and_the_appointment_untouched(visit: Visit, spare: Weathered) -> None:
	visit.let_in()
	before = visit.harness.store.appointment("APP-1")
	down(visit)
	visit.join(HOST)
	what, subject, error = visit.harness.log.failures[0]
	assert (what, subject, type(error)) == ("join", visit.name, Unavailable)
	assert visit.harness.store.appointment("APP-1") == before


def test_those_in_the_call_are_asked_to_join_again(visit: Visit, spare: Weathered) -> None:
	visit.let_in()
	old = visit.join(HOST)
	call = visit.state(HOST)["provider"]["call"]
	visit.harness.nudge.take()
	down(visit)
	visit.join(CLIENT)
	assert HOST in visit.harness.nudge.take()
	assert visit.state(HOST)["provider"]["call"] not in ("", call)
	assert outcome(lambda: visit.beat(old, HOST)) == "superseded"
	assert visit.join(HOST) in of(spare)


def test_their_stays_are_booked_with_whom_they_were(visit: Visit, spare: Weathered) -> None:
	visit.let_in()
	old = visit.join(HOST)
	visit.later(seconds=20)
	visit.beat(old, HOST)
	down(visit)
	visit.join(CLIENT)
	new = visit.join(HOST)
	visit.later(seconds=15)
	visit.leave(new, HOST)
	host = visit.participant(HOST).name
	assert [(e.provider, e.seconds) for e in visit.entries() if e.participant == host] == [
		("Video", 20),
		("Spare", 15),
	]


@pytest.mark.parametrize("after_making", [False, True])
def test_what_was_left_at_the_first_is_destroyed_when_it_is_back(
	visit: Visit, spare: Weathered, after_making: bool
) -> None:
	visit.let_in()
	visit.join(HOST)
	down(visit, after_making=after_making)
	visit.join(CLIENT)
	visit.media.fails = None
	sweep.sweep(visit.ports)
	assert visit.attendees() == set()
	assert visit.media.inner.meetings == {}  # type: ignore[attr-defined]
	assert visit.room.former_meetings == ()
	assert len(of(spare)) == 1


def test_until_then_it_is_remembered_also_when_the_visit_is_over(visit: Visit, spare: Weathered) -> None:
	visit.let_in()
	visit.join(HOST)
	down(visit)
	visit.join(CLIENT)
	hosting.end(visit.ports, Caller(HOST), visit.name)
	assert of(spare) == set()
	assert len(visit.room.former_meetings) == 1
	assert visit.harness.store.rooms_to_tear_down(9) == [visit.name]
	visit.media.fails = None
	sweep.sweep(visit.ports)
	assert visit.harness.store.rooms_to_tear_down(9) == []
	assert visit.attendees() == set()


def test_of_two_who_find_it_down_both_end_up_in_one_call(visit: Visit, spare: Weathered) -> None:
	visit.let_in()

	def fail_after_the_other() -> None:
		visit.media.fails = Unavailable
		visit.join(CLIENT)
		raise Unavailable

	visit.media.before = [fail_after_the_other]
	visit.join(HOST)
	assert len(spare.inner.meetings) == 1  # type: ignore[attr-defined]
	assert len(of(spare)) == 2
	assert len(visit.room.former_meetings) <= 1


def test_an_answer_that_comes_after_the_call_moved_is_worth_nothing(visit: Visit, spare: Weathered) -> None:
	visit.let_in()

	def moves() -> None:
		visit.media.fails = Unavailable
		visit.join(CLIENT)

	visit.media.meanwhile = [moves]
	assert outcome(lambda: visit.join(HOST)) == "provider_unavailable"
	visit.media.fails = None
	sweep.sweep(visit.ports)
	assert visit.attendees() == set()
	assert visit.join(HOST) in of(spare)


def test_both_down_is_unavailable_and_can_be_tried_again(visit: Visit, spare: Weathered) -> None:
	visit.let_in()
	down(visit)
	spare.fails = Unavailable
	assert outcome(lambda: visit.join(HOST)) == "provider_unavailable"
	spare.fails = None
	assert visit.join(HOST) in of(spare)


FORBIDDING: dict[str, Callable[[Visit], Any]] = {
	"the clinic names none": lambda v: v.harness.store.put(Settings(default_provider="Video")),
	"it is switched off": lambda v: v.harness.store.put(make_provider(name="Spare", enabled=False)),
	"it is not there": lambda v: v.harness.store.remove(v.harness.store.provider("Spare")),
	"its region is not allowed": lambda v: v.harness.store.put(
		make_provider(allowed_regions=("ca-central-1",), media_region="ca-central-1")
	),
	"it is the same": lambda v: v.harness.store.put(
		Settings(default_provider="Video", failover_provider="Video")
	),
	"it has no BAA": lambda v: v.harness.store.put(
		Settings(default_provider="Video", failover_provider="Spare", us_phi_enabled=True)
	),
	"it holds too few": lambda v: v.harness.media.update({"Spare": _Tiny(FakeProvider())}),
}


class _Tiny(Weathered):
	def __init__(self, inner: Any) -> None:
		super().__init__(inner)
		self.capabilities = replace(inner.capabilities, max_people=1)


@pytest.mark.parametrize("why", FORBIDDING)
def test_it_does_not_where(visit: Visit, spare: Weathered, why: str) -> None:
	visit.let_in()
	FORBIDDING[why](visit)
	down(visit)
	assert outcome(lambda: visit.join(HOST)) == "provider_unavailable"
	assert visit.room.provider == "Video"
	assert visit.room.former_meetings == ()


def test_with_its_baa_it_does(visit: Visit, spare: Weathered) -> None:
	FORBIDDING["it has no BAA"](visit)
	visit.harness.agreements.put(make_agreement(name="BAA-2", provider="Spare", regions=("eu-west-2",)))
	visit.let_in()
	down(visit)
	assert visit.join(HOST) in of(spare)


def test_in_an_allowed_region_it_does(visit: Visit, spare: Weathered) -> None:
	visit.harness.store.put(make_provider(allowed_regions=("ca-central-1", "eu-west-2")))
	visit.let_in()
	down(visit)
	assert visit.join(HOST) in of(spare)


def test_a_provider_that_rejects_is_as_good_as_down(visit: Visit, spare: Weathered) -> None:
	visit.let_in()
	visit.media.fails = Rejected
	assert visit.join(HOST) in of(spare)


def test_a_room_that_was_never_asked_for_leaves_nothing_behind(visit: Visit, spare: Weathered) -> None:
	"""Even a token that may never have reached the provider is followed up there."""
	visit.let_in()
	down(visit)
	visit.join(HOST)
	(former,) = visit.room.former_meetings
	assert (former.provider, former.meeting_id, bool(former.meeting_token)) == ("Video", "", True)
	assert former.meeting_token not in repr(former)


def test_each_second_is_booked_once_across_the_move(visit: Visit, spare: Weathered) -> None:
	visit.in_call()
	visit.later(seconds=20)
	visit.beat(visit.participant().attendee_id)
	down(visit)
	visit.join(HOST)
	visit.join(CLIENT)
	visit.later(seconds=10)
	hosting.end(visit.ports, Caller(HOST), visit.name)
	client = visit.participant(CLIENT).name
	mine = [e for e in visit.entries() if e.participant == client]
	assert sum(e.seconds for e in mine) == 30
	assert booked(mine)[0].started_on == NOON
