"""Visits held at an external address (Zoom, Meet, Teams, any https): we admit, the other service carries the media."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from theranvio_telehealth.domain.addresses import is_https
from theranvio_telehealth.domain.enums import Role
from theranvio_telehealth.domain.sentences import _
from theranvio_telehealth.providers.base import (
	Capabilities,
	Credentials,
	Finding,
	MediaProvider,
	Meeting,
	MeetingRequest,
	Rejected,
)


class ExternalLinkProvider(MediaProvider):
	"""The appointment's own link is the meeting; without one, `link` of the Media Provider is."""

	capabilities = Capabilities(max_people=100, embedded=False, end_to_end_encrypted=False)

	def __init__(self, link: str = "") -> None:
		self.link = link

	@classmethod
	def configured(cls, config: Mapping[str, Any]) -> ExternalLinkProvider:
		return cls(str(config.get("link") or ""))

	@classmethod
	def check_form(cls, fields: Mapping[str, Any]) -> tuple[Finding, ...]:
		link = str(fields.get("link") or "")
		return (Finding(False, _NO_LINK),) if link and not is_https(link) else ()

	def open_meeting(self, request: MeetingRequest) -> Meeting:
		self._url(request.address)
		return Meeting(f"link-{request.token}", address=request.address)

	def add_attendee(self, meeting: Meeting, pseudonym: str, role: Role, until: datetime) -> Credentials:
		return Credentials(secrets.token_hex(16), {"url": self._url(meeting.address)})

	def remove_attendee(self, meeting: Meeting, attendee_id: str) -> None:
		"""Not possible: a person who was given the address can use it again."""

	def close_meeting(self, meeting: Meeting) -> None:
		"""Out of our hands: the host ends the call where it is held."""

	def _url(self, address: str) -> str:
		url = address or self.link
		if not is_https(url):
			raise Rejected
		return url

	def check(self) -> tuple[Finding, ...]:
		if not self.link:
			return (Finding(True, _("Each appointment brings its own link.")),)
		return self.check_form({"link": self.link}) or (Finding(True, _("The link is an https address.")),)


_NO_LINK = _(
	"The link must be an https address without blanks, quotes or a user name. Enter one that begins with https://."
)
