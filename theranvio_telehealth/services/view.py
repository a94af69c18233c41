"""What a person's browser is told of a visit: `docs/visit-protocol.md`. Pure; tells nobody more than their part."""

from __future__ import annotations

from datetime import datetime, timezone
from hashlib import sha256
from typing import Any

from theranvio_telehealth.domain import admission, endings
from theranvio_telehealth.domain.access_window import phase
from theranvio_telehealth.domain.entities import Participant, Room
from theranvio_telehealth.domain.enums import ParticipantState, Role
from theranvio_telehealth.domain.errors import PhiNotPermitted
from theranvio_telehealth.domain.extension import next_close
from theranvio_telehealth.domain.metering import is_present
from theranvio_telehealth.domain.presence import has_page_open
from theranvio_telehealth.services.messages import answer
from theranvio_telehealth.services.scene import Scene

View = dict[str, Any]

KNOWS_PATIENT = frozenset({Role.HOST, Role.CLIENT, Role.GUARDIAN})


def view(scene: Scene) -> View:
	room, policy = scene.room, scene.settings.policy
	return {
		"room": room.name,
		"status": str(room.status),
		"phase": str(phase(room, policy, scene.now, host_present=scene.host_present)),
		"now": instant(scene.now),
		"opens_on": instant(room.opens_on),
		"starts_on": instant(room.starts_on),
		"ends_on": instant(room.ends_on),
		"closes_on": instant(room.closes_on),
		"extends_to": instant(_extends_to(scene)),
		"locked": room.locked,
		"provider": _provider(scene),
		"blocked": _blocked(scene),
		"fallback": _fallback(scene),
		"about": _about(scene),
		"over": _over(scene),
		"me": _me(scene),
		"people": [_person(scene, p) for p in scene.everyone if p is not scene.mine and _sees(scene, p)],
	}


def instant(moment: datetime | None) -> str | None:
	"""ISO 8601 in UTC with milliseconds and `Z`."""
	if moment is None:
		return None
	return moment.astimezone(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _extends_to(scene: Scene) -> datetime | None:
	"""For hosts: when the visit would close if they extended it now."""
	may = admission.is_host(scene.person) and not scene.room.is_over
	return next_close(scene.room, scene.settings.policy) if may else None


def _provider(scene: Scene) -> View:
	return {
		"adapter": str(scene.account.adapter) if scene.account else "",
		"embedded": scene.capabilities.embedded,
		"end_to_end_encrypted": scene.capabilities.end_to_end_encrypted,
		"carrier": scene.capabilities.carrier,
		"call": call_of(scene.room),
	}


def call_of(room: Room) -> str:
	"""Which call of the room's this is: when it changes, everybody in the call has to join again. Tells nothing else."""
	return sha256(room.meeting_token.encode()).hexdigest()[:16] if room.meeting_token else ""


def _blocked(scene: Scene) -> View | None:
	if scene.room.is_over:
		return None
	try:
		scene.require_startable()
	except PhiNotPermitted as error:
		return {"code": error.code, "message": answer(error)[1]}
	return None


def _fallback(scene: Scene) -> View | None:
	room = scene.room
	offered = room.fallback_active and not _is_turned_away(scene.me)
	if not room.fallback_url or room.is_over or not (offered or admission.is_host(scene.person)):
		return None
	return {"url": room.fallback_url, "active": room.fallback_active}


def _is_turned_away(person: Participant | None) -> bool:
	return person is not None and person.state in (ParticipantState.DECLINED, ParticipantState.REMOVED)


def _about(scene: Scene) -> View:
	"""Where, with whom and for whom the visit is. An appointment that is gone says nothing of it any more."""
	found = scene.appointment
	known = found if found and found.key == scene.room.appointment_key else None
	return {
		"clinic": known.company if known else "",
		"clinician": known.practitioner_name if known else "",
		"patient": known.patient_name if known and scene.person.role in KNOWS_PATIENT else "",
		"zone": scene.settings.zone,
	}


def _over(scene: Scene) -> View | None:
	room = scene.room
	why = endings.why(room, phase(room, scene.settings.policy, scene.now, host_present=scene.host_present))
	if why is None:
		return None
	return {"why": str(why), "by_me": why is endings.Why.HOST and room.ended_by == scene.person.user}


def _me(scene: Scene) -> View:
	me, person = scene.me, scene.person
	return {
		"role": str(person.role),
		"display_name": person.display_name,
		"participant": me.name if me else None,
		"state": str(me.state if me else ParticipantState.INVITED),
		"waiting_since": instant(me.waiting_since) if me else None,
		"attendee": bool(me and me.attendee_id),
	}


def _is_in(person: Participant | None) -> bool:
	return person is not None and person.state is ParticipantState.ADMITTED


def _sees(scene: Scene, other: Participant) -> bool:
	"""Somebody who is no longer part of the appointment is shown only while they are in the call."""
	if other.name in scene.strangers and not _is_present(scene, other):
		return False
	if admission.is_host(scene.person) or other.is_host:
		return True
	return _is_in(scene.me) and _is_in(other)


def _is_present(scene: Scene, other: Participant) -> bool:
	return bool(other.attendee_id) and is_present(other, scene.now)


def _person(scene: Scene, other: Participant) -> View:
	together = _is_in(scene.me) and _is_in(other)
	return {
		"participant": other.name,
		"role": str(other.role),
		"display_name": other.display_name,
		"state": str(other.state),
		"present": _is_present(scene, other),
		"seen": admission.is_host(scene.person) and has_page_open(other, scene.signs, scene.now),
		"lack": str(scene.lacks.get(other.name, "")),
		"waiting_since": instant(other.waiting_since),
		"pseudonym": other.pseudonym if together else "",
	}
