"""The nightly check of what was used: every ledger against the evidence for it, every balance against the ledger; and meetings
that no room owns any more are closed. What does not add up is corrected by entries, and reported."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Protocol

from theranvio_telehealth.domain import ledger
from theranvio_telehealth.domain.allowance import Balance, drift
from theranvio_telehealth.domain.entities import Allowance
from theranvio_telehealth.domain.sentences import _
from theranvio_telehealth.providers.base import Meeting, ProviderError
from theranvio_telehealth.services import usage
from theranvio_telehealth.services.ports import Ports
from theranvio_telehealth.services.teardown import end_joins

#: Providers' events may be days late; after this a visit is no longer looked at.
LOOK_BACK = timedelta(days=35)

RECONCILED = _(
	"The nightly reconciliation found usage that did not add up, and corrected it. Open the allowance to see what it was."
)
NONE = Balance()


@dataclass(frozen=True, slots=True)
class Orphan:
	"""A meeting with credentials that are not destroyed, and that its room does not have any more."""

	room: str
	provider: str
	media_region: str
	meeting_id: str


@dataclass(frozen=True, slots=True)
class Finding:
	"""What was wrong with an allowance: how many entries were missing, by how many its visits' ledgers were corrected, and what
	was added to its balances."""

	allowance: str
	missing: int = 0
	corrected: int = 0
	drift: Balance = NONE


class Books(Protocol):
	"""What only the reconciliation asks."""

	def rooms_since(self, day: date) -> Sequence[str]:
		"""Rooms that start on that day or later and have begun."""

	def allowances_since(self, day: date) -> Sequence[str]:
		"""Those whose period ends on that day or later."""

	def lock_allowance(self, name: str) -> Allowance | None: ...

	def recomputed(self, allowance: Allowance) -> Balance:
		"""By its entries, and by the holds of its participants."""

	def add_to_balance(self, allowance: str, drift: Balance) -> None:
		"""In one atomic statement."""

	def orphans(self) -> Sequence[Orphan]: ...

	def report(self, finding: Finding) -> None:
		"""Put the finding on record with the allowance."""


def reconcile(ports: Ports, books: Books) -> list[Finding]:
	"""One pass over the recent visits and periods, each in its own transaction."""
	since = ports.clock.today() - LOOK_BACK
	missing, corrected = Counter[str](), Counter[str]()
	for room in books.rooms_since(since):
		try:
			gone, added, paying = recheck(ports, room)
		except Exception as error:
			ports.log.failure("reconcile", room, error)
			continue
		for allowance in paying:
			missing[allowance] += gone
			corrected[allowance] += added
	found = []
	for name in books.allowances_since(since):
		finding = Finding(name, missing[name], corrected[name], rebalance(ports, books, name))
		if finding != Finding(name):
			with ports.store.transaction():
				books.report(finding)
				ports.log.announce(name, RECONCILED)
			found.append(finding)
	return found


def recheck(ports: Ports, room: str) -> tuple[int, int, Sequence[str]]:
	"""Bring the ledgers of a room's participants to the evidence for them. Return how many entries were missing, how many were
	added, and the allowances that pay."""
	with ports.store.transaction():
		found = ports.store.lock(room)
		if found is None:
			return 0, 0, ()
		before = ports.store.entries(room)
		gone = [
			gap
			for participant in sorted({entry.participant for entry in before})
			for gap in ledger.gaps([entry for entry in before if entry.participant == participant])
		]
		for gap in gone:
			ports.store.book(gap)
		pairs = {(entry.participant, entry.provider) for entry in before}
		pairs |= {(join.participant, join.provider) for join in ports.store.joins(room)}
		for participant, provider in sorted(pairs):
			usage.update_ledger(ports, found, participant, provider)
		added = len(ports.store.entries(room)) - len(before) - len(gone)
		return len(gone), added, [allowance.name for allowance in ports.store.allowances(found)]


def rebalance(ports: Ports, books: Books, name: str) -> Balance:
	"""Correct the allowance's balances by what its entries and holds say they are; return the difference."""
	with ports.store.transaction():
		allowance = books.lock_allowance(name)
		if allowance is None:
			return NONE
		difference = drift(allowance, books.recomputed(allowance))
		if difference != NONE:
			books.add_to_balance(name, difference)
		return difference


def close_orphans(ports: Ports, books: Books) -> int:
	"""Close meetings that no live room owns; return how many."""
	return sum(_close_orphan(ports, orphan) for orphan in books.orphans())


def _close_orphan(ports: Ports, orphan: Orphan) -> bool:
	account = ports.store.provider(orphan.provider)
	try:
		if account:
			ports.media(account).close_meeting(Meeting(orphan.meeting_id, orphan.media_region))
	except ProviderError as error:
		ports.log.failure("orphan", orphan.room, error)
		return False
	with ports.store.transaction():
		if ports.store.lock(orphan.room):
			end_joins(ports, orphan.room, lambda join: join.meeting_id == orphan.meeting_id)
	return True
