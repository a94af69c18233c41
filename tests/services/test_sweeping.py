"""The sweep: closes windows, ends silent stays, applies missed events and repeats failed teardowns."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.services.acts import CLIENT, HOST, Unavailable, Visit, outcome, reused
from theranvio_telehealth.domain.entities import Caller, Settings
from theranvio_telehealth.domain.enums import ParticipantState as State
from theranvio_telehealth.domain.enums import RoomStatus
from theranvio_telehealth.services import hosting
from theranvio_telehealth.services.sweep import Swept, close, end_silent, sweep
from tools.demo.tables import Shown
from tools.harness.factories import make_agreement
from tools.harness.ports import NOON

NOTHING = Swept(closed=0, stays=0, reconciled=0, torn_down=0, failed=0)


def quiet(visit: Visit) -> None:
	"""Long after anybody in the clinic last wrote the appointment."""
	for shown in visit.harness.store.all(Shown):
		visit.harness.store.put(replace(shown, changed_on=NOON - timedelta(days=9)))


def more(visit: Visit, count: int) -> list[Visit]:
	"""The visit, and others like it in the same harness."""
	return [visit, *(Visit(visit.harness, name=f"APP-{n}") for n in range(2, count + 1))]


class TestNothing:
	def test_to_do_is_nothing_done(self, visit: Visit) -> None:
		quiet(visit)
		visit.at(NOON - timedelta(days=2))
		before = visit.stored()
		assert sweep(visit.ports) == NOTHING
		assert visit.stored() == before

	def test_twice_is_once(self, visit: Visit) -> None:
		visit.in_call()
		visit.at(visit.room.closes_on + timedelta(hours=2))
		sweep(visit.ports)
		before = visit.stored()
		sweep(visit.ports)
		assert visit.stored() == before


class TestClosing:
	def test_expires_what_did_not_take_place(self, visit: Visit) -> None:
		visit.enter()
		visit.at(visit.room.closes_on)
		assert sweep(visit.ports).closed == 1
		assert visit.room.status is RoomStatus.EXPIRED
		assert visit.harness.store.shown("APP-1") == visit.name
		assert visit.participant().state is State.LEFT

	def test_ends_what_did(self, visit: Visit) -> None:
		visit.in_call()
		visit.at(visit.room.closes_on)
		sweep(visit.ports)
		assert (visit.room.status, visit.room.ended_by) == (RoomStatus.ENDED, "")
		assert visit.attendees() == set()
		assert visit.room.meeting_id == ""

	def test_not_a_moment_early(self, visit: Visit) -> None:
		visit.at(visit.room.closes_on - timedelta(milliseconds=1))
		assert sweep(visit.ports).closed == 0
		assert visit.room.status is RoomStatus.SCHEDULED

	def test_not_while_the_host_is_in(self, visit: Visit) -> None:
		attendee = visit.in_call()[0]
		last = visit.room.ends_on + timedelta(minutes=60)
		while visit.harness.clock.now() < last - timedelta(seconds=20):
			visit.later(seconds=20)
			visit.beat(attendee, HOST)
			sweep(visit.ports)
			assert visit.room.status is RoomStatus.LIVE
		visit.at(last)
		sweep(visit.ports)
		assert visit.room.status is RoomStatus.ENDED
		assert outcome(lambda: visit.beat(attendee, HOST)) == "visit_over"

	def test_nor_while_the_host_is_away_for_a_moment(self, visit: Visit) -> None:
		"""In the overrun, with the client in the call: the host changes the device."""
		visit.in_call()
		closes_on = visit.room.closes_on
		visit.at(closes_on - timedelta(seconds=10))
		visit.join(HOST)
		visit.later(seconds=30)
		sweep(visit.ports)
		visit.later(milliseconds=1)
		sweep(visit.ports)
		assert (visit.room.status, visit.room.extended_minutes) == (RoomStatus.LIVE, 15)
		assert outcome(lambda: visit.join(HOST)) == "ok"

	def test_but_once_what_was_added_is_over_and_the_host_silent(self, visit: Visit) -> None:
		visit.in_call()
		visit.at(visit.room.closes_on - timedelta(seconds=10))
		visit.join(HOST)
		visit.later(seconds=20)
		sweep(visit.ports)
		visit.at(visit.room.closes_on - timedelta(milliseconds=1))
		sweep(visit.ports)
		assert visit.room.status is RoomStatus.LIVE
		visit.later(milliseconds=1)
		sweep(visit.ports)
		assert (visit.room.status, visit.room.ended_by) == (RoomStatus.ENDED, "")

	def test_a_sweep_that_comes_late_gives_what_is_missing(self, visit: Visit) -> None:
		attendee = visit.in_call()[0]
		closes_on = visit.room.closes_on
		while visit.harness.clock.now() < closes_on + timedelta(minutes=20):
			visit.later(seconds=30)
			visit.beat(attendee, HOST)
		sweep(visit.ports)
		assert visit.room.closes_on == closes_on + timedelta(minutes=30)
		assert {p.state for p in visit.everyone()} == {State.ADMITTED}

	def test_of_what_is_gone_or_over_is_nothing(self, visit: Visit) -> None:
		close(visit.ports, "no such room")
		hosting.end(visit.ports, Caller(HOST), visit.name)
		visit.at(visit.room.closes_on)
		before = visit.stored()
		close(visit.ports, visit.name)
		assert visit.stored() == before


class TestSilence:
	def test_ends_the_stay_and_not_the_admission(self, visit: Visit) -> None:
		_, attendee = visit.in_call()
		visit.later(seconds=30)
		assert sweep(visit.ports).stays == 0
		visit.later(milliseconds=1)
		assert sweep(visit.ports).stays == 1
		assert visit.participant().stay_started_on is None
		assert visit.participant().state is State.ADMITTED
		assert outcome(lambda: visit.beat(attendee)) == "ok"

	def test_of_one_does_not_end_anothers(self, visit: Visit) -> None:
		hosts, _ = visit.in_call()
		visit.later(seconds=25)
		visit.beat(hosts, HOST)
		visit.later(seconds=10)
		sweep(visit.ports)
		assert visit.participant(HOST).stay_started_on == NOON
		assert visit.participant(CLIENT).stay_started_on is None

	def test_in_a_room_that_is_gone_is_nothing(self, visit: Visit) -> None:
		before = visit.stored()
		end_silent(visit.ports, "no such room")
		assert visit.stored() == before


class TestReconciling:
	MISSED: dict[str, Any] = {
		"cancelled": (lambda v: v.rewrite(status="Cancelled"), RoomStatus.REVOKED),
		"no show": (lambda v: v.rewrite(status="No Show"), RoomStatus.REVOKED),
		"unticked": (lambda v: v.rewrite(video=False), RoomStatus.REVOKED),
		"deleted": (lambda v: v.harness.store.remove_appointment("APP-1"), RoomStatus.REVOKED),
		"reused": (lambda v: reused(v.harness), RoomStatus.REVOKED),
	}

	@pytest.mark.parametrize("how", MISSED)
	@pytest.mark.parametrize("written", ["lately", "long ago"])
	def test_what_no_event_reported(self, visit: Visit, how: str, written: str) -> None:
		visit.in_call()
		act, status = self.MISSED[how]
		act(visit)
		if written == "long ago":
			quiet(visit)
		sweep(visit.ports)
		assert visit.room.status is status
		assert visit.attendees() == set()
		assert visit.room.revoked_by == "", "nobody knows who it was"

	def test_a_move_that_no_event_reported(self, visit: Visit) -> None:
		visit.rewrite(starts_on=NOON + timedelta(minutes=10))
		quiet(visit)
		sweep(visit.ports)
		assert visit.room.starts_on == NOON + timedelta(minutes=10)

	def test_a_room_that_no_event_made(self, visit: Visit) -> None:
		visit.harness.appointment(name="APP-2")
		quiet(visit)
		assert sweep(visit.ports).reconciled == 2
		assert [r.status for r in visit.harness.store.rooms_of("APP-2")] == [RoomStatus.SCHEDULED]


class TestGate:
	def test_the_switch_falls_with_an_agreement(self, visit: Visit) -> None:
		visit.harness.store.put(Settings(default_provider="Video", us_phi_enabled=True))
		visit.harness.agreements.put(make_agreement(expires_on=NOON.date()))
		sweep(visit.ports)
		assert visit.harness.store.settings().us_phi_enabled
		visit.later(days=1)
		sweep(visit.ports)
		assert not visit.harness.store.settings().us_phi_enabled


class TestFailures:
	def test_of_one_room_costs_only_that_room(self, visit: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
		visits = more(visit, 3)
		bad = visits[1].name
		lock = visit.harness.store.lock

		def broken(room: str) -> Any:
			if room == bad:
				raise ZeroDivisionError
			return lock(room)

		monkeypatch.setattr(visit.harness.store, "lock", broken)
		visit.at(visit.room.closes_on)
		swept = sweep(visit.ports)
		assert (swept.closed, swept.failed) == (3, 1)
		assert [v.room.status for v in visits] == [
			RoomStatus.EXPIRED,
			RoomStatus.SCHEDULED,
			RoomStatus.EXPIRED,
		]
		((what, subject, error),) = visit.harness.log.failures
		assert (what, subject, type(error)) == ("close", bad, ZeroDivisionError)
		monkeypatch.undo()
		assert sweep(visit.ports).failed == 0
		assert visits[1].room.status is RoomStatus.EXPIRED

	def test_of_one_appointment_costs_only_that_one(
		self, visit: Visit, monkeypatch: pytest.MonkeyPatch
	) -> None:
		visits = more(visit, 3)
		for each in visits:
			each.rewrite(status="Cancelled")
		read = visit.harness.store.appointment
		monkeypatch.setattr(
			visit.harness.store, "appointment", lambda name: 1 / 0 if name == "APP-2" else read(name)
		)
		assert sweep(visit.ports).failed == 1
		assert [v.room.status for v in visits] == [
			RoomStatus.REVOKED,
			RoomStatus.SCHEDULED,
			RoomStatus.REVOKED,
		]

	@pytest.mark.parametrize(
		"unread",
		["rooms_to_close", "rooms_with_stale_stays", "appointments_to_reconcile", "rooms_to_tear_down"],
	)
	def test_of_a_list_costs_only_what_is_on_it(
		self, visit: Visit, monkeypatch: pytest.MonkeyPatch, unread: str
	) -> None:
		quiet(visit)
		visit.at(NOON - timedelta(days=2))

		def fail(*_: Any) -> None:
			raise OverflowError

		store = type(visit.harness.store)
		read = {name: getattr(store, name) for name in ("rooms_to_close", "rooms_to_tear_down")}
		asked: list[str] = []
		for name, does in read.items():
			monkeypatch.setattr(store, name, lambda *a, n=name, d=does: (asked.append(n), d(*a))[1])
		monkeypatch.setattr(store, unread, fail)
		assert sweep(visit.ports) == replace(NOTHING, failed=1)
		assert {*asked} == {*read} - {unread}

	def test_of_a_provider_is_tried_again(self, visit: Visit) -> None:
		visits = more(visit, 2)
		for each in visits:
			each.in_call()
		visit.media.fails = Unavailable
		for each in visits:
			hosting.end(each.ports, Caller(HOST), each.name)
		for _ in range(2):
			assert sweep(visit.ports).torn_down == 2
		assert len(visit.attendees()) == 4
		visit.media.fails = None
		sweep(visit.ports)
		assert sweep(visit.ports).torn_down == 0
		assert {v.room.meeting_id for v in visits} == {""}
		assert visit.attendees() == set()

	def test_of_the_gate_keeps_nothing_else_from_happening(
		self, visit: Visit, monkeypatch: pytest.MonkeyPatch
	) -> None:
		monkeypatch.setattr(visit.harness.agreements, "agreements", lambda: 1 / 0)
		visit.at(visit.room.closes_on)
		assert sweep(visit.ports).failed == 1
		assert visit.room.status is RoomStatus.EXPIRED


def test_a_room_is_swept_from_end_to_end(visit: Visit) -> None:
	"""A whole night's silence in one pass: expired, billed, put out, torn_down."""
	visit.in_call()
	visit.later(seconds=20)
	visit.beat(visit.participant().attendee_id)
	visit.later(hours=12)
	sweep(visit.ports)
	assert visit.room.status is RoomStatus.ENDED
	assert sum(entry.seconds for entry in visit.entries()) == 20
	assert visit.attendees() == set()
	assert (visit.room.meeting_id, visit.room.meeting_token) == ("", "")
