"""Amazon Chime keeps the contract, and asks for what it should: against answers on loopback, by boto3's own wire."""

from __future__ import annotations

import json
import logging
from dataclasses import replace
from typing import Any

import pytest

from tests.providers.chime_stub import ACCOUNT, SECRET, ChimeStub
from tests.providers.contract import PSEUDONYM, TOKEN, ProviderContract, make_request
from theranvio_telehealth.domain.enums import Adapter, Role
from theranvio_telehealth.providers import registry
from theranvio_telehealth.providers.base import Gone, Meeting, ProviderError, Rejected, Unavailable
from theranvio_telehealth.providers.chime.provider import ChimeProvider, _settle_code
from tools.harness.ports import NOON

OTHER = "5f" * 16
TOPIC = f"arn:aws:sns:ca-central-1:{ACCOUNT}:visits"


@pytest.fixture
def provider(config: dict[str, Any]) -> ChimeProvider:
	return ChimeProvider.configured(config)


@pytest.fixture
def meeting(provider: ChimeProvider) -> Meeting:
	return provider.open_meeting(make_request(provider))


def join(
	provider: ChimeProvider, meeting: Meeting, pseudonym: str = PSEUDONYM, role: Role = Role.CLIENT
) -> Any:
	return provider.add_attendee(meeting, pseudonym, role, NOON)


class TestChime(ProviderContract):
	bad_form = {"control_region": "mars"}

	@pytest.fixture(autouse=True)
	def _configured(self, config: dict[str, Any]) -> None:
		self.config = config

	@pytest.fixture
	def provider(self, config: dict[str, Any]) -> ChimeProvider:
		return ChimeProvider.configured(config)

	def test_credentials_are_fresh_every_time(self, provider: Any, meeting: Meeting) -> None:
		"""Amazon takes a pseudonym for an idempotency token: the services give every join one of its own."""
		ids = [join(provider, meeting, name).attendee_id for name in (PSEUDONYM, OTHER)]
		assert len(set(ids)) == 2

	def test_a_closed_meeting_is_gone(self, provider: Any, meeting: Meeting) -> None:
		provider.close_meeting(meeting)
		with pytest.raises(Gone):
			join(provider, meeting)


class TestMeetings:
	def test_amazon_learns_a_token_and_nothing_else(self, amazon: ChimeStub, meeting: Meeting) -> None:
		asked = amazon.what("CreateMeeting")
		assert asked == {
			"ClientRequestToken": TOKEN,
			"MediaRegion": "ca-central-1",
			"ExternalMeetingId": asked["ExternalMeetingId"],
			"MeetingFeatures": {
				"Attendee": {"MaxCount": 6},
				"Video": {"MaxResolution": "HD"},
				"Content": {"MaxResolution": "FHD"},
			},
		}
		assert len(asked["ExternalMeetingId"]) == 32
		assert TOKEN not in asked["ExternalMeetingId"]

	def test_a_meeting_is_asked_for_once(self, amazon: ChimeStub, provider: ChimeProvider) -> None:
		"""A visit of two, ended by its host: one call for the meeting, one a person, one for the end."""
		meeting = provider.open_meeting(make_request(provider))
		for pseudonym in (PSEUDONYM, OTHER):
			join(provider, meeting, pseudonym)
		provider.close_meeting(meeting)
		assert amazon.acts() == ["CreateMeeting", "CreateAttendee", "CreateAttendee", "DeleteMeeting"]

	def test_its_details_carry_no_account_and_no_reporting(self, meeting: Meeting) -> None:
		assert ACCOUNT not in meeting.details
		assert "EventIngestion" not in meeting.details
		assert "details" not in repr(meeting)
		assert len(meeting.details) < 1000

	def test_an_answer_lost_on_the_way_makes_no_second_meeting(
		self, amazon: ChimeStub, provider: ChimeProvider
	) -> None:
		amazon.lose.append("CreateMeeting")
		meeting = provider.open_meeting(make_request(provider))
		assert list(amazon.meetings) == [meeting.meeting_id]
		assert amazon.acts() == ["CreateMeeting"] * 2

	def test_a_conflict_is_asked_about_once_more(self, amazon: ChimeStub, provider: ChimeProvider) -> None:
		amazon.refuse.append(("CreateMeeting", 409, "ConflictException"))
		assert provider.open_meeting(make_request(provider)).meeting_id
		assert amazon.acts() == ["CreateMeeting"] * 2

	def test_a_conflict_that_stays_is_for_later(self, amazon: ChimeStub, provider: ChimeProvider) -> None:
		amazon.refuse += [("CreateMeeting", 409, "ConflictException")] * 2
		with pytest.raises(Unavailable):
			provider.open_meeting(make_request(provider))
		assert amazon.acts() == ["CreateMeeting"] * 2

	def test_the_region_is_the_rooms_or_else_the_providers(
		self, amazon: ChimeStub, provider: ChimeProvider
	) -> None:
		for region, sent in (("us-east-1", "us-east-1"), ("", "ca-central-1")):
			provider.open_meeting(make_request(provider, media_region=region, token=region or "none"))
			assert amazon.what("CreateMeeting")["MediaRegion"] == sent

	@pytest.mark.parametrize(
		"wrong",
		[
			{"media_region": "eu-west-1"},
			{"media_region": "mars"},
			{"token": "a"},
			{"token": "x" * 65},
			{"token": "with a space"},
			{"token": "jané@example.org"},
		],
		ids=str,
	)
	def test_what_amazon_would_refuse_is_not_sent(
		self, amazon: ChimeStub, provider: ChimeProvider, wrong: dict[str, Any]
	) -> None:
		with pytest.raises(Rejected):
			provider.open_meeting(make_request(provider, **wrong))
		assert amazon.asked == []

	def test_a_room_is_no_larger_than_we_serve(self, amazon: ChimeStub, provider: ChimeProvider) -> None:
		provider.open_meeting(make_request(provider, max_people=250))
		count = amazon.what("CreateMeeting")["MeetingFeatures"]["Attendee"]["MaxCount"]
		assert count == provider.capabilities.max_people + 2 <= 25
		assert provider.capabilities.carrier == "Amazon"

	def test_events_go_to_the_topic(self, amazon: ChimeStub, config: dict[str, Any]) -> None:
		provider = ChimeProvider.configured(config | {"sns_topic_arn": TOPIC})
		provider.open_meeting(make_request(provider))
		assert amazon.what("CreateMeeting")["NotificationsConfiguration"] == {"SnsTopicArn": TOPIC}

	@pytest.mark.parametrize("meeting_id", ["", "never-was", "../meetings", "1" * 36])
	def test_what_cannot_be_amazons_is_gone_already(
		self, amazon: ChimeStub, provider: ChimeProvider, meeting_id: str
	) -> None:
		nowhere = Meeting(meeting_id)
		provider.close_meeting(nowhere)
		provider.remove_attendee(nowhere, PSEUDONYM)
		with pytest.raises(Gone):
			join(provider, nowhere)
		assert amazon.asked == []


