"""What a participant's browser gets of a visit: `docs/visit-protocol.md`. Pure; limited to what that participant may know."""

from __future__ import annotations

from datetime import datetime, timezone
from hashlib import sha256
from typing import overload

from theranvio_telehealth.domain import admission, endings
from theranvio_telehealth.domain.access_window import phase
from theranvio_telehealth.domain.entities import Participant, Room
from theranvio_telehealth.domain.enums import ParticipantState, Role
from theranvio_telehealth.domain.errors import PhiNotPermitted
from theranvio_telehealth.domain.extension import next_close
from theranvio_telehealth.domain.presence import has_page_open
from theranvio_telehealth.domain.stays import is_present
from theranvio_telehealth.services.visit_context import VisitContext
from theranvio_telehealth.services.visit_state import (
	AboutState,
	BlockedState,
	EndingState,
	FallbackState,
	OwnState,
	ParticipantEntry,
	ProviderState,
	VisitState,
)

KNOWS_PATIENT = frozenset({Role.HOST, Role.CLIENT, Role.GUARDIAN})


def view(context: VisitContext) -> VisitState:
	room, policy = context.room, context.settings.policy
	return {
		"room": room.name,
		"status": room.status,
		"phase": phase(room, policy, context.now, host_present=context.host_present),
		"now": instant(context.now),
		"opens_on": instant(room.opens_on),
		"starts_on": instant(room.starts_on),
		"ends_on": instant(room.ends_on),
		"closes_on": instant(room.closes_on),
		"extends_to": instant(_extends_to(context)),
		"locked": room.locked,
		"provider": _provider(context),
		"blocked": _blocked(context),
		"fallback": _fallback(context),
		"about": _about(context),
		"over": _over(context),
		"me": _me(context),
		"people": [
			_participant_view(context, p)
			for p in context.everyone
			if p is not context.any_participant and _sees(context, p)
		],
	}


@overload
def instant(moment: datetime) -> str: ...


@overload
def instant(moment: None) -> None: ...


@overload
def instant(moment: datetime | None) -> str | None: ...


def instant(moment: datetime | None) -> str | None:
	"""ISO 8601 in UTC with milliseconds and `Z`."""
	if moment is None:
		return None
	return moment.astimezone(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _extends_to(context: VisitContext) -> datetime | None:
	"""For hosts: when the visit would close if they extended it now."""
	may = admission.is_host(context.person) and not context.room.is_over
	return next_close(context.room, context.settings.policy) if may else None


def _provider(context: VisitContext) -> ProviderState:
	return {
		"adapter": context.account.adapter if context.account else "",
		"embedded": context.capabilities.embedded,
		"end_to_end_encrypted": context.capabilities.end_to_end_encrypted,
		"carrier": context.capabilities.carrier,
		"call": call_of(context.room),
	}


def call_of(room: Room) -> str:
	"""Which call of the room's this is: when it changes, everybody in the call has to join again. Tells nothing else."""
	return sha256(room.meeting_token.encode()).hexdigest()[:16] if room.meeting_token else ""


def _blocked(context: VisitContext) -> BlockedState | None:
	if context.room.is_over:
		return None
	try:
		context.require_startable()
	except PhiNotPermitted as error:
		return {"code": error.code}
	return None


def _fallback(context: VisitContext) -> FallbackState | None:
	room = context.room
	offered = room.fallback_active and not _is_turned_away(context.current_participant)
	if not room.fallback_url or room.is_over or not (offered or admission.is_host(context.person)):
		return None
	return {"url": room.fallback_url, "active": room.fallback_active}


def _is_turned_away(participant: Participant | None) -> bool:
	return participant is not None and participant.state in (
		ParticipantState.DECLINED,
		ParticipantState.REMOVED,
	)


def _about(context: VisitContext) -> AboutState:
	"""Where, with whom and for whom the visit is. An appointment that is gone says nothing of it any more."""
	found = context.appointment
	known = found if found and found.key == context.room.appointment_key else None
	return {
		"clinic": known.company if known else "",
		"clinician": known.practitioner_name if known else "",
		"patient": known.patient_name if known and context.person.role in KNOWS_PATIENT else "",
		"zone": context.settings.zone,
	}


def _over(context: VisitContext) -> EndingState | None:
	room = context.room
	why = endings.why(
		room, phase(room, context.settings.policy, context.now, host_present=context.host_present)
	)
	if why is None:
		return None
	return {"why": why, "by_me": why is endings.Why.HOST and room.ended_by == context.caller.user}


def _me(context: VisitContext) -> OwnState:
	me, person = context.current_participant, context.person
	return {
		"role": person.role,
		"display_name": person.display_name,
		"participant": me.name if me else None,
		"state": me.state if me else ParticipantState.INVITED,
		"waiting_since": instant(me.waiting_since) if me else None,
		"was_admitted": bool(me and me.admitted_on),
		"attendee": bool(me and me.attendee_id),
	}


def _is_in(participant: Participant | None) -> bool:
	return participant is not None and participant.state is ParticipantState.ADMITTED


def _sees(context: VisitContext, other: Participant) -> bool:
	"""A participant who is no longer part of the appointment is shown only while they are in the call."""
	if other.name in context.unauthorised and not _is_present(context, other):
		return False
	if admission.is_host(context.person) or other.is_host:
		return True
	return _is_in(context.current_participant) and _is_in(other)


def _is_present(context: VisitContext, other: Participant) -> bool:
	return bool(other.attendee_id) and is_present(other, context.now)


def _participant_view(context: VisitContext, other: Participant) -> ParticipantEntry:
	together = _is_in(context.current_participant) and _is_in(other)
	return {
		"participant": other.name,
		"role": other.role,
		"display_name": other.display_name,
		"state": other.state,
		"present": _is_present(context, other),
		"seen": admission.is_host(context.person) and has_page_open(other, context.signs, context.now),
		"lack": context.lacks.get(other.name) or "",
		"waiting_since": instant(other.waiting_since),
		"pseudonym": other.pseudonym if together else "",
	}
