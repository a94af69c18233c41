"""A participant's Usage Entries against their stays as they are known now. The ledger only grows: what was booked and
proves wrong is withdrawn by an entry of its own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from theranvio_telehealth.domain.allowance import billed_tenths, cost
from theranvio_telehealth.domain.entities import Allowance, Price, Span, UsageEntry
from theranvio_telehealth.domain.enums import EntryKind, StaySource
from theranvio_telehealth.domain.provider_events import correction


def booked(entries: Iterable[UsageEntry]) -> tuple[Span, ...]:
	"""The stays that stand: booked, and not withdrawn since."""
	standing: Counter[Span] = Counter()
	for entry in entries:
		standing[_span(entry)] += 1 if entry.seconds > 0 else -1
	return tuple(sorted(+standing))


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

	`entries`: all that the participant has, at whatever provider. `allowances`: who pays for new ones, the narrower first."""
	theirs = [entry for entry in entries if entry.provider == provider]
	fix = correction(booked(theirs), (span for span in known if span.seconds))
	standing = {_span(entry): entry for entry in theirs if entry.seconds > 0}
	changes = [_withdrawal(standing[span], source) for span in fix.withdrawn]
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
			cost=cost(tenths, price),
			currency=price.currency,
			source=source,
			idempotency_key="",
		)
		for span in fix.added
	]
	return [_numbered(change, len(entries) + number) for number, change in enumerate(changes)]


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
