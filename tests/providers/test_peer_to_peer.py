"""Peer to peer keeps the contract; relay passwords are coturn's, by an independent computation, and roles the server's."""

from __future__ import annotations

import base64
import hashlib
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from tests.providers.contract import PSEUDONYM, ProviderContract
from theranvio_telehealth.domain.enums import Role
from theranvio_telehealth.providers.base import MediaProvider, Meeting
from theranvio_telehealth.providers.peer_to_peer import (
	PeerToPeerConfig,
	PeerToPeerProvider,
	turn_credential,
)
from tools.harness.ports import NOON

#: Where nothing listens, found without a name lookup.
STUN, TURN, TURNS = "stun:127.0.0.1:9", "turn:127.0.0.1:9?transport=tcp", "turns:127.0.0.1:9"
NEW, OLD = "new-shared-secret", "old-shared-secret"
UNTIL = NOON + timedelta(minutes=110)


def hmac_sha1(key: bytes, message: bytes) -> bytes:
	"""RFC 2104 by its definition, so that nothing is checked against itself."""
	padded = key.ljust(64, b"\0")
	inner = hashlib.sha1(bytes(b ^ 0x36 for b in padded) + message).digest()
	return hashlib.sha1(bytes(b ^ 0x5C for b in padded) + inner).digest()


def relay_accepts(username: str, password: str, secret: str, now: datetime) -> bool:
	"""As coturn decides with `use-auth-secret`."""
	expires = int(username.partition(":")[0])
	right = base64.b64encode(hmac_sha1(secret.encode(), username.encode())).decode()
	return expires >= now.timestamp() and password == right


class TestPeerToPeer(ProviderContract):
	config = {
		"stun_urls": STUN,
		"turn_urls": f"{TURN}\n{TURNS}\n",
		"turn_secrets": f"{NEW}\n{OLD}",
		"relay_only": 0,
	}
	bad_form = {"stun_urls": "https://relay.example.org"}

	@pytest.fixture
	def provider(self) -> PeerToPeerProvider:
		return PeerToPeerProvider.configured(self.config)

	def payload(
		self, provider: MediaProvider, role: Role = Role.CLIENT, until: datetime = UNTIL
	) -> dict[str, Any]:
		return dict(provider.add_attendee(Meeting("p2p-1"), PSEUDONYM, role, until).payload)

	def relay(self, provider: MediaProvider, until: datetime = UNTIL) -> dict[str, Any]:
		(server,) = [s for s in self.payload(provider, until=until)["ice_servers"] if "credential" in s]
		return dict(server)

	def test_is_for_two_and_between_them(self, provider: MediaProvider) -> None:
		assert provider.capabilities.max_people == 2
		assert provider.capabilities.end_to_end_encrypted

	def test_a_browser_learns_its_own_pseudonym_and_no_more(self, provider: MediaProvider) -> None:
		payload = self.payload(provider)
		assert set(payload) == {"pseudonym", "relay_only", "ice_servers"}
		assert payload["pseudonym"] == PSEUDONYM

	def test_attendees_cannot_be_guessed(self, provider: MediaProvider, meeting: Meeting) -> None:
		ids = {self.add(provider, meeting).attendee_id for _ in range(50)}
		assert len(ids) == 50
		assert {len(bytes.fromhex(i)) for i in ids} == {16}

	def test_every_address_is_passed_on(self, provider: MediaProvider) -> None:
		assert [s["urls"] for s in self.payload(provider)["ice_servers"]] == [[STUN], [TURN, TURNS]]

	def test_stun_needs_no_password(self, provider: MediaProvider) -> None:
		assert self.payload(provider)["ice_servers"][0] == {"urls": [STUN]}

	def test_the_relay_takes_what_it_is_given(self, provider: MediaProvider) -> None:
		relay = self.relay(provider)
		assert relay["username"] == f"{int(UNTIL.timestamp())}:{PSEUDONYM}"
		assert relay_accepts(relay["username"], relay["credential"], NEW, NOON)

	def test_the_newest_secret_signs(self, provider: MediaProvider) -> None:
		relay = self.relay(provider)
		assert not relay_accepts(relay["username"], relay["credential"], OLD, NOON)

	@pytest.mark.parametrize("until", [UNTIL, NOON + timedelta(hours=9)], ids=str)
	def test_the_relay_takes_it_while_the_join_can_last_and_no_longer(
		self, provider: MediaProvider, until: datetime
	) -> None:
		relay = self.relay(provider, until)
		assert relay_accepts(relay["username"], relay["credential"], NEW, until)
		assert not relay_accepts(relay["username"], relay["credential"], NEW, until + timedelta(seconds=1))

	def test_no_secret_reaches_a_browser(self, provider: MediaProvider) -> None:
		assert NEW not in str(self.payload(provider))
		assert OLD not in str(self.payload(provider))

	def test_no_secret_is_printed(self, provider: PeerToPeerProvider) -> None:
		printed = f"{provider.config!r} {provider.config} {provider!r}"
		assert TURN in printed
		assert NEW not in printed
		assert OLD not in printed

	def test_meetings_have_an_id_and_no_address(self, provider: MediaProvider, meeting: Meeting) -> None:
		assert meeting.meeting_id.startswith("p2p-")
		assert meeting.address == ""


