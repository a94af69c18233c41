"""Presence in the call: heartbeats, silence, leaving, and the billed stays."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.services.acts import CLIENT, GUARDIAN, HOST, Visit, outcome
from theranvio_telehealth.domain.entities import Caller
from theranvio_telehealth.domain.enums import OnExhaustion, RoomStatus, StaySource
from theranvio_telehealth.domain.enums import ParticipantState as State
from theranvio_telehealth.services import booking, hosting, sweep
from theranvio_telehealth.services import visit as own
from tools.harness.factories import make_allowance
from tools.harness.ports import NOON


def seconds(visit: Visit, user: str = CLIENT) -> list[int]:
	name = visit.participant(user).name
	return [entry.seconds for entry in visit.entries() if entry.participant == name]


class TestHeartbeat:
	def test_carries_the_stay_on(self, visit: Visit) -> None:
		_, attendee = visit.in_call()
		visit.later(seconds=10)
		visit.beat(attendee)
		person = visit.participant()
		assert (person.stay_started_on, person.stay_seen_on) == (NOON, NOON + timedelta(seconds=10))

	def test_after_silence_begins_a_new_stay(self, visit: Visit) -> None:
		_, attendee = visit.in_call()
		visit.later(seconds=12)
		visit.beat(attendee)
		back = visit.later(seconds=60)
		visit.beat(attendee)
		assert seconds(visit) == [12]
		assert visit.participant().stay_started_on == back

	def test_of_a_lone_beat_nothing_is_locked(self, visit: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
		_, attendee = visit.in_call()
		monkeypatch.setattr(visit.harness.store, "lock", lambda room: pytest.fail("a beat must not lock"))
		visit.later(seconds=10)
		visit.beat(attendee)
		assert visit.participant().stay_seen_on == NOON + timedelta(seconds=10)

	def test_that_lost_a_race_is_looked_at_again(self, visit: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
		"""The host sends the client back between the look and the write."""
		_, attendee = visit.in_call()
		beat = visit.harness.store.beat

		def sent_back_first(*args: Any) -> bool:
			monkeypatch.undo()
			visit.host(hosting.send_back)
			return bool(beat(*args))

		monkeypatch.setattr(visit.harness.store, "beat", sent_back_first)
		assert outcome(lambda: visit.beat(attendee)) == "not_admitted"
		assert visit.participant().stay_started_on is None

	def test_by_a_clock_that_went_backwards_takes_nothing_away(self, visit: Visit) -> None:
		_, attendee = visit.in_call()
		visit.later(seconds=20)
		visit.beat(attendee)
		visit.later(seconds=-10)
		visit.beat(attendee)
		assert visit.participant().stay_seen_on == NOON + timedelta(seconds=20)

	@pytest.mark.parametrize("attendee", ["", "x", "0" * 32])
	def test_of_an_unknown_attendee_is_refused(self, visit: Visit, attendee: str) -> None:
		visit.in_call()
		assert outcome(lambda: visit.beat(attendee)) == "superseded"

	def test_of_another_person_is_refused(self, visit: Visit) -> None:
		hosts, clients = visit.in_call()
		assert outcome(lambda: visit.beat(hosts, CLIENT)) == "superseded"
		assert outcome(lambda: visit.beat(clients, HOST)) == "superseded"


class TestLeaving:
	def test_the_call_is_billed_and_the_credentials_die(self, visit: Visit) -> None:
		_, attendee = visit.in_call()
		visit.later(seconds=25)
		visit.leave(attendee)
		person = visit.participant()
		assert (person.state, person.left_on, person.attendee_id) == (
			State.LEFT,
			NOON + timedelta(seconds=25),
			"",
		)
		assert seconds(visit) == [25]
		assert attendee not in visit.attendees()

	def test_is_not_ending(self, visit: Visit) -> None:
		hosts, clients = visit.in_call()
		visit.leave(hosts, HOST)
		assert visit.room.status == "Live"
		assert outcome(lambda: visit.beat(clients)) == "ok"

	def test_the_queue_needs_no_attendee(self, visit: Visit) -> None:
		visit.enter()
		assert visit.leave()["me"]["state"] == "Left"

	def test_before_coming_is_nothing(self, visit: Visit) -> None:
		before = visit.stored()
		assert visit.leave()["me"]["state"] == "Invited"
		assert visit.stored() == before

	@pytest.mark.parametrize("attendee", ["", "someone else's"])
	def test_without_the_current_attendee_leaves_no_ones_call(self, visit: Visit, attendee: str) -> None:
		visit.in_call()
		before = visit.stored()
		visit.leave(attendee)
		assert visit.stored() == before

	def test_admitted_and_not_joined_one_may_still_go(self, visit: Visit) -> None:
		visit.let_in()
		assert visit.leave()["me"]["state"] == "Left"

	@pytest.mark.parametrize("act", [hosting.decline, hosting.remove])
	def test_who_was_turned_away_stays_turned_away(self, visit: Visit, act: Any) -> None:
		visit.enter()
		visit.host(act)
		before = visit.participant()
		visit.leave()
		assert visit.participant() == before

	def test_after_the_window_is_no_error_and_bills_what_was_seen(self, visit: Visit) -> None:
		_, attendee = visit.in_call()
		visit.at(visit.room.closes_on + timedelta(hours=1))
		visit.leave(attendee)
		assert seconds(visit) == []
		assert visit.participant().state is State.LEFT

	def test_tells_the_others(self, visit: Visit) -> None:
		_, attendee = visit.in_call()
		visit.harness.nudge.take()
		visit.leave(attendee)
		assert visit.harness.nudge.take() == {HOST}


class TestSignalling:
	def test_reaches_the_other_and_no_one_else(self, visit: Visit) -> None:
		hosts, clients = visit.in_call()
		assert visit.signal(hosts, {"hello": True}, user=HOST) == []
		sender = visit.participant(HOST).pseudonym
		assert visit.signal(clients) == [{"from": sender, "data": {"hello": True}}]
		assert visit.signal(clients) == []
		assert visit.signal(hosts, user=HOST) == []

	def test_comes_in_the_order_it_was_sent(self, visit: Visit) -> None:
		hosts, clients = visit.in_call()
		visit.signal(hosts, *({"candidate": n} for n in range(5)), user=HOST)
		visit.signal(hosts, {"candidate": 5}, user=HOST)
		assert [m["data"]["candidate"] for m in visit.signal(clients)] == [0, 1, 2, 3, 4, 5]

	def test_reaches_everybody_who_is_joined(self, visit: Visit) -> None:
		hosts, *guests = visit.in_call(CLIENT, GUARDIAN)
		visit.signal(hosts, {"hello": True}, user=HOST)
		assert [len(visit.signal(a, user=u)) for a, u in zip(guests, (CLIENT, GUARDIAN), strict=True)] == [
			1,
			1,
		]

	def test_says_who_it_is_from_whatever_the_sender_claims(self, visit: Visit) -> None:
		hosts, clients = visit.in_call()
		forged = [{"data": {"hello": True, "from": "x"}, "from": "somebody else"}]
		own.signal(visit.ports, Caller(HOST), visit.name, hosts, forged)
		(message,) = visit.signal(clients)
		assert message == {"from": visit.participant(HOST).pseudonym, "data": {"hello": True, "from": "x"}}

	def test_tells_the_others_to_ask(self, visit: Visit) -> None:
		hosts, _ = visit.in_call()
		visit.harness.nudge.take()
		visit.signal(hosts, {"hello": True}, user=HOST)
		assert visit.harness.nudge.take() == {CLIENT}
		visit.signal(hosts, user=HOST)
		assert visit.harness.nudge.take() == set()

	def test_of_an_earlier_join_is_not_read_by_a_later_one(self, visit: Visit) -> None:
		hosts, _ = visit.in_call()
		visit.signal(hosts, {"hello": True}, user=HOST)
		assert visit.signal(visit.join()) == []

	def test_is_dropped_with_the_credentials(self, visit: Visit) -> None:
		hosts, clients = visit.in_call()
		visit.signal(hosts, {"hello": True}, user=HOST)
		visit.host(hosting.send_back)
		assert visit.harness.mailbox.boxes == {}
		assert outcome(lambda: visit.signal(clients)) == "not_admitted"

	def test_is_no_sign_of_life(self, visit: Visit) -> None:
		_, clients = visit.in_call()
		visit.later(seconds=20)
		visit.signal(clients)
		assert visit.participant().stay_seen_on == NOON

	@pytest.mark.parametrize(
		"messages",
		[
			None,
			"hello",
			{"data": {}},
			17,
			[None],
			["hello"],
			[{}],
			[{"data": None}],
			[{"data": "text"}],
			[{"data": []}],
			[{"data": {}}, {"data": 1}],
			[{"data": {"x": "y" * 16_000}}],
			[{"data": {"x": "ü" * 3_000}}],
			[{"data": {}}] * 65,
		],
		ids=lambda m: str(m)[:30],
	)
	def test_of_no_sense_is_malformed_and_reaches_no_one(self, visit: Visit, messages: Any) -> None:
		hosts, _ = visit.in_call()
		assert (
			outcome(lambda: own.signal(visit.ports, Caller(HOST), visit.name, hosts, messages)) == "malformed"
		)
		assert visit.harness.mailbox.boxes == {}

	def test_at_its_limits_still_passes(self, visit: Visit) -> None:
		hosts, clients = visit.in_call()
		visit.signal(hosts, *[{"x": "y" * 15_980}] * 64, user=HOST)
		assert len(visit.signal(clients)) == 64


class TestBilling:
	def test_an_entry_says_all_that_is_needed(self, visit: Visit) -> None:
		visit.harness.store.put(make_allowance())
		_, attendee = visit.in_call()
		visit.later(seconds=25)
		visit.leave(attendee)
		(entry,) = visit.entries()
		assert (entry.room, entry.participant, entry.allowance) == (
			visit.name,
			visit.participant().name,
			"ALLOW-1",
		)
		assert (entry.started_on, entry.ended_on) == (NOON, NOON + timedelta(seconds=25))
		assert (entry.seconds, entry.billed_tenths, entry.source) == (25, 5, StaySource.HEARTBEAT)
		assert entry.provider == "Video"

	def test_every_persons_stay_counts(self, visit: Visit) -> None:
		visit.harness.store.put(make_allowance())
		visit.in_call(CLIENT, GUARDIAN)
		visit.later(seconds=20)
		for user in (HOST, CLIENT, GUARDIAN):
			visit.beat(visit.participant(user).attendee_id, user)
		visit.later(seconds=10)
		hosting.end(visit.ports, Caller(HOST), visit.name)
		assert visit.harness.store.allowances(visit.room)[0].used_seconds == 90

	def test_a_stay_of_no_length_leaves_no_entry(self, visit: Visit) -> None:
		_, attendee = visit.in_call()
		visit.leave(attendee)
		assert visit.entries() == []

	def test_without_an_allowance_it_is_written_down_all_the_same(self, visit: Visit) -> None:
		_, attendee = visit.in_call()
		visit.later(seconds=1)
		visit.leave(attendee)
		assert [(entry.allowance, entry.seconds) for entry in visit.entries()] == [("", 1)]

	def test_administrators_hear_once_that_it_runs_low(self, visit: Visit) -> None:
		visit.harness.store.put(make_allowance(included_minutes=1, warning_percents=(50, 90)))
		for _ in range(3):
			visit.let_in()
			attendee = visit.join()
			visit.later(seconds=20)
			visit.leave(attendee)
		assert [subject for subject, _ in visit.harness.log.announcements] == [
			"ALLOW-1: 50 %",
			"ALLOW-1: 90 %",
		]

	def test_of_a_visit_that_moved_to_another_month_the_old_month_pays(self, visit: Visit) -> None:
		april = make_allowance(
			name="APRIL",
			period_start=NOON.date().replace(month=4, day=1),
			period_end=NOON.date().replace(month=4, day=30),
		)
		for allowance in (make_allowance(), april):
			visit.harness.store.put(allowance)
		visit.in_call()
		visit.later(seconds=10)
		visit.rewrite(starts_on=NOON + timedelta(days=35))
		visit.sync_rooms()
		assert {entry.allowance for entry in visit.entries()} == {"ALLOW-1"}


class TestExhausted:
	@pytest.fixture
	def empty(self, visit: Visit) -> Visit:
		"""The client has been let in, then the minutes ran out."""
		visit.harness.store.put(make_allowance(included_minutes=200, on_exhaustion=OnExhaustion.BLOCK))
		visit.in_call()
		allowance = visit.harness.store.allowances(visit.room)[0]
		visit.harness.store.put(replace(allowance, used_seconds=200 * 60))
		return visit

	def test_refuses_the_next_admission_with_a_reason(self, empty: Visit) -> None:
		empty.enter(GUARDIAN)
		assert outcome(lambda: empty.admit(GUARDIAN)) == "allowance_exhausted"
		assert empty.participant(GUARDIAN).state is State.WAITING

	def test_cuts_no_one(self, empty: Visit) -> None:
		attendee = empty.participant().attendee_id
		empty.later(seconds=20)
		assert outcome(lambda: empty.beat(attendee)) == "ok"
		assert outcome(empty.join) == "ok"

	def test_lets_those_back_in_who_were_in_before(self, empty: Visit) -> None:
		empty.host(hosting.send_back)
		assert outcome(empty.admit) == "ok"
		empty.leave()
		empty.enter()
		assert outcome(empty.admit) == "ok"

	def test_with_a_warning_only_refuses_no_one(self, empty: Visit) -> None:
		allowance = empty.harness.store.allowances(empty.room)[0]
		empty.harness.store.put(replace(allowance, on_exhaustion=OnExhaustion.WARN))
		empty.enter(GUARDIAN)
		assert outcome(lambda: empty.admit(GUARDIAN)) == "ok"

	def test_lets_a_host_back_in_who_was_in_before(self, empty: Visit) -> None:
		empty.leave(empty.participant(HOST).attendee_id, HOST)
		assert outcome(lambda: empty.enter(HOST)) == "ok"

	def test_refuses_a_host_who_comes_first(self, visit: Visit) -> None:
		visit.harness.store.put(make_allowance(included_minutes=1, on_exhaustion=OnExhaustion.BLOCK))
		assert outcome(lambda: visit.enter(HOST)) == "allowance_exhausted"
		assert visit.room.status is RoomStatus.SCHEDULED


class TestSecondsAddUp:
	ENDINGS: dict[str, Any] = {
		"left": lambda v, a: v.leave(a),
		"sent back": lambda v, a: v.host(hosting.send_back),
		"removed": lambda v, a: v.host(hosting.remove),
		"ended": lambda v, a: hosting.end(v.ports, Caller(HOST), v.name),
		"cancelled": lambda v, a: (v.rewrite(status="Cancelled"), v.sync_rooms()),
		"moved": lambda v, a: (v.rewrite(starts_on=NOON + timedelta(days=1)), v.sync_rooms()),
		"unticked": lambda v, a: (v.rewrite(video=False), v.sync_rooms()),
		"deleted": lambda v, a: booking.revoke_rooms(v.ports, "APP-1", HOST),
	}

	@pytest.mark.parametrize("ending", ENDINGS)
	def test_however_the_call_ends(self, visit: Visit, ending: str) -> None:
		_, attendee = visit.in_call()
		for _ in range(6):
			visit.later(seconds=10)
			visit.beat(attendee)
		visit.later(seconds=3)
		self.ENDINGS[ending](visit, attendee)
		assert seconds(visit) == [63]
		assert visit.participant().stay_started_on is None

	@pytest.mark.parametrize("ending", ENDINGS)
	def test_silence_is_not_billed(self, visit: Visit, ending: str) -> None:
		_, attendee = visit.in_call()
		visit.later(seconds=10)
		visit.beat(attendee)
		visit.later(minutes=3)
		self.ENDINGS[ending](visit, attendee)
		assert seconds(visit) == [10]

	def test_the_sweep_ends_what_no_one_else_does(self, visit: Visit) -> None:
		_, attendee = visit.in_call()
		visit.later(seconds=10)
		visit.beat(attendee)
		visit.later(seconds=31)
		sweep.sweep(visit.ports)
		assert seconds(visit) == [10]
		assert visit.participant().state is State.ADMITTED
		assert outcome(lambda: visit.beat(attendee)) == "ok"
