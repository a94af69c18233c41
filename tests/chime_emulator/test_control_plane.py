"""The control plane as the real boto3 sees it: answers, idempotency, limits, refusals, regions, paging."""

from __future__ import annotations

import urllib.error
import urllib.request
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tools.chime_emulator import Emulator, Settings
from tools.chime_emulator.notary import Notary

Make = Callable[..., dict[str, Any]]
ALL = {"Audio": "SendReceive", "Video": "SendReceive", "Content": "SendReceive"}


def meeting_request(**changes: Any) -> dict[str, Any]:
	fields = {
		"ClientRequestToken": str(uuid.uuid4()),
		"MediaRegion": "ca-central-1",
		"ExternalMeetingId": "room-1",
	}
	return {**fields, **changes}


def refusal(act: Callable[..., Any], **params: Any) -> tuple[int, str]:
	with pytest.raises(ClientError) as caught:
		act(**params)
	answer = caught.value.response
	return answer["ResponseMetadata"]["HTTPStatusCode"], answer["Error"]["Code"]


def test_a_meeting_is_made_read_and_ended(emulator: Emulator) -> None:
	chime = emulator.boto()
	features = {"Attendee": {"MaxCount": 8}, "Video": {"MaxResolution": "HD"}}
	made = chime.create_meeting(
		**meeting_request(MeetingFeatures=features, Tags=[{"Key": "app", "Value": "telehealth"}])
	)["Meeting"]
	assert made["MediaRegion"] == "ca-central-1"
	assert made["MeetingFeatures"] == features
	assert made["MediaPlacement"]["SignalingUrl"].startswith("ws://127.0.0.1:")
	assert chime.get_meeting(MeetingId=made["MeetingId"])["Meeting"] == made
	chime.delete_meeting(MeetingId=made["MeetingId"])
	assert refusal(chime.get_meeting, MeetingId=made["MeetingId"]) == (404, "NotFoundException")
	assert refusal(chime.delete_meeting, MeetingId=made["MeetingId"]) == (404, "NotFoundException")
	assert emulator.state()["calls"] == {"CreateMeeting": 1, "GetMeeting": 2, "DeleteMeeting": 2}


def test_the_same_token_is_the_same_meeting_even_after_its_end(emulator: Emulator) -> None:
	chime = emulator.boto()
	first, second = (
		chime.create_meeting(**meeting_request(ClientRequestToken="one")),
		meeting_request(ClientRequestToken="one"),
	)
	meeting_id = first["Meeting"]["MeetingId"]
	assert chime.create_meeting(**second)["Meeting"]["MeetingId"] == meeting_id
	assert len(emulator.state()["meetings"]) == 1
	chime.delete_meeting(MeetingId=meeting_id)
	assert chime.create_meeting(**second)["Meeting"]["MeetingId"] == meeting_id
	assert refusal(chime.create_attendee, MeetingId=meeting_id, ExternalUserId="somebody") == (
		404,
		"NotFoundException",
	)


def test_attendees_are_made_once_per_external_user(emulator: Emulator, open_meeting: Make) -> None:
	chime, meeting_id = emulator.boto(), open_meeting()["MeetingId"]
	first = chime.create_attendee(MeetingId=meeting_id, ExternalUserId="p-1")["Attendee"]
	again = chime.create_attendee(MeetingId=meeting_id, ExternalUserId="p-1")["Attendee"]
	assert again == first
	assert first["Capabilities"] == ALL
	assert 2 <= len(first["JoinToken"]) <= 2048
	own = {"MeetingId": meeting_id, "AttendeeId": first["AttendeeId"]}
	assert chime.get_attendee(**own)["Attendee"] == first
	chime.delete_attendee(**own)
	assert refusal(chime.get_attendee, **own) == (404, "NotFoundException")
	assert refusal(chime.delete_attendee, **own) == (404, "NotFoundException")
	fresh = chime.create_attendee(MeetingId=meeting_id, ExternalUserId="p-1")["Attendee"]
	assert fresh["AttendeeId"] != first["AttendeeId"]
	assert fresh["JoinToken"] != first["JoinToken"]


