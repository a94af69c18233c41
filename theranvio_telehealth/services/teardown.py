"""Destroys at the provider what a room no longer entitles anybody to. Idempotent; the sweep repeats what failed."""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import partial

from theranvio_telehealth.domain import meetings
from theranvio_telehealth.domain.entities import FormerMeeting, Join, Room
from theranvio_telehealth.providers.base import (
	MediaProvider,
	Meeting,
	MeetingRequest,
	ProviderError,
	Rejected,
	Unavailable,
)
from theranvio_telehealth.services import usage
from theranvio_telehealth.services.ports import Ports


def tear_down(ports: Ports, room: str, failing: set[str] | None = None) -> None:
	"""Close what the room has left behind or is done with, and remove revoked attendees.

	A provider's failure is recorded, and holds up nothing that another provider has to do. `failing`: providers that
	did not answer just now, which are not asked again; grows by those that do not answer now."""
	down = set() if failing is None else failing
	for step in (_remove_attendees, _close_meeting, _close_former):
		found = ports.store.room(room)
		if found:
			step(ports, found, down)


def meeting_of(room: Room) -> Meeting:
	return Meeting(room.meeting_id, room.media_region, room.fallback_url, room.meeting_details)


def request_of(room: Room, max_people: int) -> MeetingRequest:
	return MeetingRequest(room.meeting_token, room.media_region, max_people, room.fallback_url)


def _remove_attendees(ports: Ports, room: Room, failing: set[str]) -> None:
	"""One by one while the meeting goes on; closing a meeting destroys them all at once."""
	revoked = _revoked(ports, room)
	for attendee in revoked:
		ports.mailbox.drop(attendee)
	if not revoked or meetings.is_closing(room):
		return

	def remove(media: MediaProvider) -> None:
		if not room.meeting_token:
			return
		meeting = _opened(media, room)
		for attendee in sorted(revoked):
			media.remove_attendee(meeting, attendee)

	if not _done(ports, room, room.provider, failing, remove):
		return
	with ports.store.transaction():
		if ports.store.lock(room.name):
			end_joins(ports, room.name, lambda join: join.attendee_id in revoked)
			_drop(ports, room.name, revoked)


def _close_meeting(ports: Ports, room: Room, failing: set[str]) -> None:
	if not meetings.is_closing(room):
		return
	revoked = _revoked(ports, room)
	if not _done(ports, room, room.provider, failing, lambda media: _close(media, room)):
		return
	with ports.store.transaction():
		now = ports.store.lock(room.name)
		if now and (closed := meetings.closed(now, room.meeting_id, room.meeting_token)) != now:
			ports.store.save_room(closed)
		end_joins(
			ports, room.name, lambda join: join.meeting_id == room.meeting_id or join.attendee_id in revoked
		)
		_drop(ports, room.name, revoked)


def _close_former(ports: Ports, room: Room, failing: set[str]) -> None:
	"""Meetings at providers that the call was moved away from."""
	for former in room.former_meetings:
		if _done(
			ports, room, former.provider, failing, partial(_close, room=meetings.at_former(room, former))
		):
			_forget_former(ports, room.name, former)


def _forget_former(ports: Ports, room: str, former: FormerMeeting) -> None:
	with ports.store.transaction():
		now = ports.store.lock(room)
		if now:
			ports.store.save_room(meetings.former_closed(now, former))
			end_joins(ports, room, lambda join: join.meeting_id == former.meeting_id)


def _done(
	ports: Ports, room: Room, provider: str, failing: set[str], act: Callable[[MediaProvider], None]
) -> bool:
	"""Whether it is done at the provider. One that is no longer there can do nothing; where no meeting can be alive any
	more, nothing is left to do."""
	account = ports.store.provider(provider)
	if account is None:
		return True
	if provider in failing:
		return False
	try:
		act(ports.media(account))
	except ProviderError as error:
		ports.log.failure("teardown", room.name, error)
		if isinstance(error, Unavailable):
			failing.add(provider)
		return isinstance(error, Rejected) and meetings.is_long_over(room, ports.clock.now())
	return True


def _revoked(ports: Ports, room: Room) -> set[str]:
	return {a for p in ports.store.participants(room.name) for a in p.revoked_attendees}


def _close(media: MediaProvider, room: Room) -> None:
	media.close_meeting(_opened(media, room))


def _opened(media: MediaProvider, room: Room) -> Meeting:
	"""The room's meeting. Where the answer of the call that made it was lost, its token finds it."""
	if room.meeting_id:
		return meeting_of(room)
	return media.open_meeting(request_of(room, media.capabilities.max_people))


def _drop(ports: Ports, room: str, attendees: Collection[str]) -> None:
	for participant in ports.store.participants(room):
		if (left := meetings.destroyed(participant, attendees)) != participant:
			ports.store.save_participant(left)


def end_joins(ports: Ports, name: str, ended: Callable[[Join], bool]) -> None:
	"""These joins' credentials are destroyed for certain: what their stays came to can be settled."""
	room, now = ports.store.room(name), ports.clock.now()
	done = [j for j in ports.store.joins(name) if j.credentials_revoked_on is None and ended(j)]
	for join in done:
		ports.store.save_join(meetings.ended(join, now))
	for participant, provider in {(j.participant, j.provider) for j in done}:
		if room:
			usage.update_ledger(ports, room, participant, provider)
