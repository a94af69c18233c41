"""A room's meeting at its provider, and the credentials made for it: named, opened, remade, moved, closed, revoked, destroyed.

Only this module changes `meeting_id`, `meeting_token`, `meeting_details`, `former_meetings`, `revoked_attendees`,
`heartbeat_spans` and `credentials_revoked_on`."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from theranvio_telehealth.domain.entities import (
	FormerMeeting,
	Join,
	Participant,
	ProviderAccount,
	RevokedCredential,
	Room,
	Span,
)
from theranvio_telehealth.domain.provider_events import MEETING_LIFE


def name(room: Room, token: str) -> Room:
	"""The room with the name of the meeting that is to be opened for it; one that it has already stays."""
	return room if room.meeting_token else replace(room, meeting_token=token)


def opened(room: Room, token: str, meeting_id: str, details: str) -> Room:
	"""The room with the meeting that was opened under `token`, if that is the one it still wants."""
	if room.meeting_id or room.meeting_token != token:
		return room
	return replace(room, meeting_id=meeting_id, meeting_details=details)


def remade(room: Room, gone: str, token: str) -> Room:
	"""The meeting named `gone` no longer exists at the provider: the room with the name of the next one, unless another join
	has given it one."""
	if room.meeting_token != gone:
		return room
	return replace(room, meeting_id="", meeting_details="", meeting_token=token)


def moved(room: Room, account: ProviderAccount, token: str) -> Room:
	"""The room at another provider; its meeting is left behind, to be closed."""
	former = FormerMeeting(room.provider, room.media_region, room.meeting_id, room.meeting_token)
	return replace(
		room,
		provider=account.name,
		media_region=account.media_region,
		meeting_id="",
		meeting_token=token,
		meeting_details="",
		former_meetings=(*room.former_meetings, former),
	)


def at_former(room: Room, former: FormerMeeting) -> Room:
	"""The room as it was when this was its meeting."""
	return replace(
		room,
		provider=former.provider,
		media_region=former.media_region,
		meeting_id=former.meeting_id,
		meeting_token=former.meeting_token,
		meeting_details="",
	)


def closed(room: Room, meeting_id: str, token: str) -> Room:
	"""The room without that meeting, which is closed at the provider, if it is still the room's."""
	if (room.meeting_id, room.meeting_token) != (meeting_id, token):
		return room
	return replace(room, meeting_id="", meeting_token="", meeting_details="")


def former_closed(room: Room, former: FormerMeeting) -> Room:
	return replace(room, former_meetings=tuple(other for other in room.former_meetings if other != former))


def is_closing(room: Room) -> bool:
	"""The room is over, and its meeting is not closed yet."""
	return room.is_over and bool(room.meeting_token)


def is_long_over(room: Room, now: datetime) -> bool:
	"""No meeting of this room can be alive any more, whatever its provider says."""
	closed_on = room.ended_on or room.revoked_on
	return closed_on is not None and now - closed_on > MEETING_LIFE


def revoke(participant: Participant, given: str) -> Participant:
	"""`given`, an attendee's id or the pseudonym of one whose id is not known, is to be destroyed at the provider."""
	return replace(participant, revoked_attendees=(*participant.revoked_attendees, RevokedCredential(given)))


def destroyed(participant: Participant, given: Collection[str]) -> Participant:
	"""These are destroyed at the provider."""
	left = tuple(a for a in participant.revoked_attendees if a not in given)
	return replace(participant, revoked_attendees=left)


def left_behind(participant: Participant) -> Participant:
	"""The call has moved: closing its former meeting destroys whatever was revoked in it."""
	return replace(participant, revoked_attendees=())


def heard(join: Join, span: Span) -> Join:
	"""The join with one more stretch of heartbeats, once."""
	return (
		join if span in join.heartbeat_spans else replace(join, heartbeat_spans=(*join.heartbeat_spans, span))
	)


def ended(join: Join, now: datetime) -> Join:
	"""The join's credentials are destroyed for certain."""
	return join if join.credentials_revoked_on else replace(join, credentials_revoked_on=now)
