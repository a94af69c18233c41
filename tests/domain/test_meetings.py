"""A room's meeting and its credentials: every transition, what it leaves alone, and how values are stored."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from theranvio_telehealth.domain import meetings
from theranvio_telehealth.domain.entities import FormerMeeting, FormerVisit, Join, Room, Span
from theranvio_telehealth.domain.enums import RoomStatus
from theranvio_telehealth.domain.provider_events import MEETING_LIFE
from tools.harness.factories import make_participant, make_provider, make_room
from tools.harness.ports import NOON

SPARE = make_provider(name="Spare", media_region="eu-west-2")
words = st.text(max_size=20)
#: Stored to the millisecond.
moments = st.integers(0, 10**12).map(
	lambda n: datetime(1990, 1, 1, tzinfo=NOON.tzinfo) + timedelta(milliseconds=n)
)


def met(**changes: Any) -> Room:
	room = make_room(provider="Video", media_region="ca-central-1", meeting_id="m", meeting_token="t")
	return replace(room, meeting_details="d", **changes)


def meeting_in(room: Room) -> tuple[str, str, str]:
	return room.meeting_id, room.meeting_token, room.meeting_details


class TestOpening:
	def test_a_room_is_given_a_name_once(self) -> None:
		named = meetings.name(make_room(), "t")
		assert meeting_in(named) == ("", "t", "")
		assert meetings.name(named, "u") is named

	def test_the_meeting_of_that_name_is_the_rooms(self) -> None:
		named = meetings.name(make_room(), "t")
		assert meeting_in(meetings.opened(named, "t", "m", "d")) == ("m", "t", "d")

	def test_one_of_another_name_or_a_second_is_not(self) -> None:
		named = meetings.name(make_room(), "t")
		assert meetings.opened(named, "u", "m", "d") is named
		assert meetings.opened(met(), "t", "other", "x") == met()

	def test_one_that_is_gone_gives_way_to_the_next_name(self) -> None:
		assert meeting_in(meetings.remade(met(), "t", "u")) == ("", "u", "")

	def test_unless_another_join_has_given_one(self) -> None:
		remade = meetings.remade(met(), "t", "u")
		assert meetings.remade(remade, "t", "v") is remade


class TestMoving:
	def test_the_old_meeting_is_left_to_be_closed(self) -> None:
		moved = meetings.moved(met(), SPARE, "u")
		assert (moved.provider, moved.media_region, *meeting_in(moved)) == ("Spare", "eu-west-2", "", "u", "")
		assert moved.former_meetings == (FormerMeeting("Video", "ca-central-1", "m", "t"),)

	def test_it_is_closed_as_the_room_was_then(self) -> None:
		room = met()
		moved = meetings.moved(room, SPARE, "u")
		(former,) = moved.former_meetings
		assert meetings.at_former(moved, former) == replace(
			room, meeting_details="", former_meetings=moved.former_meetings
		)
		assert meetings.former_closed(moved, former).former_meetings == ()

	def test_of_several_only_the_one_that_is_closed_goes(self) -> None:
		twice = meetings.moved(meetings.moved(met(), SPARE, "u"), make_provider(name="Third"), "v")
		first, second = twice.former_meetings
		assert meetings.former_closed(twice, first).former_meetings == (second,)
		assert meetings.former_closed(meetings.former_closed(twice, first), first).former_meetings == (
			second,
		)


class TestClosing:
	def test_the_meeting_goes_that_was_closed(self) -> None:
		assert meeting_in(meetings.closed(met(), "m", "t")) == ("", "", "")

	@pytest.mark.parametrize("other", [("x", "t"), ("m", "x"), ("", "t")])
	def test_no_other(self, other: tuple[str, str]) -> None:
		assert meetings.closed(met(), *other) == met()

	def test_is_due_when_the_room_is_over_and_has_a_name(self) -> None:
		for status in RoomStatus:
			is_over = status in (RoomStatus.ENDED, RoomStatus.EXPIRED, RoomStatus.REVOKED)
			assert meetings.is_closing(met(status=status)) is is_over
			assert not meetings.is_closing(make_room(status=status))

	@pytest.mark.parametrize("field", ["ended_on", "revoked_on"])
	def test_after_the_longest_life_of_a_meeting_nothing_is_left_to_close(self, field: str) -> None:
		room = met(**{field: NOON})
		assert not meetings.is_long_over(room, NOON + MEETING_LIFE)
		assert meetings.is_long_over(room, NOON + MEETING_LIFE + timedelta(milliseconds=1))
		assert not meetings.is_long_over(met(), NOON + 10 * MEETING_LIFE)


class TestCredentials:
	def test_what_is_revoked_stays_until_it_is_destroyed(self) -> None:
		person = make_participant(make_room())
		for given_name in ("a", "b", "c"):
			person = meetings.revoke(person, given_name)
		assert person.revoked_attendees == ("a", "b", "c")
		assert meetings.destroyed(person, {"b", "x"}).revoked_attendees == ("a", "c")
		assert meetings.left_behind(person).revoked_attendees == ()

	def test_each_stretch_of_heartbeats_is_there_once(self) -> None:
		join = Join("a", "r", "p", "Video", "m")
		one, two = Span(NOON, NOON + timedelta(seconds=1)), Span(NOON, NOON + timedelta(seconds=2))
		once = meetings.heard(meetings.heard(join, one), two)
		assert once.heartbeat_spans == (one, two)
		assert meetings.heard(once, one) is once

	def test_credentials_end_once(self) -> None:
		ended = meetings.ended(Join("a", "r", "p", "Video", "m"), NOON)
		assert ended.credentials_revoked_on == NOON
		assert meetings.ended(ended, NOON + timedelta(hours=1)) is ended


class TestStored:
	"""Stores write each value as one word, and read it back."""

	@given(st.builds(FormerMeeting, words, words, words, words))
	def test_a_former_meeting(self, former: FormerMeeting) -> None:
		assert FormerMeeting.read(str(former)) == former
		assert len(str(former).split()) == 1

	def test_a_damaged_former_meeting_is_read(self) -> None:
		assert FormerMeeting.read("damaged") == FormerMeeting("damaged", "", "", "")
		assert FormerMeeting.read("a/b/c/d/e") == FormerMeeting("a", "b", "c", "d")

	@given(st.builds(FormerVisit, moments, moments, words))
	def test_a_former_visit(self, former: FormerVisit) -> None:
		assert FormerVisit.read(str(former)) == former
		assert len(str(former).split()) == 1

	@given(st.builds(Span, moments, moments))
	def test_a_span(self, span: Span) -> None:
		assert Span.read(str(span)) == span
