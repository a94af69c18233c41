"""The participant's state machine, edge by edge and non-edge by non-edge, and what a move leaves behind."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from itertools import product
from typing import Any

import pytest

from theranvio_telehealth.domain import admission, errors
from theranvio_telehealth.domain.admission import EDGES, Act
from theranvio_telehealth.domain.entities import Participant, Person
from theranvio_telehealth.domain.enums import ParticipantState as State
from theranvio_telehealth.domain.enums import Role
from tools.harness.factories import HOST, make_participant, make_room
from tools.harness.ports import NOON

OPEN, LOCKED = make_room(), make_room(locked=True)
GUESTS = [role for role in Role if role is not Role.HOST]

#: What each act is allowed to do to a guest, written down by hand. An error: refused. The same state: nothing changes.
OF_A_GUEST: dict[tuple[Act, State], State | type[errors.Refused]] = {
	(Act.KNOCK, State.INVITED): State.WAITING,
	(Act.KNOCK, State.WAITING): State.WAITING,
	(Act.KNOCK, State.ADMITTED): State.ADMITTED,
	(Act.KNOCK, State.DECLINED): errors.Declined,
	(Act.KNOCK, State.LEFT): State.WAITING,
	(Act.KNOCK, State.REMOVED): errors.Removed,
	(Act.ADMIT, State.INVITED): errors.WrongMove,
	(Act.ADMIT, State.WAITING): State.ADMITTED,
	(Act.ADMIT, State.ADMITTED): State.ADMITTED,
	(Act.ADMIT, State.DECLINED): errors.WrongMove,
	(Act.ADMIT, State.LEFT): errors.WrongMove,
	(Act.ADMIT, State.REMOVED): errors.WrongMove,
	(Act.DECLINE, State.INVITED): errors.WrongMove,
	(Act.DECLINE, State.WAITING): State.DECLINED,
	(Act.DECLINE, State.ADMITTED): errors.WrongMove,
	(Act.DECLINE, State.DECLINED): State.DECLINED,
	(Act.DECLINE, State.LEFT): errors.WrongMove,
	(Act.DECLINE, State.REMOVED): errors.WrongMove,
	(Act.SEND_BACK, State.INVITED): errors.WrongMove,
	(Act.SEND_BACK, State.WAITING): State.WAITING,
	(Act.SEND_BACK, State.ADMITTED): State.WAITING,
	(Act.SEND_BACK, State.DECLINED): State.WAITING,
	(Act.SEND_BACK, State.LEFT): errors.WrongMove,
	(Act.SEND_BACK, State.REMOVED): State.WAITING,
	(Act.REMOVE, State.INVITED): errors.WrongMove,
	(Act.REMOVE, State.WAITING): State.REMOVED,
	(Act.REMOVE, State.ADMITTED): State.REMOVED,
	(Act.REMOVE, State.DECLINED): errors.WrongMove,
	(Act.REMOVE, State.LEFT): errors.WrongMove,
	(Act.REMOVE, State.REMOVED): State.REMOVED,
	(Act.LEAVE, State.INVITED): State.INVITED,
	(Act.LEAVE, State.WAITING): State.LEFT,
	(Act.LEAVE, State.ADMITTED): State.LEFT,
	(Act.LEAVE, State.DECLINED): State.DECLINED,
	(Act.LEAVE, State.LEFT): State.LEFT,
	(Act.LEAVE, State.REMOVED): State.REMOVED,
	**{(Act.RESET, state): State.INVITED for state in State},
}

#: Of a host: comes in, goes out; a host neither waits nor is turned away.
OF_A_HOST: dict[tuple[Act, State], State | type[errors.Refused]] = {
	(Act.WALK_IN, State.INVITED): State.ADMITTED,
	(Act.WALK_IN, State.WAITING): State.ADMITTED,
	(Act.WALK_IN, State.ADMITTED): State.ADMITTED,
	(Act.WALK_IN, State.DECLINED): errors.WrongMove,
	(Act.WALK_IN, State.LEFT): State.ADMITTED,
	(Act.WALK_IN, State.REMOVED): errors.WrongMove,
	**{(act, s): errors.WrongMove for act in (Act.DECLINE, Act.SEND_BACK, Act.REMOVE) for s in State},
}

DO: dict[Act, Callable[[Participant], Participant]] = {
	Act.KNOCK: lambda p: admission.join_queue(OPEN, p, NOON),
	Act.WALK_IN: lambda p: admission.walk_in(p, NOON),
	Act.ADMIT: lambda p: admission.admit(p, HOST, NOON),
	Act.DECLINE: lambda p: admission.decline(p, NOON),
	Act.SEND_BACK: lambda p: admission.send_back(p, NOON),
	Act.REMOVE: lambda p: admission.remove(p, NOON),
	Act.LEAVE: lambda p: admission.leave(p, NOON),
	Act.RESET: admission.reset,
}
TABLES = {Role.CLIENT: OF_A_GUEST, Role.HOST: OF_A_HOST}
CASES = [(role, act, state) for role, table in TABLES.items() for act, state in table]
ALLOWED = [case for case in CASES if isinstance(TABLES[case[0]][case[1:]], State)]


def someone(state: State, role: Role = Role.CLIENT, **overrides: Any) -> Participant:
	return make_participant(role=role, state=state, **overrides)


def in_call(**overrides: Any) -> Participant:
	given = {"pseudonym": "p1", "attendee_id": "a1", "stay_started_on": NOON, "stay_seen_on": NOON}
	return someone(State.ADMITTED, **({"admitted_on": NOON, "admitted_by": HOST} | given | overrides))


def test_the_tables_above_leave_nothing_out() -> None:
	guest_acts = set(Act) - {Act.WALK_IN}
	assert set(OF_A_GUEST) == set(product(guest_acts, State))
	assert set(OF_A_HOST) == set(product([Act.WALK_IN, Act.DECLINE, Act.SEND_BACK, Act.REMOVE], State))


@pytest.mark.parametrize(("role", "act", "state"), CASES, ids=str)
def test_every_act_from_every_state(role: Role, act: Act, state: State) -> None:
	person, expected = someone(state, role), TABLES[role][act, state]
	if isinstance(expected, State):
		assert DO[act](person).state is expected
	else:
		with pytest.raises(expected):
			DO[act](person)


@pytest.mark.parametrize(("role", "act", "state"), ALLOWED, ids=str)
def test_what_changes_no_state_changes_nothing(role: Role, act: Act, state: State) -> None:
	person = someone(state, role)
	if TABLES[role][act, state] is state:
		assert DO[act](person) is person


@pytest.mark.parametrize(("role", "act", "state"), ALLOWED, ids=str)
def test_every_act_can_be_repeated(role: Role, act: Act, state: State) -> None:
	once = DO[act](someone(state, role))
	assert DO[act](once) is once


@pytest.mark.parametrize("act", Act, ids=str)
def test_an_act_leads_to_one_state_from_wherever_it_starts(act: Act) -> None:
	assert len({to for (_, a), to in EDGES.items() if a is act}) == 1


@pytest.mark.parametrize("role", GUESTS, ids=str)
def test_everybody_but_hosts_waits(role: Role) -> None:
	assert DO[Act.KNOCK](someone(State.INVITED, role)).state is State.WAITING
	assert not someone(State.INVITED, role).is_host


class TestWhatIsWrittenDown:
	def test_knocking(self) -> None:
		person = someone(State.LEFT, left_on=NOON - timedelta(minutes=1))
		assert DO[Act.KNOCK](person) == replace(person, state=State.WAITING, waiting_since=NOON, left_on=None)

	def test_waiting_on_keeps_the_place(self) -> None:
		person = someone(State.WAITING, waiting_since=NOON - timedelta(minutes=9))
		assert DO[Act.KNOCK](person).waiting_since == NOON - timedelta(minutes=9)

	def test_admitting(self) -> None:
		person = someone(State.WAITING, waiting_since=NOON)
		assert DO[Act.ADMIT](person) == replace(
			person, state=State.ADMITTED, admitted_on=NOON, admitted_by=HOST, waiting_since=None
		)

	def test_admitting_again_does_not_move_the_first_time(self) -> None:
		person = someone(State.ADMITTED, admitted_on=NOON - timedelta(hours=1), admitted_by="first")
		assert (DO[Act.ADMIT](person).admitted_on, DO[Act.ADMIT](person).admitted_by) == (
			NOON - timedelta(hours=1),
			"first",
		)

	def test_a_host_admits_themself(self) -> None:
		person = someone(State.LEFT, Role.HOST, left_on=NOON)
		assert DO[Act.WALK_IN](person) == replace(
			person, state=State.ADMITTED, admitted_on=NOON, admitted_by=person.user, left_on=None
		)

	def test_declining(self) -> None:
		person = someone(State.WAITING, waiting_since=NOON)
		assert DO[Act.DECLINE](person) == replace(
			person, state=State.DECLINED, waiting_since=None, left_on=NOON
		)

	@pytest.mark.parametrize("state", [State.DECLINED, State.REMOVED], ids=str)
	def test_anyone_who_was_turned_away_may_wait_again(self, state: State) -> None:
		person = someone(state, left_on=NOON - timedelta(minutes=1))
		assert DO[Act.SEND_BACK](person) == replace(
			person, state=State.WAITING, waiting_since=NOON, left_on=None
		)

	def test_anyone_who_was_let_in_once_is_known_to_have_been(self) -> None:
		assert DO[Act.SEND_BACK](in_call()).admitted_on == NOON

	def test_reset_is_as_if_never_come(self) -> None:
		person = in_call(waiting_since=NOON, left_on=NOON, link_hash="h", stand_in=True)
		assert DO[Act.RESET](person) == replace(
			someone(State.INVITED, link_hash="h", stand_in=True, revoked_attendees=("a1",)),
			stay_started_on=NOON,
			stay_seen_on=NOON,
		)


class TestOutside:
	@pytest.mark.parametrize("state", State, ids=str)
	def test_of_what_is_over_the_record_stays(self, state: State) -> None:
		person = someone(state, admitted_on=NOON, admitted_by=HOST)
		out = admission.outside(person, NOON, over=True)
		assert out == admission.leave(person, NOON)
		assert (out.admitted_on, out.admitted_by) == (NOON, HOST)
		assert out.state not in (State.WAITING, State.ADMITTED)

	@pytest.mark.parametrize("state", State, ids=str)
	def test_of_what_comes_again_nothing_stays(self, state: State) -> None:
		came = NOON if state is not State.INVITED else None
		out = admission.outside(someone(state, admitted_on=came, left_on=came), NOON, over=False)
		assert out == someone(State.INVITED)


class TestCredentials:
	OUT = [Act.SEND_BACK, Act.REMOVE, Act.LEAVE, Act.RESET]

	@pytest.mark.parametrize("act", OUT, ids=str)
	def test_no_one_takes_any_outside(self, act: Act) -> None:
		out = DO[act](in_call())
		assert (out.attendee_id, out.pseudonym, out.revoked_attendees) == ("", "", ("a1",))

	@pytest.mark.parametrize("act", OUT, ids=str)
	def test_a_join_that_had_only_begun_is_destroyed_by_its_pseudonym(self, act: Act) -> None:
		"""Its answer may only have been lost on the way."""
		out = DO[act](in_call(attendee_id=""))
		assert (out.attendee_id, out.pseudonym, out.revoked_attendees) == ("", "", ("p1",))

	@pytest.mark.parametrize("act", OUT, ids=str)
	def test_who_never_joined_leaves_nothing_to_destroy(self, act: Act) -> None:
		out = DO[act](in_call(attendee_id="", pseudonym=""))
		assert (out.attendee_id, out.pseudonym, out.revoked_attendees) == ("", "", ())

	@pytest.mark.parametrize("act", OUT, ids=str)
	def test_what_is_still_to_be_destroyed_is_not_forgotten(self, act: Act) -> None:
		assert DO[act](in_call(revoked_attendees=("a0",))).revoked_attendees == ("a0", "a1")

	def test_no_one_but_the_admitted_ever_had_any(self) -> None:
		"""Every edge into a state other than Admitted clears them, or starts where there are none."""
		clearing = {Act.SEND_BACK, Act.REMOVE, Act.LEAVE, Act.RESET}
		into = {(state, act) for (state, act), to in EDGES.items() if to is not State.ADMITTED}
		assert {act for state, act in into if state is State.ADMITTED} == clearing

	def test_a_join_has_a_name_of_its_own(self) -> None:
		joining = admission.joining(in_call(), "p2")
		assert joining == in_call(pseudonym="p2", attendee_id="", revoked_attendees=("a1",))
		assert admission.joined(joining, "p2", "a2").attendee_id == "a2"

	def test_the_latest_join_wins(self) -> None:
		first = admission.joining(someone(State.ADMITTED), "p1")
		second = admission.joining(first, "p2")
		with pytest.raises(errors.Superseded):
			admission.joined(second, "p1", "a1")
		assert admission.joined(second, "p2", "a2").attendee_id == "a2"

	REFUSED: dict[State, type[errors.Refused]] = {
		State.INVITED: errors.NotAdmitted,
		State.WAITING: errors.NotAdmitted,
		State.LEFT: errors.NotAdmitted,
		State.DECLINED: errors.Declined,
		State.REMOVED: errors.Removed,
	}

	@pytest.mark.parametrize("state", REFUSED, ids=str)
	def test_are_given_to_no_one_who_is_not_admitted(self, state: State) -> None:
		person = someone(state, pseudonym="p1", attendee_id="a1")
		for attempt in (
			lambda: admission.require_admitted(person),
			lambda: admission.joined(person, "p1", "a1"),
			lambda: admission.require_current(person, "a1"),
		):
			with pytest.raises(self.REFUSED[state]):
				attempt()

	def test_nor_to_a_person_who_never_came(self) -> None:
		with pytest.raises(errors.NotAdmitted):
			admission.require_admitted(None)
		with pytest.raises(errors.NotAdmitted):
			admission.require_current(None, "")

	def test_are_current_for_the_latest_join_only(self) -> None:
		person = in_call(revoked_attendees=("a0",))
		assert admission.require_current(person, "a1") is person
		for other in ("a0", "", "A1", "a1 ", "p1"):
			with pytest.raises(errors.Superseded):
				admission.require_current(person, other)

	def test_an_empty_attendee_matches_no_participant(self) -> None:
		with pytest.raises(errors.Superseded):
			admission.require_current(in_call(attendee_id=""), "")


class TestLock:
	@pytest.mark.parametrize("state", [State.INVITED, State.LEFT], ids=str)
	def test_no_one_new_may_wait(self, state: State) -> None:
		with pytest.raises(errors.VisitLocked):
			admission.join_queue(LOCKED, someone(state), NOON)

	@pytest.mark.parametrize("state", [State.WAITING, State.ADMITTED], ids=str)
	def test_anyone_who_is_there_stays(self, state: State) -> None:
		person = someone(state)
		assert admission.join_queue(LOCKED, person, NOON) is person

	@pytest.mark.parametrize(
		("state", "refusal"), [(State.DECLINED, errors.Declined), (State.REMOVED, errors.Removed)], ids=str
	)
	def test_the_turned_away_hear_that_first(self, state: State, refusal: type[errors.Refused]) -> None:
		with pytest.raises(refusal):
			admission.join_queue(LOCKED, someone(state), NOON)


class TestPlaces:
	def others(self, *attendees: str) -> list[Participant]:
		return [in_call(name=f"other-{a}", attendee_id=a) for a in attendees]

	def test_the_last_place_is_a_place(self) -> None:
		admission.require_place(someone(State.ADMITTED), self.others("x"), 2, NOON)

	def test_one_too_many(self) -> None:
		with pytest.raises(errors.RoomFull):
			admission.require_place(someone(State.ADMITTED), self.others("x", "y"), 2, NOON)

	def test_a_provider_with_no_capacity_has_no_place(self) -> None:
		with pytest.raises(errors.RoomFull):
			admission.require_place(someone(State.ADMITTED), [], 0, NOON)

	def test_ones_own_other_tab_takes_none(self) -> None:
		me = in_call(name="me")
		admission.require_place(me, [me, *self.others("x")], 2, NOON)

	def test_the_silent_take_none(self) -> None:
		silent = replace(self.others("x")[0], stay_seen_on=NOON - timedelta(seconds=31))
		admission.require_place(someone(State.ADMITTED), [silent, *self.others("y")], 2, NOON)

	@pytest.mark.parametrize("seconds", [1, 0])
	def test_who_is_in_gives_way_only_to_those_who_came_before(self, seconds: int) -> None:
		came = [NOON - timedelta(seconds=n * seconds) for n in (2, 1, 0)]
		everyone = [in_call(name=f"p{n}", stay_started_on=at) for n, at in enumerate(came)]
		for first_two in everyone[:2]:
			admission.require_place(first_two, everyone, 2, NOON)
		with pytest.raises(errors.RoomFull):
			admission.require_place(everyone[2], everyone, 2, NOON)

	def test_who_fell_silent_gives_way_to_all(self) -> None:
		silent = in_call(
			name="silent",
			stay_started_on=NOON - timedelta(hours=1),
			stay_seen_on=NOON - timedelta(seconds=31),
		)
		with pytest.raises(errors.RoomFull):
			admission.require_place(silent, [silent, *self.others("x", "y")], 2, NOON)

	def test_who_is_only_just_joining_takes_none(self) -> None:
		admission.require_place(someone(State.ADMITTED), self.others("", "y"), 2, NOON)


class TestHosts:
	def test_present_means_heard_of_lately(self) -> None:
		host = in_call(role=Role.HOST)
		assert admission.host_is_present([in_call(), host], NOON + timedelta(seconds=30))
		assert not admission.host_is_present([in_call(), host], NOON + timedelta(seconds=30, milliseconds=1))

	def test_clients_are_no_hosts(self) -> None:
		assert not admission.host_is_present([in_call(role=role, name=role) for role in GUESTS], NOON)
		assert not admission.host_is_present([], NOON)

	def test_a_host_who_has_entered_but_not_joined_is_not_present(self) -> None:
		assert not admission.host_is_present([someone(State.ADMITTED, Role.HOST)], NOON)

	@pytest.mark.parametrize("role", Role, ids=str)
	def test_only_the_role_makes_a_host(self, role: Role) -> None:
		person = Person(role)
		assert admission.is_host(person) is (role is Role.HOST)
		if role is Role.HOST:
			admission.require_host(person)
		else:
			with pytest.raises(errors.HostOnly):
				admission.require_host(person)
