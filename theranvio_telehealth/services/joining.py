"""Credentials for an Admitted participant, in four phases: reserve, request, confirm, abandon. No lock is held during the request."""

from __future__ import annotations

from dataclasses import replace

from theranvio_telehealth.domain import access_window, admission, errors, meetings, stays
from theranvio_telehealth.domain.entities import Caller, Join, Participant
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
from theranvio_telehealth.services.visit_state import JoinAnswer


def join(ports: Ports, caller: Caller, room: str) -> JoinAnswer:
	"""Credentials for the caller's browser. Every join makes the caller's earlier ones worthless.

	Raises `NotAdmitted` and its kin, `RoomFull`, `PhiNotPermitted`, `Superseded`, `ProviderUnavailable`."""
	reserved = _reserve(ports, load_and_sync(ports, caller, room))
	context, meeting, credentials = _request(ports, reserved)
	_confirm(ports, context, meeting, credentials)
	return {
		"state": view(load(ports, caller, room)),
		"attendee": credentials.attendee_id,
		"adapter": context.account.adapter if context.account else "",
		"credentials": dict(credentials.payload),
	}


# reserve


def _reserve(ports: Ports, context: VisitContext) -> VisitContext:
	"""Check everything, name the join and the meeting, and write both down before the provider is called."""
	with locked(ports, context) as now:
		me = usage.end_stay(ports, now.room, _require_joinable(now), now.now)
		joining = admission.joining(me, ports.new_token())
		room = meetings.name(now.room, ports.new_token())
		usage.save_participant(ports, room, joining, now.now)
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


# request


def _request(ports: Ports, context: VisitContext) -> tuple[VisitContext, Meeting, Credentials]:
	"""From the room's own provider, or from the one that takes over where it does not answer."""
	granted = _request_once(ports, context)
	if granted is None and (moved := failover.move(ports, context)):
		granted = _request_once(ports, moved)
	if granted is None:
		raise errors.ProviderUnavailable
	return granted


def _request_once(ports: Ports, context: VisitContext) -> tuple[VisitContext, Meeting, Credentials] | None:
	"""None where the provider fails: the failure is recorded and the join abandoned."""
	try:
		try:
			return context, *_call_provider(ports, context)
		except Gone:
			remade = _with_new_meeting(ports, context)
			return remade, *_call_provider(ports, remade)
	except ProviderError as error:
		ports.log.failure("join", context.room.name, error)
	_abandon(ports, context)
	return None


def _call_provider(ports: Ports, context: VisitContext) -> tuple[Meeting, Credentials]:
	account, me, room = context.account, context.current_participant, context.room
	assert account is not None
	assert me is not None
	media = ports.media(account)
	wanted = request_of(room, context.capabilities.max_people)
	until = access_window.latest_close(room, context.settings.policy)
	meeting = meeting_of(room) if room.meeting_id else media.open_meeting(wanted)
	return meeting, media.add_attendee(meeting, me.pseudonym, me.role, until)


def _with_new_meeting(ports: Ports, context: VisitContext) -> VisitContext:
	"""The meeting is gone at the provider: name a new one, unless another join just did."""
	with locked(ports, context) as now:
		now.require_enterable()
		gone = now.room.meeting_id
		room = meetings.remade(now.room, context.room.meeting_token, ports.new_token())
		if room != now.room:
			end_joins(ports, room.name, lambda join: bool(gone) and join.meeting_id == gone)
			ports.store.save_room(room)
		return replace(context, room=room)


# confirm


def _confirm(ports: Ports, context: VisitContext, meeting: Meeting, credentials: Credentials) -> None:
	"""Write the join down if it still holds; otherwise leave its credentials to be destroyed."""
	me = context.current_participant
	assert me is not None
	with locked(ports, context) as now:
		latest = next(p for p in now.everyone if p.name == me.name)
		token = context.room.meeting_token
		room = meetings.opened(now.room, token, meeting.meeting_id, meeting.details)
		if room != now.room:
			ports.store.save_room(room)
		refusal = _confirmed(ports, replace(now, room=room), me, latest, meeting, credentials.attendee_id)
	if refusal:
		raise refusal


def _confirmed(
	ports: Ports, now: VisitContext, asked: Participant, latest: Participant, meeting: Meeting, attendee: str
) -> errors.TelehealthError | None:
	try:
		now.require_enterable()
		if now.room.meeting_id != meeting.meeting_id:
			raise errors.ProviderUnavailable
		joined = admission.joined(latest, asked.pseudonym, attendee)
		now.require_place(latest)
	except errors.TelehealthError as refusal:
		ports.store.save_participant(meetings.revoke(latest, attendee))
		ports.background.tear_down(now.room.name)
		return refusal
	provider = now.room.provider
	ports.store.save_join(Join(attendee, now.room.name, joined.name, provider, meeting.meeting_id))
	beating, _ = stays.beat(joined, now.now)
	usage.save_participant(ports, now.room, beating, now.now)
	ports.nudge.users(booking.audience(ports, now.room) - {asked.user})
	return None


# abandon


def _abandon(ports: Ports, context: VisitContext) -> None:
	"""The provider may have created the attendee although its response was lost: have the pseudonym removed there. If the join
	was taken back meanwhile, the removal may have run too early to find the attendee."""
	me = context.current_participant
	assert me is not None
	with locked(ports, context) as now:
		latest = next(p for p in now.everyone if p.name == me.name)
		if me.pseudonym in (latest.pseudonym, *latest.revoked_attendees):
			return
		ports.store.save_participant(meetings.revoke(latest, me.pseudonym))
		ports.background.tear_down(now.room.name)
