"""Handing an Admitted person the credentials of the call: reserve, ask the provider, keep. No lock is held while asking."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from theranvio_telehealth.domain import access_window, admission, errors, stays
from theranvio_telehealth.domain.entities import Join, Participant, Room
from theranvio_telehealth.providers.base import (
	Credentials,
	Gone,
	Meeting,
	ProviderError,
)
from theranvio_telehealth.services import booking, failover, usage
from theranvio_telehealth.services.ports import Ports
from theranvio_telehealth.services.teardown import end_joins, meeting_of, request_of
from theranvio_telehealth.services.view import view
from theranvio_telehealth.services.visit_context import VisitContext, load, load_and_sync, locked


def join(ports: Ports, user: str, room: str) -> dict[str, Any]:
	"""Credentials for the caller's browser. Every join makes the caller's earlier ones worthless.

	Raises `NotAdmitted` and its kin, `RoomFull`, `PhiNotPermitted`, `Superseded`, `ProviderUnavailable`."""
	context, meeting, credentials = _ask(ports, _reserve(ports, load_and_sync(ports, user, room)))
	_keep(ports, context, meeting, credentials)
	return {
		"state": view(load(ports, user, room)),
		"attendee": credentials.attendee_id,
		"adapter": str(context.account.adapter) if context.account else "",
		"credentials": dict(credentials.payload),
	}


def _reserve(ports: Ports, context: VisitContext) -> VisitContext:
	"""Check everything, name the join and the meeting, and write both down before anybody is asked."""
	with locked(ports, context) as now:
		me = usage.end_stay(ports, now.room, _require_joinable(now), now.now)
		joining = admission.joining(me, ports.secrets.token())
		room = now.room if now.room.meeting_token else replace(now.room, meeting_token=ports.secrets.token())
		ports.store.save_participant(joining)
		if room != now.room:
			ports.store.save_room(room)
		if joining.revoked_attendees:
			ports.background.tear_down(room.name)
		return replace(now, room=room, everyone=[joining if p.name == me.name else p for p in now.everyone])


def _require_joinable(context: VisitContext) -> Participant:
	context.require_enterable()
	me = admission.require_admitted(context.current_participant)
	if context.account is None:
		raise errors.ProviderUnavailable
	context.require_startable()
	context.require_place(me)
	return me


def _ask(ports: Ports, context: VisitContext) -> tuple[VisitContext, Meeting, Credentials]:
	"""At the room's own provider, or at the one that takes over where it does not answer."""
	answered = _tried(ports, context)
	if answered is None and (moved := failover.move(ports, context)):
		answered = _tried(ports, moved)
	if answered is None:
		raise errors.ProviderUnavailable
	return answered


def _tried(ports: Ports, context: VisitContext) -> tuple[VisitContext, Meeting, Credentials] | None:
	try:
		return _asked(ports, context)
	except ProviderError as error:
		ports.log.failure("join", context.room.name, error)
	_give_up(ports, context)
	return None


def _give_up(ports: Ports, context: VisitContext) -> None:
	"""The provider may have made an attendee and its answer be lost. Whoever took the join back meanwhile may have asked
	too early to find it."""
	me = context.current_participant
	assert me is not None
	with locked(ports, context) as now:
		latest = next(p for p in now.everyone if p.name == me.name)
		if me.pseudonym in (latest.pseudonym, *latest.revoked_attendees):
			return
		given_up = (*latest.revoked_attendees, me.pseudonym)
		ports.store.save_participant(replace(latest, revoked_attendees=given_up))
		ports.background.tear_down(now.room.name)


def _asked(ports: Ports, context: VisitContext) -> tuple[VisitContext, Meeting, Credentials]:
	try:
		return context, *_at_provider(ports, context)
	except Gone:
		remade = _with_new_meeting(ports, context)
		return remade, *_at_provider(ports, remade)


def _at_provider(ports: Ports, context: VisitContext) -> tuple[Meeting, Credentials]:
	account, me, room = context.account, context.current_participant, context.room
	assert account is not None
	assert me is not None
	media = ports.media(account)
	wanted = request_of(room, context.capabilities.max_people)
	until = access_window.latest_close(room, context.settings.policy)
	meeting = meeting_of(room) if room.meeting_id else media.open_meeting(wanted)
	return meeting, media.add_attendee(meeting, me.pseudonym, me.role, until)


def _with_new_meeting(ports: Ports, context: VisitContext) -> VisitContext:
	"""The meeting is gone at the provider: name a new one, unless somebody else just did."""
	with locked(ports, context) as now:
		now.require_enterable()
		room = now.room
		if room.meeting_token == context.room.meeting_token:
			gone = room.meeting_id
			end_joins(ports, room.name, lambda join: bool(gone) and join.meeting_id == gone)
			room = replace(room, meeting_id="", meeting_details="", meeting_token=ports.secrets.token())
			ports.store.save_room(room)
		return replace(context, room=room)


def _keep(ports: Ports, context: VisitContext, meeting: Meeting, credentials: Credentials) -> None:
	"""Write the join down if it still holds; otherwise leave its credentials to be destroyed."""
	me = context.current_participant
	assert me is not None
	with locked(ports, context) as now:
		latest = next(p for p in now.everyone if p.name == me.name)
		room = _room_with(now.room, context.room.meeting_token, meeting)
		if room != now.room:
			ports.store.save_room(room)
		refusal = _settle(ports, replace(now, room=room), me, latest, meeting, credentials.attendee_id)
	if refusal:
		raise refusal


def _room_with(room: Room, token: str, meeting: Meeting) -> Room:
	"""The room with its meeting, if that is the one it still wants."""
	if room.meeting_id or room.meeting_token != token:
		return room
	return replace(room, meeting_id=meeting.meeting_id, meeting_details=meeting.details)


def _settle(
	ports: Ports, now: VisitContext, asked: Participant, latest: Participant, meeting: Meeting, attendee: str
) -> errors.TelehealthError | None:
	try:
		now.require_enterable()
		if now.room.meeting_id != meeting.meeting_id:
			raise errors.ProviderUnavailable
		kept = admission.joined(latest, asked.pseudonym, attendee)
		now.require_place(latest)
	except errors.TelehealthError as refusal:
		revoked = replace(latest, revoked_attendees=(*latest.revoked_attendees, attendee))
		ports.store.save_participant(revoked)
		ports.background.tear_down(now.room.name)
		return refusal
	provider = now.room.provider
	ports.store.save_join(Join(attendee, now.room.name, kept.name, provider, meeting.meeting_id))
	beating, _ = stays.beat(kept, now.now)
	ports.store.save_participant(beating)
	ports.nudge.users(booking.audience(ports, now.room) - {asked.user})
	return None
