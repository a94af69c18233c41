"""Destroys at the provider what a room no longer entitles anybody to. Idempotent; the sweep repeats what failed."""

from __future__ import annotations

from dataclasses import replace

from theranvio_telehealth.domain.entities import Participant, Room
from theranvio_telehealth.providers.base import MediaProvider, Meeting, ProviderError
from theranvio_telehealth.services.ports import Ports


def release(ports: Ports, room: str) -> None:
	"""Remove revoked attendees, and close the meeting of a room that is over. A provider's failure is recorded."""
	found = ports.store.room(room)
	if found is None:
		return
	waiting = [p for p in ports.store.participants(room) if p.revoked_attendees]
	closing = found.is_over and bool(found.meeting_id)
	if not waiting and not closing:
		return
	try:
		_at_provider(ports, found, waiting)
	except ProviderError as error:
		ports.log.failure("release", room, error)
		return
	_forget(ports, found, {a for p in waiting for a in p.revoked_attendees})


def meeting_of(room: Room) -> Meeting:
	return Meeting(room.meeting_id, room.media_region, room.fallback_url, room.meeting_details)


def _at_provider(ports: Ports, room: Room, waiting: list[Participant]) -> None:
	account = ports.store.provider(room.provider)
	if account is None:
		return
	media: MediaProvider = ports.media(account)
	for attendee in (a for p in waiting for a in p.revoked_attendees):
		ports.mailbox.drop(attendee)
		media.remove_attendee(meeting_of(room), attendee)
	if room.is_over and room.meeting_id:
		media.close_meeting(meeting_of(room))


def _forget(ports: Ports, released: Room, attendees: set[str]) -> None:
	with ports.store.transaction():
		room = ports.store.lock(released.name)
		if room is None:
			return
		for person in ports.store.participants(room.name):
			left = tuple(a for a in person.revoked_attendees if a not in attendees)
			if left != person.revoked_attendees:
				ports.store.save_participant(replace(person, revoked_attendees=left))
		if released.is_over and room.meeting_id == released.meeting_id and room.meeting_id:
			ports.store.save_room(replace(room, meeting_id="", meeting_token="", meeting_details=""))
