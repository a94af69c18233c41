"""What a host does: admit, decline, send back, remove, lock, extend, offer the fallback, end. Every act locks, decides,
saves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from theranvio_telehealth.domain import admission, extension, rooms
from theranvio_telehealth.domain.entities import Caller, Participant, Room
from theranvio_telehealth.domain.enums import ParticipantState
from theranvio_telehealth.domain.errors import Malformed, NoFallback, WrongMove
from theranvio_telehealth.services import booking, usage
from theranvio_telehealth.services.ports import Ports
from theranvio_telehealth.services.view import view
from theranvio_telehealth.services.visit_context import VisitContext, load, load_and_sync, locked
from theranvio_telehealth.services.visit_state import VisitState


def queue(ports: Ports, caller: Caller, room: str) -> VisitState:
	"""How things stand, for hosts only."""
	context = load(ports, caller, room)
	admission.require_host(context.person)
	return view(context)


def admit(ports: Ports, caller: Caller, room: str, participant: str) -> VisitState:
	"""Admit a participant. Raises `AllowanceExhausted` for a first admission that nothing pays for."""

	def act(context: VisitContext, participant: Participant) -> Participant:
		usage.require_minutes(ports, context.room, participant, context.now)
		return admission.admit(participant, caller.user, context.now)

	return _on_participant(ports, caller, room, participant, act)


def decline(ports: Ports, caller: Caller, room: str, participant: str) -> VisitState:
	return _on_participant(
		ports, caller, room, participant, lambda context, p: admission.decline(p, context.now)
	)


def send_back(ports: Ports, caller: Caller, room: str, participant: str) -> VisitState:
	"""Back to waiting; whatever credentials there were are worthless from now on."""
	return _on_participant(
		ports, caller, room, participant, lambda context, p: admission.send_back(p, context.now)
	)


def remove(ports: Ports, caller: Caller, room: str, participant: str) -> VisitState:
	return _on_participant(
		ports, caller, room, participant, lambda context, p: admission.remove(p, context.now)
	)


def lock(ports: Ports, caller: Caller, room: str, locked: bool) -> VisitState:
	"""No new participant may join the queue while a room is locked."""
	return _on_room(ports, caller, room, lambda context: replace(context.room, locked=locked))


def use_fallback(ports: Ports, caller: Caller, room: str, active: bool) -> VisitState:
	"""Show the clients the fallback link, or hide it again."""

	def act(context: VisitContext) -> Room:
		if active and not context.room.fallback_url:
			raise NoFallback
		return replace(context.room, fallback_active=active)

	return _on_room(ports, caller, room, act)


def extend(ports: Ports, caller: Caller, room: str, closes_on: str) -> VisitState:
	"""15 minutes more, up to the policy's maximum. `closes_on` as the caller was shown it: what was extended since, by the
	same press or another host's, is not extended again. Raises `ExtensionExhausted`, `Malformed`."""
	shown = _instant(closes_on)

	def act(context: VisitContext) -> Room:
		context.require_enterable()
		is_current = shown == context.room.closes_on
		return extension.extend(context.room, context.settings.policy) if is_current else context.room

	return _on_room(ports, caller, room, act)


def _instant(text: str) -> datetime:
	try:
		instant = datetime.fromisoformat(text.replace("Z", "+00:00"))
	except ValueError:
		raise Malformed from None
	if instant.tzinfo is None:
		raise Malformed
	return instant


def end(ports: Ports, caller: Caller, room: str) -> VisitState:
	"""End the visit for everybody."""
	context = load_and_sync(ports, caller, room)
	admission.require_host(context.person)
	with locked(ports, context) as now:
		ended = rooms.end(now.room, caller.user, now.now)
		if ended != now.room:
			booking.remove_all(ports, now.room, over=True)
			_save_room(ports, now, ended)
		ports.background.tear_down(room)
	return view(load(ports, caller, room))


def _on_room(ports: Ports, caller: Caller, room: str, act: Callable[[VisitContext], Room]) -> VisitState:
	context = load_and_sync(ports, caller, room)
	admission.require_host(context.person)
	with locked(ports, context) as now:
		rooms.require_running(now.room)
		_save_room(ports, now, act(now))
	return view(load(ports, caller, room))


def _save_room(ports: Ports, context: VisitContext, room: Room) -> None:
	if room != context.room:
		usage.save_room(ports, room, context.now)
	ports.nudge.users(booking.audience(ports, room))


def _on_participant(
	ports: Ports,
	caller: Caller,
	room: str,
	participant: str,
	act: Callable[[VisitContext, Participant], Participant],
) -> VisitState:
	context = load_and_sync(ports, caller, room)
	admission.require_host(context.person)
	with locked(ports, context) as now:
		now.require_enterable()
		before = now.participant(participant)
		_require_part(ports, now, before)
		after = act(now, before)
		if after != before:
			_save_participant(ports, now, before, after)
			ports.background.tear_down(room)
	return view(load(ports, caller, room))


def _require_part(ports: Ports, context: VisitContext, participant: Participant) -> None:
	"""A participant who is no longer part of the appointment can only be taken out of the call. Raises `WrongMove`."""
	if context.appointment is None or participant.state is ParticipantState.ADMITTED:
		return
	if booking.is_unauthorised(ports, context.appointment, participant):
		raise WrongMove


def _save_participant(ports: Ports, context: VisitContext, before: Participant, after: Participant) -> None:
	if not after.attendee_id:
		ended = usage.end_stay(ports, context.room, before, context.now)
		after = replace(after, stay_started_on=ended.stay_started_on, stay_seen_on=ended.stay_seen_on)
	usage.save_participant(ports, context.room, after, context.now)
	ports.nudge.users(booking.audience(ports, context.room))
