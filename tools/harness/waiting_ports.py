"""The ports for people who wait, in memory: signs of life, and the bell."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from theranvio_telehealth.domain.entities import Room
from theranvio_telehealth.domain.presence import Lack


class DictPresence:
	"""`is_lost`: as when there is no cache."""

	def __init__(self) -> None:
		self.seen: dict[str, datetime] = {}
		self.lacking: dict[str, Lack] = {}
		self.is_lost = False

	def note(self, participant: str, seen_on: datetime) -> None:
		self.seen[participant] = seen_on

	def note_lack(self, participant: str, lack: Lack | None) -> None:
		self.lacking.pop(participant, None)
		if lack:
			self.lacking[participant] = lack

	def lacks(self, participants: Iterable[str]) -> Mapping[str, Lack]:
		return {name: self.lacking[name] for name in participants if name in self.lacking}

	def signs(self, participants: Iterable[str]) -> Mapping[str, datetime] | None:
		return None if self.is_lost else {name: self.seen[name] for name in participants if name in self.seen}


class RecordingBell:
	def __init__(self) -> None:
		self.rung: list[tuple[str, str]] = []

	def ring(self, users: Iterable[str], room: Room) -> None:
		self.rung.extend((user, room.name) for user in sorted(users))

	def take(self) -> list[tuple[str, str]]:
		rung, self.rung = self.rung, []
		return rung
