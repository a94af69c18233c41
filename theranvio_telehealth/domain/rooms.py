"""The room's state machine, and how a room follows its appointment."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from theranvio_telehealth.domain import errors
from theranvio_telehealth.domain.access_window import Window, latest_close, window
from theranvio_telehealth.domain.entities import Appointment, FormerVisit, Policy, ProviderAccount, Room
from theranvio_telehealth.domain.enums import RevokedReason, StrEnum
from theranvio_telehealth.domain.enums import RoomStatus as Status
from theranvio_telehealth.domain.extension import closing, extended_until_open, latest


class Act(StrEnum):
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

#: Statuses of an appointment that will not take place. They are an open set: any other is alive.
CALLED_OFF = frozenset({RevokedReason.CANCELLED.value, RevokedReason.NO_SHOW.value})
#: Written by the platform when an encounter, a therapy session or a procedure is saved: it is no decision about the visit.
CLOSED = "Closed"


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
	"""The room once its window has closed; before that, and when it is over anyway, the same room.

	A host who is in the call at that moment gets more time, as if they had asked for it: so that their being
	away for a moment afterwards closes nothing."""
	if room.is_over or now < room.closes_on:
		return room
	if host_present and (longer := extended_until_open(room, policy, now)) is not room:
		return longer
	return replace(_move(room, Act.CLOSE), ended_on=now, fallback_active=False)


def revoke(room: Room, by: str, reason: RevokedReason, now: datetime) -> Room:
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
	"""What following the appointment comes to. `reset_participants`: participants go back outside."""

	room: Room
	reset_participants: bool = False


def reconcile(appointment: Appointment | None, room: Room, policy: Policy, now: datetime, by: str) -> Step:
	"""The room as its appointment, read just now, wants it. `by`: who changed the appointment; empty: not known."""
	if appointment is None or appointment.key != room.appointment_key:
		return _revoked(room, by, RevokedReason.DELETED, now)
	if not appointment.video:
		return _revoked(room, by, RevokedReason.VIDEO_OFF, now)
	if is_called_off(appointment, now):
		return _revoked(room, by, RevokedReason(appointment.status), now)
	return _follow_times(appointment, room, policy, now, by)


def is_called_off(appointment: Appointment, now: datetime) -> bool:
	"""Whether a person has called it off. From the clinic's midnight on the platform writes `No Show` by itself, over
	visits that are still running too: then the window decides."""
	if appointment.status == RevokedReason.NO_SHOW:
		return appointment.day_ends_on is None or now < appointment.day_ends_on
	return appointment.status == RevokedReason.CANCELLED


def _revoked(room: Room, by: str, reason: RevokedReason, now: datetime) -> Step:
	revoked = revoke(room, by, reason, now)
	return Step(revoked, reset_participants=revoked is not room)


def _follow_times(appointment: Appointment, room: Room, policy: Policy, now: datetime, by: str) -> Step:
	times = window(appointment.starts_on, appointment.minutes, policy)
	is_moved = room.starts_on != times.starts_on or (
		appointment.minutes > 0 and room.ends_on != times.ends_on
	)
	followed = _described(appointment, room)
	if room.is_over:
		return _over(appointment, followed, times, now, is_moved=is_moved)
	if not is_moved:
		return Step(followed)
	if _goes_on(room, times, policy, now):
		return Step(_at(followed, times, closes_on=closing(room, times, policy)))
	return _moved_away(followed, times, now, by)


def _described(appointment: Appointment, room: Room) -> Room:
	"""With the appointment's people and link. Links are a patient's: they die with a change of patient, and only then."""
	is_anothers = room.patient != appointment.patient and not room.is_over
	paid_by = (room.company, room.practitioner)
	is_paid_alike = room.is_over or paid_by == (appointment.company, appointment.practitioner)
	return replace(
		room if is_paid_alike else _within_limit(room),
		company=appointment.company,
		practitioner=appointment.practitioner,
		patient=appointment.patient,
		fallback_url=appointment.fallback_url,
		fallback_active=room.fallback_active and bool(appointment.fallback_url),
		link_version=room.link_version + is_anothers,
	)


def _within_limit(room: Room) -> Room:
	"""Only the visit that an administrator let in over the limit is: not another one, and none that others pay for."""
	return replace(room, over_limit_by="", over_limit_reason="")


def _goes_on(room: Room, times: Window, policy: Policy, now: datetime) -> bool:
	"""A participant inside both windows, extensions included, stays where they are; `close` decides when it closes. Before
	a visit that only gets longer or shorter the room is empty."""
	has_opened = now >= times.opens_on or room.starts_on == times.starts_on
	return has_opened and now < min(latest_close(room, policy), latest(times, policy))


def _moved_away(room: Room, times: Window, now: datetime, by: str) -> Step:
	"""To another time: the visit is still to come. One that took place, and is now dated earlier, is over."""
	if room.status is Status.LIVE and now >= times.closes_on:
		ended = replace(_move(_at(room, times), Act.CLOSE), ended_on=now, fallback_active=False)
		return Step(ended, reset_participants=True)
	return Step(_rescheduled(room, times, now, by), reset_participants=True)


def _over(appointment: Appointment, room: Room, times: Window, now: datetime, *, is_moved: bool) -> Step:
	"""A room that is over comes back where its appointment is still to take place; else it stays as it ended."""
	if _comes_back(appointment, room, times, now, is_moved=is_moved):
		return Step(_rescheduled(room, times, now, room.ended_by), reset_participants=True)
	return Step(_at(room, times) if is_moved else room)


def _comes_back(
	appointment: Appointment, room: Room, times: Window, now: datetime, *, is_moved: bool
) -> bool:
	if room.status is Status.ENDED:
		return is_moved and now < times.starts_on
	if now >= times.closes_on:
		return False
	if room.status is Status.EXPIRED:
		return is_moved
	return room.revoked_reason is RevokedReason.VIDEO_OFF or appointment.status not in CALLED_OFF | {CLOSED}


def _at(room: Room, times: Window, closes_on: datetime | None = None) -> Room:
	return replace(
		room,
		starts_on=times.starts_on,
		ends_on=times.ends_on,
		opens_on=times.opens_on,
		closes_on=closes_on or times.closes_on,
	)


def _rescheduled(room: Room, times: Window, now: datetime, by: str) -> Room:
	"""Still to come, under new links. A visit that took place before stays on record."""
	fresh = room if room.status is Status.SCHEDULED else _move(room, Act.REINSTATE)
	former = room.former_visits
	if room.status in (Status.LIVE, Status.ENDED):
		former = (*former, FormerVisit(room.starts_on, room.ended_on or now, by))
	return replace(
		_within_limit(_at(fresh, times)),
		extended_minutes=0,
		link_version=room.link_version + 1,
		locked=False,
		fallback_active=False,
		ended_on=None,
		ended_by="",
		revoked_on=None,
		revoked_by="",
		revoked_reason=None,
		former_visits=former,
	)


def provided(room: Room, account: ProviderAccount | None, default: ProviderAccount | None) -> Room:
	"""The room with the clinic's default provider where it has none of its own that may be used: booked before there was
	one, or at one that is switched off since. `account`: its own. A room with a meeting keeps what it has."""
	is_served = account is not None and account.enabled
	if room.is_over or room.meeting_token or is_served or default is None or not default.enabled:
		return room
	return replace(room, provider=default.name, media_region=default.media_region)


def is_bookable(appointment: Appointment, policy: Policy, now: datetime) -> bool:
	"""Whether the appointment wants a room: a video one that is not called off and not over yet."""
	if not appointment.video or is_called_off(appointment, now):
		return False
	return now < window(appointment.starts_on, appointment.minutes, policy).closes_on


def new_room(name: str, appointment: Appointment, provider: str, media_region: str, policy: Policy) -> Room:
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
