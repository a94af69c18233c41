"""Every endpoint of the demo against every kind of bad input, over HTTP: the refusal, and nothing changed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from tests.demo.callers import Visit
from tests.demo.endpoints import (
	ARGUMENTS,
	BOTH_PATHS,
	EVERY,
	HOSTS_ONLY,
	IN_THE_WINDOW,
	ON_PEOPLE,
	WHILE_IT_RUNS,
	refused,
)
from tools.demo.api import ACTS
from tools.demo.tables import APPOINTMENT


def test_every_endpoint_is_here() -> None:
	assert set(ACTS) == {*ARGUMENTS, "host.waiting"}  # of no room: see `test_waiting.py`


@pytest.mark.parametrize("user", ["jonas", "lindqvist"], ids=["another client", "another clinician"])
@pytest.mark.parametrize("name", EVERY)
def test_wrong_person(visit: Visit, unchanged: Callable[[], bool], name: str, user: str) -> None:
	stranger = visit.running.person(user)
	for v2 in BOTH_PATHS:
		answer = stranger.call(name, v2=v2, room=visit.room, **ARGUMENTS[name])
		assert refused(answer, "not_found")
		nowhere = stranger.call(name, v2=v2, room="f" * 32, **ARGUMENTS[name])
		assert nowhere.content == answer.content
	assert unchanged()


@pytest.mark.parametrize("name", EVERY)
def test_wrong_room(visit: Visit, unchanged: Callable[[], bool], name: str) -> None:
	for room in ("f" * 32, "", "../../etc/passwd", "' or 1=1 --", "\x00", "é" * 100):
		assert refused(visit.clinician.call(name, room=room, **ARGUMENTS[name]), "not_found")
	assert unchanged()


@pytest.mark.parametrize("name", ON_PEOPLE)
def test_participant_of_another_room(visit: Visit, unchanged: Callable[[], bool], name: str) -> None:
	desk = visit.running.person("desk")
	other = next(a for a in visit.running.demo_app.store.appointment_names() if a != visit.appointment)
	other_room = visit.running.demo_app.store.shown(other)
	desk.act("visit.enter", room=other_room)
	elsewhere = visit.running.person("jonas").act("visit.enter", room=other_room)["me"]["participant"]
	assert refused(visit.clinician.call(name, room=visit.room, participant=elsewhere), "not_found")
	assert unchanged()


@pytest.mark.parametrize("name", HOSTS_ONLY)
def test_wrong_role(visit: Visit, unchanged: Callable[[], bool], name: str) -> None:
	for v2 in BOTH_PATHS:
		assert refused(visit.client.call(name, v2=v2, room=visit.room, **ARGUMENTS[name]), "host_only")
	assert unchanged()


@pytest.mark.parametrize("name", ON_PEOPLE[1:])
def test_no_one_turns_a_host_out(visit: Visit, unchanged: Callable[[], bool], name: str) -> None:
	participant = visit.clinician.act("visit.state", room=visit.room)["me"]["participant"]
	answer = visit.clinician.call(name, room=visit.room, participant=participant)
	assert refused(answer, "wrong_move")
	assert unchanged()


@pytest.mark.parametrize("who", ["clinician", "client"])
@pytest.mark.parametrize("name", IN_THE_WINDOW)
def test_too_early(visit: Visit, name: str, who: str) -> None:
	visit.running.clock.advance(minutes=-16)
	before = visit.running.everything(visit.room)
	answer = getattr(visit, who).call(name, room=visit.room, **ARGUMENTS[name])
	assert refused(answer, "host_only" if name in HOSTS_ONLY and who == "client" else "too_early")
	assert visit.running.everything(visit.room) == before


@pytest.mark.parametrize("name", IN_THE_WINDOW)
def test_too_late(visit: Visit, unchanged: Callable[[], bool], name: str) -> None:
	visit.running.clock.advance(hours=3)
	assert refused(visit.clinician.call(name, room=visit.room, **ARGUMENTS[name]), "window_closed")
	assert unchanged()


@pytest.mark.parametrize("status", ["Cancelled", "No Show"])
@pytest.mark.parametrize("name", WHILE_IT_RUNS)
def test_cancelled_behind_our_back(visit: Visit, name: str, status: str) -> None:
	"""The services were not called: the appointment is read again at every request."""
	participant = visit.admit()
	store = visit.running.demo_app.store
	store.database.run(APPOINTMENT.update().values(status=status))
	arguments = {"room": visit.room, **ARGUMENTS[name]}
	if name in ON_PEOPLE:
		arguments["participant"] = participant
	assert refused(visit.clinician.call(name, **arguments), "visit_over")
	assert visit.client.act("visit.state", room=visit.room)["status"] == "Revoked"
	assert not any(p.attendee_id for p in store.participants(visit.room))


@pytest.mark.parametrize("name", WHILE_IT_RUNS)
def test_ended(visit: Visit, unchanged: Callable[[], bool], name: str) -> None:
	visit.clinician.act("host.end", room=visit.room)
	before = visit.running.everything(visit.room)
	assert refused(visit.clinician.call(name, room=visit.room, **ARGUMENTS[name]), "visit_over")
	assert visit.running.everything(visit.room) == before


@pytest.mark.parametrize("name", ["visit.join", "visit.heartbeat", "visit.signal"])
def test_not_admitted(visit: Visit, name: str) -> None:
	visit.enter()
	before = visit.running.everything(visit.room)
	assert refused(visit.client.call(name, room=visit.room, **ARGUMENTS[name]), "not_admitted")
	assert visit.running.everything(visit.room) == before


@pytest.mark.parametrize("name", ["visit.heartbeat", "visit.signal"])
def test_an_earlier_join_is_worthless(visit: Visit, name: str) -> None:
	visit.admit()
	first = visit.client.act("visit.join", room=visit.room)["attendee"]
	second = visit.client.act("visit.join", room=visit.room)["attendee"]
	arguments = {"room": visit.room, **ARGUMENTS[name]}
	before = visit.running.everything(visit.room)
	assert refused(visit.client.call(name, **{**arguments, "attendee": first}), "superseded")
	assert refused(visit.clinician.call(name, **{**arguments, "attendee": second}), "superseded")
	assert visit.running.everything(visit.room) == before
	visit.client.act(name, **{**arguments, "attendee": second})


@pytest.mark.parametrize(
	("name", "then"),
	[("host.send_back", "not_admitted"), ("host.remove", "removed")],
)
def test_an_attendee_sent_out_is_worthless(visit: Visit, name: str, then: str) -> None:
	participant = visit.admit()
	attendee = visit.client.act("visit.join", room=visit.room)["attendee"]
	visit.clinician.act(name, room=visit.room, participant=participant)
	for replayed in ("visit.heartbeat", "visit.signal"):
		arguments = {**ARGUMENTS[replayed], "attendee": attendee}
		assert refused(visit.client.call(replayed, room=visit.room, **arguments), then)
	assert refused(visit.client.call("visit.join", room=visit.room), then)


@pytest.mark.parametrize("name", ["visit.heartbeat", "visit.signal"])
def test_a_page_that_asks_for_it_is_refused_without_an_error_in_its_console(visit: Visit, name: str) -> None:
	participant = visit.admit()
	attendee = visit.client.act("visit.join", room=visit.room)["attendee"]
	visit.clinician.act("host.remove", room=visit.room, participant=participant)
	before = visit.running.everything(visit.room)
	arguments = {"room": visit.room, **ARGUMENTS[name], "attendee": attendee}
	visit.client.http.headers["X-Refusal-Status"] = "200"
	answer = visit.client.call(name, **arguments)
	assert (answer.status_code, answer.json()["error"]["code"]) == (200, "removed")
	assert visit.running.everything(visit.room) == before
	for wish in ("", "204", "2000"):
		visit.client.http.headers["X-Refusal-Status"] = wish
		assert refused(visit.client.call(name, **arguments), "removed")


def test_what_is_no_ordinary_end_keeps_its_status(visit: Visit) -> None:
	visit.client.http.headers["X-Refusal-Status"] = "200"
	assert refused(visit.client.call("visit.state", room="0" * 32), "not_found")
	assert refused(visit.client.call("host.lock", room=visit.room, locked=True), "host_only")


def test_a_declined_client_stays_out_until_sent_back(visit: Visit) -> None:
	participant = visit.enter()
	visit.clinician.act("host.decline", room=visit.room, participant=participant)
	assert refused(visit.client.call("visit.enter", room=visit.room), "declined")
	visit.clinician.act("host.send_back", room=visit.room, participant=participant)
	assert visit.client.act("visit.enter", room=visit.room)["me"]["state"] == "Waiting"


@pytest.mark.parametrize(
	("name", "by"),
	[
		("visit.enter", "client"),
		("visit.enter", "clinician"),
		("host.admit", "clinician"),
		("host.lock", "clinician"),
		("host.end", "clinician"),
	],
)
def test_doing_it_again_changes_nothing(visit: Visit, name: str, by: str) -> None:
	participant = visit.admit()
	arguments = {"room": visit.room, **ARGUMENTS[name]}
	if name in ON_PEOPLE:
		arguments["participant"] = participant
	first = getattr(visit, by).act(name, **arguments)
	before = visit.running.everything(visit.room)
	assert getattr(visit, by).act(name, **arguments) == first
	assert visit.running.everything(visit.room) == before


def test_locked(visit: Visit) -> None:
	visit.clinician.act("visit.enter", room=visit.room)
	visit.clinician.act("host.lock", room=visit.room, locked=True)
	assert refused(visit.client.call("visit.enter", room=visit.room), "visit_locked")
	visit.clinician.act("host.lock", room=visit.room, locked=False)
	assert visit.client.act("visit.enter", room=visit.room)["me"]["state"] == "Waiting"


def test_no_fallback(visit: Visit) -> None:
	desk = visit.running.person("desk")
	store = visit.running.demo_app.store
	without = next(n for n in store.appointment_names() if store.appointment(n).patient == "PAT-2")
	room = store.shown(without)
	assert refused(desk.call("host.use_fallback", room=room, active=True), "no_fallback")


def test_fallback_is_shown_to_the_client_only_once_offered(visit: Visit) -> None:
	visit.enter()
	assert visit.client.act("visit.state", room=visit.room)["fallback"] is None
	visit.clinician.act("host.use_fallback", room=visit.room, active=True)
	assert visit.client.act("visit.state", room=visit.room)["fallback"]["active"] is True


def test_a_third_person_finds_the_room_full(visit: Visit) -> None:
	visit.admit()
	visit.clinician.act("visit.join", room=visit.room)
	visit.client.act("visit.join", room=visit.room)
	desk = visit.running.person("desk")
	desk.act("visit.enter", room=visit.room)
	assert refused(desk.call("visit.join", room=visit.room), "room_full")


def test_our_own_failure_says_nothing_of_its_cause(
	visit: Visit, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
	def fail(name: str) -> None:
		raise ValueError("Amara Bell")

	monkeypatch.setattr(visit.running.demo_app.store, "settings", lambda: fail("x"))
	assert refused(visit.client.call("visit.state", room=visit.room), "failed")
	assert "ValueError" in caplog.text
	assert "Amara" not in caplog.text
	assert visit.room not in caplog.text


def test_a_whole_visit(visit: Visit) -> None:
	"""Wait, admit, join, signal, beat, send back, admit, end; stays to the second."""
	clock, room = visit.running.clock, visit.room
	participant = visit.admit()
	hosts = visit.clinician.act("visit.join", room=room)
	clients = visit.client.act("visit.join", room=room)
	assert hosts["adapter"] == "Peer-to-Peer"
	assert hosts["credentials"]["pseudonym"] != clients["credentials"]["pseudonym"]
	offer = {"data": {"description": {"type": "offer"}}}
	visit.clinician.act("visit.signal", room=room, attendee=hosts["attendee"], messages=[offer])
	heard = visit.client.act("visit.signal", room=room, attendee=clients["attendee"], messages=[])
	assert heard == {"messages": [{"from": hosts["credentials"]["pseudonym"], **offer}]}
	for _ in range(3):
		clock.advance(seconds=10)
		visit.clinician.act("visit.heartbeat", room=room, attendee=hosts["attendee"])
		visit.client.act("visit.heartbeat", room=room, attendee=clients["attendee"])
	visit.clinician.act("host.send_back", room=room, participant=participant)
	clock.advance(seconds=15)
	visit.clinician.act("host.admit", room=room, participant=participant)
	visit.client.act("visit.join", room=room)
	visit.clinician.act("visit.heartbeat", room=room, attendee=hosts["attendee"])
	clock.advance(seconds=5)
	assert visit.clinician.act("host.end", room=room)["status"] == "Ended"
	stays = {(e.participant == participant, e.seconds) for e in visit.running.demo_app.store.entries(room)}
	assert stays == {(True, 30), (True, 5), (False, 50)}
	(allowance,) = visit.running.demo_app.store.allowances(visit.running.demo_app.store.room(room))
	assert allowance.used_seconds == 85
	assert visit.client.act("visit.state", room=room)["me"]["attendee"] is False


def test_extended(visit: Visit) -> None:
	visit.admit()
	before = visit.client.act("visit.state", room=visit.room)["closes_on"]
	state = visit.clinician.act("visit.state", room=visit.room)
	for _ in range(2):  # a press, and the same press again
		extended = visit.clinician.act("host.extend", room=visit.room, closes_on=state["closes_on"])
		assert extended["closes_on"] == state["extends_to"]
	assert visit.client.act("visit.state", room=visit.room)["closes_on"] == state["extends_to"] > before
	visit.clinician.act("host.extend", room=visit.room, closes_on=extended["closes_on"])
	last = visit.clinician.act("visit.state", room=visit.room)
	assert last["extends_to"] is None
	answer = visit.clinician.call("host.extend", room=visit.room, closes_on=last["closes_on"])
	assert refused(answer, "extension_exhausted")


def test_a_visit_moved_puts_everybody_out(visit: Visit) -> None:
	visit.admit()
	attendee = visit.client.act("visit.join", room=visit.room)["attendee"]
	later = (visit.running.clock.now() + timedelta(hours=2)).astimezone()
	visit.running.person("desk").post("/clinic/move", name=visit.appointment, at=f"{later:%H:%M}")
	state = visit.client.act("visit.state", room=visit.room)
	assert (state["status"], state["phase"], state["me"]["state"]) == ("Scheduled", "early", "Invited")
	answer = visit.client.call("visit.heartbeat", room=visit.room, attendee=attendee)
	assert refused(answer, "too_early")
