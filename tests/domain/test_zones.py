"""The clinic's wall clock and UTC: nothing lost on the way there and back, one meaning for odd times."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from theranvio_telehealth.domain.zones import day, earliest_shown, latest_shown, to_naive, to_utc

NEW_YORK = "America/New_York"
ZONES = (
	NEW_YORK,
	"Asia/Kolkata",
	"Europe/Berlin",
	"Australia/Lord_Howe",
	"America/St_Johns",
	"Africa/Casablanca",
	"UTC",
)
EPOCH = datetime(2000, 1, 1, tzinfo=timezone.utc)

zones = st.sampled_from(ZONES)
instants = st.integers(0, 60 * 366 * 86400 * 1000).map(lambda ms: EPOCH + timedelta(milliseconds=ms))
#: Instants within hours of New York's change in autumn 2027, where a uniform draw would hardly ever land.
around_autumn = st.integers(-3 * 3600_000, 3 * 3600_000).map(
	lambda ms: datetime(2027, 11, 7, 6, tzinfo=timezone.utc) + timedelta(milliseconds=ms)
)


@given(instants | around_autumn, zones)
@example(datetime(2027, 11, 7, 5, 30, tzinfo=timezone.utc), NEW_YORK)
@example(datetime(2027, 11, 7, 6, 30, tzinfo=timezone.utc), NEW_YORK)
@example(datetime(2027, 4, 3, 15, 15, tzinfo=timezone.utc), "Australia/Lord_Howe")
def test_there_and_back_loses_nothing(instant: datetime, zone: str) -> None:
	assert to_utc(to_naive(instant, zone), zone) == instant


@given(st.datetimes(datetime(2000, 1, 1), datetime(2060, 1, 1)), zones)
def test_any_naive_time_is_an_instant_in_whole_milliseconds(naive: datetime, zone: str) -> None:
	instant = to_utc(naive, zone)
	assert instant.microsecond % 1000 == 0
	assert instant.utcoffset() == timedelta(0)


@given(instants | around_autumn, zones, st.timedeltas(timedelta(0), timedelta(hours=5)))
def test_latest_shown_bounds_every_earlier_reading(instant: datetime, zone: str, earlier: timedelta) -> None:
	assert to_naive(instant - earlier, zone) <= latest_shown(instant, zone)


@given(instants, zones)
def test_latest_shown_is_the_reading_itself_but_for_the_repeated_stretch(
	instant: datetime, zone: str
) -> None:
	if not instant.astimezone(ZoneInfo(zone)).fold:
		assert latest_shown(instant, zone) == to_naive(instant, zone)


@given(instants | around_autumn, zones, st.timedeltas(timedelta(0), timedelta(hours=5)))
def test_earliest_shown_bounds_every_later_reading(instant: datetime, zone: str, later: timedelta) -> None:
	assert earliest_shown(instant, zone) <= to_naive(instant + later, zone)


@given(instants | around_autumn, zones)
def test_earliest_shown_is_at_most_the_repeated_stretch_below_the_reading(
	instant: datetime, zone: str
) -> None:
	below = to_naive(instant, zone) - earliest_shown(instant, zone)
	assert timedelta(0) <= below <= timedelta(hours=1)


def test_the_two_showings_of_a_time_are_distinguished() -> None:
	first = to_naive(datetime(2027, 11, 7, 5, 30, tzinfo=timezone.utc), NEW_YORK)
	second = to_naive(datetime(2027, 11, 7, 6, 30, tzinfo=timezone.utc), NEW_YORK)
	assert first == datetime(2027, 11, 7, 1, 30)
	assert second == datetime(2027, 11, 7, 1, 30, 0, 1)


@pytest.mark.parametrize(
	("naive", "instant"),
	[
		(datetime(2027, 11, 7, 1, 30), datetime(2027, 11, 7, 5, 30)),  # shown twice: the earlier
		(datetime(2027, 3, 14, 2, 30), datetime(2027, 3, 14, 7, 30)),  # never shown: 03:30 by the clock
		(datetime(2027, 3, 14, 2, 30, 0, 1), datetime(2027, 3, 14, 7, 30)),  # a mark means nothing there
		(datetime(2027, 7, 1, 9, 0, 0, 1), datetime(2027, 7, 1, 13, 0)),  # nor in summer
		(datetime(2027, 11, 7, 1, 30, 0, 123456), datetime(2027, 11, 7, 5, 30, 0, 123000)),
	],
)
def test_odd_times_have_one_meaning(naive: datetime, instant: datetime) -> None:
	assert to_utc(naive, NEW_YORK) == instant.replace(tzinfo=timezone.utc)


def test_the_day_is_the_clinics() -> None:
	assert day(datetime(2027, 7, 1, 2, tzinfo=timezone.utc), NEW_YORK).isoformat() == "2027-06-30"


def test_an_unknown_zone_is_an_error() -> None:
	with pytest.raises(KeyError):
		to_utc(datetime(2027, 1, 1), "Mars/Olympus")
