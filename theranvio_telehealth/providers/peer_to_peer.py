"""Two browsers, end to end encrypted, with nothing but signalling on the server (perfect negotiation, W3C WebRTC).

Who yields to whom, the browsers find by their pseudonyms. TURN passwords follow coturn's
`use-auth-secret`: user `expiry:pseudonym`, password base64(HMAC-SHA1(secret, user)). They expire when the join can
no longer be going on, as a relay does not learn that a join has ended."""

from __future__ import annotations

import hmac
import secrets
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Any

from theranvio_telehealth.domain.addresses import IceServer, ice_server
from theranvio_telehealth.domain.enums import Role
from theranvio_telehealth.domain.sentences import Sentence, _
from theranvio_telehealth.providers.base import (
	Capabilities,
	Credentials,
	Finding,
	MediaProvider,
	Meeting,
	MeetingRequest,
)

_LISTS = ("stun_urls", "turn_urls", "turn_secrets")
CHECK_LIFETIME = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class PeerToPeerConfig:
	"""`stun_urls`, `turn_urls`: as browsers take them. `turn_secrets`: shared with the relay, newest first."""

	stun_urls: tuple[str, ...] = ()
	turn_urls: tuple[str, ...] = ()
	turn_secrets: tuple[str, ...] = field(default=(), repr=False)
	relay_only: bool = False

	@classmethod
	def from_fields(cls, config: Mapping[str, Any]) -> PeerToPeerConfig:
		lines = {name: tuple(str(config.get(name) or "").split()) for name in _LISTS}
		return cls(**lines, relay_only=bool(config.get("relay_only")))

	def stun(self) -> tuple[IceServer, ...]:
		"""Those that a browser can be given."""
		return _servers(self.stun_urls, "stun")

	def turn(self) -> tuple[IceServer, ...]:
		"""The same, and none without a secret."""
		return _servers(self.turn_urls, "turn", "turns") if self.turn_secrets else ()

	def faults(self) -> tuple[str, ...]:
		"""Each address that a browser would refuse, in a sentence."""
		stun = {server.address for server in _servers(self.stun_urls, "stun")}
		turn = {server.address for server in _servers(self.turn_urls, "turn", "turns")}
		return (
			*(Sentence(_NO_STUN, url[:200]) for url in self.stun_urls if url not in stun),
			*(Sentence(_NO_TURN, url[:200]) for url in self.turn_urls if url not in turn),
		)


def _servers(urls: Sequence[str], *schemes: str) -> tuple[IceServer, ...]:
	return tuple(server for server in map(ice_server, urls) if server and server.scheme in schemes)


_NO_STUN = _(
	"This is no STUN address: {0}. Enter each on a line of its own, for example stun:relay.example.org:3478."
)
_NO_TURN = _(
	"This is no TURN address: {0}. Enter each on a line of its own, for example turn:relay.example.org:3478?transport=udp or "
	"turns:relay.example.org:5349."
)


def turn_credential(secret: str, pseudonym: str, expires_on: datetime) -> tuple[str, str]:
	"""User name and password for a relay, worthless after `expires_on`."""
	username = f"{int(expires_on.timestamp())}:{pseudonym}"
	digest = hmac.digest(secret.encode(), username.encode(), "sha1")
	return username, b64encode(digest).decode()


class PeerToPeerProvider(MediaProvider):
	capabilities = Capabilities(max_people=2, embedded=True, end_to_end_encrypted=True)

	def __init__(self, config: PeerToPeerConfig | None = None) -> None:
		self.config = config or PeerToPeerConfig()

	@classmethod
	def configured(cls, config: Mapping[str, Any]) -> PeerToPeerProvider:
		return cls(PeerToPeerConfig.from_fields(config))

	@classmethod
	def check_form(cls, fields: Mapping[str, Any]) -> tuple[Finding, ...]:
		return tuple(Finding(False, fault) for fault in PeerToPeerConfig.from_fields(fields).faults())

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
		"""Nothing is stored here: the mailbox is dropped and the attendee refused by the services."""

	def close_meeting(self, meeting: Meeting) -> None:
		"""Nothing is stored here."""

	def check(self) -> tuple[Finding, ...]:
		"""By the fields alone, and where they are good by asking every server."""
		faults = tuple(Finding(False, fault) for fault in self.config.faults())
		found = faults or tuple(self._findings())
		return found if not all(finding.ok for finding in found) else (*found, *self._asked())

	def _asked(self) -> tuple[Finding, ...]:
		from theranvio_telehealth.providers import relay_check

		servers = (*self.config.stun(), *self.config.turn())
		if not servers:
			return ()
		secret = next(iter(self.config.turn_secrets), "")
		user, password = turn_credential(secret, "check", datetime.now(timezone.utc) + CHECK_LIFETIME)
		return relay_check.check(servers, user, password)

	def _ice_servers(self, pseudonym: str, until: datetime) -> Sequence[dict[str, Any]]:
		"""Only addresses that the browser takes: one that it refuses would keep it from making any connection."""
		servers: list[dict[str, Any]] = []
		if stun := [server.address for server in self.config.stun()]:
			servers.append({"urls": stun})
		if turn := [server.address for server in self.config.turn()]:
			user, password = turn_credential(self.config.turn_secrets[0], pseudonym, until)
			servers.append({"urls": turn, "username": user, "credential": password})
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
