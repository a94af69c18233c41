"""Every act, by every person who may not and at every time at which none may: refused, and nothing changes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from tests.services.acts import CLIENT, GUARDIAN, HOST, STAND_IN, STRANGER, Visit, attempt, outcome, reused
from theranvio_telehealth.domain.entities import Caller, Policy
from theranvio_telehealth.services import booking, hosting, joining, sweep
from theranvio_telehealth.services import visit as own
from theranvio_telehealth.services.view import instant
from tools.harness.ports import NOON

Act = Callable[[Visit, str], Any]

OWN: dict[str, Act] = {
	"state": lambda v, user: own.state(v.ports, Caller(user), v.name),
	"enter": lambda v, user: own.enter(v.ports, Caller(user), v.name),
	"join": lambda v, user: joining.join(v.ports, Caller(user), v.name),
	"heartbeat": lambda v, user: own.heartbeat(v.ports, Caller(user), v.name, current(v, user)),
	"leave": lambda v, user: own.leave(v.ports, Caller(user), v.name, current(v, user)),
	"signal": lambda v, user: own.signal(v.ports, Caller(user), v.name, current(v, user), [{"data": {}}]),
}
TO_OTHERS: dict[str, Act] = {
	"queue": lambda v, user: hosting.queue(v.ports, Caller(user), v.name),
	"admit": lambda v, user: hosting.admit(v.ports, Caller(user), v.name, guest(v)),
	"decline": lambda v, user: hosting.decline(v.ports, Caller(user), v.name, guest(v)),
	"send_back": lambda v, user: hosting.send_back(v.ports, Caller(user), v.name, guest(v)),
	"remove": lambda v, user: hosting.remove(v.ports, Caller(user), v.name, guest(v)),
	"lock": lambda v, user: hosting.lock(v.ports, Caller(user), v.name, True),
	"extend": lambda v, user: hosting.extend(v.ports, Caller(user), v.name, closing(v)),
	"use_fallback": lambda v, user: hosting.use_fallback(v.ports, Caller(user), v.name, True),
	"end": lambda v, user: hosting.end(v.ports, Caller(user), v.name),
}
ALL = OWN | TO_OTHERS
NEEDS_OPEN = ["enter", "join", "heartbeat", "signal", "admit", "decline", "send_back", "remove", "extend"]


def current(visit: Visit, user: str) -> str:
	return next((p.attendee_id for p in visit.everyone() if p.user == user), "")


def closing(visit: Visit) -> str:
	room = visit.harness.store.room(visit.name)
	return str(instant(room.ends_on + Policy().grace if room else NOON))  # as booked: a press repeated


def guest(visit: Visit) -> str:
	return next((p.name for p in visit.everyone() if p.user == CLIENT), "nobody")


@pytest.fixture
def running() -> Visit:
	"""The host and the client are in the call; a fallback link is there."""
	visit = Visit(fallback_url="https://meet.test/x")
	visit.in_call()
	return visit


def refused(visit: Visit, act: Act, user: str) -> str:
	"""The refusal's code; fails when anything was changed by it."""
	before = visit.stored()
	code = outcome(lambda: act(visit, user))
	assert visit.stored() == before, "a refused act changed something"
	return code


class TestStrangers:
	@pytest.mark.parametrize("user", [STRANGER, "Guest", "Administrator", "", HOST.upper(), CLIENT + " "])
	@pytest.mark.parametrize("act", ALL)
	def test_hear_what_they_would_of_a_room_that_does_not_exist(
		self, running: Visit, act: str, user: str
	) -> None:
		assert refused(running, ALL[act], user) == "not_found"

	@pytest.mark.parametrize("act", ALL)
	def test_a_room_that_does_not_exist_is_not_found(self, running: Visit, act: str) -> None:
		for name in ("", "no such room", running.name + "0", running.name + " "):
			running.name, real = name, running.name
			assert refused(running, ALL[act], HOST) == "not_found"
			running.name = real

	@pytest.mark.parametrize("act", ALL)
	def test_hear_the_same_when_the_visit_is_over(self, running: Visit, act: str) -> None:
		hosting.end(running.ports, Caller(HOST), running.name)
		assert refused(running, ALL[act], STRANGER) == "not_found"

	@pytest.mark.parametrize("act", ALL)
	def test_the_next_bearer_of_the_name_is_one_too(self, running: Visit, act: str) -> None:
		"""The appointment was deleted and its name given to another patient's."""
		reused(running.harness)
		running.harness.directory.people.pop((CLIENT, "APP-1"))
		assert refused(running, ALL[act], "newcomer@home.test") == "not_found"

	@pytest.mark.parametrize("act", ALL)
	def test_so_is_a_client_whose_patient_was_merged_away(self, running: Visit, act: str) -> None:
		running.rewrite(patient="PAT-2")
		del running.harness.directory.people[CLIENT, "APP-1"]
		assert refused(running, ALL[act], CLIENT) == "not_found"

	@pytest.mark.parametrize("act", ALL)
	def test_so_is_a_host_who_lost_their_right(self, running: Visit, act: str) -> None:
		del running.harness.directory.people[HOST, "APP-1"]
		assert refused(running, ALL[act], HOST) == "not_found"


