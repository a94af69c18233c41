"""How a Media Provider uses Amazon Chime, and what is wrong with its form. Makes no network call."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from theranvio_telehealth.domain.enums import Role, StrEnum
from theranvio_telehealth.domain.sentences import Sentence, _
from theranvio_telehealth.providers.chime import names
from theranvio_telehealth.providers.chime.events import LEAST_KEY, is_strong

#: Two may share a screen at once, and each share joins as an attendee of its own.
CONTENT_SHARES = 2
VIDEO_RESOLUTIONS = ("HD", "FHD")
CONTENT_RESOLUTIONS = ("FHD", "UHD")
LOOPBACK = ("127.0.0.1", "localhost", "::1")
#: Where a browser meets Amazon, for a policy of what a page may connect to.
ORIGINS = ("https://*.chime.aws", "wss://*.chime.aws")
_TEXTS = (
	"account_id",
	"control_region",
	"media_region",
	"access_key_id",
	"secret_access_key",
	"sns_topic_arn",
	"endpoint_url",
)


class Sharing(StrEnum):
	"""Who may share a screen."""

	EVERYONE = "Everyone"
	HOSTS = "Hosts Only"
	NOBODY = "Nobody"


@dataclass(frozen=True, slots=True)
class ChimeConfig:
	"""Without both keys, the server's own role is used. `endpoint_url`: an emulator on this machine, for tests."""

	account_id: str = ""
	control_region: str = ""
	media_region: str = ""
	allowed_regions: tuple[str, ...] = ()
	access_key_id: str = field(default="", repr=False)
	secret_access_key: str = field(default="", repr=False)
	sns_topic_arn: str = ""
	eventbridge_keys: tuple[str, ...] = field(default=(), repr=False)
	video_resolution: str = "HD"
	content_resolution: str = "FHD"
	screen_sharing: str = Sharing.EVERYONE
	endpoint_url: str = ""

	@classmethod
	def from_fields(cls, config: Mapping[str, Any]) -> ChimeConfig:
		texts = {name: _text(config, name) for name in _TEXTS}
		if config.get("use_instance_role"):
			texts |= {"access_key_id": "", "secret_access_key": ""}
		return cls(
			**texts,
			allowed_regions=tuple(_text(config, "allowed_regions").split()),
			eventbridge_keys=tuple(_text(config, "eventbridge_keys").split()),
			video_resolution=_text(config, "video_resolution") or "HD",
			content_resolution=_text(config, "content_resolution") or "FHD",
			screen_sharing=_text(config, "screen_sharing") or Sharing.EVERYONE,
		)

	def allows(self, region: str) -> bool:
		"""Whether media may be in the region."""
		return region in names.MEDIA_REGIONS and (not self.allowed_regions or region in self.allowed_regions)

	def origins(self) -> tuple[str, ...]:
		"""What a browser has to reach: Amazon, or the emulator; nothing where neither can be."""
		if not self.endpoint_url:
			return ORIGINS
		place = loopback(self.endpoint_url)
		return (place, place.replace("http", "ws", 1)) if place else ()

	def may_share(self, role: Role) -> bool:
		return self._content(role) == "SendReceive"

	def features(self, people: int) -> dict[str, Any]:
		"""Amazon's MeetingFeatures for a room of so many."""
		shared = self.screen_sharing != Sharing.NOBODY
		return {
			"Attendee": {"MaxCount": people + CONTENT_SHARES},
			"Video": {"MaxResolution": self.video_resolution},
			"Content": {"MaxResolution": self.content_resolution if shared else "None"},
		}

	def attendee_capabilities(self, role: Role) -> dict[str, str]:
		"""What one person may send and receive."""
		return {"Audio": "SendReceive", "Video": "SendReceive", "Content": self._content(role)}

	def _content(self, role: Role) -> str:
		if self.screen_sharing == Sharing.NOBODY:
			return "None"
		if self.screen_sharing == Sharing.HOSTS and role is not Role.HOST:
			return "Receive"
		return "SendReceive"

	def faults(self) -> tuple[str, ...]:
		"""What keeps visits from being held with it, a sentence each."""
		return (
			*self.reach_faults(),
			*self._region_faults("media", self.media_region, names.MEDIA_REGIONS),
			*self._not_allowed(),
			*self._topic_faults(),
			*self._key_faults(),
			*self._choice_faults(),
		)

	def reach_faults(self) -> tuple[str, ...]:
		"""What keeps Amazon from being asked at all. Less than `faults`: access can be ended as long as it can be asked."""
		return (
			*self._region_faults("control", self.control_region, names.CONTROL_REGIONS),
			*self._account_faults(),
		)

	def _region_faults(self, what: str, region: str, known: tuple[str, ...]) -> Iterator[str]:
		if not region:
			yield Sentence(_MISSING[what])
		elif region not in known:
			yield Sentence(_UNKNOWN[what], region[:64], ", ".join(known))

	def _not_allowed(self) -> Iterator[str]:
		for what, region in (("control", self.control_region), ("media", self.media_region)):
			if region and self.allowed_regions and region not in self.allowed_regions:
				yield Sentence(_NOT_ALLOWED[what], region[:64])

	def _account_faults(self) -> Iterator[str]:
		if bool(self.access_key_id) != bool(self.secret_access_key):
			yield Sentence(_HALF)
		if self.account_id and not names.is_account(self.account_id):
			yield Sentence(_NO_ACCOUNT)
		if self.endpoint_url and not loopback(self.endpoint_url):
			yield Sentence(_ELSEWHERE)

	def _topic_faults(self) -> Iterator[str]:
		if not self.sns_topic_arn:
			return
		parts = names.topic_parts(self.sns_topic_arn)
		if parts is None:
			yield Sentence(_NO_TOPIC)
		elif parts[0] != self.control_region:
			yield Sentence(_TOPIC_REGION)
		elif self.account_id and parts[1] != self.account_id:
			yield Sentence(_TOPIC_ACCOUNT)

	def _key_faults(self) -> Iterator[str]:
		if not all(map(is_strong, self.eventbridge_keys)):
			yield Sentence(_SHORT_KEY, LEAST_KEY)

	def _choice_faults(self) -> Iterator[str]:
		for template, chosen, known in (
			(_NO_VIDEO, self.video_resolution, VIDEO_RESOLUTIONS),
			(_NO_CONTENT, self.content_resolution, CONTENT_RESOLUTIONS),
			(_NO_SHARING, self.screen_sharing, tuple(Sharing)),
		):
			if chosen not in known:
				yield Sentence(template, ", ".join(known))