class TestAttendees:
	def test_a_browser_gets_what_amazons_client_takes(
		self, provider: ChimeProvider, meeting: Meeting
	) -> None:
		credentials = join(provider, meeting)
		payload = json.loads(json.dumps(credentials.payload))
		assert set(payload) == {"meeting", "attendee", "may_share"}
		assert payload["meeting"]["MeetingId"] == meeting.meeting_id
		assert set(payload["meeting"]["MediaPlacement"]) == {"AudioHostUrl", "SignalingUrl", "TurnControlUrl"}
		assert payload["attendee"]["AttendeeId"] == credentials.attendee_id
		assert payload["attendee"]["ExternalUserId"] == PSEUDONYM
		assert payload["attendee"]["JoinToken"].startswith("join-token-")

	def test_an_admission_is_one_call(
		self, amazon: ChimeStub, provider: ChimeProvider, meeting: Meeting
	) -> None:
		amazon.asked.clear()
		join(provider, meeting)
		assert amazon.acts() == ["CreateAttendee"]

	@pytest.mark.parametrize("lost", ["", "{", "[]", '"x"', '{"MeetingId":"another"}'])
	def test_details_that_were_lost_are_asked_for(
		self, amazon: ChimeStub, provider: ChimeProvider, meeting: Meeting, lost: str
	) -> None:
		amazon.asked.clear()
		payload = join(provider, replace(meeting, details=lost)).payload
		assert payload["meeting"] == json.loads(meeting.details)
		assert amazon.acts() == ["GetMeeting", "CreateAttendee"]

	def test_details_of_a_meeting_that_is_gone(self, provider: ChimeProvider, meeting: Meeting) -> None:
		provider.close_meeting(meeting)
		with pytest.raises(Gone):
			join(provider, replace(meeting, details=""))

	@pytest.mark.parametrize("name", ["", "a", "Jane Doe", "jane@example.org", "x" * 65, "aws:x", "né"])
	def test_no_name_passes_for_a_pseudonym(
		self, amazon: ChimeStub, provider: ChimeProvider, meeting: Meeting, name: str
	) -> None:
		amazon.asked.clear()
		with pytest.raises(Rejected):
			join(provider, meeting, name)
		assert amazon.asked == []

	@pytest.mark.parametrize(
		("sharing", "host", "client", "resolution"),
		[
			("", "SendReceive", "SendReceive", "FHD"),
			("Everyone", "SendReceive", "SendReceive", "FHD"),
			("Hosts Only", "SendReceive", "Receive", "FHD"),
			("Nobody", "None", "None", "None"),
		],
	)
	def test_who_may_share_a_screen(
		self, amazon: ChimeStub, config: dict[str, Any], sharing: str, host: str, client: str, resolution: str
	) -> None:
		provider = ChimeProvider.configured(config | {"screen_sharing": sharing})
		meeting = provider.open_meeting(make_request(provider))
		assert amazon.what("CreateMeeting")["MeetingFeatures"]["Content"] == {"MaxResolution": resolution}
		for role, content in ((Role.HOST, host), (Role.CLIENT, client)):
			credentials = join(provider, meeting, f"p-{role}", role)
			assert credentials.payload["may_share"] is (content == "SendReceive")
			expected = {"Audio": "SendReceive", "Video": "SendReceive", "Content": content}
			assert amazon.what("CreateAttendee")["Capabilities"] == expected

	def test_one_whose_answer_was_lost_is_made_once(
		self, amazon: ChimeStub, provider: ChimeProvider, meeting: Meeting
	) -> None:
		amazon.lose.append("CreateAttendee")
		attendee = join(provider, meeting).attendee_id
		assert list(amazon.attendees[meeting.meeting_id]) == [attendee]

	@pytest.mark.parametrize("page", [1, 2, 100])
	def test_one_whose_answer_never_came_is_removed_by_pseudonym(
		self, amazon: ChimeStub, provider: ChimeProvider, meeting: Meeting, page: int
	) -> None:
		amazon.page = page
		stored = [join(provider, meeting, f"other-{n}").attendee_id for n in range(3)]
		amazon.lose += ["CreateAttendee"] * 3
		with pytest.raises(Unavailable):
			join(provider, meeting)
		assert len(amazon.attendees[meeting.meeting_id]) == 4
		provider.remove_attendee(meeting, PSEUDONYM)
		assert list(amazon.attendees[meeting.meeting_id]) == stored

	def test_removing_by_pseudonym_from_a_meeting_that_is_gone(
		self, provider: ChimeProvider, meeting: Meeting
	) -> None:
		provider.close_meeting(meeting)
		provider.remove_attendee(meeting, PSEUDONYM)


