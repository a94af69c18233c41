"""The contract every media provider keeps. It knows pseudonyms and regions, never people or appointments."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from theranvio_telehealth.domain.enums import Role
from theranvio_telehealth.domain.errors import Malformed
from theranvio_telehealth.domain.provider_events import ProviderEvent


class ProviderError(Exception):
	"""Root of what can go wrong at a provider. Its text goes to the log: an act, a status, a code, and no name of a person."""


class Unavailable(ProviderError):
	"""Try again later: timeout, throttling, server error."""


class Rejected(ProviderError):
	"""Do not try again: the request or the account is wrong."""


class Gone(ProviderError):
	"""The meeting no longer exists at the provider: remake it with a new token."""


@dataclass(frozen=True, slots=True)
class Quotas:
	"""What a provider allows one account unless it is asked for more. `burst`: the calls that may come at once."""

	meetings: int
	calls_a_second: int
	burst: int


@dataclass(frozen=True, slots=True)
class Capabilities:
	"""What a provider can do. `embedded`: the call runs inside our visit page. `carrier`: by whose servers the media goes
	that hold the keys to it; empty where there are none, or where the call is not ours to speak for."""

	max_people: int
	embedded: bool
	end_to_end_encrypted: bool
	carrier: str = ""
	quotas: Quotas | None = None


@dataclass(frozen=True, slots=True)
class MeetingRequest:
	"""What a provider may know of a room. `token` names the logical meeting: same token, same meeting."""

	token: str
	media_region: str
	max_people: int
	address: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Meeting:
	"""The provider's session behind a room. `address`: the appointment's own link, if it has one.

	`details`: what the provider needs again with every later call; opaque to everything else."""

	meeting_id: str
	media_region: str = ""
	address: str = field(default="", repr=False)
	details: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Credentials:
	"""What one admitted person's browser needs to join. Secret: `payload` goes to that browser only."""

	attendee_id: str = field(repr=False)
	payload: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Finding:
	"""One thing that `check()` or `check_form()` reports, in a sentence an administrator can act on."""

	ok: bool
	text: str


class MediaProvider(ABC):
	"""Every act is idempotent and raises only `ProviderError`s. Nothing here is called under a row lock."""

	capabilities: Capabilities
	#: What the visit page has to reach for the media, beside its own host.
	origins: tuple[str, ...] = ()
	#: The file in `public/` that carries its media in the browser; empty where the visit page's own bundle does.
	browser_script: str = ""
	#: Whether it reports what happens in its meetings, for `read_event`.
	sends_events: bool = False
	#: Whether it carries no media, so that it can be enabled only in developer mode.
	for_developers: bool = False

	@classmethod
	@abstractmethod
	def configured(cls, config: Mapping[str, Any]) -> MediaProvider:
		"""A provider from the fields of a Media Provider, secrets included; unknown fields are ignored."""

	@classmethod
	def check_form(cls, fields: Mapping[str, Any]) -> tuple[Finding, ...]:
		"""Say what in these fields of a Media Provider keeps visits from being held with it. Makes no network call."""
		return ()

	@classmethod
	def read_event(cls, envelope: Any, accounts: Collection[str]) -> ProviderEvent | None:
		"""Return the event in an envelope, already decoded from JSON; None for one that opens and closes no stay.

		`accounts`: those whose events are accepted; an empty one stands for any. Raises `Malformed`."""
		raise Malformed

	@abstractmethod
	def open_meeting(self, request: MeetingRequest) -> Meeting:
		"""Return the meeting of `request.token`, making it if need be."""

	@abstractmethod
	def add_attendee(self, meeting: Meeting, pseudonym: str, role: Role, until: datetime) -> Credentials:
		"""Return fresh credentials for one person. Raises `Gone` when the meeting is no longer there.

		`until`: the latest instant (aware UTC) at which the join can still be going on. Whatever of the credentials
		cannot be taken back expires then."""

	@abstractmethod
	def remove_attendee(self, meeting: Meeting, attendee_id: str) -> None:
		"""Make the attendee's credentials worthless; not there already is success.

		`attendee_id`: or the pseudonym of a join whose answer never came back."""

	@abstractmethod
	def close_meeting(self, meeting: Meeting) -> None:
		"""End the meeting for everybody; not there already is success."""

	@abstractmethod
	def check(self) -> tuple[Finding, ...]:
		"""Say whether the provider can be used as configured."""
