"""A client's visits, for the portal's list."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from theranvio_telehealth.domain.access_window import phase
from theranvio_telehealth.domain.admission import host_is_present
from theranvio_telehealth.domain.due import LISTED
from theranvio_telehealth.domain.endings import Why, why
from theranvio_telehealth.domain.entities import Caller, Room
from theranvio_telehealth.domain.enums import Phase, RoomStatus
from theranvio_telehealth.services.ports import Ports


@dataclass(frozen=True, slots=True)
class Visit:
	"""One line of the list. `phase` is None for a visit that is over."""

	room: str
	status: RoomStatus
	practitioner: str
	patient: str  # a portal user may be that of several
	starts_on: datetime
	opens_on: datetime
	phase: Phase | None
	why: Why | None = None  # it is over


def _is_hosted(ports: Ports, room: Room, now: datetime) -> bool:
	"""Whether a host keeps it open; asked of the few whose window closes right now."""
	if room.status is not RoomStatus.LIVE or now < room.closes_on:
		return False
	return host_is_present(ports.store.participants(room.name), now)


def visits(ports: Ports, caller: Caller) -> tuple[list[Visit], list[Visit]]:
	"""Upcoming visits, soonest first, and past ones, latest first. A guest has no list."""
	if not caller.user:
		return [], []
	policy, now = ports.store.settings().policy, ports.clock.now()

	def line(room: Room) -> Visit:
		where = phase(room, policy, now, host_present=_is_hosted(ports, room, now))
		return Visit(
			room=room.name,
			status=room.status,
			practitioner=room.practitioner,
			patient=room.patient,
			starts_on=room.starts_on,
			opens_on=room.opens_on,
			phase=None if room.is_over else where,
			why=why(room, where),
		)

	lines = [line(room) for room in ports.store.rooms_for(caller.user, now - LISTED)]
	upcoming = [v for v in lines if v.phase in (Phase.EARLY, Phase.OPEN)]
	past = [v for v in lines if v not in upcoming]
	return upcoming, past[::-1]
