"""A participant's Usage Entries against their stays as they are known now. The ledger only grows: what was booked and
proves wrong is withdrawn by an entry of its own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from theranvio_telehealth.domain.allowance import billed_tenths, cost
from theranvio_telehealth.domain.entities import Allowance, Price, Span, UsageEntry
from theranvio_telehealth.domain.enums import EntryKind, StaySource
from theranvio_telehealth.domain.provider_events import correction

#: Why there is an entry of no length.
MISSING = "Missing Entry"


def standing(entries: Sequence[UsageEntry]) -> list[UsageEntry]:
	"""The entries of usage that no other entry takes back: stays, and corrections of stays that are missing."""
	corrected_ones = {entry.corrects for entry in entries if entry.corrects}
	known = {entry.name for entry in entries}
	return [
		entry
		for entry in entries
		if entry.kind is EntryKind.STAY or (entry.kind is EntryKind.CORRECTION and entry.corrects)
		if entry.name not in corrected_ones and entry.corrects not in known
	]


def damaged(entries: Sequence[UsageEntry]) -> list[UsageEntry]:
	"""Entries that stand and that no act of ours wrote so: a length that is not the stay's, tenths that are not the length's, a
	cost that is not the tenths', a stay booked twice, a correction of what is not there."""
	found, seen = [], set[Span]()
	for entry in standing(entries):
		span = _span(entry)
		is_sound = (
			entry.kind is EntryKind.STAY
			and entry.seconds == span.seconds > 0
			and entry.billed_tenths == billed_tenths(entry.seconds)
			and entry.cost == cost(entry.billed_tenths, Price(entry.price_per_minute, entry.currency))
			and span not in seen
		)
		seen.add(span)
		if not is_sound:
			found.append(entry)
	return found


def gaps(entries: Sequence[UsageEntry]) -> list[UsageEntry]:
	"""For each of a participant's entries that is gone, an entry of no length that says so: running numbers have no gap."""
	there = {_number(entry) for entry in entries}
	return [
		replace(
			entries[0],
			kind=EntryKind.CORRECTION,
			ended_on=entries[0].started_on,
			seconds=0,
			billed_tenths=0,
			cost=Decimal(0),
			idempotency_key=f"{entries[0].participant}:0:{number}",
			corrects="",
			reason=MISSING,
		)
		for number in range(_next_number(entries))
		if number not in there
	]


def corrected(
	room: str,
	participant: str,
	provider: str,
	entries: Sequence[UsageEntry],
	known: Iterable[Span],
	allowances: Sequence[Allowance],
	price: Price,
	source: StaySource,
) -> list[UsageEntry]:
	"""The entries that bring a participant's ledger to the stays they are known to have had at one provider.

	`entries`: all that the participant has, at whatever provider. `allowances`: who pays for new ones, the narrower first. `price`:
	for stays that were never booked; a stay that proves longer or shorter stays at its price."""
	theirs = [entry for entry in entries if entry.provider == provider]
	wrong = damaged(theirs)
	sound = {_span(entry): entry for entry in standing(theirs) if entry not in wrong}
	fix = correction(sound, (span for span in known if span.seconds))
	changes = [_withdrawal(entry, source) for entry in (*wrong, *map(sound.__getitem__, fix.withdrawn))]
	names = (*(allowance.name for allowance in allowances), "", "")
	changes += [
		UsageEntry(
			room=room,
			participant=participant,
			allowance=names[0],
			company_allowance=names[1],
			provider=provider,
			started_on=span.started_on,
			ended_on=span.ended_on,
			seconds=span.seconds,
			billed_tenths=(tenths := billed_tenths(span.seconds)),
			cost=cost(tenths, rate := _price_of(span, theirs, price)),
			currency=rate.currency,
			price_per_minute=rate.per_minute,
			source=source,
			idempotency_key="",
		)
		for span in fix.added
	]
	return [_numbered(change, number) for number, change in enumerate(changes, _next_number(entries))]


def _price_of(span: Span, entries: Iterable[UsageEntry], price: Price) -> Price:
	"""That of the first entry for any of the same time, else the price of today."""
	for entry in sorted(entries, key=_number):
		if entry.started_on < span.ended_on and span.started_on < entry.ended_on:
			return Price(entry.price_per_minute, entry.currency)
	return price


def _span(entry: UsageEntry) -> Span:
	return Span(entry.started_on, entry.ended_on)


def _withdrawal(entry: UsageEntry, source: StaySource) -> UsageEntry:
	"""`source`: what tells now that the stay was another."""
	return replace(
		entry,
		kind=EntryKind.CORRECTION,
		seconds=-entry.seconds,
		billed_tenths=-entry.billed_tenths,
		cost=-entry.cost,
		corrects=entry.name,
		reason=source.value,
	)


def _next_number(entries: Iterable[UsageEntry]) -> int:
	return 1 + max(map(_number, entries), default=-1)


def _number(entry: UsageEntry) -> int:
	return int(entry.name.rpartition(":")[2])


def _numbered(entry: UsageEntry, number: int) -> UsageEntry:
	"""A participant's entries have running numbers, so that none can be booked twice."""
	stamp = round(entry.started_on.timestamp() * 1000)
	return replace(entry, idempotency_key=f"{entry.participant}:{stamp}:{number}")


def time_given(
	allowance: str, kind: EntryKind, seconds: int, key: str, now: datetime, reason: str = "", by: str = ""
) -> UsageEntry:
	"""An entry that changes what an allowance includes. `key` tells the same act apart from another one."""
	return UsageEntry(
		room="",
		participant="",
		allowance=allowance,
		provider="",
		started_on=now,
		ended_on=now,
		seconds=seconds,
		billed_tenths=0,
		source=None,
		idempotency_key=key,
		kind=kind,
		reason=reason,
		entered_by=by,
	)
