"""What hosts do to others: who may be moved where, and that a removed person is out at once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.services.acts import CLIENT, GUARDIAN, HOST, STAND_IN, Unavailable, Visit, outcome
from theranvio_telehealth.domain.entities import Caller
from theranvio_telehealth.domain.enums import ParticipantState as State
from theranvio_telehealth.providers.base import Rejected
from theranvio_telehealth.services import hosting, sweep
from tools.harness.ports import NOON


class TestAdmitting:
	def test_says_who_and_when(self, visit: Visit) -> None:
		visit.enter()
		visit.later(minutes=2)
		visit.host(hosting.admit, by=STAND_IN)
		person = visit.participant()
		assert (person.state, person.admitted_by, person.admitted_on) == (
			State.ADMITTED,
			STAND_IN,
			NOON + timedelta(minutes=2),
		)

	def test_makes_no_credentials(self, visit: Visit) -> None:
		visit.let_in()
		assert visit.media.asked == []
		assert visit.participant().attendee_id == ""

	def test_again_is_no_error_and_changes_nothing(self, visit: Visit) -> None:
		visit.let_in()
		before = visit.stored()
		visit.later(minutes=2)
		visit.host(hosting.admit, by=STAND_IN)
		assert visit.stored() == before

	def test_does_not_need_the_host_to_be_in(self, visit: Visit) -> None:
		visit.enter()
		assert outcome(visit.admit) == "ok"

	def test_is_answered_with_how_things_stand(self, visit: Visit) -> None:
		visit.enter(HOST)
		visit.enter()
		(client,) = visit.host(hosting.admit)["people"]
		assert (client["state"], client["display_name"]) == ("Admitted", "Client")

	@pytest.mark.parametrize("act", [hosting.admit, hosting.decline, hosting.send_back, hosting.remove])
	def test_tells_the_person(self, visit: Visit, act: Any) -> None:
		visit.enter()
		if act is hosting.send_back:
			visit.admit()
		visit.harness.nudge.take()
		visit.host(act)
		assert CLIENT in visit.harness.nudge.take()


PUTS_OUT: dict[str, Any] = {
	"sent back": lambda v: v.host(hosting.send_back),
	"removed": lambda v: v.host(hosting.remove),
	"ended": lambda v: hosting.end(v.ports, Caller(HOST), v.name),
	"cancelled": lambda v: (v.rewrite(status="Cancelled"), v.sync_rooms()),
	"moved": lambda v: v.moved_away_and_back(),
	"unticked": lambda v: (v.rewrite(video=False), v.sync_rooms()),
}
REFUSED = {"sent back": "not_admitted", "removed": "removed", "moved": "not_admitted"}


class TestPuttingOut:
	@pytest.mark.parametrize("how", PUTS_OUT)
	def test_the_old_attendee_is_worthless_at_once(self, visit: Visit, how: str) -> None:
		_, attendee = visit.in_call()
		PUTS_OUT[how](visit)
		refusal = REFUSED.get(how, "visit_over")
		assert outcome(lambda: visit.beat(attendee)) == refusal
		assert outcome(lambda: visit.signal(attendee)) == refusal
		assert outcome(visit.join) == refusal
		assert attendee not in visit.attendees()

	@pytest.mark.parametrize("how", PUTS_OUT)
	@pytest.mark.parametrize("error", [Unavailable, Rejected])
	def test_even_when_the_provider_does_not_answer(
		self, visit: Visit, how: str, error: type[Exception]
	) -> None:
		_, attendee = visit.in_call()
		visit.media.fails = error
		PUTS_OUT[how](visit)
		assert outcome(lambda: visit.beat(attendee)) == REFUSED.get(how, "visit_over")
		assert attendee in visit.attendees(), "the provider has not heard of it yet"
		assert attendee in visit.participant().revoked_attendees

	@pytest.mark.parametrize("how", PUTS_OUT)
	def test_and_the_sweep_tells_the_provider_later(self, visit: Visit, how: str) -> None:
		_, attendee = visit.in_call()
		visit.media.fails = Unavailable
		PUTS_OUT[how](visit)
		sweep.sweep(visit.ports)
		assert attendee in visit.attendees()
		visit.media.fails = None
		sweep.sweep(visit.ports)
		assert attendee not in visit.attendees()
		assert visit.participant().revoked_attendees == ()

	@pytest.mark.parametrize("how", PUTS_OUT)
	def test_what_is_released_is_not_released_again(self, visit: Visit, how: str) -> None:
		visit.in_call()
		PUTS_OUT[how](visit)
		asked = len(visit.media.asked)
		sweep.sweep(visit.ports)
		assert len(visit.media.asked) == asked

	def test_sent_back_one_waits_and_may_be_admitted_anew(self, visit: Visit) -> None:
		_, old = visit.in_call()
		visit.later(seconds=5)
		visit.host(hosting.send_back)
		assert visit.participant().waiting_since == NOON + timedelta(seconds=5)
		visit.admit()
		new = visit.join()
		assert new != old
		assert outcome(lambda: visit.beat(old)) == "superseded"
		assert outcome(lambda: visit.beat(new)) == "ok"

	def test_others_stay_in(self, visit: Visit) -> None:
		_, _, guardians = visit.in_call(CLIENT, GUARDIAN)
		visit.host(hosting.send_back)
		assert outcome(lambda: visit.beat(guardians, GUARDIAN)) == "ok"
		assert guardians in visit.attendees()

	def test_a_declined_client_has_no_place_in_the_queue(self, visit: Visit) -> None:
		visit.enter()
		visit.host(hosting.decline)
		person = visit.participant()
		assert (person.state, person.waiting_since, person.left_on) == (State.DECLINED, None, NOON)


class TestLocking:
	def test_goes_on_and_off(self, visit: Visit) -> None:
		assert hosting.lock(visit.ports, Caller(HOST), visit.name, True)["locked"]
		assert visit.room.locked
		assert not hosting.lock(visit.ports, Caller(HOST), visit.name, False)["locked"]

	def test_keeps_no_one_out_who_is_in(self, visit: Visit) -> None:
		_, attendee = visit.in_call()
		hosting.lock(visit.ports, Caller(HOST), visit.name, True)
		assert outcome(lambda: visit.beat(attendee)) == "ok"
		assert outcome(visit.join) == "ok"

	def test_is_forgotten_when_the_visit_is_moved(self, visit: Visit) -> None:
		hosting.lock(visit.ports, Caller(HOST), visit.name, True)
		visit.moved_away_and_back()
		assert not visit.room.locked

	def test_outlives_a_small_shift(self, visit: Visit) -> None:
		hosting.lock(visit.ports, Caller(HOST), visit.name, True)
		visit.rewrite(starts_on=NOON + timedelta(minutes=5))
		visit.sync_rooms()
		assert visit.room.locked


class TestExtending:
	def extend(self, visit: Visit, closes_on: str, by: str = HOST) -> Any:
		return hosting.extend(visit.ports, Caller(by), visit.name, closes_on)

	def test_gives_fifteen_minutes_to_everybody(self, visit: Visit) -> None:
		visit.in_call()
		before = visit.everyone()
		visit.harness.nudge.take()
		self.extend(visit, visit.state(HOST)["closes_on"])
		assert (visit.room.closes_on, visit.room.extended_minutes) == (NOON + timedelta(minutes=95), 15)
		assert visit.everyone() == before
		assert visit.harness.nudge.take() == {HOST, CLIENT}
		assert visit.state()["closes_on"] == "2027-03-03T13:35:00.000Z"

	def test_lasts_without_the_host(self, visit: Visit) -> None:
		hosts, clients = visit.in_call()
		self.extend(visit, visit.state(HOST)["closes_on"])
		visit.leave(hosts, HOST)
		visit.at(NOON + timedelta(minutes=95) - timedelta(milliseconds=1))
		sweep.sweep(visit.ports)
		assert outcome(lambda: visit.beat(clients)) == "ok"
		visit.later(milliseconds=1)
		assert outcome(lambda: visit.beat(clients)) == "window_closed"

	def test_the_same_press_twice_or_by_two_hosts_is_one(self, visit: Visit) -> None:
		shown = visit.state(HOST)["closes_on"]
		first = self.extend(visit, shown)
		assert self.extend(visit, shown) == first
		visit.enter(STAND_IN)
		self.extend(visit, shown, by=STAND_IN)
		assert visit.room.extended_minutes == 15

	def test_not_beyond_the_policys_maximum(self, visit: Visit) -> None:
		for _ in range(2):
			self.extend(visit, visit.state(HOST)["closes_on"])
		before = visit.stored()
		closes_on = visit.state(HOST)["closes_on"]
		assert outcome(lambda: self.extend(visit, closes_on)) == "extension_exhausted"
		assert visit.stored() == before

	def test_is_preserved_when_the_appointment_is_lengthened(self, visit: Visit) -> None:
		self.extend(visit, visit.state(HOST)["closes_on"])
		visit.rewrite(minutes=60)
		visit.sync_rooms()
		assert visit.room.closes_on == NOON + timedelta(minutes=105)

	@pytest.mark.parametrize(
		"closes_on",
		["", "now", "13:20", "2027-03-03T13:20:00", "2027-03-03T13:20:00.000ZZ", "2027-13-03T13:20Z"],
	)
	def test_of_no_moment_is_malformed(self, visit: Visit, closes_on: str) -> None:
		before = visit.stored()
		assert outcome(lambda: self.extend(visit, closes_on)) == "malformed"
		assert visit.stored() == before


class TestFallback:
	LINK = "https://meet.test/x"

	@pytest.fixture
	def linked(self) -> Visit:
		return Visit(fallback_url=self.LINK)

	def test_is_offered_and_withdrawn(self, linked: Visit) -> None:
		assert hosting.use_fallback(linked.ports, Caller(HOST), linked.name, True)["fallback"]["active"]
		assert not hosting.use_fallback(linked.ports, Caller(HOST), linked.name, False)["fallback"]["active"]

	def test_that_is_none_cannot_be_offered(self, visit: Visit) -> None:
		assert (
			outcome(lambda: hosting.use_fallback(visit.ports, Caller(HOST), visit.name, True))
			== "no_fallback"
		)
		assert outcome(lambda: hosting.use_fallback(visit.ports, Caller(HOST), visit.name, False)) == "ok"

	def test_is_not_held_up_by_a_provider_that_is_down(self, linked: Visit) -> None:
		linked.in_call()
		linked.media.fails = Unavailable
		assert hosting.use_fallback(linked.ports, Caller(HOST), linked.name, True)["fallback"]["active"]
		assert linked.state(CLIENT)["fallback"]["url"] == self.LINK

	def test_tells_the_clients(self, linked: Visit) -> None:
		linked.enter()
		linked.harness.nudge.take()
		hosting.use_fallback(linked.ports, Caller(HOST), linked.name, True)
		assert CLIENT in linked.harness.nudge.take()

	def test_follows_the_appointments_link(self, linked: Visit) -> None:
		hosting.use_fallback(linked.ports, Caller(HOST), linked.name, True)
		linked.rewrite(fallback_url="https://other.test/y")
		assert linked.state(CLIENT)["fallback"] == {"url": "https://other.test/y", "active": True}
		linked.rewrite(fallback_url="")
		assert linked.state(HOST)["fallback"] is None


class TestEnding:
	def test_puts_everybody_out_and_closes_the_meeting(self, visit: Visit) -> None:
		visit.in_call()
		seen = hosting.end(visit.ports, Caller(HOST), visit.name)
		assert seen["status"] == "Ended"
		room = visit.room
		assert (room.ended_by, room.ended_on, room.meeting_id, room.meeting_token) == (HOST, NOON, "", "")
		assert visit.media.inner.meetings == {}  # type: ignore[attr-defined]
		assert {p.state for p in visit.everyone()} == {State.LEFT}

	def test_keeps_on_record_who_was_there(self, visit: Visit) -> None:
		visit.in_call()
		hosting.end(visit.ports, Caller(HOST), visit.name)
		assert (visit.participant().admitted_by, visit.participant().admitted_on) == (HOST, NOON)

	def test_stays_shown_on_the_appointment(self, visit: Visit) -> None:
		visit.in_call()
		hosting.end(visit.ports, Caller(HOST), visit.name)
		assert visit.harness.store.shown("APP-1") == visit.name

	def test_tells_everybody(self, visit: Visit) -> None:
		visit.in_call(CLIENT, GUARDIAN)
		visit.harness.nudge.take()
		hosting.end(visit.ports, Caller(HOST), visit.name)
		assert visit.harness.nudge.take() == {HOST, CLIENT, GUARDIAN}

	def test_again_is_no_error(self, visit: Visit) -> None:
		visit.in_call()
		hosting.end(visit.ports, Caller(HOST), visit.name)
		before = visit.stored()
		visit.later(minutes=1)
		assert hosting.end(visit.ports, Caller(STAND_IN), visit.name)["status"] == "Ended"
		assert visit.stored() == before

	def test_of_a_visit_that_was_called_off_is_not_possible(self, visit: Visit) -> None:
		visit.rewrite(status="Cancelled")
		visit.sync_rooms()
		assert outcome(lambda: hosting.end(visit.ports, Caller(HOST), visit.name)) == "wrong_move"

	def test_a_meeting_that_cannot_be_closed_is_closed_by_the_sweep(self, visit: Visit) -> None:
		visit.in_call()
		visit.media.fails = Unavailable
		hosting.end(visit.ports, Caller(HOST), visit.name)
		assert visit.room.meeting_id
		visit.media.fails = None
		sweep.sweep(visit.ports)
		assert visit.room.meeting_id == ""
		assert visit.media.inner.meetings == {}  # type: ignore[attr-defined]