class TestWrongRole:
	@pytest.mark.parametrize("user", [CLIENT, GUARDIAN])
	@pytest.mark.parametrize("act", TO_OTHERS)
	def test_no_one_but_hosts_does_a_hosts_acts(self, running: Visit, act: str, user: str) -> None:
		assert refused(running, TO_OTHERS[act], user) == "host_only"

	@pytest.mark.parametrize("act", TO_OTHERS)
	def test_a_stand_in_is_a_host(self, running: Visit, act: str) -> None:
		expected = {"decline": "wrong_move"}.get(act, "ok")
		assert outcome(lambda: TO_OTHERS[act](running, STAND_IN)) == expected

	@pytest.mark.parametrize("act", ["decline", "send_back", "remove"])
	def test_hosts_are_not_turned_away(self, running: Visit, act: str) -> None:
		host = running.participant(HOST).name
		before = running.stored()
		assert (
			outcome(lambda: getattr(hosting, act)(running.ports, Caller(STAND_IN), running.name, host))
			== "wrong_move"
		)
		assert running.stored() == before

	@pytest.mark.parametrize("act", ["admit", "decline", "send_back", "remove"])
	@pytest.mark.parametrize("participant", ["", "nobody", CLIENT])
	def test_no_one_is_found_who_did_not_come(self, running: Visit, act: str, participant: str) -> None:
		before = running.stored()
		attempted = outcome(
			lambda: getattr(hosting, act)(running.ports, Caller(HOST), running.name, participant)
		)
		assert (attempted, running.stored()) == ("not_found", before)

	@pytest.mark.parametrize("act", ["admit", "decline", "send_back", "remove"])
	def test_people_of_another_room_are_not_found(self, running: Visit, act: str) -> None:
		other = Visit(running.harness, name="APP-2")
		other.enter(CLIENT)
		theirs = other.participant(CLIENT).name
		before = running.stored()
		attempted = outcome(lambda: getattr(hosting, act)(running.ports, Caller(HOST), running.name, theirs))
		assert (attempted, running.stored()) == ("not_found", before)


class TestWrongTime:
	@pytest.mark.parametrize("user", [HOST, CLIENT])
	@pytest.mark.parametrize("act", [a for a in NEEDS_OPEN if a in OWN])
	def test_before_the_doors_open(self, visit: Visit, act: str, user: str) -> None:
		visit.at(visit.room.opens_on - timedelta(milliseconds=1))
		assert refused(visit, ALL[act], user) == "too_early"

	@pytest.mark.parametrize("act", [a for a in NEEDS_OPEN if a in TO_OTHERS])
	def test_a_host_too(self, visit: Visit, act: str) -> None:
		visit.at(visit.room.opens_on - timedelta(milliseconds=1))
		assert refused(visit, ALL[act], HOST) == "too_early"

	@pytest.mark.parametrize("user", [HOST, CLIENT])
	@pytest.mark.parametrize("act", [a for a in NEEDS_OPEN if a in OWN])
	def test_after_they_closed(self, running: Visit, act: str, user: str) -> None:
		"""Even when no sweep has come by to say so, and the credentials are in hand."""
		running.at(running.room.closes_on)
		assert refused(running, ALL[act], user) == "window_closed"

	@pytest.mark.parametrize("act", [a for a in NEEDS_OPEN if a in TO_OTHERS])
	def test_after_they_closed_for_hosts_too(self, running: Visit, act: str) -> None:
		running.at(running.room.closes_on)
		assert refused(running, ALL[act], HOST) == "window_closed"

	@pytest.mark.parametrize("user", [HOST, CLIENT])
	@pytest.mark.parametrize("act", [a for a in NEEDS_OPEN if a in OWN])
	def test_after_the_end(self, running: Visit, act: str, user: str) -> None:
		hosting.end(running.ports, Caller(HOST), running.name)
		assert refused(running, ALL[act], user) == "visit_over"

	@pytest.mark.parametrize("act", set(TO_OTHERS) - {"queue", "end"})
	def test_after_the_end_for_hosts_too(self, running: Visit, act: str) -> None:
		hosting.end(running.ports, Caller(HOST), running.name)
		assert refused(running, TO_OTHERS[act], HOST) == "visit_over"

	@pytest.mark.parametrize("act", ["lock", "use_fallback", "end", "queue"])
	def test_hosts_may_prepare_and_call_it_off_early(self, act: str) -> None:
		visit = Visit(fallback_url="https://meet.test/x")
		visit.at(visit.room.opens_on - timedelta(days=1))
		assert outcome(lambda: TO_OTHERS[act](visit, HOST)) == "ok"

	@pytest.mark.parametrize("act", ALL)
	def test_an_expired_room_cannot_be_ended_or_anything_else(self, visit: Visit, act: str) -> None:
		visit.at(visit.room.closes_on)
		sweep.sweep(visit.ports)
		allowed = {"state": "ok", "queue": "ok", "leave": "ok", "end": "wrong_move"}
		assert refused(visit, ALL[act], HOST) == allowed.get(act, "visit_over")


