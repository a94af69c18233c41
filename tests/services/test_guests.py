"""Guests: participants without a user, each known by the invitation they hold."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.services.acts import CLIENT, HOST, Visit, outcome
from theranvio_telehealth.domain.entities import Caller, Participant
from theranvio_telehealth.domain.enums import ParticipantState, Role
from theranvio_telehealth.services import hosting, joining, portal
from theranvio_telehealth.services import page as page_service
from theranvio_telehealth.services import visit as service
from tools.harness.factories import make_participant

ANA, BEN = Caller(link_hash="a" * 64), Caller(link_hash="b" * 64)
NAMES = {ANA: "Ana", BEN: "Ben"}


@pytest.fixture
def visit() -> Visit:
	visit = Visit()
	for caller, name in NAMES.items():
		invite(visit, name, link_hash=caller.link_hash)
	visit.enter(HOST)
	return visit


def invite(visit: Visit, name: str, **changes: Any) -> None:
	guest = {"name": name, "role": Role.GUEST, "user": "", "display_name": name}
	visit.harness.store.add_participant(make_participant(visit.room, **{**guest, **changes}))


def stored(visit: Visit, name: str) -> Participant:
	return next(p for p in visit.everyone() if p.name == name)


def enter(visit: Visit, caller: Caller) -> Any:
	return service.enter(visit.ports, caller, visit.name)


def admit(visit: Visit, caller: Caller) -> None:
	hosting.admit(visit.ports, Caller(HOST), visit.name, NAMES[caller])


def test_two_guests_are_two(visit: Visit) -> None:
	for caller, name in NAMES.items():
		me = enter(visit, caller)["me"]
		assert (me["participant"], me["role"], me["display_name"]) == (name, "Guest", name)
	waiting = [p["display_name"] for p in visit.state(HOST)["people"] if p["state"] == "Waiting"]
	assert waiting == ["Ana", "Ben"]


def test_each_joins_and_leaves_as_themselves(visit: Visit) -> None:
	attendees = {}
	for caller in NAMES:
		enter(visit, caller)
		admit(visit, caller)
		attendees[caller] = joining.join(visit.ports, caller, visit.name)["attendee"]
	service.heartbeat(visit.ports, BEN, visit.name, attendees[BEN])
	assert outcome(lambda: service.heartbeat(visit.ports, BEN, visit.name, attendees[ANA])) == "superseded"
	service.leave(visit.ports, ANA, visit.name, attendees[ANA])
	assert stored(visit, "Ana").state is ParticipantState.LEFT
	assert stored(visit, "Ben").attendee_id == attendees[BEN]


@pytest.mark.parametrize("reached", ["Waiting", "Admitted"])
def test_a_guest_keeps_their_place_when_the_room_is_synced(visit: Visit, reached: str) -> None:
	enter(visit, ANA)
	if reached == "Admitted":
		admit(visit, ANA)
	before = stored(visit, "Ana")
	visit.rewrite(minutes=visit.appointment.minutes + 15)
	visit.sync_rooms()
	assert stored(visit, "Ana") == before
	assert before.state == reached


def test_a_guest_without_an_invitation_loses_their_place(visit: Visit) -> None:
	enter(visit, ANA)
	revoked = stored(visit, "Ana")
	visit.harness.store.save_participant(replace(revoked, link_hash=""))
	visit.sync_rooms()
	assert stored(visit, "Ana").state is ParticipantState.INVITED
	assert outcome(lambda: enter(visit, ANA)) == "not_found"


def test_an_unknown_invitation_finds_nothing(visit: Visit) -> None:
	for caller in (Caller(link_hash="c" * 64), Caller()):
		for act in (service.state, service.enter, service.here, joining.join, service.leave):
			assert outcome(lambda act=act, caller=caller: act(visit.ports, caller, visit.name)) == "not_found"
		assert not page_service.page(visit.ports, caller, visit.name).adapter


def test_an_invitation_of_another_room_finds_nothing(visit: Visit) -> None:
	other = Visit(visit.harness, name="APP-2")
	assert outcome(lambda: service.state(other.ports, ANA, other.name)) == "not_found"


def test_no_invitation_is_a_users(visit: Visit) -> None:
	"""A participant who has a user is found by it alone, whatever hash their row may hold."""
	visit.enter(CLIENT)
	client = visit.participant(CLIENT)
	visit.harness.store.save_participant(replace(client, link_hash="d" * 64))
	assert outcome(lambda: enter(visit, Caller(link_hash="d" * 64))) == "not_found"


def test_no_invitation_makes_a_host(visit: Visit) -> None:
	invite(visit, "Eve", role=Role.HOST, link_hash="e" * 64)
	eve = Caller(link_hash="e" * 64)
	for act in (service.state, service.enter, hosting.queue, hosting.end):
		assert outcome(lambda act=act: act(visit.ports, eve, visit.name)) == "not_found"


@pytest.mark.parametrize("act", [hosting.admit, hosting.decline, hosting.send_back, hosting.remove])
def test_a_guest_does_nothing_to_others(visit: Visit, act: Any) -> None:
	enter(visit, BEN)
	assert outcome(lambda: act(visit.ports, ANA, visit.name, "Ben")) == "host_only"
	assert stored(visit, "Ben").state is ParticipantState.WAITING


def test_a_guest_enters_no_visit_before_its_time(visit: Visit) -> None:
	visit.at(visit.room.opens_on - timedelta(minutes=1))
	assert outcome(lambda: enter(visit, ANA)) == "too_early"


def test_the_page_of_a_guest_has_the_rooms_media(visit: Visit) -> None:
	assert page_service.page(visit.ports, ANA, visit.name) == page_service.page(
		visit.ports, Caller(HOST), visit.name
	)


def test_a_guest_has_no_list_of_visits(visit: Visit) -> None:
	"""A patient without a portal user is not every guest's."""
	visit.harness.store.patients_of = lambda user: ["PAT-1"] if user == "" else []
	assert portal.visits(visit.ports, ANA) == ([], [])
