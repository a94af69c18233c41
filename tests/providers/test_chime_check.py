"""What *Test connection* says of Amazon: each thing that can be wrong, in a sentence that says what to do."""

from __future__ import annotations

from typing import Any

import pytest

from tests.providers.chime_stub import ACCOUNT, SECRET, ChimeStub
from tests.providers.contract import PSEUDONYM, make_request
from theranvio_telehealth.domain.enums import Role
from theranvio_telehealth.providers.base import Rejected
from theranvio_telehealth.providers.chime.provider import ChimeProvider
from tools.harness.ports import NOON

ACTS = ["CreateMeeting", "GetMeeting", "CreateAttendee", "ListAttendees", "DeleteAttendee", "DeleteMeeting"]


def findings(config: dict[str, Any]) -> list[tuple[bool, str]]:
	return [(finding.ok, finding.text) for finding in ChimeProvider.configured(config).check()]


def test_all_is_well(amazon: ChimeStub, config: dict[str, Any]) -> None:
	(first, account), (second, meetings) = findings(config)
	assert first
	assert second
	assert ACCOUNT in account
	assert "ca-central-1" in meetings


def test_every_permission_is_tried_and_nothing_is_left(amazon: ChimeStub, config: dict[str, Any]) -> None:
	findings(config)
	assert amazon.acts() == ["GetCallerIdentity", *ACTS]
	assert amazon.meetings == {}


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize(("status", "code"), [(403, "AccessDeniedException"), (401, "UnauthorizedException")])
def test_a_missing_permission_is_named(
	amazon: ChimeStub, config: dict[str, Any], act: str, status: int, code: str
) -> None:
	amazon.refuse.append((act, status, code))
	_, (ok, text) = findings(config)
	assert not ok
	assert f"does not permit chime:{act}." in text
	assert amazon.meetings == {}, "the meeting of the trial is ended all the same"


def test_a_meeting_that_cannot_be_ended_harms_no_answer(amazon: ChimeStub, config: dict[str, Any]) -> None:
	amazon.refuse += [("DeleteMeeting", 403, "ForbiddenException")] * 2
	_, (ok, text) = findings(config)
	assert not ok
	assert "chime:DeleteMeeting" in text


def test_another_account(amazon: ChimeStub, config: dict[str, Any]) -> None:
	amazon.account = "999999999999"
	((ok, text),) = findings(config)
	assert not ok
	assert f"account 999999999999, not to {ACCOUNT}" in text
	assert amazon.acts() == ["GetCallerIdentity"]


def test_no_account_named_is_any_account(amazon: ChimeStub, config: dict[str, Any]) -> None:
	amazon.account = "999999999999"
	(ok, text), _ = findings(config | {"account_id": ""})
	assert ok
	assert "999999999999" in text


@pytest.mark.parametrize("code", ["InvalidClientTokenId", "SignatureDoesNotMatch", "ExpiredToken"])
def test_keys_that_amazon_does_not_know(amazon: ChimeStub, config: dict[str, Any], code: str) -> None:
	amazon.refuse.append(("GetCallerIdentity", 403, code))
	((ok, text),) = findings(config)
	assert not ok
	assert "does not accept the credentials in ca-central-1" in text


@pytest.mark.parametrize("act", ["GetCallerIdentity", "CreateMeeting"])
def test_no_answer(amazon: ChimeStub, config: dict[str, Any], act: str) -> None:
	amazon.refuse += [(act, 503, "ServiceUnavailableException")] * 3
	ok, text = findings(config)[-1]
	assert not ok
	assert "did not answer in ca-central-1" in text


def test_no_meeting_left(amazon: ChimeStub, config: dict[str, Any]) -> None:
	amazon.refuse.append(("CreateMeeting", 400, "LimitExceededException"))
	assert "quota of active meetings" in findings(config)[-1][1]


def test_any_other_refusal(amazon: ChimeStub, config: dict[str, Any]) -> None:
	amazon.refuse.append(("CreateMeeting", 400, "BadRequestException"))
	assert "refused chime:CreateMeeting with 400 BadRequestException" in findings(config)[-1][1]