def test_a_meeting_with_its_first_attendees(emulator: Emulator) -> None:
	people = [{"ExternalUserId": f"p-{n}", "Capabilities": ALL} for n in range(20)]
	chime = emulator.boto()
	answer = chime.create_meeting_with_attendees(**meeting_request(Attendees=people))
	assert [a["ExternalUserId"] for a in answer["Attendees"]] == [p["ExternalUserId"] for p in people]
	assert answer["Errors"] == []
	too_many = meeting_request(Attendees=[*people, {"ExternalUserId": "p-20"}])
	assert refusal(chime.create_meeting_with_attendees, **too_many) == (400, "BadRequestException")


def test_attendees_by_the_hundred_and_page_by_page(emulator: Emulator, open_meeting: Make) -> None:
	chime, meeting_id = emulator.boto(), open_meeting()["MeetingId"]
	people = [{"ExternalUserId": f"p-{n}"} for n in range(100)]
	chime.batch_create_attendee(MeetingId=meeting_id, Attendees=people)
	too_many = [*people, {"ExternalUserId": "p-100"}]
	assert refusal(chime.batch_create_attendee, MeetingId=meeting_id, Attendees=too_many) == (
		400,
		"BadRequestException",
	)
	pages = list(_pages(chime, meeting_id, 30))
	assert [len(page) for page in pages] == [30, 30, 30, 10]
	assert len({a["AttendeeId"] for page in pages for a in page}) == 100
	assert refusal(chime.list_attendees, MeetingId=meeting_id, MaxResults=101) == (400, "BadRequestException")
	assert refusal(chime.list_attendees, MeetingId=meeting_id, NextToken="?") == (400, "BadRequestException")


def _pages(chime: Any, meeting_id: str, size: int) -> Any:
	token: dict[str, str] = {}
	while True:
		answer = chime.list_attendees(MeetingId=meeting_id, MaxResults=size, **token)
		yield answer["Attendees"]
		if "NextToken" not in answer:
			return
		token = {"NextToken": answer["NextToken"]}


def test_no_more_than_250_attendees(emulator: Emulator, open_meeting: Make) -> None:
	chime, meeting_id = emulator.boto(), open_meeting()["MeetingId"]
	for batch in range(3):
		people = [{"ExternalUserId": f"p-{batch}-{n}"} for n in range(100)]
		answer = chime.batch_create_attendee(MeetingId=meeting_id, Attendees=people)
	assert [len(answer["Attendees"]), len(answer["Errors"])] == [50, 50]
	assert answer["Errors"][0]["ErrorCode"] == "LimitExceeded"
	one_more = {"MeetingId": meeting_id, "ExternalUserId": "one-more"}
	assert refusal(chime.create_attendee, **one_more) == (400, "LimitExceededException")


BAD_MEETINGS = {
	"token too long": {"ClientRequestToken": "x" * 65},
	"token with a dot": {"ClientRequestToken": "a.b"},
	"external id too long": {"ExternalMeetingId": "x" * 65},
	"external id of Amazon's": {"ExternalMeetingId": "AWS:mine"},
	"external id with a percent sign": {"ExternalMeetingId": "50%"},
	"no such region": {"MediaRegion": "mars-north-1"},
	"nobody may come": {"MeetingFeatures": {"Attendee": {"MaxCount": 0}}},
	"too many may come": {"MeetingFeatures": {"Attendee": {"MaxCount": 251}}},
	"unknown resolution": {"MeetingFeatures": {"Video": {"MaxResolution": "8K"}}},
	"FHD without a count": {"MeetingFeatures": {"Video": {"MaxResolution": "FHD"}}},
	"UHD for many": {"MeetingFeatures": {"Content": {"MaxResolution": "UHD"}, "Attendee": {"MaxCount": 26}}},
	"tag twice": {"Tags": [{"Key": "a", "Value": "1"}, {"Key": "a", "Value": "2"}]},
	"tag of Amazon's": {"Tags": [{"Key": "aws:a", "Value": "1"}]},
	"tag too long": {"Tags": [{"Key": "a", "Value": "x" * 257}]},
	"tenant with four equal characters": {"TenantIds": ["aaaa"]},
	"topic that is no ARN": {"NotificationsConfiguration": {"SnsTopicArn": "topic"}},
}


@pytest.mark.parametrize("changes", BAD_MEETINGS.values(), ids=BAD_MEETINGS)
def test_bad_meetings_are_refused(emulator: Emulator, changes: dict[str, Any]) -> None:
	chime = emulator.boto(parameter_validation=False)
	assert refusal(chime.create_meeting, **meeting_request(**changes)) == (400, "BadRequestException")
	assert emulator.state()["meetings"] == []


