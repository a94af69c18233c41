"""Signs of life outside the call, in this process's memory. What is older than an hour is forgotten."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from theranvio_telehealth.domain.presence import Lack


class Presence:
	LIFE = timedelta(hours=1)

	def __init__(self) -> None:
		self._signs: dict[str, datetime] = {}
		self._lacks: dict[str, Lack] = {}
		self._lock = threading.Lock()

	def note(self, participant: str, seen_on: datetime) -> None:
		with self._lock:
			self._signs = {name: at for name, at in self._signs.items() if seen_on - at <= self.LIFE}
			self._signs[participant] = seen_on

	def note_lack(self, participant: str, lack: Lack | None) -> None:
		with self._lock:
			self._lacks = {name: stored for name, stored in self._lacks.items() if name in self._signs}
			self._lacks.pop(participant, None)
			if lack:
				self._lacks[participant] = lack

	def lacks(self, participants: Iterable[str]) -> Mapping[str, Lack]:
		with self._lock:
			return {name: self._lacks[name] for name in participants if name in self._lacks}

	def signs(self, participants: Iterable[str]) -> Mapping[str, datetime] | None:
		with self._lock:
			return {name: self._signs[name] for name in participants if name in self._signs}
