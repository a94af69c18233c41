"""Who waits for a host, in whichever of their visits: for the desk, and for the page of another visit."""

from __future__ import annotations

from theranvio_telehealth.domain import admission
from theranvio_telehealth.domain.entities import Caller
from theranvio_telehealth.domain.enums import ParticipantState
from theranvio_telehealth.domain.errors import NotFound
from theranvio_telehealth.domain.presence import is_away
from theranvio_telehealth.services.ports import Ports
from theranvio_telehealth.services.view import instant
from theranvio_telehealth.services.visit_context import VisitContext, load
from theranvio_telehealth.services.visit_state import WaitingAnswer, WaitingLine

MOST_ROOMS = 20


def waiting(ports: Ports, caller: Caller) -> WaitingAnswer:
	"""`{"waiting": [{"room", "participant", "display_name", "waiting_since"}]}`, longest first. Empty for everybody who
	is no host: each visit is read as this caller, and only its hosts see who waits."""
	if not caller.user:
		return {"waiting": []}
	practitioners = ports.directory.practitioners_of(caller.user)
	rooms = ports.store.rooms_with_waiting(practitioners, caller.user, MOST_ROOMS)
	lines = [line for room in rooms for line in _in_room(ports, caller, room)]
	return {"waiting": sorted(lines, key=lambda line: line["waiting_since"] or "")}


def _in_room(ports: Ports, caller: Caller, room: str) -> list[WaitingLine]:
	try:
		context = load(ports, caller, room)
	except NotFound:
		return []
	if not admission.is_host(context.person) or not context.is_enterable:
		return []
	return _lines(context)


def _lines(context: VisitContext) -> list[WaitingLine]:
	return [
		{
			"room": context.room.name,
			"participant": p.name,
			"display_name": p.display_name,
			"waiting_since": instant(p.waiting_since),
		}
		for p in context.everyone
		if p.state is ParticipantState.WAITING
		and p.name not in context.unauthorised
		and not is_away(p, context.signs, context.now)
	]
