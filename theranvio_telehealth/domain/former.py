"""A meeting at a provider that a room's call was moved away from: what is needed to close it there."""

from __future__ import annotations

from dataclasses import astuple, dataclass, field, replace
from urllib.parse import quote, unquote

from theranvio_telehealth.domain.entities import Room


@dataclass(frozen=True, slots=True)
class FormerMeeting:
	provider: str
	media_region: str
	meeting_id: str
	meeting_token: str = field(repr=False)

	@classmethod
	def left_by(cls, room: Room) -> FormerMeeting:
		return cls(room.provider, room.media_region, room.meeting_id, room.meeting_token)

	@classmethod
	def read(cls, stored: str) -> FormerMeeting:
		return cls(*(unquote(part) for part in stored.split("/")))

	def __str__(self) -> str:
		"""As a room keeps it: one word."""
		return "/".join(quote(part, safe="") for part in astuple(self))

	def of(self, room: Room) -> Room:
		"""The room as it was when this was its meeting."""
		return replace(
			room,
			provider=self.provider,
			media_region=self.media_region,
			meeting_id=self.meeting_id,
			meeting_token=self.meeting_token,
			meeting_details="",
		)
