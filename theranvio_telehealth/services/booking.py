"""A room for every video appointment: made, moved and revoked as the appointment is. Never calls a provider."""

from __future__ import annotations

from dataclasses import replace

from theranvio_telehealth.domain import admission, rooms
from theranvio_telehealth.domain.entities import Appointment, Participant, Room
from theranvio_telehealth.domain.enums import ParticipantState, RoomStatus
from theranvio_telehealth.services import usage
from theranvio_telehealth.services.ports import Ports


def sync_rooms(ports: Ports, appointment: str, by: str) -> str:
	"""Make the appointment's rooms what the appointment, read now, wants them to be; safe to repeat. Return the room that the
	appointment shows, or nothing.

	`by`: who has just changed it. Empty where a change is only found: its author is not known."""
	return _sync(ports, appointment, ports.store.appointment(appointment), by)


def revoke_rooms(ports: Ports, appointment: str, by: str) -> None:
	"""The appointment is being deleted: revoke whatever rooms it has."""
	_sync(ports, appointment, None, by)


def _sync(ports: Ports, name: str, appointment: Appointment | None, by: str) -> str:
	with ports.store.transaction():
		stored = ports.store.rooms_of(name)
		synced = [_sync_room(ports, appointment, room, by) for room in stored]
		if appointment is None:
			return ""
		current = next((r for r in synced if r.appointment_key == appointment.key), None)
		if current:
			remove_unauthorised(ports, appointment, current)
		elif rooms.is_bookable(appointment, ports.store.settings().policy, ports.clock.now()):
			current = _add_room(ports, appointment)
	return _show_on_appointment(ports, appointment, current)


def _add_room(ports: Ports, appointment: Appointment) -> Room:
	settings = ports.store.settings()
	account = ports.store.provider(settings.default_provider) if settings.default_provider else None
	room = rooms.new_room(
		ports.new_token(),
		appointment,
		account.name if account else "",
		account.media_region if account else "",
		settings.policy,
	)
	ports.store.add_room(room)
	return room


def _show_on_appointment(ports: Ports, appointment: Appointment, room: Room | None) -> str:
	shown = room.name if room and appointment.video else ""
	linked = room is not None and room.status is not RoomStatus.REVOKED
	with ports.store.transaction():
		ports.store.show_on_appointment(appointment.name, shown, linked=linked)
	return shown


def _sync_room(ports: Ports, appointment: Appointment | None, room: Room, by: str) -> Room:
	"""Decide unlocked whether anything is to be done; where it is, decide again under the lock."""
	if _step(ports, appointment, room, by) == rooms.Step(room):
		return room
	locked = ports.store.lock(room.name) or room
	step = _step(ports, appointment, locked, by)
	if step.reset_participants:
		remove_all(ports, locked, over=step.room.is_over)
	if step.room != locked:
		usage.save_room(ports, step.room, ports.clock.now())
	ports.nudge.users(audience(ports, step.room))
	ports.background.tear_down(step.room.name)
	return step.room


def _step(ports: Ports, appointment: Appointment | None, room: Room, by: str) -> rooms.Step:
	policy = ports.store.settings().policy
	step = rooms.reconcile(appointment, room, policy, ports.clock.now(), by)
	return replace(step, room=served(ports, step.room))


def served(ports: Ports, room: Room) -> Room:
	"""The room at the clinic's default provider, where it still waits for one."""
	if room.is_over or room.meeting_token:
		return room
	own = ports.store.provider(room.provider) if room.provider else None
	if own and own.enabled:
		return room
	default = ports.store.settings().default_provider
	return rooms.provided(room, own, ports.store.provider(default) if default else None)


def remove_all(ports: Ports, room: Room, *, over: bool) -> None:
	"""Everybody outside, their stays ended now: for good, or to come again. Call it under the room's lock."""
	now = ports.clock.now()
	for participant in ports.store.participants(room.name):
		outside = admission.outside(usage.end_stay(ports, room, participant, now), now, over=over)
		if outside != participant:
			usage.save_participant(ports, room, outside, now)


def remove_unauthorised(ports: Ports, appointment: Appointment, room: Room) -> None:
	"""Reset participants who wait or are admitted and are no longer part of the appointment, or not in that role."""
	if not any(_is_unauthorised_inside(ports, appointment, p) for p in ports.store.participants(room.name)):
		return
	ports.store.lock(room.name)
	now = ports.clock.now()
	for participant in ports.store.participants(room.name):
		if _is_unauthorised_inside(ports, appointment, participant):
			outside = admission.reset(usage.end_stay(ports, room, participant, now))
			usage.save_participant(ports, room, outside, now)
	ports.nudge.users(audience(ports, room))
	ports.background.tear_down(room.name)


def _is_unauthorised_inside(ports: Ports, appointment: Appointment, participant: Participant) -> bool:
	inside = participant.state in (ParticipantState.WAITING, ParticipantState.ADMITTED)
	return inside and is_unauthorised(ports, appointment, participant)


def is_unauthorised(ports: Ports, appointment: Appointment, participant: Participant) -> bool:
	"""Not part of the appointment, or not in the role in which they came. A guest's part lasts as long as the invitation."""
	if not participant.user:
		return not participant.link_hash
	person = ports.directory.person(participant.user, appointment)
	return person is None or person.role is not participant.role


def audience(ports: Ports, room: Room) -> set[str]:
	"""Everybody whose page may show this room."""
	return {p.user for p in ports.store.participants(room.name) if p.user}
