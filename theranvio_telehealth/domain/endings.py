"""Why a visit is over, so that each person can be told what is true for them."""

from __future__ import annotations

from theranvio_telehealth.domain.entities import Room
from theranvio_telehealth.domain.enums import Phase, RoomStatus, StrEnum
from theranvio_telehealth.domain.rooms import DELETED, NO_SHOW, VIDEO_OFF

NOT_THERE = f"Appointment {NO_SHOW}"


class Why(StrEnum):
	HOST = "host"  # a host ended it
	TIME = "time"  # it took place until its window closed
	NOT_HELD = "not_held"  # its window closed and it was never started
	CANCELLED = "cancelled"
	NO_SHOW = "no_show"
	VIDEO_OFF = "video_off"  # the appointment stands
	DELETED = "deleted"


#: By `Room.revoked_reason`; any other is a cancellation.
REVOKED = {DELETED: Why.DELETED, VIDEO_OFF: Why.VIDEO_OFF, NOT_THERE: Why.NO_SHOW}


def why(room: Room, phase: Phase) -> Why | None:
	"""None while the visit is not over."""
	match room.status:
		case RoomStatus.ENDED:
			return Why.HOST if room.ended_by else Why.TIME
		case RoomStatus.EXPIRED:
			return Why.NOT_HELD
		case RoomStatus.REVOKED:
			return REVOKED.get(room.revoked_reason, Why.CANCELLED)
	if phase is not Phase.CLOSED:
		return None
	return Why.TIME if room.status is RoomStatus.LIVE else Why.NOT_HELD
