"""What the platform's scheduler and workers run for us. Repeatable; each retries what a deadlock undid."""

from __future__ import annotations

from dataclasses import replace

from theranvio_telehealth.services import reconciliation, teardown
from theranvio_telehealth.services import sweep as service
from theranvio_telehealth.site import allowances, documents
from theranvio_telehealth.site.books import SiteBooks
from theranvio_telehealth.site.log import discreet_job
from theranvio_telehealth.site.ports import ports
from theranvio_telehealth.site.store import SiteStore
from theranvio_telehealth.site.transactions import settled


class _AtItsEnd:
	"""The sweep's last step releases everything there is: no job for each of it."""

	def tear_down(self, room: str) -> None:
		"""Left to that step."""


@discreet_job
def sweep() -> None:
	settled(lambda: service.sweep(replace(ports(), background=_AtItsEnd())))


@discreet_job
def tear_down_room(room: str) -> None:
	settled(lambda: teardown.tear_down(ports(), room))


@discreet_job
def make_periods() -> None:
	settled(lambda: allowances.make_periods(SiteStore()))


@discreet_job
def close_orphans() -> None:
	reconciliation.close_orphans(ports(), SiteBooks())


@discreet_job
def reconcile() -> None:
	reconciliation.reconcile(ports(), SiteBooks())


@discreet_job
def drop_follows() -> None:
	settled(documents.drop_unreadable_follows)
