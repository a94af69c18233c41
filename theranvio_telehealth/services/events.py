"""A provider's events, each recorded once: they decide how long a stay was. `api/events.py` has authenticated the sender."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any

from theranvio_telehealth.domain import meetings, provider_events, stays
from theranvio_telehealth.domain.entities import Join, Participant, Room, Span
from theranvio_telehealth.domain.enums import Adapter
from theranvio_telehealth.domain.errors import Malformed
from theranvio_telehealth.domain.provider_events import ProviderEvent
from theranvio_telehealth.providers import registry
from theranvio_telehealth.services import booking, usage
from theranvio_telehealth.services.ports import Ports


def receive(ports: Ports, adapter: Adapter, text: str | bytes, accounts: Collection[str]) -> None:
	"""Record the event in an envelope as the adapter's provider sends it. `accounts`: those at the provider whose events
	are believed here; an empty one stands for any. Raises `Malformed`."""
	event = registry.provider_class(adapter).read_event(_json(text), accounts)
	if event is not None:
		record_provider_event(ports, event)


def _json(text: str | bytes) -> Any:
	try:
		return json.loads(text)
	except (ValueError, RecursionError):
		raise Malformed from None


def record_provider_event(ports: Ports, event: ProviderEvent) -> None:
	"""Take the event in, in whatever order and however often it comes. Of a meeting or attendee that is not ours, nothing
	is stored; nor of an event that is still to happen, as stays are a function of all that is stored."""
	name = ports.store.room_of_meeting(event.meeting_id)
	if name is None:
		return
	if provider_events.is_from_the_future(event, ports.clock.now()):
		ports.log.failure("event from the future", name, Malformed())
		return
	with ports.store.transaction():
		room = ports.store.lock(name)
		concerned = [j for j in ports.store.joins(name) if _concerns(event, j)]
		if room is None or not concerned or not ports.store.add_event(event):
			return
		for join in concerned:
			_after_leaving(ports, room, join, event)
		ports.nudge.users(booking.audience(ports, room))


def _concerns(event: ProviderEvent, join: Join) -> bool:
	return event.meeting_id == join.meeting_id and event.attendee_id in ("", join.attendee_id)


def _after_leaving(ports: Ports, room: Room, join: Join, event: ProviderEvent) -> None:
	participant = next(p for p in ports.store.participants(room.name) if p.name == join.participant)
	if participant.attendee_id == join.attendee_id:
		join = _left(ports, room, join, participant, event)
	usage.update_ledger(ports, room, join.participant, join.provider)


def _left(ports: Ports, room: Room, join: Join, participant: Participant, event: ProviderEvent) -> Join:
	"""End an open stay where the provider saw its end, unless there was a sign of life since."""
	seen = participant.stay_seen_on
	if seen is None or event.happened_on < seen or _is_in(ports, join):
		return join
	stopped, stay = stays.stop_at(participant, min(event.happened_on, ports.clock.now()))
	if stay is None:
		return join
	usage.save_participant(ports, room, stopped, ports.clock.now())
	known = meetings.heard(join, Span(stay.started_on, stay.ended_on))
	ports.store.save_join(known)
	return known


def _is_in(ports: Ports, join: Join) -> bool:
	known = usage.evidence(join, ports.store.events({join.meeting_id}))
	return provider_events.presence(known.events, ports.clock.now()).open_since is not None