BAD_CAPABILITIES = {
	"content without video": {"Audio": "SendReceive", "Video": "Send", "Content": "Receive"},
	"half of them": {"Audio": "SendReceive", "Video": "SendReceive"},
	"unknown": {"Audio": "Loud", "Video": "SendReceive", "Content": "None"},
}


@pytest.mark.parametrize("capabilities", BAD_CAPABILITIES.values(), ids=BAD_CAPABILITIES)
def test_bad_capabilities_are_refused(
	emulator: Emulator, open_meeting: Make, capabilities: dict[str, str]
) -> None:
	chime = emulator.boto(parameter_validation=False)
	who = {"MeetingId": open_meeting()["MeetingId"], "ExternalUserId": "p-1", "Capabilities": capabilities}
	assert refusal(chime.create_attendee, **who) == (400, "BadRequestException")


@pytest.mark.parametrize("name", ["x", "x" * 65, "aws:p", "a\x00b", "50%"])
def test_bad_external_user_ids_are_refused(emulator: Emulator, open_meeting: Make, name: str) -> None:
	chime = emulator.boto(parameter_validation=False)
	who = {"MeetingId": open_meeting()["MeetingId"], "ExternalUserId": name}
	assert refusal(chime.create_attendee, **who) == (400, "BadRequestException")


def test_media_that_a_meeting_does_not_have_cannot_be_granted(emulator: Emulator, open_meeting: Make) -> None:
	chime = emulator.boto()
	quiet = open_meeting(MeetingFeatures={"Video": {"MaxResolution": "None"}})["MeetingId"]
	assert refusal(chime.create_attendee, MeetingId=quiet, ExternalUserId="p-1", Capabilities=ALL)[0] == 400
	made = chime.create_attendee(MeetingId=quiet, ExternalUserId="p-1")["Attendee"]
	assert made["Capabilities"] == {"Audio": "SendReceive", "Video": "Receive", "Content": "SendReceive"}


def test_capabilities_can_be_changed_for_one_and_for_all_but_some(
	emulator: Emulator, open_meeting: Make
) -> None:
	chime, meeting_id = emulator.boto(), open_meeting()["MeetingId"]
	people = [
		chime.create_attendee(MeetingId=meeting_id, ExternalUserId=f"p-{n}")["Attendee"] for n in range(3)
	]
	none = {"Audio": "None", "Video": "None", "Content": "None"}
	chime.update_attendee_capabilities(
		MeetingId=meeting_id, AttendeeId=people[0]["AttendeeId"], Capabilities=none
	)
	spared = [{"AttendeeId": people[1]["AttendeeId"]}]
	chime.batch_update_attendee_capabilities_except(
		MeetingId=meeting_id, ExcludedAttendeeIds=spared, Capabilities={**none, "Audio": "Receive"}
	)
	audio = [a["Capabilities"]["Audio"] for a in chime.list_attendees(MeetingId=meeting_id)["Attendees"]]
	assert audio == ["Receive", "SendReceive", "Receive"]


def test_a_meeting_lives_in_its_control_region_and_account(notary: Notary) -> None:
	accounts = {"AKIAONE": "111111111111", "AKIATWO": "222222222222"}
	with Emulator(Settings(accounts=accounts), notary) as emulator:
		own = emulator.boto(key="AKIAONE", region="ca-central-1")
		meeting_id = own.create_meeting(**meeting_request())["Meeting"]["MeetingId"]
		assert own.get_meeting(MeetingId=meeting_id)["Meeting"]["MeetingId"] == meeting_id
		for stranger in (emulator.boto(key="AKIATWO", region="ca-central-1"), emulator.boto(key="AKIAONE")):
			assert refusal(stranger.get_meeting, MeetingId=meeting_id) == (404, "NotFoundException")
		unknown = emulator.boto(key="AKIATHREE")
		assert refusal(unknown.get_meeting, MeetingId=meeting_id) == (403, "UnrecognizedClientException")
		elsewhere = emulator.boto(key="AKIAONE", region="sa-east-1")
		assert refusal(elsewhere.get_meeting, MeetingId=meeting_id) == (403, "InvalidSignatureException")


def test_the_account_behind_a_key(notary: Notary) -> None:
	with Emulator(Settings(accounts={"AKIAONE": "111111111111"}), notary) as emulator:
		assert emulator.boto("sts", key="AKIAONE").get_caller_identity()["Account"] == "111111111111"
		assert refusal(emulator.boto("sts", key="AKIATWO").get_caller_identity) == (
			403,
			"InvalidClientTokenId",
		)


