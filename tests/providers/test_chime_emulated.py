"""Amazon Chime against the emulator, which holds every request to Amazon's own model: the contract, faults, events."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Iterator
from datetime import datetime, timezone
from itertools import product
from typing import Any

import pytest
from cryptography import x509

from tests.providers.chime_stub import ChimeStub
from tests.providers.contract import PSEUDONYM, ProviderContract, make_request
from theranvio_telehealth.domain.enums import Role
from theranvio_telehealth.domain.provider_events import Kind
from theranvio_telehealth.providers.base import Gone, Meeting, ProviderError, Rejected, Unavailable
from theranvio_telehealth.providers.chime import events as chime_events
from theranvio_telehealth.providers.chime import sns
from theranvio_telehealth.providers.chime.provider import ChimeProvider
from tools.harness.ports import NOON

emulated = pytest.importorskip("tools.chime_emulator", reason="the emulator needs aiohttp and aiortc")

REGION = "ca-central-1"
TOPIC = f"arn:aws:sns:{REGION}:111122223333:visits"


@pytest.fixture(scope="module")
def receiver() -> Iterator[ChimeStub]:
	"""Where events are sent."""
	stub = ChimeStub()
	yield stub
	stub.stop()


@pytest.fixture(scope="module")
def emulator(receiver: ChimeStub) -> Iterator[Any]:
	settings = emulated.Settings(sns_targets=(emulated.SnsTarget(TOPIC, f"{receiver.url}/events"),))
	with emulated.Emulator(settings) as running:
		yield running


@pytest.fixture
def fields(emulator: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Any]]:
	monkeypatch.setattr("botocore.retries.standard.ExponentialBackoff.delay_amount", lambda self, context: 0)
	yield {
		"account_id": "111122223333",
		"control_region": REGION,
		"media_region": REGION,
		"access_key_id": "AKIAEMULATOREXAMPLE1",
		"secret_access_key": "not-a-secret-of-anybody",
		"sns_topic_arn": TOPIC,
		"endpoint_url": emulator.url,
	}
	emulator.fail()


@pytest.fixture
def chime(fields: dict[str, Any]) -> ChimeProvider:
	return ChimeProvider.configured(fields)


@pytest.fixture
def room(chime: ChimeProvider) -> Meeting:
	return chime.open_meeting(make_request(chime, token=uuid.uuid4().hex))


def join(chime: ChimeProvider, meeting: Meeting, pseudonym: str = PSEUDONYM) -> str:
	return chime.add_attendee(meeting, pseudonym, Role.CLIENT, NOON).attendee_id


def there(emulator: Any, meeting: Meeting) -> set[str]:
	return {a["attendee_id"] for a in emulator.meeting(meeting.meeting_id)["attendees"]}


class TestEmulatedChime(ProviderContract):
	bad_form = {"account_id": "12"}

	@pytest.fixture(autouse=True)
	def _configured(self, fields: dict[str, Any]) -> None:
		self.config = fields

	@pytest.fixture
	def provider(self, chime: ChimeProvider) -> ChimeProvider:
		return chime

	@pytest.fixture
	def meeting(self, room: Meeting) -> Meeting:
		"""One of its own for each test: a token whose meeting has ended is never used again."""
		return room

	def test_the_same_token_is_the_same_meeting(self, provider: Any) -> None:
		asked = make_request(provider, token="same")
		assert provider.open_meeting(asked) == provider.open_meeting(asked)

	def test_credentials_are_fresh_every_time(self, provider: Any, meeting: Meeting) -> None:
		"""Amazon takes a pseudonym for an idempotency token: the services give every join one of its own."""
		assert join(provider, meeting, "first") != join(provider, meeting, "second")


def test_checks_out(chime: ChimeProvider) -> None:
	assert [finding.ok for finding in chime.check()] == [True, True]


def test_a_meeting_that_ended_by_itself_is_gone(emulator: Any, chime: ChimeProvider, room: Meeting) -> None:
	emulator.advance(301)
	with pytest.raises(Gone):
		join(chime, room)
	chime.close_meeting(room)


FAULTS = {
	"throttle": Unavailable,
	"throttling": Unavailable,
	"error_500": Unavailable,
	"error_503": Unavailable,
	"limit": Rejected,
	"forbidden": Rejected,
	"access_denied": Rejected,
	"unauthorized": Rejected,
	"unprocessable": Rejected,
	"reset": Unavailable,
	"reset_after": Unavailable,
}


def acts(chime: ChimeProvider, meeting: Meeting, attendee: str) -> dict[str, Any]:
	return {
		"CreateMeeting": lambda: chime.open_meeting(make_request(chime, token=f"new-{meeting.meeting_id}")),
		"CreateAttendee": lambda: join(chime, meeting, "newcomer"),
		"DeleteAttendee": lambda: chime.remove_attendee(meeting, attendee),
		"ListAttendees": lambda: chime.remove_attendee(meeting, PSEUDONYM),
		"DeleteMeeting": lambda: chime.close_meeting(meeting),
	}


@pytest.mark.parametrize(
	("act", "fault"), list(product(acts(None, Meeting(""), ""), FAULTS)), ids=lambda value: str(value)
)
def test_every_act_under_every_fault(
	emulator: Any, chime: ChimeProvider, room: Meeting, act: str, fault: str
) -> None:
	"""It fails as its kind says, and doing it again afterwards is all it takes."""
	attendee = join(chime, room)
	emulator.fail({"on": act, "kind": fault})
	before = emulator.state()["calls"].get(act, 0)
	raised = None
	try:
		acts(chime, room, attendee)[act]()
	except ProviderError as error:
		raised = error
	attempts = emulator.state()["calls"][act] - before
	if fault == "reset_after" and act.startswith("Delete"):
		assert (raised, attempts) == (None, 2), "it was done, and the second attempt found it so"
	else:
		assert (type(raised), attempts) == (FAULTS[fault], 3 if FAULTS[fault] is Unavailable else 1)
	emulator.fail()
	acts(chime, room, attendee)[act]()


@pytest.mark.parametrize("fault", ["reset_after", "error_500", "throttle", "conflict"])
def test_a_passing_fault_makes_nothing_twice(
	emulator: Any, chime: ChimeProvider, room: Meeting, fault: str
) -> None:
	emulator.fail({"on": "CreateMeeting", "kind": fault, "times": 1})
	asked = make_request(chime, token=f"once-{room.meeting_id}")
	opened = chime.open_meeting(asked)
	assert chime.open_meeting(asked) == opened
	if fault != "conflict":
		emulator.fail({"on": "CreateAttendee", "kind": fault, "times": 1})
	attendee = join(chime, opened)
	assert there(emulator, opened) == {attendee}


def test_an_attendee_whose_answer_never_came_can_be_removed(
	emulator: Any, chime: ChimeProvider, room: Meeting
) -> None:
	emulator.fail({"on": "CreateAttendee", "kind": "reset_after"})
	with pytest.raises(Unavailable):
		join(chime, room)
	emulator.fail()
	assert len(there(emulator, room)) == 1
	chime.remove_attendee(room, PSEUDONYM)
	assert there(emulator, room) == set()


def ended(receiver: ChimeStub, meeting: Meeting) -> bool:
	return any("MeetingEnded" in body and meeting.meeting_id in body for body in receiver.received)


def test_its_events_are_believed_and_understood(
	emulator: Any, receiver: ChimeStub, chime: ChimeProvider, room: Meeting
) -> None:
	"""As SNS delivers them: signed by the emulator's certificate, read to the attendee and the moment."""
	attendee = join(chime, room)
	chime.remove_attendee(room, attendee)
	chime.close_meeting(room)
	deadline = time.monotonic() + 10
	while not ended(receiver, room) and time.monotonic() < deadline:
		time.sleep(0.01)
	now = datetime.fromtimestamp(emulator.state()["now"], timezone.utc)
	roots = x509.load_pem_x509_certificates(emulator.fetch("/_sns/root.pem"))
	found = []
	for body in receiver.received:
		message = sns.parse(body.encode())
		sns.require_expected(message, {TOPIC}, now)
		path = message.certificate_url.rpartition("/")[2]
		sns.require_signed(message, sns.trusted_key(emulator.fetch(f"/{path}"), roots, REGION, now))
		found.append(chime_events.read(json.loads(message.text), {"111122223333"}))
	ours = [(e.kind, e.attendee_id) for e in found if e and e.meeting_id == room.meeting_id]
	assert ours == [(Kind.DELETED, attendee), (Kind.MEETING_ENDED, "")]
