"""The provider against Amazon itself: the only test of whether the emulator behaves as Amazon does.

    AWS_CHIME_LIVE=1 AWS_CHIME_LIVE_REGION=ca-central-1 .venv/bin/python -m pytest tests/providers/test_chime_live.py

It uses the credentials of the environment, makes two meetings that no one joins, which Amazon does not bill, and ends both."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from datetime import datetime, timezone

import pytest

from theranvio_telehealth.domain.enums import Role
from theranvio_telehealth.providers.base import Gone, Meeting, MeetingRequest
from theranvio_telehealth.providers.chime.config import ChimeConfig
from theranvio_telehealth.providers.chime.provider import ChimeProvider

pytestmark = pytest.mark.skipif(
	os.environ.get("AWS_CHIME_LIVE") != "1",
	reason="asks Amazon itself, with an account: set AWS_CHIME_LIVE=1 to run it",
)
REGION = os.environ.get("AWS_CHIME_LIVE_REGION", "us-east-1")


@pytest.fixture
def chime() -> ChimeProvider:
	return ChimeProvider(ChimeConfig(control_region=REGION, media_region=REGION))


@pytest.fixture
def request_() -> MeetingRequest:
	return MeetingRequest(secrets.token_hex(16), REGION, 2)


@pytest.fixture
def meeting(chime: ChimeProvider, request_: MeetingRequest) -> Iterator[Meeting]:
	made = chime.open_meeting(request_)
	yield made
	chime.close_meeting(made)


def admit(chime: ChimeProvider, meeting: Meeting) -> tuple[str, str]:
	"""A fresh pseudonym and the attendee made for it."""
	pseudonym = secrets.token_hex(16)
	made = chime.add_attendee(meeting, pseudonym, Role.CLIENT, datetime.now(timezone.utc))
	return pseudonym, made.attendee_id


def test_the_account_can_be_used(chime: ChimeProvider) -> None:
	assert [finding for finding in chime.check() if not finding.ok] == []


def test_a_token_makes_one_meeting(chime: ChimeProvider, meeting: Meeting, request_: MeetingRequest) -> None:
	assert chime.open_meeting(request_).meeting_id == meeting.meeting_id


def test_an_attendee_is_found_by_id_and_by_pseudonym_and_is_gone_once_removed(
	chime: ChimeProvider, meeting: Meeting
) -> None:
	_, by_id = admit(chime, meeting)
	by_pseudonym, _ = admit(chime, meeting)
	for known_as in (by_id, by_pseudonym):
		chime.remove_attendee(meeting, known_as)
		chime.remove_attendee(meeting, known_as)


def test_no_one_can_be_added_to_a_meeting_that_ended(chime: ChimeProvider, meeting: Meeting) -> None:
	chime.close_meeting(meeting)
	chime.close_meeting(meeting)
	with pytest.raises(Gone):
		admit(chime, meeting)