def test_an_unsigned_request_is_refused(emulator: Emulator) -> None:
	request = urllib.request.Request(emulator.url + "/meetings", data=b"{}", method="POST")
	with pytest.raises(urllib.error.HTTPError) as caught:
		urllib.request.urlopen(request)
	assert caught.value.code == 403
	assert caught.value.headers["x-amzn-ErrorType"] == "MissingAuthenticationTokenException"


def test_too_many_meetings(notary: Notary) -> None:
	with Emulator(Settings(max_meetings=2), notary) as emulator:
		chime = emulator.boto()
		ids = [chime.create_meeting(**meeting_request())["Meeting"]["MeetingId"] for _ in range(2)]
		assert refusal(chime.create_meeting, **meeting_request()) == (400, "LimitExceededException")
		chime.delete_meeting(MeetingId=ids[0])
		assert chime.create_meeting(**meeting_request())["Meeting"]["MeetingId"] not in ids


def test_a_meeting_ends_by_itself(emulator: Emulator, open_meeting: Make) -> None:
	chime, meeting_id = emulator.boto(), open_meeting()["MeetingId"]
	emulator.advance(299)
	assert chime.get_meeting(MeetingId=meeting_id)
	emulator.advance(2)
	assert refusal(chime.get_meeting, MeetingId=meeting_id) == (404, "NotFoundException")
	assert [e["detail"]["eventType"] for e in emulator.events()] == [
		"chime:MeetingStarted",
		"chime:MeetingEnded",
	]


def test_a_frozen_clock_moves_only_when_advanced(notary: Notary) -> None:
	with Emulator(Settings(frozen_at=1_800_000_000.0), notary) as emulator:
		emulator.boto().create_meeting(**meeting_request())
		emulator.advance(60)
		assert emulator.state()["now"] == 1_800_000_060.0
		assert emulator.events()[0]["detail"]["timestamp"] == 1_800_000_000_000
		assert emulator.events()[0]["time"] == "2027-01-15T08:00:00Z"


def test_what_is_not_emulated_says_so(emulator: Emulator, open_meeting: Make) -> None:
	chime, meeting_id = emulator.boto(), open_meeting()["MeetingId"]
	assert refusal(chime.stop_meeting_transcription, MeetingId=meeting_id) == (
		404,
		"UnknownOperationException",
	)


def test_a_person_without_media_is_there_until_removed(
	emulator: Emulator, open_meeting: Make, admit: Make
) -> None:
	"""Cheap presence for tests: the events are those of a real join."""
	meeting = open_meeting()
	ana = admit(meeting)
	assert emulator.enter(ana["JoinToken"]) == ana["AttendeeId"]
	emulator.advance(3600)
	assert [p["attendee_id"] for p in emulator.meeting(meeting["MeetingId"])["connected"]] == [
		ana["AttendeeId"]
	]
	emulator.boto().delete_attendee(MeetingId=meeting["MeetingId"], AttendeeId=ana["AttendeeId"])
	assert emulator.meeting(meeting["MeetingId"])["connected"] == []
	assert [e["detail"]["eventType"].removeprefix("chime:Attendee") for e in emulator.events()[1:]] == [
		"Added",
		"Authorized",
		"Joined",
		"Deleted",
		"Left",
	]
	with pytest.raises(urllib.error.HTTPError, match="403"):
		emulator.enter(ana["JoinToken"])


def test_a_person_without_media_leaves_or_is_dropped(
	emulator: Emulator, open_meeting: Make, admit: Make
) -> None:
	meeting = open_meeting(MeetingFeatures={"Attendee": {"MaxCount": 2}})
	ana, ben, cem = (admit(meeting) for _ in range(3))
	emulator.enter(ana["JoinToken"])
	emulator.enter(ben["JoinToken"])
	with pytest.raises(urllib.error.HTTPError, match="403"):
		emulator.enter(cem["JoinToken"])
	emulator.depart(ana["AttendeeId"])
	emulator.drop(ben["AttendeeId"])
	assert [e["detail"]["eventType"] for e in emulator.events()[-2:]] == [
		"chime:AttendeeLeft",
		"chime:AttendeeDropped",
	]
	with pytest.raises(urllib.error.HTTPError, match="404"):
		emulator.depart(ben["AttendeeId"])