class TestRefusals:
	@pytest.mark.parametrize(
		("status", "code", "error", "attempts"),
		[
			(400, "BadRequestException", Rejected, 1),
			(400, "LimitExceededException", Rejected, 1),
			(401, "UnauthorizedException", Rejected, 1),
			(403, "ForbiddenException", Rejected, 1),
			(403, "AccessDeniedException", Rejected, 1),
			(404, "NotFoundException", Gone, 1),
			(409, "ConflictException", Unavailable, 1),
			(422, "UnprocessableEntityException", Rejected, 1),
			(429, "ThrottlingException", Unavailable, 3),
			(429, "ThrottledClientException", Unavailable, 3),
			(429, "LimitExceededException", Unavailable, 3),
			(429, "", Unavailable, 3),
			(500, "ServiceFailureException", Unavailable, 3),
			(502, "", Unavailable, 3),
			(503, "ServiceUnavailableException", Unavailable, 3),
			(504, "", Unavailable, 3),
			(0, "", Unavailable, 3),
		],
	)
	def test_mean_one_thing_each(
		self,
		amazon: ChimeStub,
		provider: ChimeProvider,
		meeting: Meeting,
		status: int,
		code: str,
		error: type[ProviderError],
		attempts: int,
	) -> None:
		amazon.refuse += [("CreateAttendee", status, code)] * 5
		amazon.asked.clear()
		with pytest.raises(ProviderError) as raised:
			join(provider, meeting)
		assert type(raised.value) is error
		assert amazon.acts() == ["CreateAttendee"] * attempts

	@pytest.mark.parametrize("code", ["ThrottledClientException", "LimitExceededException", "", None])
	def test_throttling_has_one_name_for_every_botocore(self, code: str | None) -> None:
		"""Older ones go by the name alone, and know not every name that Amazon uses."""
		answer = {"Error": {"Code": code}}
		_settle_code({"status_code": 429}, answer)
		assert answer == {"Error": {"Code": "ThrottlingException"}}

	@pytest.mark.parametrize("status", [429, 500, 503, 0])
	def test_a_passing_one_is_not_noticed(
		self, amazon: ChimeStub, provider: ChimeProvider, meeting: Meeting, status: int
	) -> None:
		amazon.refuse += [("CreateAttendee", status, "ThrottledClientException")] * 2
		assert join(provider, meeting).attendee_id

	@pytest.mark.parametrize("act", ["DeleteMeeting", "DeleteAttendee", "ListAttendees"])
	def test_ending_reports_what_did_not_work(
		self, amazon: ChimeStub, provider: ChimeProvider, meeting: Meeting, act: str
	) -> None:
		attendee = join(provider, meeting).attendee_id
		amazon.refuse += [(act, 503, "ServiceUnavailableException")] * 3
		ways = {
			"DeleteMeeting": lambda: provider.close_meeting(meeting),
			"DeleteAttendee": lambda: provider.remove_attendee(meeting, attendee),
			"ListAttendees": lambda: provider.remove_attendee(meeting, PSEUDONYM),
		}
		with pytest.raises(Unavailable):
			ways[act]()
		ways[act]()

	def test_no_one_answers(self, config: dict[str, Any]) -> None:
		stopped = ChimeStub()
		stopped.stop()
		provider = ChimeProvider.configured(config | {"endpoint_url": stopped.url})
		with pytest.raises(Unavailable, match="CreateMeeting: 0 EndpointConnectionError"):
			provider.open_meeting(make_request(provider))

	def test_say_who_refused_and_not_what_was_asked(
		self, amazon: ChimeStub, provider: ChimeProvider, meeting: Meeting
	) -> None:
		"""An error is logged with what hangs on it: no cause, no request, no answer, no secret."""
		amazon.refuse.append(("CreateAttendee", 403, "ForbiddenException"))
		with pytest.raises(Rejected) as raised:
			join(provider, meeting)
		error = raised.value
		assert str(error) == "CreateAttendee: 403 ForbiddenException"
		assert (error.__cause__, error.__context__) == (None, None)

	@pytest.mark.parametrize("code", ["<script>", "a b", "x" * 65, "Jane.Doe"])
	def test_a_code_that_is_none_is_not_repeated(
		self, amazon: ChimeStub, provider: ChimeProvider, meeting: Meeting, code: str
	) -> None:
		amazon.refuse.append(("CreateAttendee", 403, code))
		with pytest.raises(Rejected) as raised:
			join(provider, meeting)
		assert str(raised.value) == "CreateAttendee: 403 "

	@pytest.mark.parametrize(
		"missing", ["MediaPlacement", "MediaRegion", "MeetingFeatures", "ExternalMeetingId"]
	)
	def test_half_an_answer_is_none(
		self, amazon: ChimeStub, provider: ChimeProvider, meeting: Meeting, missing: str
	) -> None:
		del amazon.meetings[meeting.meeting_id][missing]
		with pytest.raises(Unavailable):
			provider.open_meeting(make_request(provider))


