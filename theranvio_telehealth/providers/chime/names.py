"""What Amazon takes for a region, an identifier or a topic, checked before anything is sent: botocore checks almost none."""

from __future__ import annotations

import re
from hashlib import sha256

#: Where a meeting can be made and changed.
CONTROL_REGIONS = (
	"af-south-1",
	"ap-northeast-1",
	"ap-northeast-2",
	"ap-south-1",
	"ap-southeast-1",
	"ap-southeast-2",
	"ca-central-1",
	"eu-central-1",
	"eu-west-2",
	"il-central-1",
	"us-east-1",
	"us-west-2",
)
#: Where its media can be.
MEDIA_REGIONS = (
	"af-south-1",
	"ap-northeast-1",
	"ap-northeast-2",
	"ap-south-1",
	"ap-southeast-1",
	"ap-southeast-2",
	"ca-central-1",
	"eu-central-1",
	"eu-north-1",
	"eu-south-1",
	"eu-west-1",
	"eu-west-2",
	"eu-west-3",
	"sa-east-1",
	"us-east-1",
	"us-east-2",
	"us-west-1",
	"us-west-2",
)

_GUID = re.compile(r"[a-fA-F0-9]{8}(?:-[a-fA-F0-9]{4}){3}-[a-fA-F0-9]{12}")
_TOKEN = re.compile(r"[-_a-zA-Z0-9]{2,64}")
_ACCOUNT = re.compile(r"[0-9]{12}")
_TOPIC = re.compile(r"arn:aws:sns:([a-z0-9-]+):([0-9]{12}):[-_a-zA-Z0-9]{1,256}")


def is_guid(text: str) -> bool:
	"""Amazon's form of a meeting's or attendee's id."""
	return bool(_GUID.fullmatch(text))


def is_token(text: str) -> bool:
	"""Amazon's form of a client request token. Narrower than its form of a user id, so that no address and no
	name with a space in it can pass for a pseudonym."""
	return bool(_TOKEN.fullmatch(text))


def is_account(text: str) -> bool:
	return bool(_ACCOUNT.fullmatch(text))


def topic_parts(arn: str) -> tuple[str, str] | None:
	"""Region and account of an SNS topic's ARN."""
	found = _TOPIC.fullmatch(arn)
	return (found[1], found[2]) if found else None


def external_meeting_id(token: str) -> str:
	"""A meeting's name at Amazon and in its events. It tells nothing, not even the token."""
	return sha256(f"theranvio:meeting:{token}".encode()).hexdigest()[:32]
