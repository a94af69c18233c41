"""Two browsers, end to end encrypted, with nothing but signalling on the server (perfect negotiation, W3C WebRTC).

Who yields to whom, the browsers find by their pseudonyms. TURN passwords follow coturn's
`use-auth-secret`: user `expiry:pseudonym`, password base64(HMAC-SHA1(secret, user)). They expire when the join can
no longer be going on, as a relay cannot be told that a join has ended."""

from __future__ import annotations

import hmac
import secrets
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from theranvio_telehealth.domain.words import Role
from theranvio_telehealth.providers.base import (
	Capabilities,
	Credentials,
	Finding,
	MediaProvider,
	Meeting,
	MeetingRequest,
)
from theranvio_telehealth.providers.sentences import _

_LISTS = ("stun_urls", "turn_urls", "turn_secrets")


@dataclass(frozen=True, slots=True)
class PeerToPeerConfig:
	"""`stun_urls`, `turn_urls`: as browsers take them. `turn_secrets`: shared with the relay, newest first."""

	stun_urls: tuple[str, ...] = ()
	turn_urls: tuple[str, ...] = ()
	turn_secrets: tuple[str, ...] = field(default=(), repr=False)
	relay_only: bool = False


def turn_credential(secret: str, pseudonym: str, expires_on: datetime) -> tuple[str, str]:
	"""User name and password for a relay, worthless after `expires_on`."""
	username = f"{int(expires_on.timestamp())}:{pseudonym}"
	digest = hmac.digest(secret.encode(), username.encode(), "sha1")
	return username, b64encode(digest).decode()


class PeerToPeerProvider(MediaProvider):
	capabilities = Capabilities(
		max_people=2, embedded=True, end_to_end_encrypted=True, authoritative_events=False
	)

	def __init__(self, config: PeerToPeerConfig | None = None) -> None:
		self.config = config or PeerToPeerConfig()

	@classmethod
	def configured(cls, config: Mapping[str, Any]) -> PeerToPeerProvider:
		lines = {name: tuple(str(config.get(name) or "").split()) for name in _LISTS}
		return cls(PeerToPeerConfig(**lines, relay_only=bool(config.get("relay_only"))))

	def open_meeting(self, request: MeetingRequest) -> Meeting:
		return Meeting(f"p2p-{request.token}")

	def add_attendee(self, meeting: Meeting, pseudonym: str, role: Role, until: datetime) -> Credentials:
		return Credentials(
			secrets.token_hex(16),
			{
				"pseudonym": pseudonym,
				"relay_only": self.config.relay_only,
				"ice_servers": self._ice_servers(pseudonym, until),
			},
		)

	def remove_attendee(self, meeting: Meeting, attendee_id: str) -> None:
		"""Nothing is kept here: the mailbox is dropped and the attendee refused by the services."""

	def close_meeting(self, meeting: Meeting) -> None:
		"""Nothing is kept here."""

	def check(self) -> tuple[Finding, ...]:
		return tuple(self._findings())

	def _ice_servers(self, pseudonym: str, until: datetime) -> Sequence[dict[str, Any]]:
		servers: list[dict[str, Any]] = []
		if self.config.stun_urls:
			servers.append({"urls": list(self.config.stun_urls)})
		if self.config.turn_urls and self.config.turn_secrets:
			user, password = turn_credential(self.config.turn_secrets[0], pseudonym, until)
			servers.append({"urls": list(self.config.turn_urls), "username": user, "credential": password})
		return servers

	def _findings(self) -> Sequence[Finding]:
		has_turn = bool(self.config.turn_urls and self.config.turn_secrets)
		if self.config.turn_urls and not self.config.turn_secrets:
			return [
				Finding(
					False, _("A TURN address is set without its secret. Enter the relay's shared secret.")
				)
			]
		if self.config.relay_only and not has_turn:
			return [
				Finding(
					False, _("Relay only needs a TURN address and its secret. Without them no call connects.")
				)
			]
		if not has_turn:
			return [Finding(True, _("Without a TURN relay, calls between strict networks may not connect."))]
		return [Finding(True, _("Calls connect directly, or through your TURN relay."))]
