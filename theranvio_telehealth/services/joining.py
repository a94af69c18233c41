"""Handing an Admitted person the credentials of the call: reserve, ask the provider, keep. No lock is held while asking."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from theranvio_telehealth.domain import admission, errors, metering
from theranvio_telehealth.domain.entities import Participant, Room
from theranvio_telehealth.providers.base import (
	Credentials,
	Gone,
	Meeting,
	MeetingRequest,
	ProviderError,
)
from theranvio_telehealth.services import booking
from theranvio_telehealth.services import metering as meter
from theranvio_telehealth.services.ports import Ports
from theranvio_telehealth.services.release import meeting_of, release
from theranvio_telehealth.services.scene import Scene, arrive, locked, look
from theranvio_telehealth.services.view import view


def join(ports: Ports, user: str, room: str) -> dict[str, Any]:
	"""Credentials for the caller's browser. Every join makes the caller's earlier ones worthless.

	Raises `NotAdmitted` and its kin, `RoomFull`, `PhiNotPermitted`, `Superseded`, `ProviderUnavailable`."""
	scene = _reserve(ports, arrive(ports, user, room))
	release(ports, room)
	meeting, credentials = _ask(ports, scene)
	_keep(ports, scene, meeting, credentials)
	return {
		"state": view(look(ports, user, room)),
		"attendee": credentials.attendee_id,
		"adapter": str(scene.account.adapter) if scene.account else "",
		"credentials": dict(credentials.payload),
	}


def _reserve(ports: Ports, scene: Scene) -> Scene:
	"""Check everything, name the join and the meeting, and write both down before anybody is asked."""
	with locked(ports, scene) as now:
		me = _require_joinable(now)
		joining = admission.joining(me, ports.secrets.token())
		room = now.room if now.room.meeting_token else replace(now.room, meeting_token=ports.secrets.token())
		ports.store.save_participant(joining)
		if room != now.room:
			ports.store.save_room(room)
		return replace(now, room=room, everyone=[joining if p.name == me.name else p for p in now.everyone])


def _require_joinable(scene: Scene) -> Participant:
	scene.require_enterable()
	me = admission.require_admitted(scene.me)
	if scene.account is None:
		raise errors.ProviderUnavailable
	scene.require_startable()
	admission.require_place(me, scene.everyone, scene.capabilities.max_people, scene.now)
	return me


def _ask(ports: Ports, scene: Scene) -> tuple[Meeting, Credentials]:
	try:
		try:
			return _at_provider(ports, scene)
		except Gone:
			return _at_provider(ports, _with_new_meeting(ports, scene))
	except ProviderError as error:
		ports.log.failure("join", scene.room.name, error)
		raise errors.ProviderUnavailable from None


def _at_provider(ports: Ports, scene: Scene) -> tuple[Meeting, Credentials]:
	account, me, room = scene.account, scene.me, scene.room
	assert account is not None
	assert me is not None
	media = ports.media(account)
	meeting = meeting_of(room) if room.meeting_id else media.open_meeting(_request(scene))
	return meeting, media.add_attendee(meeting, me.pseudonym, me.role, scene.now)


def _request(scene: Scene) -> MeetingRequest:
	room = scene.room
	return MeetingRequest(
		room.meeting_token, room.media_region, scene.capabilities.max_people, room.fallback_url
	)


def _with_new_meeting(ports: Ports, scene: Scene) -> Scene:
	"""The meeting is gone at the provider: name a new one, unless somebody else just did."""
	with locked(ports, scene) as now:
		room = now.room
		if room.meeting_token == scene.room.meeting_token:
			room = replace(room, meeting_id="", meeting_details="", meeting_token=ports.secrets.token())
			ports.store.save_room(room)
		return replace(scene, room=room)


def _keep(ports: Ports, scene: Scene, meeting: Meeting, credentials: Credentials) -> None:
	"""Write the join down if it still holds; otherwise leave its credentials to be destroyed."""
	me = scene.me
	assert me is not None
	with locked(ports, scene) as now:
		latest = next(p for p in now.everyone if p.name == me.name)
		room = _room_with(now.room, meeting)
		if room != now.room:
			ports.store.save_room(room)
		refusal = _settle(ports, now, me, latest, credentials.attendee_id)
	if refusal:
		release(ports, scene.room.name)
		raise refusal


def _room_with(room: Room, meeting: Meeting) -> Room:
	if room.meeting_id:
		return room
	return replace(room, meeting_id=meeting.meeting_id, meeting_details=meeting.details)


def _settle(
	ports: Ports, now: Scene, asked: Participant, latest: Participant, attendee: str
) -> errors.TelehealthError | None:
	try:
		now.require_enterable()
		kept = admission.joined(latest, asked.pseudonym, attendee)
		admission.require_place(latest, now.everyone, now.capabilities.max_people, now.now)
	except errors.TelehealthError as refusal:
		revoked = replace(latest, revoked_attendees=(*latest.revoked_attendees, attendee))
		ports.store.save_participant(revoked)
		return refusal
	beating, stay = metering.beat(kept, now.now)
	meter.book(ports, now.room, stay)
	ports.store.save_participant(beating)
	ports.nudge.users(booking.audience(ports, now.room) - {asked.user})
	return None
