"""What the host's scheduler and workers run for us. Repeatable; each retries what a deadlock undid."""

from __future__ import annotations

from dataclasses import replace

from theranvio_telehealth.services import release
from theranvio_telehealth.services import sweep as service
from theranvio_telehealth.site.log import discreet_job
from theranvio_telehealth.site.ports import ports
from theranvio_telehealth.site.transactions import settled


class _AtItsEnd:
	"""The sweep's last step releases everything there is: no job for each of it."""

	def release(self, room: str) -> None:
		"""Left to that step."""


@discreet_job
def sweep() -> None:
	settled(lambda: service.sweep(replace(ports(), later=_AtItsEnd())))


@discreet_job
def release_room(room: str) -> None:
	settled(lambda: release.release(ports(), room))
