"""A room for every video appointment, whichever way the platform changes it; missed changes are applied later."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.services.acts import CLIENT, GUARDIAN, HOST, Unavailable, Visit, outcome, reused
from theranvio_telehealth.domain.entities import Caller, Person, Policy, Room, Settings
from theranvio_telehealth.domain.enums import ParticipantState as State
from theranvio_telehealth.domain.enums import RevokedReason, Role, RoomStatus
from theranvio_telehealth.services import booking, hosting, sweep
from tools.harness.factories import Harness, make_harness, make_provider, make_room
from tools.harness.ports import NOON


@pytest.fixture
def harness() -> Harness:
	return make_harness()


def rooms(harness: Harness) -> list[Room]:
	return list(harness.store.all(Room))


def sync_rooms(harness: Harness) -> None:
	booking.sync_rooms(harness.ports, "APP-1", HOST)


class TestBooking:
	def test_makes_one_room(self, harness: Harness) -> None:
		appointment = harness.appointment()
		sync_rooms(harness)
		(room,) = rooms(harness)
		assert room == make_room(appointment, name=room.name, provider="Video")
		assert harness.store.shown("APP-1") == room.name

	def test_again_makes_no_other(self, harness: Harness) -> None:
		harness.appointment()
		for _ in range(3):
			sync_rooms(harness)
		assert len(rooms(harness)) == 1

	def test_names_it_so_that_no_one_can_guess(self, harness: Harness) -> None:
		"""The name is the secrets port's and nothing of the appointment's."""
		appointment = harness.appointment()
		sync_rooms(harness)
		(room,) = rooms(harness)
		assert room.name == f"{harness.secrets.given:032x}"
		assert appointment.name not in room.name

	def test_asks_no_provider(self) -> None:
		visit = Visit()
		assert visit.media.asked == []
		visit.rewrite(status="Cancelled")
		visit.sync_rooms()
		assert visit.media.asked == []

	@pytest.mark.parametrize(
		"overrides",
		[
			{"video": False},
			{"status": "Cancelled"},
			{"status": "No Show"},
			{"starts_on": NOON - timedelta(minutes=80)},
		],
		ids=str,
	)
	def test_makes_none_for_what_wants_none(self, harness: Harness, overrides: dict[str, Any]) -> None:
		harness.appointment(**overrides)
		sync_rooms(harness)
		assert rooms(harness) == []
		assert harness.store.shown("APP-1") == ""

	def test_of_an_appointment_that_is_not_there_is_nothing(self, harness: Harness) -> None:
		sync_rooms(harness)
		booking.revoke_rooms(harness.ports, "APP-1", HOST)
		assert rooms(harness) == []

	def test_of_an_appointment_made_a_video_one_only_later(self, harness: Harness) -> None:
		appointment = harness.appointment(video=False)
		sync_rooms(harness)
		harness.store.put(replace(appointment, video=True))
		sync_rooms(harness)
		assert [r.status for r in rooms(harness)] == [RoomStatus.SCHEDULED]

	def test_takes_the_clinics_provider_and_region(self, harness: Harness) -> None:
		harness.store.put(make_provider(name="Other", media_region="ca-central-1"))
		harness.store.put(Settings(default_provider="Other"))
		harness.appointment()
		sync_rooms(harness)
		(room,) = rooms(harness)
		assert (room.provider, room.media_region) == ("Other", "ca-central-1")

	@pytest.mark.parametrize("default", ["", "no such provider"])
	def test_without_a_provider_there_is_a_room_all_the_same(self, harness: Harness, default: str) -> None:
		harness.store.put(Settings(default_provider=default))
		harness.appointment()
		sync_rooms(harness)
		assert [r.provider for r in rooms(harness)] == [""]

	def test_by_the_clinics_policy(self, harness: Harness) -> None:
		policy = Policy(lead=timedelta(minutes=5), grace=timedelta(0), default_duration=timedelta(minutes=25))
		harness.store.put(Settings(policy=policy))
		harness.appointment(minutes=0)
		sync_rooms(harness)
		(room,) = rooms(harness)
		assert (room.opens_on, room.closes_on) == (NOON - timedelta(minutes=5), NOON + timedelta(minutes=25))


class TestCalledOff:
	@pytest.mark.parametrize(
		("changes", "reason"),
		[
			({"status": "Cancelled"}, RevokedReason.CANCELLED),
			({"status": "No Show"}, RevokedReason.NO_SHOW),
			({"video": False}, RevokedReason.VIDEO_OFF),
		],
		ids=str,
	)
	def test_revokes_the_room_and_everything_in_it(
		self, visit: Visit, changes: Any, reason: RevokedReason
	) -> None:
		visit.in_call()
		visit.rewrite(**changes)
		visit.sync_rooms()
		room = visit.room
		assert (room.status, room.revoked_by, room.revoked_reason) == (RoomStatus.REVOKED, HOST, reason)
		assert visit.attendees() == set()
		assert {p.state for p in visit.everyone()} == {State.LEFT}
		assert room.meeting_id == ""

	def test_is_shown_unless_it_is_no_video_appointment_any_more(self, visit: Visit) -> None:
		visit.rewrite(status="Cancelled")
		visit.sync_rooms()
		assert visit.harness.store.shown("APP-1") == visit.name
		visit.rewrite(status="Scheduled", video=False)
		visit.sync_rooms()
		assert visit.harness.store.shown("APP-1") == ""

	def test_tells_everybody_who_has_come(self, visit: Visit) -> None:
		visit.in_call()
		visit.harness.nudge.take()
		visit.rewrite(status="Cancelled")
		visit.sync_rooms()
		assert visit.harness.nudge.take() == {HOST, CLIENT}

	def test_resurrected_it_is_the_same_room_under_new_links(self, visit: Visit) -> None:
		_, attendee = visit.in_call()
		visit.rewrite(status="Cancelled")
		visit.sync_rooms()
		visit.rewrite(status="Open")
		visit.sync_rooms()
		assert (visit.room.status, visit.room.link_version) == (RoomStatus.SCHEDULED, 3)
		assert outcome(lambda: visit.beat(attendee)) == "not_admitted"
		assert {p.state for p in visit.everyone()} == {State.INVITED}
		assert visit.enter()["me"]["state"] == "Waiting"

	def test_resurrected_before_the_provider_heard_of_it_no_old_attendee_lives(self, visit: Visit) -> None:
		visit.in_call()
		visit.media.fails = Unavailable
		for status in ("Cancelled", "Open"):
			visit.rewrite(status=status)
			visit.sync_rooms()
		visit.media.fails = None
		visit.let_in()
		attendee = visit.join()
		sweep.sweep(visit.ports)
		assert visit.attendees() == {attendee}


class TestDeleted:
	def test_the_hook_revokes(self, visit: Visit) -> None:
		visit.in_call()
		booking.revoke_rooms(visit.ports, "APP-1", HOST)
		assert (visit.room.status, visit.room.revoked_reason) == (RoomStatus.REVOKED, RevokedReason.DELETED)
		assert visit.attendees() == set()

	def test_without_the_hook_the_sweep_revokes(self, visit: Visit) -> None:
		visit.harness.store.remove_appointment("APP-1")
		sweep.sweep(visit.ports)
		assert visit.room.status is RoomStatus.REVOKED

	def test_a_name_used_again_is_another_room(self, visit: Visit) -> None:
		visit.in_call()
		again = reused(visit.harness)
		booking.sync_rooms(visit.ports, "APP-1", HOST)
		new = visit.room_of(again.key)
		assert visit.room.status is RoomStatus.REVOKED
		assert (new.status, new.patient) == (RoomStatus.SCHEDULED, "PAT-2")
		assert new.name != visit.name
		assert visit.harness.store.shown("APP-1") == new.name
		assert visit.attendees() == set()

	def test_who_came_before_the_reuse_gets_into_neither(self, visit: Visit) -> None:
		visit.in_call()
		again = reused(visit.harness)
		del visit.harness.directory.people[CLIENT, "APP-1"]
		booking.sync_rooms(visit.ports, "APP-1", HOST)
		assert visit.state(CLIENT)["status"] == "Revoked"
		visit.name = visit.room_of(again.key).name
		assert outcome(lambda: visit.state(CLIENT)) == "not_found"

	def test_reused_behind_everybodys_back_it_is_caught_at_entry(self, visit: Visit) -> None:
		_, attendee = visit.in_call()
		reused(visit.harness)
		assert outcome(lambda: visit.beat(attendee)) == "visit_over"
		assert len(rooms(visit.harness)) == 2


class TestMoved:
	def test_puts_everybody_outside_and_moves_the_window(self, visit: Visit) -> None:
		visit.in_call()
		visit.rewrite(starts_on=NOON + timedelta(minutes=20), minutes=20)
		visit.sync_rooms()
		room = visit.room
		assert (room.status, room.starts_on, room.link_version) == (
			RoomStatus.SCHEDULED,
			NOON + timedelta(minutes=20),
			2,
		)
		assert room.closes_on == NOON + timedelta(minutes=70)
		assert {(p.state, p.attendee_id) for p in visit.everyone()} == {(State.INVITED, "")}
		assert visit.attendees() == set()

	@pytest.mark.parametrize(
		"changes",
		[
			{"minutes": 90},
			{"minutes": 20},
			{"starts_on": NOON + timedelta(minutes=10)},
			{"starts_on": NOON - timedelta(minutes=10), "minutes": 30},
			{"practitioner": "PRAC-2"},
		],
		ids=str,
	)
	def test_a_little_it_leaves_everybody_where_they_are(self, visit: Visit, changes: dict[str, Any]) -> None:
		hosts, clients = visit.in_call()
		visit.enter(GUARDIAN)
		before, status = visit.everyone(), visit.room.status
		visit.rewrite(**changes)
		visit.sync_rooms()
		assert (visit.everyone(), visit.room.status) == (before, status)
		assert visit.room.link_version == 1
		assert outcome(lambda: visit.beat(clients)) == outcome(lambda: visit.beat(hosts, HOST)) == "ok"
		assert outcome(visit.admit) == "ok"

	def test_a_little_behind_everybodys_back_too(self, visit: Visit) -> None:
		_, clients = visit.in_call()
		visit.rewrite(minutes=90)
		assert visit.state()["me"]["state"] == "Admitted"
		assert outcome(lambda: visit.beat(clients)) == "ok"
		assert visit.room.closes_on == NOON + timedelta(minutes=120)

	def test_everybody_whose_page_shows_it_is_nudged(self, visit: Visit) -> None:
		visit.in_call()
		visit.harness.nudge.take()
		visit.rewrite(minutes=90)
		visit.sync_rooms()
		assert visit.harness.nudge.take() == {HOST, CLIENT}

	def test_an_ended_visit_keeps_who_ended_it_and_when(self, visit: Visit) -> None:
		visit.in_call()
		hosting.end(visit.ports, Caller(HOST), visit.name)
		visit.later(days=3)
		visit.rewrite(starts_on=NOON - timedelta(days=1))
		visit.sync_rooms()
		sweep.sweep(visit.ports)
		room = visit.room
		assert (room.status, room.ended_by, room.ended_on) == (RoomStatus.ENDED, HOST, NOON)
		assert room.starts_on == NOON - timedelta(days=1)
		assert visit.harness.store.shown("APP-1") == visit.name

	def test_back_again_brings_no_one_back_in(self, visit: Visit) -> None:
		_, attendee = visit.in_call()
		for starts_on in (NOON + timedelta(hours=1), NOON):
			visit.rewrite(starts_on=starts_on)
			visit.sync_rooms()
		assert outcome(lambda: visit.beat(attendee)) == "not_admitted"

	def test_an_expired_visit_gets_a_new_time(self, visit: Visit) -> None:
		visit.at(visit.room.closes_on)
		sweep.sweep(visit.ports)
		assert visit.room.status is RoomStatus.EXPIRED
		visit.rewrite(starts_on=NOON + timedelta(days=1))
		visit.sync_rooms()
		assert visit.room.status is RoomStatus.SCHEDULED


class TestMerged:
	@pytest.mark.parametrize("reached", ["waiting", "in the call"])
	def test_the_other_patients_client_takes_over(self, visit: Visit, reached: str) -> None:
		"""And the host stays where they are."""
		hosts, *_ = visit.in_call()
		if reached == "waiting":
			visit.host(hosting.send_back)
		del visit.harness.directory.people[CLIENT, "APP-1"]
		visit.harness.directory.add("other@home.test", Person(Role.CLIENT, "Other"), "APP-1")
		visit.rewrite(patient="PAT-2")
		visit.sync_rooms()
		assert (visit.room.patient, visit.room.status, visit.room.link_version) == (
			"PAT-2",
			RoomStatus.LIVE,
			2,
		)
		assert visit.participant().state is State.INVITED
		assert visit.attendees() == {hosts}
		assert outcome(lambda: visit.beat(hosts, HOST)) == "ok"
		assert outcome(visit.state) == "not_found"
		assert outcome(lambda: visit.enter("other@home.test")) == "ok"

	def test_a_practitioner_who_hands_over_and_may_no_longer_come_is_out(self, visit: Visit) -> None:
		_, clients = visit.in_call()
		del visit.harness.directory.people[HOST, "APP-1"]
		visit.rewrite(practitioner="PRAC-2")
		visit.sync_rooms()
		assert visit.participant(HOST).state is State.INVITED
		assert visit.attendees() == {clients}
		assert outcome(lambda: visit.beat(clients)) == "ok"

	def test_past_visits_stay_as_they_were(self, visit: Visit) -> None:
		visit.in_call()
		hosting.end(visit.ports, Caller(HOST), visit.name)
		room, everyone = visit.room, visit.everyone()
		visit.later(days=400)
		visit.rewrite(patient="PAT-2")
		visit.sync_rooms()
		sweep.sweep(visit.ports)
		assert visit.room == replace(room, patient="PAT-2")
		assert visit.everyone() == everyone


def test_a_failure_half_way_leaves_nothing_half_done(visit: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
	visit.in_call()
	before = visit.stored()
	visit.rewrite(status="Cancelled")
	after_rewrite = visit.stored()

	def dying(room: Room) -> None:
		raise RuntimeError

	monkeypatch.setattr(visit.harness.store, "save_room", dying)
	with pytest.raises(RuntimeError):
		visit.sync_rooms()
	monkeypatch.undo()
	assert visit.stored() == after_rewrite
	assert before["participant"] == visit.stored()["participant"]
	sweep.sweep(visit.ports)
	assert visit.room.status is RoomStatus.REVOKED
