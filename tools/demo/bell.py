"""The demo clinic has no desk beside its pages, which show who waits by themselves."""

from __future__ import annotations

from collections.abc import Iterable

from theranvio_telehealth.domain.entities import Room


class Bell:
	def ring(self, users: Iterable[str], room: Room) -> None:
		"""Nothing to ring."""