BEHIND = {
	"cancelled": {"status": "Cancelled"},
	"no show": {"status": "No Show"},
	"video unticked": {"video": False},
}


class TestBehindEverybodysBack:
	@pytest.mark.parametrize("user", [HOST, CLIENT])
	@pytest.mark.parametrize("act", [a for a in NEEDS_OPEN if a in OWN])
	@pytest.mark.parametrize("how", BEHIND)
	def test_a_visit_called_off_lets_no_one_in(self, running: Visit, how: str, act: str, user: str) -> None:
		attendee = current(running, user)
		running.rewrite(**BEHIND[how])
		assert outcome(lambda: ALL[act](running, user)) == "visit_over"
		assert running.room.status == "Revoked"
		assert not running.participant(user).attendee_id
		assert attendee not in running.attendees()

	@pytest.mark.parametrize("act", set(TO_OTHERS) - {"queue", "end"})
	@pytest.mark.parametrize("how", BEHIND)
	def test_a_visit_called_off_can_be_hosted_by_no_one(self, running: Visit, how: str, act: str) -> None:
		running.rewrite(**BEHIND[how])
		assert outcome(lambda: TO_OTHERS[act](running, HOST)) == "visit_over"

	@pytest.mark.parametrize("act", [a for a in NEEDS_OPEN if a in OWN])
	def test_a_visit_moved_to_another_day_lets_no_one_in_today(self, running: Visit, act: str) -> None:
		running.rewrite(starts_on=NOON + timedelta(days=1))
		assert outcome(lambda: ALL[act](running, CLIENT)) == "too_early"
		assert running.participant().state == "Invited"
		assert running.attendees() == set()

	@pytest.mark.parametrize("act", ["join", "heartbeat", "signal"])
	def test_a_visit_moved_by_minutes_leaves_everybody_where_they_are(self, running: Visit, act: str) -> None:
		running.rewrite(starts_on=NOON + timedelta(minutes=5))
		assert outcome(lambda: ALL[act](running, CLIENT)) == "ok"
		assert running.participant().state == "Admitted"
		assert running.room.starts_on == NOON + timedelta(minutes=5)

	@pytest.mark.parametrize("act", ["enter", "join", "heartbeat", "signal"])
	def test_a_deleted_appointment_lets_no_one_in(self, running: Visit, act: str) -> None:
		running.harness.store.remove_appointment("APP-1")
		assert outcome(lambda: ALL[act](running, CLIENT)) == "visit_over"

	def test_looking_writes_nothing_and_tells_the_truth(self, running: Visit) -> None:
		running.rewrite(status="Cancelled")
		before = running.stored()
		assert running.state(CLIENT)["status"] == "Revoked"
		assert running.state(HOST)["status"] == "Revoked"
		assert running.stored() == before

	def test_anyone_who_never_came_to_a_deleted_appointment_finds_nothing(self, visit: Visit) -> None:
		visit.harness.store.remove_appointment("APP-1")
		for act in ALL.values():
			assert refused(visit, act, CLIENT) == "not_found"


class TestReplayed:
	@pytest.mark.parametrize("act", set(ALL) - {"join", "signal", "leave"})
	def test_doing_it_again_changes_nothing_more(self, running: Visit, act: str) -> None:
		user = HOST if act in TO_OTHERS else CLIENT
		attempt(lambda: ALL[act](running, user))
		assert refused(running, ALL[act], user) in ("ok", "wrong_move")

	def test_leaving_again_changes_nothing_more(self, running: Visit) -> None:
		attendee = current(running, CLIENT)
		running.leave(attendee)
		before = running.stored()
		running.leave(attendee)
		assert running.stored() == before

	def test_an_admission_is_not_undone_by_a_late_decline(self, running: Visit) -> None:
		assert refused(running, TO_OTHERS["decline"], HOST) == "wrong_move"

	def test_a_removal_is_not_undone_by_a_late_admission(self, running: Visit) -> None:
		running.host(hosting.remove)
		assert refused(running, TO_OTHERS["admit"], HOST) == "wrong_move"

	def test_following_again_changes_nothing_more(self, running: Visit) -> None:
		running.rewrite(status="Cancelled")
		booking.sync_rooms(running.ports, "APP-1", HOST)
		before = running.stored()
		booking.sync_rooms(running.ports, "APP-1", HOST)
		assert running.stored() == before
