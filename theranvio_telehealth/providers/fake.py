"""A provider without media, for tests of everything around it. It remembers what it was asked."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from itertools import count
from typing import Any

from theranvio_telehealth.domain.enums import Role
from theranvio_telehealth.domain.sentences import _
from theranvio_telehealth.providers.base import (
	Capabilities,
	Credentials,
	Finding,
	Gone,
	MediaProvider,
	Meeting,
	MeetingRequest,
)


class FakeProvider(MediaProvider):
	capabilities = Capabilities(max_people=8, embedded=True, end_to_end_encrypted=False)
	for_developers = True

	def __init__(self) -> None:
		self.meetings: dict[str, set[str]] = {}
		self.closed: set[str] = set()
		self._number = count(1)

	@classmethod
	def configured(cls, config: Mapping[str, Any]) -> FakeProvider:
		return cls()

	def open_meeting(self, request: MeetingRequest) -> Meeting:
		meeting_id = f"fake-{request.token}"
		self.meetings.setdefault(meeting_id, set())
		return Meeting(meeting_id, request.media_region)

	def add_attendee(self, meeting: Meeting, pseudonym: str, role: Role, until: datetime) -> Credentials:
		if meeting.meeting_id in self.closed:
			raise Gone
		attendee_id = f"{pseudonym}-{next(self._number)}"
		self.meetings.setdefault(meeting.meeting_id, set()).add(attendee_id)
		return Credentials(attendee_id, {"pseudonym": pseudonym})

	def remove_attendee(self, meeting: Meeting, attendee_id: str) -> None:
		self.meetings.get(meeting.meeting_id, set()).discard(attendee_id)

	def close_meeting(self, meeting: Meeting) -> None:
		self.meetings.pop(meeting.meeting_id, None)
		self.closed.add(meeting.meeting_id)

	def check(self) -> tuple[Finding, ...]:
		return (
			Finding(
				False, _("The fake provider carries no sound or picture. Choose another for real visits.")
			),
		)