class TestSecrets:
	def test_no_log_has_them_at_any_level(
		self,
		provider: ChimeProvider,
		caplog: pytest.LogCaptureFixture,
	) -> None:
		caplog.set_level(logging.DEBUG)
		meeting = provider.open_meeting(make_request(provider))
		payload = join(provider, meeting).payload
		assert payload["attendee"]["JoinToken"] not in caplog.text
		assert SECRET not in caplog.text
		assert PSEUDONYM not in caplog.text

	def test_no_print_has_them(self, provider: ChimeProvider, meeting: Meeting) -> None:
		credentials = join(provider, meeting)
		printed = f"{provider!r} {provider.config!r} {provider.config} {credentials!r} {meeting!r}"
		assert SECRET not in printed
		assert "AKIDEXAMPLE" not in printed
		assert credentials.payload["attendee"]["JoinToken"] not in printed

	def test_changed_keys_are_used_at_once(self, config: dict[str, Any]) -> None:
		for key in ("AKIDFIRST", "AKIDSECOND"):
			provider = ChimeProvider.configured(config | {"access_key_id": key})
			provider.open_meeting(make_request(provider))
			assert provider.config.access_key_id == key


class TestSubscription:
	def test_is_confirmed_by_asking(self, amazon: ChimeStub, config: dict[str, Any]) -> None:
		provider = ChimeProvider.configured(config | {"sns_topic_arn": TOPIC})
		provider.confirm_subscription(TOPIC, "t0ken")
		asked = amazon.what("ConfirmSubscription")
		assert (asked["TopicArn"], asked["Token"]) == (TOPIC, "t0ken")
		assert asked["AuthenticateOnUnsubscribe"] == "true"

	@pytest.mark.parametrize("topic", ["", TOPIC + "2", "arn:aws:sns:us-east-1:999999999999:x"])
	def test_of_another_topic_is_refused(self, amazon: ChimeStub, config: dict[str, Any], topic: str) -> None:
		for own in (TOPIC, ""):
			provider = ChimeProvider.configured(config | {"sns_topic_arn": own})
			with pytest.raises(Rejected):
				provider.confirm_subscription(topic, "t0ken")
		assert amazon.asked == []


def test_is_made_by_the_registry(config: dict[str, Any]) -> None:
	assert type(registry.make(Adapter.CHIME, config)) is ChimeProvider
