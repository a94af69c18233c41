"""A person's own acts in a visit: look, enter, join, beat, leave, signal. What hosts do to others is in `hosting.py`."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from theranvio_telehealth.domain import admission, presence, rooms, stays
from theranvio_telehealth.domain.entities import Caller, Participant
from theranvio_telehealth.domain.enums import ParticipantState
from theranvio_telehealth.domain.signalling import require_passable
from theranvio_telehealth.services import booking, usage
from theranvio_telehealth.services.ports import Ports
from theranvio_telehealth.services.view import view
from theranvio_telehealth.services.visit_context import VisitContext, load, load_and_sync, locked
from theranvio_telehealth.services.visit_state import SignalAnswer, VisitState


def state(ports: Ports, caller: Caller, room: str) -> VisitState:
	"""How things stand; writes nothing."""
	return view(load(ports, caller, room))


def here(ports: Ports, caller: Caller, room: str, lack: str = "") -> VisitState:
	"""A sign of life of a participant who is not in the call: their page is open. Hosts see those who check their devices,
	and who waits and has gone away. `lack`: what their browser lacks for a call, a word of `presence.Lack`."""
	lacking = presence.lack_of(lack)
	context = load_and_sync(ports, caller, room)
	if admission.is_host(context.person) or not context.is_enterable:
		return view(context)
	me = context.any_participant or _first_seen(ports, context)
	known = presence.has_page_open(me, ports.presence.signs([me.name]), context.now)
	known = known and ports.presence.lacks([me.name]).get(me.name) == lacking
	ports.presence.note(me.name, context.now)
	ports.presence.note_lack(me.name, lacking)
	if not known:
		ports.nudge.users({*booking.audience(ports, context.room), *_hosts(ports, context)} - {caller.user})
	return view(context if context.any_participant else load(ports, caller, room))


def enter(ports: Ports, caller: Caller, room: str) -> VisitState:
	"""A host walks in, which starts the visit; anybody else joins the queue."""
	context = load_and_sync(ports, caller, room)
	has_knocked = False
	with locked(ports, context) as now:
		now.require_enterable()
		participant = now.current_participant or _arrival(ports, now)
		if participant.is_host:
			now.require_startable()
			usage.require_minutes(ports, now.room, participant, now.now)
			_save(ports, now, admission.walk_in(participant, now.now))
			started = rooms.start(now.room)
			if started != now.room:
				ports.store.save_room(started)
		else:
			waiting = admission.join_queue(now.room, participant, now.now)
			_save(ports, now, waiting)
			ports.presence.note(participant.name, now.now)
			has_knocked = waiting.state is ParticipantState.WAITING is not participant.state
		ports.nudge.users({*booking.audience(ports, now.room), *_hosts(ports, now)})
	after = load(ports, caller, room)
	if has_knocked:
		_ring(ports, after)
	return view(after)


def heartbeat(ports: Ports, caller: Caller, room: str, attendee: str) -> VisitState:
	"""A sign of life of the current join. A lone beat is one atomic write; silence before it ends the stay there."""
	context = load_and_sync(ports, caller, room)
	context.require_enterable()
	me = admission.require_current(context.current_participant, attendee)
	context.require_place(me)
	if not (stays.is_fresh(me, context.now) and ports.store.beat(me.name, attendee, context.now)):
		_beat_after_silence(ports, context, attendee)
	return view(context)


def leave(ports: Ports, caller: Caller, room: str, attendee: str = "") -> VisitState:
	"""Hang up or stop waiting. A tab that was superseded leaves the newer tab's call as it is."""
	context = load_and_sync(ports, caller, room)
	with locked(ports, context) as now:
		me = now.current_participant
		if me and (me.state is not ParticipantState.ADMITTED or me.attendee_id == attendee):
			_save(ports, now, admission.leave(usage.end_own_stay(ports, now.room, me, now.now), now.now))
			ports.nudge.users(booking.audience(ports, now.room) - {caller.user})
			ports.background.tear_down(room)
	return state(ports, caller, room)


def signal(
	ports: Ports, caller: Caller, room: str, attendee: str, messages: list[dict[str, Any]]
) -> SignalAnswer:
	"""Pass messages on to the others in the call, and return what they sent."""
	require_passable(messages)
	context = load_and_sync(ports, caller, room)
	context.require_enterable()
	me = admission.require_current(context.current_participant, attendee)
	context.require_place(me)
	others = [p for p in context.everyone if p.name != me.name and p.attendee_id]
	for other in others if messages else ():
		for message in messages:
			ports.mailbox.put(other.attendee_id, {"from": me.pseudonym, "data": message["data"]})
	if messages:
		ports.nudge.users({p.user for p in others if p.user})
	return {"messages": ports.mailbox.take(attendee)}


def _arrival(ports: Ports, context: VisitContext) -> Participant:
	"""The caller's first coming, or the first in a role they did not have before."""
	person = context.person
	if context.any_participant:
		return replace(admission.reset(context.any_participant), role=person.role, stand_in=person.stand_in)
	arrived = Participant(
		name=ports.new_token(),
		room=context.room.name,
		role=person.role,
		user=context.caller.user,
		display_name=person.display_name,
		stand_in=person.stand_in,
	)
	ports.store.add_participant(arrived)
	return arrived


def _first_seen(ports: Ports, context: VisitContext) -> Participant:
	with locked(ports, context) as now:
		return now.any_participant or _arrival(ports, now)


def _ring(ports: Ports, context: VisitContext) -> None:
	"""For the practitioner and every stand-in. A bell that fails does not keep the client out of the waiting room."""
	users = _hosts(ports, context) | {p.user for p in context.everyone if p.is_host}
	try:
		with ports.store.transaction():
			ports.bell.ring(users, context.room)
	except Exception as error:
		ports.log.failure("bell", context.room.name, error)


def _hosts(ports: Ports, context: VisitContext) -> set[str]:
	return set(ports.directory.hosts(context.appointment)) if context.appointment else set()


def _save(ports: Ports, context: VisitContext, participant: Participant) -> None:
	if participant not in context.everyone:
		usage.save_participant(ports, context.room, participant, context.now)


def _beat_after_silence(ports: Ports, context: VisitContext, attendee: str) -> None:
	with locked(ports, context) as now:
		now.require_enterable()
		me = admission.require_current(now.current_participant, attendee)
		now.require_place(me)
		beating, stay = stays.beat(me, now.now)
		usage.record_stay(ports, now.room, stay)
		_save(ports, now, beating)
