"""Guests over HTTP: no session, an invitation's cookie. Participants with an invitation are written by the store."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import frappe
import pytest
from requests import Response

from theranvio_telehealth.api import guards
from theranvio_telehealth.domain import invitations
from theranvio_telehealth.domain.entities import Participant
from theranvio_telehealth.domain.enums import Role
from theranvio_telehealth.site.ports import ports
from tools.harness.site.http import Http
from tools.harness.site.people import HOST

ACTS = ("here", "enter", "join", "heartbeat", "leave", "signal")


def guest(base_url: str, token: str, csrf: str | None = None) -> Http:
	caller = Http(base_url, csrf=invitations.csrf_token(token) if csrf is None else csrf)
	caller.session.cookies.set(guards.INVITATION_COOKIE, token)
	return caller


def code(answer: Response) -> str:
	body = answer.json()
	return str(body["error"]["code"]) if "error" in body else "ok"


@pytest.fixture
def room(make_appointment: Any, http: Any) -> str:
	room = str(make_appointment().theranvio_room)
	frappe.db.commit()
	http(HOST).post("visit.enter", room=room)
	return room


@pytest.fixture
def tokens(room: str) -> dict[str, str]:
	made = {name: frappe.generate_hash(length=32) for name in ("Ana", "Ben")}
	store = ports().store
	with store.transaction():
		for name, token in made.items():
			link_hash = invitations.link_hash(token)
			key = frappe.generate_hash(length=32)
			store.add_participant(
				Participant(key, room, Role.GUEST, user="", display_name=name, link_hash=link_hash)
			)
	return made


def test_two_guests_visit(room: str, tokens: dict[str, str], base_url: str, http: Any) -> None:
	host, guests = http(HOST), {name: guest(base_url, token) for name, token in tokens.items()}
	for name, caller in guests.items():
		me = caller.post("visit.enter", room=room).json()["message"]["me"]
		assert (me["display_name"], me["role"], me["state"]) == (name, "Guest", "Waiting")
		host.post("host.admit", room=room, participant=me["participant"])
	people = host.get("host.queue", room=room).json()["message"]["people"]
	assert sorted((p["display_name"], p["state"]) for p in people) == [
		("Ana", "Admitted"),
		("Ben", "Admitted"),
	]
	joined = guests["Ana"].post("visit.join", room=room).json()["message"]
	assert code(guests["Ana"].post("visit.heartbeat", room=room, attendee=joined["attendee"])) == "ok"
	assert code(guests["Ben"].post("visit.heartbeat", room=room, attendee=joined["attendee"])) == "superseded"
	assert code(guests["Ana"].post("visit.leave", room=room, attendee=joined["attendee"])) == "ok"


@pytest.mark.parametrize("act", ACTS)
def test_a_guest_without_an_invitation_signs_in(room: str, act: str, base_url: str) -> None:
	for caller in (Http(base_url), guest(base_url, "")):
		answer = caller.post(f"visit.{act}", room=room, attendee="a", messages=[])
		assert (answer.status_code, code(answer)) == (401, "sign_in")


@pytest.mark.parametrize("act", ACTS)
def test_a_wrong_invitation_finds_nothing(room: str, tokens: dict[str, str], act: str, base_url: str) -> None:
	for token in ("0" * 32, tokens["Ana"] + "0", invitations.link_hash(tokens["Ana"])):
		answer = guest(base_url, token).post(f"visit.{act}", room=room, attendee="a", messages=[])
		assert (answer.status_code, code(answer)) == (404, "not_found")


@pytest.mark.parametrize("act", ACTS)
def test_a_guest_sends_the_token_of_our_page(
	room: str, tokens: dict[str, str], act: str, base_url: str
) -> None:
	for csrf in ("", "0" * 64, invitations.csrf_token(tokens["Ben"])):
		answer = guest(base_url, tokens["Ana"], csrf).post(
			f"visit.{act}", room=room, attendee="a", messages=[]
		)
		assert (answer.status_code, code(answer)) == (403, "csrf")


def test_an_invitation_opens_its_own_room_only(
	room: str, tokens: dict[str, str], make_appointment: Any, base_url: str
) -> None:
	other = make_appointment(starts_in=timedelta(minutes=40)).theranvio_room
	frappe.db.commit()
	caller = guest(base_url, tokens["Ana"])
	assert code(caller.get("visit.state", room=room)) == "ok"
	assert code(caller.get("visit.state", room=other)) == "not_found"


def test_what_hosts_do_is_closed_to_guests(room: str, tokens: dict[str, str], base_url: str) -> None:
	caller = guest(base_url, tokens["Ana"])
	for act in ("admit", "decline", "send_back", "remove", "lock", "extend", "use_fallback", "end"):
		answer = caller.post(f"host.{act}", room=room, participant="x", locked=True, active=True)
		assert (answer.status_code, code(answer)) == (401, "sign_in")
	for act in ("queue", "waiting"):
		assert code(caller.get(f"host.{act}", room=room)) == "sign_in"


def test_a_session_counts_before_an_invitation(room: str, tokens: dict[str, str], http: Any) -> None:
	host = http(HOST)
	host.session.cookies.set(guards.INVITATION_COOKIE, tokens["Ana"])
	try:
		assert host.get("visit.state", room=room).json()["message"]["me"]["role"] == "Host"
	finally:
		host.session.cookies.clear(domain="", path="/", name=guards.INVITATION_COOKIE)
