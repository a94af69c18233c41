"""What the demo's own lists show of appointments and visits. Values for templates; nothing is decided here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from theranvio_telehealth.domain.access_window import window
from theranvio_telehealth.domain.endings import Why
from theranvio_telehealth.domain.entities import Appointment, Participant, Room
from theranvio_telehealth.domain.enums import ParticipantState, Phase, RoomStatus
from theranvio_telehealth.domain.presence import is_away
from theranvio_telehealth.services.portal import Visit
from tools.demo.clock import local, local_day
from tools.demo.demo_app import DemoApp

OVER = {
	RoomStatus.ENDED: "Ended",
	RoomStatus.EXPIRED: "Did not take place",
	RoomStatus.REVOKED: "Cancelled",
}


OUTCOMES = {
	Why.HOST: "Ended",
	Why.TIME: "Ended",
	Why.NOT_HELD: "Did not take place",
	Why.NO_SHOW: "Did not take place",
	Why.CANCELLED: "Cancelled",
	Why.DELETED: "Cancelled",
	Why.VIDEO_OFF: "Not held by video",
}


@dataclass(frozen=True, slots=True)
class AppointmentCard:
	"""One appointment on the clinic's page. `visit` is the room that this person may open, or empty;
	`at` is `starts` as a form's field takes it."""

	name: str
	starts: str
	at: str
	minutes: int
	client: str
	clinician: str
	tone: str
	text: str
	waiting: tuple[str, ...]
	visit: str
	provider: str
	video: bool
	changeable: bool


@dataclass(frozen=True, slots=True)
class Line:
	"""One visit on a client's page."""

	day: str
	starts: str
	clinician: str
	patient: str
	tone: str
	text: str
	visit: str


def clock_time(instant: datetime) -> str:
	return local(instant).strftime("%-I:%M %p")


def field_time(instant: datetime) -> str:
	"""As a time field of a form takes it."""
	return local(instant).strftime("%H:%M")


def day_name(instant: datetime) -> str:
	return local(instant).strftime("%A, %-d %B")


def card(demo_app: DemoApp, appointment: Appointment, user: str) -> AppointmentCard:
	room_name = demo_app.store.shown(appointment.name)
	room = demo_app.store.room(room_name) if room_name else None
	tone, text = _standing(demo_app, appointment, room)
	mine = demo_app.directory.person(user, appointment) is not None
	waiting = _waiting(demo_app, room_name)
	return AppointmentCard(
		name=appointment.name,
		starts=clock_time(appointment.starts_on),
		at=field_time(appointment.starts_on),
		minutes=appointment.minutes,
		client=demo_app.directory.name_of(appointment.patient),
		clinician=demo_app.directory.name_of(appointment.practitioner),
		tone=tone,
		text=text,
		waiting=tuple(p.display_name for p in waiting),
		visit=room.name if room and mine and not room.is_over else "",
		provider=room.provider if room and not room.is_over else "",
		video=appointment.video,
		changeable=appointment.status != "Cancelled",
	)


def _waiting(demo_app: DemoApp, room: str) -> list[Participant]:
	"""Those whose page is open."""
	waiting = [p for p in demo_app.store.participants(room) if p.state is ParticipantState.WAITING]
	signs = demo_app.ports.presence.signs([p.name for p in waiting])
	return [p for p in waiting if not is_away(p, signs, demo_app.clock.now())]


def _standing(demo_app: DemoApp, appointment: Appointment, room: Room | None) -> tuple[str, str]:
	"""A tone for the eye and the same in words."""
	if appointment.status == "Cancelled":
		return "over", "Cancelled"
	if not appointment.video:
		return "plain", "In person"
	if room is None:
		return _roomless(demo_app, appointment)
	if room.is_over:
		return "over", OVER[room.status]
	if room.status is RoomStatus.LIVE:
		return "live", "Live"
	if demo_app.clock.now() < room.opens_on:
		return "soon", f"Video, opens {clock_time(room.opens_on)}"
	return "open", "Video, open"


def _roomless(demo_app: DemoApp, appointment: Appointment) -> tuple[str, str]:
	"""A visit whose time is over gets no room any more."""
	policy = demo_app.store.settings().policy
	closes_on = window(appointment.starts_on, appointment.minutes, policy).closes_on
	if closes_on <= demo_app.clock.now():
		return "over", "Its time is over, no video"
	return "plain", "Video is being prepared"


def notices(
	demo_app: DemoApp, what: str, appointment: Appointment, others: Sequence[Appointment]
) -> list[str]:
	"""What the clinic's page shows of what was just done to an appointment, and which `others` are at the same time."""
	done = f"{what}: {_named(demo_app, appointment)}, {appointment.minutes} minutes."
	return [done] + [f"Double booked: {_named(demo_app, other)} is at the same time." for other in others]


def _named(demo_app: DemoApp, appointment: Appointment) -> str:
	client, clinician = map(demo_app.directory.name_of, (appointment.patient, appointment.practitioner))
	return f"{client} with {clinician} at {clock_time(appointment.starts_on)}"


def line(demo_app: DemoApp, visit: Visit) -> Line:
	tone, text = _outlook(visit)
	is_today = local_day(visit.starts_on) == demo_app.clock.today()
	return Line(
		day="Today" if is_today else day_name(visit.starts_on),
		starts=clock_time(visit.starts_on),
		clinician=demo_app.directory.name_of(visit.practitioner),
		patient=demo_app.directory.name_of(visit.patient),
		tone=tone,
		text=text,
		visit="" if visit.phase in (None, Phase.CLOSED) else visit.room,
	)


def _outlook(visit: Visit) -> tuple[str, str]:
	if visit.phase is Phase.OPEN:
		return "open", "Open now"
	if visit.phase is Phase.EARLY:
		return "soon", f"Opens at {clock_time(visit.opens_on)}"
	return "over", OUTCOMES[visit.why] if visit.why else "Over"
