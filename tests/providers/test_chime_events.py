"""Amazon's events read as documented, whatever else is in them, and the key of EventBridge compared."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from theranvio_telehealth.domain.errors import Malformed
from theranvio_telehealth.domain.provider_events import Kind, ProviderEvent
from theranvio_telehealth.providers.chime.events import has_key, read

MEETING = "87654321-4321-4321-1234-111122223333"
ATTENDEE = "12345678-4321-4321-1234-111122223333"
AT = datetime(2027, 3, 3, 12, 0, 5, 250_000, tzinfo=timezone.utc)
MILLIS = round(AT.timestamp() * 1000)
OURS, ANY = {"111122223333"}, {""}


def envelope(event: str = "chime:AttendeeJoined", **overrides: Any) -> dict[str, Any]:
	detail = {
		"version": "0",
		"eventType": event,
		"timestamp": MILLIS,
		"meetingId": MEETING,
		"attendeeId": ATTENDEE,
		"externalUserId": "5e" * 16,
		"networkType": "Voip",
		"mediaRegion": "ca-central-1",
	}
	return {
		"version": "0",
		"id": "1",
		"source": "aws.chime",
		"account": "111122223333",
		"region": "ca-central-1",
		"detail-type": "Chime Meeting State Change",
		"time": "2027-03-03T12:00:05Z",
		"resources": [],
		"detail": {name: value for name, value in (detail | overrides).items() if value is not None},
	}


@pytest.mark.parametrize(
	("event", "kind"),
	[
		("chime:AttendeeJoined", Kind.JOINED),
		("chime:AttendeeLeft", Kind.LEFT),
		("chime:AttendeeDropped", Kind.DROPPED),
		("chime:AttendeeDeleted", Kind.DELETED),
	],
)
def test_what_happens_to_an_attendee(event: str, kind: Kind) -> None:
	assert read(envelope(event), ANY) == ProviderEvent(MEETING, ATTENDEE, kind, AT)


def test_the_end_of_a_meeting_is_everybodys() -> None:
	for attendee in (None, ATTENDEE):
		assert read(envelope("chime:MeetingEnded", attendeeId=attendee), ANY) == ProviderEvent(
			MEETING, "", Kind.MEETING_ENDED, AT
		)


@pytest.mark.parametrize(
	"event",
	[
		"MeetingStarted",
		"AttendeeAdded",
		"AttendeeAuthorized",
		"AttendeeVideoStarted",
		"AttendeeContentJoined",
		"AttendeeContentLeft",
		"AttendeeContentDropped",
		"AttendeeCapabilitiesUpdated",
		"SomethingNew",
	],
)
def test_what_opens_and_closes_no_stay(event: str) -> None:
	assert read(envelope(f"chime:{event}"), ANY) is None


@pytest.mark.parametrize(
	("stamp", "at"),
	[
		(MILLIS, AT),
		(AT.timestamp(), AT),
		(MILLIS // 1000, AT.replace(microsecond=0)),
		(MILLIS - 3_500_000, AT - timedelta(seconds=3500)),
		(12344566754, AT.replace(microsecond=0)),
		(0, AT.replace(microsecond=0)),
		(-1, AT.replace(microsecond=0)),
		(10**400, AT.replace(microsecond=0)),
		(1e308, AT.replace(microsecond=0)),
		(float("nan"), AT.replace(microsecond=0)),
		(float("inf"), AT.replace(microsecond=0)),
		("1", AT.replace(microsecond=0)),
		(True, AT.replace(microsecond=0)),
		(None, AT.replace(microsecond=0)),
	],
	ids=lambda value: repr(value)[:20],
)
def test_when(stamp: Any, at: datetime) -> None:
	"""The stamp in milliseconds or seconds where it agrees with the envelope's time; else that time."""
	found = read(envelope(timestamp=stamp), ANY)
	assert found is not None
	assert found.happened_on == at


def without(name: str) -> dict[str, Any]:
	return {key: value for key, value in envelope().items() if key != name}


@pytest.mark.parametrize(
	"bad",
	[
		None,
		[],
		"",
		{},
		without("detail"),
		without("source"),
		without("detail-type"),
		without("time"),
		envelope() | {"source": "aws.ec2"},
		envelope() | {"detail-type": "Chime VoiceConnector Streaming Status"},
		envelope() | {"detail": []},
		envelope() | {"time": "yesterday"},
		envelope() | {"time": 5},
		envelope(eventType=5),
		envelope(eventType=None),
		envelope(meetingId=None),
		envelope(meetingId="../x"),
		envelope(attendeeId=None),
		envelope(attendeeId="jane"),
		envelope(attendeeId=[ATTENDEE]),
	],
	ids=lambda value: repr(value)[:30],
)
def test_what_amazon_would_not_send(bad: Any) -> None:
	with pytest.raises(Malformed):
		read(bad, ANY)


def test_another_account_is_not_listened_to() -> None:
	assert read(envelope(), OURS)
	for account in ("999999999999", None, 111122223333):
		with pytest.raises(Malformed):
			read(envelope() | {"account": account}, OURS)
		assert read(envelope() | {"account": account}, OURS | ANY)


def test_without_an_account_none_is_listened_to() -> None:
	with pytest.raises(Malformed):
		read(envelope(), ())


names = st.sampled_from([*envelope(), *envelope()["detail"]])
junk = st.recursive(
	st.none() | st.booleans() | st.integers() | st.floats() | st.text("a:5Zé\udcff", max_size=5),
	lambda inner: st.lists(inner, max_size=2) | st.dictionaries(names, inner, max_size=2),
	max_leaves=3,
)


@given(st.dictionaries(names, junk, max_size=3), st.dictionaries(names, junk, max_size=3))
def test_junk_is_malformed_or_understood_and_nothing_else(
	outer: dict[str, Any], inner: dict[str, Any]
) -> None:
	sent = envelope(**{name: value for name, value in inner.items() if name != "event"}) | outer
	try:
		found = read(sent, ANY)
	except Malformed:
		return
	assert found is None or isinstance(found, ProviderEvent)


class TestKey:
	NEW, OLD = "new" * 11, "old" * 11

	def test_one_of_ours_opens(self) -> None:
		assert has_key(self.NEW, [self.NEW, self.OLD])
		assert has_key(self.OLD, [self.NEW, self.OLD])

	@pytest.mark.parametrize("given_key", ["", NEW[:-1], NEW + " ", NEW.upper(), NEW + OLD, "é", "\udcff"])
	def test_no_other_does(self, given_key: str) -> None:
		assert not has_key(given_key, [self.NEW, self.OLD])

	def test_a_short_one_opens_nothing(self) -> None:
		assert has_key("x" * 32, ["x" * 32])
		assert not has_key("x" * 31, ["x" * 31])

	@pytest.mark.parametrize("keys", [[], [""], ["", ""]])
	def test_without_a_key_nothing_does(self, keys: list[str]) -> None:
		assert not has_key("", keys)
		assert not has_key("x", keys)