_MISSING = {
	"control": _("The control region is missing. Enter one, for example ca-central-1."),
	"media": _("The media region is missing. Enter one, for example ca-central-1."),
}
_UNKNOWN = {
	"control": _("Amazon Chime SDK has no control region {0}. Enter one of these: {1}."),
	"media": _("Amazon Chime SDK has no media region {0}. Enter one of these: {1}."),
}
_NOT_ALLOWED = {
	"control": _("The control region {0} is not among the allowed regions. Enter one that is."),
	"media": _("The media region {0} is not among the allowed regions. Enter one that is."),
}
_HALF = _("Only half of the credentials is entered. Enter both the access key ID and the secret access key.")
_NO_ACCOUNT = _("The account ID is not an Amazon account number. Enter its 12 digits.")
_ELSEWHERE = _("The endpoint is not on this machine. It is meant for tests: leave it empty.")
_NO_TOPIC = _("The SNS topic is not an ARN. Copy it from Amazon: arn:aws:sns:region:account:name.")
_TOPIC_REGION = _("The SNS topic is in another region than the meetings. Enter one of the control region.")
_TOPIC_ACCOUNT = _("The SNS topic belongs to another account. Enter one of the account named here.")
_SHORT_KEY = _(
	"An EventBridge key is shorter than {0} characters. Make one that nobody can guess, for example with: "
	"openssl rand -hex 32."
)
_NO_VIDEO = _("The video resolution is unknown. Choose one of these: {0}.")
_NO_CONTENT = _("The content resolution is unknown. Choose one of these: {0}.")
_NO_SHARING = _("The choice of who may share a screen is unknown. Choose one of these: {0}.")


def _text(config: Mapping[str, Any], name: str) -> str:
	return str(config.get(name) or "").strip()


def loopback(url: str) -> str:
	"""The address's origin, if it can only be this machine's own; otherwise empty."""
	try:
		parts = urlsplit(url)
		host, port = parts.hostname, parts.port
	except ValueError:
		return ""
	if parts.scheme not in ("http", "https") or host not in LOOPBACK or parts.username is not None:
		return ""
	named = f"[{host}]" if ":" in host else host
	return f"{parts.scheme}://{named}:{port}" if port else f"{parts.scheme}://{named}"