@pytest.mark.parametrize(
	("wrong", "says"),
	[
		({"control_region": ""}, "control region is missing"),
		({"control_region": None}, "control region is missing"),
		({"control_region": "mars"}, "no control region mars"),
		({"control_region": "us-east-2", "allowed_regions": ""}, "no control region us-east-2"),
		({"control_region": "eu-west-2"}, "control region eu-west-2 is not among the allowed"),
		({"media_region": " "}, "media region is missing"),
		({"media_region": "mars", "allowed_regions": "mars"}, "no media region mars"),
		({"media_region": "eu-west-1"}, "media region eu-west-1 is not among the allowed"),
		({"secret_access_key": ""}, "Only half of the credentials"),
		({"access_key_id": ""}, "Only half of the credentials"),
		({"account_id": "12345"}, "not an Amazon account number"),
		({"account_id": "jane@example.org"}, "not an Amazon account number"),
		({"sns_topic_arn": "visits"}, "not an ARN"),
		({"sns_topic_arn": f"arn:aws:sns:us-east-1:{ACCOUNT}:v"}, "another region"),
		({"sns_topic_arn": "arn:aws:sns:ca-central-1:999999999999:v"}, "another account"),
		({"video_resolution": "8K"}, "video resolution is unknown"),
		({"content_resolution": "HD"}, "content resolution is unknown"),
		({"screen_sharing": "Somebody"}, "who may share a screen is unknown"),
		({"endpoint_url": "https://amazon.example.org"}, "not on this machine"),
		({"endpoint_url": "http://127.0.0.1.example.org"}, "not on this machine"),
		({"endpoint_url": "http://localhost@example.org"}, "not on this machine"),
		({"endpoint_url": "file://localhost/etc/passwd"}, "not on this machine"),
		({"endpoint_url": "http://[::1"}, "not on this machine"),
		({"endpoint_url": "http://127.0.0.1:80; script-src *"}, "not on this machine"),
	],
	ids=str,
)
def test_an_invalid_value_is_reported_without_a_request(
	amazon: ChimeStub, config: dict[str, Any], wrong: dict[str, Any], says: str
) -> None:
	found = findings(config | wrong)
	assert [text for ok, text in found if says in text and not ok]
	assert not [text for ok, text in found if ok or SECRET in text]
	assert amazon.asked == []


def test_each_fault_has_its_sentence(config: dict[str, Any]) -> None:
	found = findings({"video_resolution": "8K", "access_key_id": "x", "account_id": "x"})
	assert len(found) == 5
	assert all(text.endswith(".") for _, text in found)


def test_the_servers_role_overrides_keys(config: dict[str, Any]) -> None:
	made = ChimeProvider.configured(config | {"use_instance_role": 1}).config
	assert (made.access_key_id, made.secret_access_key) == ("", "")
	assert made.faults() == ()


def test_without_allowed_regions_every_region_is_allowed(config: dict[str, Any]) -> None:
	everywhere = {"allowed_regions": "", "control_region": "eu-west-2", "media_region": "eu-west-3"}
	assert ChimeProvider.configured(config | everywhere).config.faults() == ()


def test_access_can_be_ended_where_visits_can_no_longer_be_held(
	amazon: ChimeStub, config: dict[str, Any]
) -> None:
	"""The allowed regions were narrowed while a visit was on."""
	provider = ChimeProvider.configured(config)
	meeting = provider.open_meeting(make_request(provider))
	attendee = provider.add_attendee(meeting, PSEUDONYM, Role.CLIENT, NOON).attendee_id
	narrowed = ChimeProvider.configured(config | {"allowed_regions": "us-east-1"})
	with pytest.raises(Rejected):
		narrowed.add_attendee(meeting, "another", Role.CLIENT, NOON)
	narrowed.remove_attendee(meeting, attendee)
	narrowed.close_meeting(meeting)
	assert amazon.meetings == {}
	assert amazon.attendees[meeting.meeting_id] == {}


@pytest.mark.parametrize(
	("endpoint", "origins"),
	[
		("", ("https://*.chime.aws", "wss://*.chime.aws")),
		("http://127.0.0.1:46000", ("http://127.0.0.1:46000", "ws://127.0.0.1:46000")),
		("https://localhost:46000/x?y#z", ("https://localhost:46000", "wss://localhost:46000")),
		("http://[::1]:46000/", ("http://[::1]:46000", "ws://[::1]:46000")),
		("http://127.0.0.1", ("http://127.0.0.1", "ws://127.0.0.1")),
		("https://amazon.example.org", ()),
		("http://127.0.0.1:80; script-src *", ()),
		("http://127.0.0.1:80 *", ()),
	],
)
def test_what_a_browser_has_to_reach(config: dict[str, Any], endpoint: str, origins: tuple[str, ...]) -> None:
	assert ChimeProvider.configured(config | {"endpoint_url": endpoint}).origins == origins
