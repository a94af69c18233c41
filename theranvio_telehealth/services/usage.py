"""Turns ended stays, and what providers saw of them, into Usage Entries. What a stay is and costs is decided in `domain`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from theranvio_telehealth.domain import allowance as rules
from theranvio_telehealth.domain import ledger, meetings, provider_events, stays
from theranvio_telehealth.domain.entities import Allowance, Join, Participant, Room, Span, Stay, UsageEntry
from theranvio_telehealth.domain.enums import StaySource
from theranvio_telehealth.domain.provider_events import Evidence, Kind, ProviderEvent
from theranvio_telehealth.domain.sentences import _
from theranvio_telehealth.services.ports import Ports


def end_stay(ports: Ports, room: Room, participant: Participant, now: datetime) -> Participant:
	"""The participant with no stay open; the one that was is booked. Call it under the room's lock."""
	stopped, stay = stays.stop(participant, now)
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
	allowance = ports.store.allowance(room)
	source = _source(joins, events)
	for entry in ledger.corrected(room.name, participant, provider, entries, known, allowance, source):
		_append(ports, entry, ports.store.allowance(room))


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


def _append(ports: Ports, entry: UsageEntry, allowance: Allowance | None) -> None:
	if ports.store.book(entry) and allowance and entry.seconds > 0:
		_warn(ports, allowance, entry.seconds)


def _warn(ports: Ports, before: Allowance, seconds: int) -> None:
	after = replace(before, used_seconds=before.used_seconds + seconds)
	if rules.is_low(after) and not rules.is_low(before):
		ports.log.announce(
			before.name,
			_("A telehealth usage allowance is nearly used up. Open it to see how much is left."),
		)
