"""The room's state machine, and how a room follows its appointment."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from theranvio_telehealth.domain import errors
from theranvio_telehealth.domain.access_window import Window, last_call, window
from theranvio_telehealth.domain.entities import Appointment, Policy, Room
from theranvio_telehealth.domain.words import RoomStatus as Status
from theranvio_telehealth.domain.words import Word


class Act(Word):
	START = "start"
	END = "end"
	CLOSE = "close"
	REVOKE = "revoke"
	REINSTATE = "reinstate"


#: (from, act) → to. A window that closes ends a visit that took place and expires one that did not.
EDGES: dict[tuple[Status, Act], Status] = {
	(Status.SCHEDULED, Act.START): Status.LIVE,
	(Status.SCHEDULED, Act.END): Status.ENDED,
	(Status.LIVE, Act.END): Status.ENDED,
	(Status.SCHEDULED, Act.CLOSE): Status.EXPIRED,
	(Status.LIVE, Act.CLOSE): Status.ENDED,
	(Status.SCHEDULED, Act.REVOKE): Status.REVOKED,
	(Status.LIVE, Act.REVOKE): Status.REVOKED,
	(Status.LIVE, Act.REINSTATE): Status.SCHEDULED,
	(Status.ENDED, Act.REINSTATE): Status.SCHEDULED,
	(Status.EXPIRED, Act.REINSTATE): Status.SCHEDULED,
	(Status.REVOKED, Act.REINSTATE): Status.SCHEDULED,
}

#: The host's words for an appointment that will not take place. Its statuses are an open set: any other is alive.
CALLED_OFF = frozenset({"Cancelled", "No Show"})
CLOSED = "Closed"
NOT_BOOKABLE = CALLED_OFF | {CLOSED}


def _move(room: Room, act: Act) -> Room:
	try:
		return replace(room, status=EDGES[room.status, act])
	except KeyError:
		raise errors.WrongMove from None


def start(room: Room) -> Room:
	"""The host is in: the visit runs. Starting a running one changes nothing."""
	return room if room.status is Status.LIVE else _move(room, Act.START)


def end(room: Room, by: str, now: datetime) -> Room:
	"""End the visit for everybody. Ending an ended one changes nothing."""
	if room.status is Status.ENDED:
		return room
	return replace(_move(room, Act.END), ended_on=now, ended_by=by, fallback_active=False)


def close(room: Room, policy: Policy, now: datetime, *, host_present: bool) -> Room:
	"""The room once its window has closed; before that, and when it is over anyway, the same room."""
	if room.is_over or now < last_call(room, policy, host_present=host_present):
		return room
	return replace(_move(room, Act.CLOSE), ended_on=now, fallback_active=False)


def revoke(room: Room, by: str, reason: str, now: datetime) -> Room:
	"""Take all access away: the visit will not take place, or its appointment is gone."""
	if room.is_over:
		return room
	return replace(
		_move(room, Act.REVOKE),
		revoked_on=now,
		revoked_by=by,
		revoked_reason=reason,
		link_version=room.link_version + 1,
		fallback_active=False,
	)


def require_running(room: Room) -> None:
	if room.is_over:
		raise errors.VisitOver


@dataclass(frozen=True, slots=True)
class Step:
	"""What following the appointment comes to. `everybody_out`: participants go back outside."""

	room: Room
	everybody_out: bool = False


def follow(
	appointment: Appointment | None, room: Room, policy: Policy, now: datetime, by: str, *, occupied: bool
) -> Step:
	"""The room as its appointment, read just now, wants it.

	`occupied`: somebody is in the call. Closing an appointment ends a visit that took place and that nobody
	is in; it cuts none that is running and none that is still to come."""
	if appointment is None or appointment.key != room.appointment_key:
		return _revoked(room, by, "Appointment deleted", now)
	if not appointment.video:
		return _revoked(room, by, "Video switched off", now)
	if appointment.status in CALLED_OFF:
		return _revoked(room, by, f"Appointment {appointment.status}", now)
	if appointment.status == CLOSED and room.status is Status.LIVE and not occupied:
		return Step(end(room, by, now), everybody_out=True)
	return _kept(appointment, room, policy, now)


def _revoked(room: Room, by: str, reason: str, now: datetime) -> Step:
	revoked = revoke(room, by, reason, now)
	return Step(revoked, everybody_out=revoked is not room)


def _kept(appointment: Appointment, room: Room, policy: Policy, now: datetime) -> Step:
	times = window(appointment.starts_on, appointment.minutes, policy)
	moved = room.starts_on != times.starts_on or (appointment.minutes > 0 and room.ends_on != times.ends_on)
	other_people = (room.patient, room.practitioner) != (appointment.patient, appointment.practitioner)
	followed = replace(
		room,
		company=appointment.company,
		practitioner=appointment.practitioner,
		patient=appointment.patient,
		fallback_url=appointment.fallback_url,
		fallback_active=room.fallback_active and bool(appointment.fallback_url),
	)
	back = room.status is Status.REVOKED and appointment.status != CLOSED and now < times.closes_on
	if moved or back or (other_people and not room.is_over):
		return Step(_rescheduled(followed, times), everybody_out=True)
	return Step(followed)


def _rescheduled(room: Room, times: Window) -> Room:
	fresh = room if room.status is Status.SCHEDULED else _move(room, Act.REINSTATE)
	return replace(
		fresh,
		starts_on=times.starts_on,
		ends_on=times.ends_on,
		opens_on=times.opens_on,
		closes_on=times.closes_on,
		link_version=room.link_version + 1,
		locked=False,
		fallback_active=False,
		ended_on=None,
		ended_by="",
		revoked_on=None,
		revoked_by="",
		revoked_reason="",
	)


def is_bookable(appointment: Appointment, policy: Policy, now: datetime) -> bool:
	"""Whether the appointment wants a room: a video one that is alive and not over yet."""
	if not appointment.video or appointment.status in NOT_BOOKABLE:
		return False
	return now < window(appointment.starts_on, appointment.minutes, policy).closes_on


def booked(name: str, appointment: Appointment, provider: str, media_region: str, policy: Policy) -> Room:
	"""The new room of a video appointment."""
	times = window(appointment.starts_on, appointment.minutes, policy)
	return Room(
		name=name,
		appointment=appointment.name,
		appointment_key=appointment.key,
		company=appointment.company,
		practitioner=appointment.practitioner,
		patient=appointment.patient,
		status=Status.SCHEDULED,
		starts_on=times.starts_on,
		ends_on=times.ends_on,
		opens_on=times.opens_on,
		closes_on=times.closes_on,
		provider=provider,
		media_region=media_region,
		fallback_url=appointment.fallback_url,
	)
