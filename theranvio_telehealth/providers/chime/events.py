"""Amazon's words for what happens in a meeting, turned into ours, and the key that EventBridge calls with. Stores nothing."""

from __future__ import annotations

import hmac
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta, timezone
from hashlib import sha256
from typing import Any

from theranvio_telehealth.domain.errors import Malformed
from theranvio_telehealth.domain.provider_events import Kind, ProviderEvent
from theranvio_telehealth.providers.chime.names import is_guid

SOURCE = "aws.chime"
DETAIL_TYPE = "Chime Meeting State Change"
KINDS = {
	"chime:AttendeeJoined": Kind.JOINED,
	"chime:AttendeeLeft": Kind.LEFT,
	"chime:AttendeeDropped": Kind.DROPPED,
	"chime:AttendeeDeleted": Kind.DELETED,
	"chime:MeetingEnded": Kind.MEETING_ENDED,
}
#: How far an event's own timestamp may be from its envelope's time before the envelope is believed.
TOLERANCE = timedelta(hours=1)
#: Characters of a key, which travels with every event and is the only proof there is.
LEAST_KEY = 32


def is_strong(key: str) -> bool:
	"""Whether it is long enough for a key; a shorter one opens nothing, whenever it was entered."""
	return len(key) >= LEAST_KEY


def has_key(given: str, keys: Iterable[str]) -> bool:
	"""Whether one of our keys was given. The time it takes tells nothing of any of them."""
	return any([hmac.compare_digest(_digest(given), _digest(key)) for key in keys if is_strong(key)])


def read(envelope: Any, accounts: Collection[str]) -> ProviderEvent | None:
	"""The event in EventBridge's envelope, which SNS carries too; None for one that opens and closes no stay.

	`accounts`: those it may come from; an empty one stands for any. Raises `Malformed`."""
	detail = _detail(envelope, accounts)
	kind = KINDS.get(_text(detail, "eventType"))
	if kind is None:
		return None
	meeting = _guid(detail, "meetingId")
	attendee = "" if kind is Kind.MEETING_ENDED else _guid(detail, "attendeeId")
	return ProviderEvent(meeting, attendee, kind, _moment(detail.get("timestamp"), _text(envelope, "time")))


def _digest(key: str) -> bytes:
	return sha256(key.encode(errors="surrogatepass")).digest()


def _detail(envelope: Any, accounts: Collection[str]) -> Mapping[str, Any]:
	if not isinstance(envelope, dict) or not isinstance(envelope.get("detail"), dict):
		raise Malformed
	if (envelope.get("source"), envelope.get("detail-type")) != (SOURCE, DETAIL_TYPE):
		raise Malformed
	if not any(known in ("", envelope.get("account")) for known in accounts):
		raise Malformed
	detail: Mapping[str, Any] = envelope["detail"]
	return detail


def _text(fields: Mapping[str, Any], name: str) -> str:
	value = fields.get(name)
	if not isinstance(value, str):
		raise Malformed
	return value


def _guid(fields: Mapping[str, Any], name: str) -> str:
	value = _text(fields, name)
	if not is_guid(value):
		raise Malformed
	return value


def _moment(stamp: Any, time: str) -> datetime:
	"""To the millisecond where the timestamp, in a unit that Amazon does not name, agrees with the envelope."""
	try:
		sent = datetime.strptime(time, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=timezone.utc)
	except ValueError:
		raise Malformed from None
	if isinstance(stamp, bool) or not isinstance(stamp, (int, float)):
		return sent
	for unit in (1000, 1):
		moment = _from_stamp(stamp, unit)
		if moment is not None and abs(moment - sent) <= TOLERANCE:
			return moment
	return sent


def _from_stamp(stamp: float, unit: int) -> datetime | None:
	try:
		return datetime.fromtimestamp(round(stamp / unit, 3), timezone.utc)
	except (OverflowError, ValueError, OSError):
		return None
