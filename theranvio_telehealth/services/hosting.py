"""What a host does: admit, decline, send back, remove, lock, extend, offer the fallback, end. Every act locks, decides,
saves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from theranvio_telehealth.domain import admission, allowance, extension, rooms
from theranvio_telehealth.domain.entities import Participant, Room
from theranvio_telehealth.domain.enums import ParticipantState
from theranvio_telehealth.domain.errors import Malformed, NoFallback, WrongMove
from theranvio_telehealth.services import booking
from theranvio_telehealth.services import metering as meter
from theranvio_telehealth.services.ports import Ports
from theranvio_telehealth.services.scene import Scene, arrive, locked, look
from theranvio_telehealth.services.view import View, view


def queue(ports: Ports, user: str, room: str) -> View:
	"""How things stand, for hosts only."""
	scene = look(ports, user, room)
	admission.require_host(scene.person)
	return view(scene)


def admit(ports: Ports, user: str, room: str, participant: str) -> View:
	"""Let somebody in. Raises `AllowanceExhausted` for a first admission that nothing pays for."""

	def act(scene: Scene, person: Participant) -> Participant:
		allowance.require_minutes(ports.store.allowance(scene.room), person)
		return admission.admit(person, user, scene.now)

	return _on_person(ports, user, room, participant, act)


def decline(ports: Ports, user: str, room: str, participant: str) -> View:
	return _on_person(ports, user, room, participant, lambda scene, p: admission.decline(p, scene.now))


def send_back(ports: Ports, user: str, room: str, participant: str) -> View:
	"""Back to waiting; whatever credentials there were are worthless from now on."""
	return _on_person(ports, user, room, participant, lambda scene, p: admission.send_back(p, scene.now))


def remove(ports: Ports, user: str, room: str, participant: str) -> View:
	return _on_person(ports, user, room, participant, lambda scene, p: admission.remove(p, scene.now))


def lock(ports: Ports, user: str, room: str, locked: bool) -> View:
	"""Nobody new may join the queue while a room is locked."""
	return _on_room(ports, user, room, lambda scene: replace(scene.room, locked=locked))


def use_fallback(ports: Ports, user: str, room: str, active: bool) -> View:
	"""Show the clients the fallback link, or hide it again."""

	def act(scene: Scene) -> Room:
		if active and not scene.room.fallback_url:
			raise NoFallback
		return replace(scene.room, fallback_active=active)

	return _on_room(ports, user, room, act)


def extend(ports: Ports, user: str, room: str, closes_on: str) -> View:
	"""15 minutes more, up to the policy's maximum. `closes_on` as the caller was shown it: what was extended since, by the
	same press or another host's, is not extended again. Raises `ExtensionExhausted`, `Malformed`."""
	shown = _instant(closes_on)

	def act(scene: Scene) -> Room:
		scene.require_enterable()
		is_current = shown == scene.room.closes_on
		return extension.extend(scene.room, scene.settings.policy) if is_current else scene.room

	return _on_room(ports, user, room, act)


def _instant(text: str) -> datetime:
	try:
		instant = datetime.fromisoformat(text.replace("Z", "+00:00"))
	except ValueError:
		raise Malformed from None
	if instant.tzinfo is None:
		raise Malformed
	return instant


def end(ports: Ports, user: str, room: str) -> View:
	"""End the visit for everybody."""
	scene = arrive(ports, user, room)
	admission.require_host(scene.person)
	with locked(ports, scene) as now:
		ended = rooms.end(now.room, user, now.now)
		if ended != now.room:
			booking.put_out(ports, now.room, over=True)
			_save_room(ports, now, ended)
		ports.background.tear_down(room)
	booking.show(ports, ended)
	return view(look(ports, user, room))


def _on_room(ports: Ports, user: str, room: str, act: Callable[[Scene], Room]) -> View:
	scene = arrive(ports, user, room)
	admission.require_host(scene.person)
	with locked(ports, scene) as now:
		rooms.require_running(now.room)
		_save_room(ports, now, act(now))
	return view(look(ports, user, room))


def _save_room(ports: Ports, scene: Scene, room: Room) -> None:
	if room != scene.room:
		ports.store.save_room(room)
	ports.nudge.users(booking.audience(ports, room))


def _on_person(
	ports: Ports,
	user: str,
	room: str,
	participant: str,
	act: Callable[[Scene, Participant], Participant],
) -> View:
	scene = arrive(ports, user, room)
	admission.require_host(scene.person)
	with locked(ports, scene) as now:
		now.require_enterable()
		before = now.participant(participant)
		_require_part(ports, now, before)
		after = act(now, before)
		if after != before:
			_save_person(ports, now, before, after)
			ports.background.tear_down(room)
	return view(look(ports, user, room))


def _require_part(ports: Ports, scene: Scene, person: Participant) -> None:
	"""Of somebody who is no longer part of the appointment, the most that can be done is to take them out of the call."""
	if scene.appointment is None or person.state is ParticipantState.ADMITTED:
		return
	if booking.is_stranger(ports, scene.appointment, person):
		raise WrongMove


def _save_person(ports: Ports, scene: Scene, before: Participant, after: Participant) -> None:
	if not after.attendee_id:
		ended = meter.end_stay(ports, scene.room, before, scene.now)
		after = replace(after, stay_started_on=ended.stay_started_on, stay_seen_on=ended.stay_seen_on)
	ports.store.save_participant(after)
	ports.nudge.users(booking.audience(ports, scene.room))