class TestRelayOnly:
	def test_is_passed_on(self) -> None:
		for flag in (0, 1):
			provider = PeerToPeerProvider.configured({"relay_only": flag})
			payload = provider.add_attendee(Meeting("p2p-1"), PSEUDONYM, Role.CLIENT, NOON).payload
			assert payload["relay_only"] is bool(flag)

	def test_does_without_stun_where_there_is_none(self) -> None:
		provider = PeerToPeerProvider(
			PeerToPeerConfig(turn_urls=(TURN,), turn_secrets=(NEW,), relay_only=True)
		)
		(server,) = provider.add_attendee(Meeting("p2p-1"), PSEUDONYM, Role.CLIENT, NOON).payload[
			"ice_servers"
		]
		assert server["urls"] == [TURN]


class TestConfigured:
	def test_nothing_is_a_bare_call(self) -> None:
		provider = PeerToPeerProvider.configured({})
		assert provider.config == PeerToPeerConfig()
		assert PeerToPeerProvider().config == provider.config
		payload = provider.add_attendee(Meeting("p2p-1"), PSEUDONYM, Role.CLIENT, NOON).payload
		assert payload["ice_servers"] == []

	@pytest.mark.parametrize(
		("typed", "urls"),
		[
			(None, ()),
			("", ()),
			(" \n\t ", ()),
			(STUN, (STUN,)),
			(f"  {STUN}\r\n\r\n{TURN}  ", (STUN, TURN)),
			(f"{STUN} {TURN}", (STUN, TURN)),
			(17, ("17",)),
		],
		ids=repr,
	)
	def test_addresses_as_people_type_them(self, typed: Any, urls: tuple[str, ...]) -> None:
		assert PeerToPeerProvider.configured({"stun_urls": typed}).config.stun_urls == urls

	def test_a_relay_without_its_secret_is_not_offered(self) -> None:
		provider = PeerToPeerProvider.configured({"turn_urls": TURN})
		payload = provider.add_attendee(Meeting("p2p-1"), PSEUDONYM, Role.CLIENT, NOON).payload
		assert payload["ice_servers"] == []


class TestAddresses:
	BAD = "stun:a,stun:b"

	def test_what_a_browser_would_refuse_does_not_reach_it(self) -> None:
		config = {
			"stun_urls": f"{self.BAD} {STUN} {TURN}",
			"turn_urls": f"{TURN} {STUN} x",
			"turn_secrets": NEW,
		}
		provider = PeerToPeerProvider.configured(config)
		payload = provider.add_attendee(Meeting("p2p-1"), PSEUDONYM, Role.CLIENT, NOON).payload
		assert [server["urls"] for server in payload["ice_servers"]] == [[STUN], [TURN]]

	def test_each_is_named(self) -> None:
		config = {"stun_urls": f"{self.BAD} {STUN} {TURN}", "turn_urls": f"{TURN} {STUN} x"}
		faults = PeerToPeerConfig.from_fields(config).faults()
		assert [fault.split(": ")[1].split(". ")[0] for fault in faults] == [self.BAD, TURN, STUN, "x"]
		found = PeerToPeerProvider.configured(config).check()
		assert [(f.ok, f.text) for f in found] == [(False, fault) for fault in faults]


class TestCheck:
	@pytest.mark.parametrize(
		("config", "ok", "says"),
		[
			({}, True, "Without a TURN relay"),
			({"stun_urls": STUN}, True, "Without a TURN relay"),
			({"turn_urls": TURN}, False, "without its secret"),
			({"turn_urls": TURN, "relay_only": 1}, False, "without its secret"),
			({"turn_secrets": NEW}, True, "Without a TURN relay"),
			({"relay_only": 1}, False, "Relay only needs a TURN address"),
			({"relay_only": 1, "turn_secrets": NEW}, False, "Relay only needs a TURN address"),
			({"turn_urls": TURN, "turn_secrets": NEW}, True, "through your TURN relay"),
			({"turn_urls": TURN, "turn_secrets": NEW, "relay_only": 1}, True, "through your TURN relay"),
		],
		ids=str,
	)
	def test_says_what_an_administrator_can_act_on(self, config: dict[str, Any], ok: bool, says: str) -> None:
		finding, *asked = PeerToPeerProvider.configured(config).check()
		assert [f.ok for f in asked] == [False] * len(asked), "nobody listens there"
		assert finding.ok is ok
		assert says in finding.text
		assert NEW not in finding.text


class TestTurnCredential:
	def test_a_known_pair(self) -> None:
		"""By `printf 1800000000:someone | openssl dgst -sha1 -hmac secret -binary | base64`."""
		expires_on = datetime.fromtimestamp(1_800_000_000, timezone.utc)
		assert turn_credential("secret", "someone", expires_on) == (
			"1800000000:someone",
			"DLJo+zcOJHZnsre9H5rGkw4wcb4=",
		)

	def test_another_name_or_second_is_another_password(self) -> None:
		pairs = {
			turn_credential("s", name, NOON + timedelta(seconds=later))[1]
			for name in ("a", "b")
			for later in (0, 1)
		}
		assert len(pairs) == 4
