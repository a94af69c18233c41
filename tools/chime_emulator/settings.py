"""What an emulator is started with: who may call, where events go. Faults are set later, over HTTP."""

from __future__ import annotations

from dataclasses import dataclass, field

CONTROL_REGIONS = (
	"us-east-1", "us-west-2", "ca-central-1", "eu-central-1", "eu-west-2", "af-south-1", "ap-northeast-1",
	"ap-northeast-2", "ap-south-1", "ap-southeast-1", "ap-southeast-2", "il-central-1", "us-gov-east-1", "us-gov-west-1",
)  # fmt: skip
MEDIA_REGIONS = (
	"us-east-1", "us-east-2", "us-west-1", "us-west-2", "ca-central-1", "af-south-1", "ap-northeast-1", "ap-northeast-2",
	"ap-south-1", "ap-southeast-1", "ap-southeast-2", "eu-central-1", "eu-north-1", "eu-south-1", "eu-west-1", "eu-west-2",
	"eu-west-3", "sa-east-1", "us-gov-east-1", "us-gov-west-1",
)  # fmt: skip
DEFAULT_ACCOUNT = "111122223333"
DEFAULT_KEY = "AKIAEMULATOREXAMPLE1"


@dataclass(frozen=True)
class SnsTarget:
	"""A confirmed subscription: notifications of `topic_arn` are posted to `url`."""

	topic_arn: str
	url: str


@dataclass(frozen=True)
class Settings:
	"""`accounts`: access key → account id. `seeded_ids`: the same seed, the same ids. `eventbridge_key` goes in its header."""

	host: str = "127.0.0.1"
	port: int = 0
	tls: bool = False
	accounts: dict[str, str] = field(default_factory=lambda: {DEFAULT_KEY: DEFAULT_ACCOUNT})
	eventbridge_url: str = ""
	eventbridge_header: str = "x-api-key"
	eventbridge_key: str = field(default="", repr=False)
	sns_targets: tuple[SnsTarget, ...] = ()
	sns_signature_version: str = "2"
	idle_seconds: float = 300.0
	life_seconds: float = 24 * 3600.0
	max_meetings: int = 250
	content_counts: bool = True
	seed: int = 1
	seeded_ids: bool = False
	video_bitrate: int = 600_000
	frozen_at: float | None = None
