"""Why a visit is over, so that each participant reads what is true for them."""

from __future__ import annotations

from theranvio_telehealth.domain.entities import Room
from theranvio_telehealth.domain.enums import Phase, RevokedReason, RoomStatus, StrEnum


class Why(StrEnum):
	HOST = "host"  # a host ended it
	TIME = "time"  # it took place until its window closed
	NOT_HELD = "not_held"  # its window closed and it was never started
	CANCELLED = "cancelled"
	NO_SHOW = "no_show"
	VIDEO_OFF = "video_off"  # the appointment stands
	DELETED = "deleted"


REVOKED = {
	None: Why.CANCELLED,
	RevokedReason.CANCELLED: Why.CANCELLED,
	RevokedReason.NO_SHOW: Why.NO_SHOW,
	RevokedReason.VIDEO_OFF: Why.VIDEO_OFF,
	RevokedReason.DELETED: Why.DELETED,
}


def why(room: Room, phase: Phase) -> Why | None:
	"""None while the visit is not over."""
	match room.status:
		case RoomStatus.ENDED:
			return Why.HOST if room.ended_by else Why.TIME
		case RoomStatus.EXPIRED:
			return Why.NOT_HELD
		case RoomStatus.REVOKED:
			return REVOKED[room.revoked_reason]
	if phase is not Phase.CLOSED:
		return None
	return Why.TIME if room.status is RoomStatus.LIVE else Why.NOT_HELD
