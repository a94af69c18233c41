"""What the host's scheduler and workers run for us. Repeatable; each retries what a deadlock undid."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import frappe

from theranvio_telehealth.services import release
from theranvio_telehealth.services import sweep as service
from theranvio_telehealth.site.ports import ports

ATTEMPTS = 3


class _AtItsEnd:
	"""The sweep's last step releases everything there is: no job for each of it."""

	def release(self, room: str) -> None:
		"""Left to that step."""


def sweep() -> None:
	_settled(lambda: service.sweep(replace(ports(), later=_AtItsEnd())))


def release_room(room: str) -> None:
	_settled(lambda: release.release(ports(), room))


def _settled(work: Callable[[], Any]) -> None:
	"""The host does not retry a deadlock in a job; all of this may be done twice."""
	for attempt in range(ATTEMPTS):
		try:
			work()
		except frappe.QueryDeadlockError:
			frappe.db.rollback()
			if attempt == ATTEMPTS - 1:
				raise
		else:
			return
