"""Holds for people in a visit; ended stays, and what providers saw of them, as Usage Entries. What a stay is and costs, and
what is held, is decided in `domain`."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from theranvio_telehealth.domain import allowance as rules
from theranvio_telehealth.domain import ledger, meetings, provider_events, stays
from theranvio_telehealth.domain.entities import (
	Allowance,
	Join,
	Participant,
	Price,
	Room,
	Span,
	Stay,
)
from theranvio_telehealth.domain.enums import ParticipantState, StaySource
from theranvio_telehealth.domain.provider_events import Evidence, Kind, ProviderEvent
from theranvio_telehealth.domain.sentences import _
from theranvio_telehealth.services.ports import Accounts, Ports

REACHED = _(
	"A telehealth usage allowance has reached one of its warning percentages. Open it to see how much is left."
)


def require_minutes(ports: Ports, room: Room, participant: Participant, now: datetime) -> None:
	"""Raises `AllowanceExhausted`. Call it under the room's lock."""
	allowances = ports.store.allowances(room)
	rules.require_minutes(allowances, participant, room, price(ports.store, room.provider), now)


def save_participant(ports: Ports, room: Room, participant: Participant, now: datetime) -> Participant:
	"""Save the participant with the hold of their state, and change the allowances' balances by what the hold changes; return them
	as saved. Call it under the room's lock, with the hold as it is stored."""
	is_in = participant.state is ParticipantState.ADMITTED
	names = [allowance.name for allowance in ports.store.allowances(room)] if is_in else []
	held = rules.with_hold(participant, room, names, now)
	if held.held_allowances == participant.held_allowances:
		changes = [(held.held_seconds - participant.held_seconds, held.held_allowances)]
	else:
		changes = [
			(-participant.held_seconds, participant.held_allowances),
			(held.held_seconds, held.held_allowances),
		]
	for seconds, allowances in changes:
		if seconds and allowances:
			ports.store.hold(seconds, allowances)
	ports.store.save_participant(held)
	return held


def save_room(ports: Ports, room: Room, now: datetime) -> None:
	"""Save the room, and hold what everybody in it needs by its times. Call it under the room's lock."""
	ports.store.save_room(room)
	renew_holds(ports, room, now)


def renew_holds(ports: Ports, room: Room, now: datetime) -> None:
	"""Hold what everybody in the room needs now. Call it under the room's lock."""
	for participant in ports.store.participants(room.name):
		if participant.state is ParticipantState.ADMITTED:
			save_participant(ports, room, participant, now)


def end_stay(ports: Ports, room: Room, participant: Participant, now: datetime) -> Participant:
	"""The participant with no stay open; the one that was is booked. Call it under the room's lock."""
	stopped, stay = stays.stop(participant, now)
	record_stay(ports, room, stay)
	return stopped


def end_own_stay(ports: Ports, room: Room, participant: Participant, now: datetime) -> Participant:
	"""The same where the participant leaves."""
	stopped, stay = stays.leave(participant, now)
	record_stay(ports, room, stay)
	return stopped


def record_stay(ports: Ports, room: Room, stay: Stay | None) -> None:
	"""Put the stay down as heard of, and settle; a stay of no length leaves nothing."""
	if stay is None or stay.seconds == 0:
		return
	joins = ports.store.joins(room.name)
	join = next((j for j in joins if j.attendee_id == stay.attendee_id), None)
	if join is None:
		join = Join(stay.attendee_id, room.name, stay.participant, room.provider, room.meeting_id)
	if (heard := meetings.heard(join, Span(stay.started_on, stay.ended_on))) != join:
		ports.store.save_join(heard)
	update_ledger(ports, room, stay.participant, join.provider)


def update_ledger(ports: Ports, room: Room, participant: str, provider: str) -> None:
	"""Bring the participant's ledger up to what is known of their joins. Call it under the room's lock."""
	joins = [
		j for j in ports.store.joins(room.name) if (j.participant, j.provider) == (participant, provider)
	]
	events = ports.store.events({j.meeting_id for j in joins if j.meeting_id})
	known = provider_events.stays([evidence(j, events) for j in joins], ports.clock.now())
	entries = [e for e in ports.store.entries(room.name) if e.participant == participant]
	allowances, rate = ports.store.allowances(room), price(ports.store, provider)
	source = _source(joins, events)
	new = ledger.corrected(room.name, participant, provider, entries, known, allowances, rate, source)
	if [entry for entry in new if ports.store.book(entry)]:
		warn(ports, ports.store.allowances(room))


def price(store: Accounts, provider: str) -> Price:
	"""What the provider takes; nothing where there is none."""
	account = store.provider(provider) if provider else None
	return account.price if account else Price()


def evidence(join: Join, events: Iterable[ProviderEvent]) -> Evidence:
	"""What is known of one join."""
	theirs = (
		e for e in events if e.meeting_id == join.meeting_id and e.attendee_id in ("", join.attendee_id)
	)
	return Evidence(frozenset(theirs), join.heartbeat_spans, join.credentials_revoked_on)


def _source(joins: Iterable[Join], events: Iterable[ProviderEvent]) -> StaySource:
	seen = {e.attendee_id for e in events if e.kind is Kind.JOINED}
	is_seen = any(j.attendee_id in seen for j in joins)
	return StaySource.PROVIDER_EVENT if is_seen else StaySource.HEARTBEAT


def warn(ports: Ports, allowances: Iterable[Allowance]) -> None:
	"""Tell of each warning percentage that an allowance has reached, once."""
	for allowance in allowances:
		percent = rules.reached_percent(allowance)
		if percent > allowance.warned_percent:
			ports.store.mark_warned(allowance.name, percent)
			ports.log.announce(f"{allowance.name}: {percent} %", REACHED, ports.store.recipients(allowance))
