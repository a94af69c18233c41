"""The emulator fails by the fault that is set, as seen by the real boto3; what was done before a failure stays done."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError, ConnectionClosedError, ReadTimeoutError

from tools.chime_emulator import Emulator

Make = Callable[..., dict[str, Any]]
STANDARD = {"mode": "standard", "total_max_attempts": 3}


def meeting_request(**changes: Any) -> dict[str, Any]:
	return {
		"ClientRequestToken": str(uuid.uuid4()),
		"MediaRegion": "us-east-1",
		"ExternalMeetingId": "room-1",
		**changes,
	}


ERRORS = {
	"throttle": (429, "ThrottledClientException"),
	"throttling": (429, "ThrottlingException"),
	"error_500": (500, "ServiceFailureException"),
	"error_503": (503, "ServiceUnavailableException"),
	"conflict": (409, "ConflictException"),
	"limit": (400, "LimitExceededException"),
	"forbidden": (403, "ForbiddenException"),
	"access_denied": (403, "AccessDeniedException"),
	"unauthorized": (401, "UnauthorizedException"),
	"unprocessable": (422, "UnprocessableEntityException"),
}


@pytest.mark.parametrize(("kind", "expected"), ERRORS.items(), ids=ERRORS)
def test_errors_once_and_then_all_is_well(emulator: Emulator, kind: str, expected: tuple[int, str]) -> None:
	emulator.fail({"on": "CreateMeeting", "kind": kind, "times": 1})
	chime = emulator.boto()
	with pytest.raises(ClientError) as caught:
		chime.create_meeting(**meeting_request())
	answer = caught.value.response
	assert (answer["ResponseMetadata"]["HTTPStatusCode"], answer["Error"]["Code"]) == expected
	assert emulator.state()["meetings"] == []
	assert chime.create_meeting(**meeting_request())["Meeting"]["MeetingId"]


def test_modelled_errors_are_the_clients_own_exceptions(emulator: Emulator) -> None:
	emulator.fail({"on": "*", "kind": "error_503"})
	chime = emulator.boto()
	with pytest.raises(chime.exceptions.ServiceUnavailableException) as caught:
		chime.create_meeting(**meeting_request())
	assert caught.value.response["ResponseMetadata"]["HTTPHeaders"]["retry-after"] == "1"


@pytest.mark.parametrize("kind", ["error_503", "throttling"])
def test_boto_tries_again_what_it_calls_passing(emulator: Emulator, kind: str) -> None:
	emulator.fail({"on": "CreateMeeting", "kind": kind, "times": 2})
	assert emulator.boto(retries=STANDARD).create_meeting(**meeting_request())["Meeting"]["MeetingId"]
	assert emulator.state()["calls"]["CreateMeeting"] == 3


def test_a_connection_cut_after_the_meeting_was_made(emulator: Emulator) -> None:
	emulator.fail({"on": "CreateMeeting", "kind": "reset_after", "times": 1})
	chime, request = emulator.boto(), meeting_request()
	with pytest.raises(ConnectionClosedError):
		chime.create_meeting(**request)
	(left,) = emulator.state()["meetings"]
	assert chime.create_meeting(**request)["Meeting"]["MeetingId"] == left["meeting_id"]
	assert len(emulator.state()["meetings"]) == 1


def test_boto_retries_a_cut_connection_into_the_same_meeting(emulator: Emulator) -> None:
	emulator.fail({"on": "CreateMeeting", "kind": "reset_after", "times": 2})
	made = emulator.boto(retries=STANDARD).create_meeting(**meeting_request())["Meeting"]
	assert [m["meeting_id"] for m in emulator.state()["meetings"]] == [made["MeetingId"]]
	assert emulator.state()["calls"]["CreateMeeting"] == 3


def test_a_connection_cut_after_the_attendee_was_made(emulator: Emulator, open_meeting: Make) -> None:
	meeting_id = open_meeting()["MeetingId"]
	emulator.fail({"on": "CreateAttendee", "kind": "reset_after", "times": 1})
	chime = emulator.boto()
	with pytest.raises(ConnectionClosedError):
		chime.create_attendee(MeetingId=meeting_id, ExternalUserId="p-1")
	(left,) = emulator.meeting(meeting_id)["attendees"]
	made = chime.create_attendee(MeetingId=meeting_id, ExternalUserId="p-1")["Attendee"]
	assert made["AttendeeId"] == left["attendee_id"]


def test_a_connection_cut_before_anything_was_done(emulator: Emulator) -> None:
	emulator.fail({"on": "CreateMeeting", "kind": "reset"})
	with pytest.raises(ConnectionClosedError):
		emulator.boto().create_meeting(**meeting_request())
	assert emulator.state()["meetings"] == []


@pytest.mark.parametrize(("kind", "made"), [("timeout", 0), ("timeout_after", 1)])
def test_no_answer_in_time(emulator: Emulator, kind: str, made: int) -> None:
	emulator.fail({"on": "CreateMeeting", "kind": kind, "seconds": 5})
	with pytest.raises(ReadTimeoutError):
		emulator.boto(read_timeout=0.4).create_meeting(**meeting_request())
	assert len(emulator.state()["meetings"]) == made


def test_latency_delays_and_does_no_more(emulator: Emulator) -> None:
	emulator.fail({"on": "GetMeeting", "kind": "latency", "seconds": 0.3, "times": 1})
	chime = emulator.boto()
	meeting_id = chime.create_meeting(**meeting_request())["Meeting"]["MeetingId"]
	start = time.monotonic()
	assert chime.get_meeting(MeetingId=meeting_id)
	assert time.monotonic() - start >= 0.3


def test_a_meeting_that_expires_just_before_the_call(emulator: Emulator, open_meeting: Make) -> None:
	meeting_id = open_meeting()["MeetingId"]
	emulator.fail({"on": "CreateAttendee", "kind": "expired"})
	chime = emulator.boto()
	with pytest.raises(chime.exceptions.NotFoundException):
		chime.create_attendee(MeetingId=meeting_id, ExternalUserId="p-1")
	assert emulator.meeting(meeting_id)["ended"] is True


def test_a_batch_that_fails_in_part(emulator: Emulator, open_meeting: Make) -> None:
	emulator.fail({"on": "BatchCreateAttendee", "kind": "partial", "times": 1})
	people = [{"ExternalUserId": f"p-{n}"} for n in range(3)]
	answer = emulator.boto().batch_create_attendee(MeetingId=open_meeting()["MeetingId"], Attendees=people)
	assert [a["ExternalUserId"] for a in answer["Attendees"]] == ["p-1", "p-2"]
	assert [(e["ExternalUserId"], e["ErrorCode"]) for e in answer["Errors"]] == [("p-0", "ServiceFailure")]


def test_chance_is_the_same_for_the_same_seed(emulator: Emulator) -> None:
	def outcomes(seed: int) -> list[bool]:
		emulator.fail({"on": "CreateMeeting", "kind": "error_500", "probability": 0.5}, seed=seed)
		return [_succeeds(emulator) for _ in range(16)]

	assert outcomes(7) == outcomes(7) != outcomes(8)


def _succeeds(emulator: Emulator) -> bool:
	try:
		emulator.boto().create_meeting(**meeting_request())
	except ClientError:
		return False
	return True


def test_the_first_calls_can_be_spared(emulator: Emulator) -> None:
	emulator.fail({"on": "CreateMeeting", "kind": "error_500", "skip": 2, "times": 1})
	assert [_succeeds(emulator) for _ in range(4)] == [True, True, False, True]


def test_an_unknown_fault_is_refused(emulator: Emulator) -> None:
	with pytest.raises(Exception, match="400"):
		emulator.fail({"on": "CreateMeeting", "kind": "earthquake"})
