"""Events: what happened, as EventBridge and as signed SNS notifications, delivered, lost, doubled, late, reordered."""

from __future__ import annotations

import base64
import json
import threading
import time
import uuid
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from botocore.exceptions import ClientError
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from tools.chime_emulator import Emulator, Settings, SnsTarget
from tools.chime_emulator.notary import Notary, string_to_sign

TOPIC = "arn:aws:sns:us-east-1:111122223333:chime-events"
KEY = "an api key"


class Receiver:
	"""A web server that keeps what is posted to it. `refuse`: how many posts to answer with 503 first."""

	def __init__(self) -> None:
		self.posts: list[tuple[str, dict[str, str], dict[str, Any]]] = []
		self.refuse = 0
		receiver = self

		class Handler(BaseHTTPRequestHandler):
			def do_POST(self) -> None:
				body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
				refused = receiver.refuse > 0
				receiver.refuse -= 1 if refused else 0
				if not refused:
					receiver.posts.append((self.path, {k.lower(): v for k, v in self.headers.items()}, body))
				self.send_response(503 if refused else 200)
				self.end_headers()

			def log_message(self, format: str, *args: Any) -> None:
				pass

		self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
		self.url = f"http://127.0.0.1:{self.server.server_port}"
		threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

	def wait(self, count: int, within: float = 30) -> list[dict[str, Any]]:
		deadline = time.monotonic() + within
		while len(self.posts) < count and time.monotonic() < deadline:
			time.sleep(0.02)
		return [body for _, _, body in self.posts]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
	running = Receiver()
	yield running
	running.server.shutdown()


@pytest.fixture
def bridged(receiver: Receiver, notary: Notary) -> Iterator[Emulator]:
	settings = Settings(eventbridge_url=receiver.url + "/bridge", eventbridge_key=KEY)
	with Emulator(settings, notary) as running:
		yield running


@pytest.fixture
def notified(receiver: Receiver, notary: Notary) -> Iterator[Emulator]:
	with Emulator(Settings(sns_targets=(SnsTarget(TOPIC, receiver.url + "/sns"),)), notary) as running:
		yield running


def open_meeting(emulator: Emulator) -> str:
	meeting_request = {
		"ClientRequestToken": uuid.uuid4().hex,
		"MediaRegion": "ca-central-1",
		"ExternalMeetingId": "room-1",
	}
	return str(emulator.boto().create_meeting(**meeting_request)["Meeting"]["MeetingId"])


def visit(emulator: Emulator) -> tuple[str, str]:
	"""A meeting with an attendee, both deleted again."""
	chime, meeting_id = emulator.boto(), open_meeting(emulator)
	attendee_id = chime.create_attendee(MeetingId=meeting_id, ExternalUserId="p-1")["Attendee"]["AttendeeId"]
	chime.delete_attendee(MeetingId=meeting_id, AttendeeId=attendee_id)
	chime.delete_meeting(MeetingId=meeting_id)
	return meeting_id, attendee_id


VISIT = ["chime:MeetingStarted", "chime:AttendeeAdded", "chime:AttendeeDeleted", "chime:MeetingEnded"]


def kinds(events: list[dict[str, Any]]) -> list[str]:
	return [event["detail"]["eventType"] for event in events]


def test_eventbridge_gets_what_happened(bridged: Emulator, receiver: Receiver) -> None:
	meeting_id, attendee_id = visit(bridged)
	events = receiver.wait(4)
	assert kinds(events) == VISIT
	path, headers, added = receiver.posts[1]
	assert (path, headers["x-api-key"]) == ("/bridge", KEY)
	assert (added["source"], added["detail-type"]) == ("aws.chime", "Chime Meeting State Change")
	assert (added["account"], added["region"]) == ("111122223333", "us-east-1")
	detail = added["detail"]
	assert abs(detail.pop("timestamp") / 1000 - time.time()) < 60
	assert detail == {
		"version": "0",
		"eventType": "chime:AttendeeAdded",
		"meetingId": meeting_id,
		"attendeeId": attendee_id,
		"externalUserId": "p-1",
		"mediaRegion": "ca-central-1",
	}
	assert events[0]["detail"]["externalMeetingId"] == events[3]["detail"]["externalMeetingId"] == "room-1"
	assert len({event["id"] for event in events}) == 4


def _verify(emulator: Emulator, notification: dict[str, Any]) -> None:
	"""As a careful receiver would: leaf by intermediate by root, then the message by the leaf."""
	chain = x509.load_pem_x509_certificates(
		emulator.fetch(notification["SigningCertURL"].split(".com", 1)[1])
	)
	root = x509.load_pem_x509_certificate(emulator.fetch("/_sns/root.pem"))
	for certificate, issuer in zip(chain, [*chain[1:], root], strict=True):
		certificate.verify_directly_issued_by(issuer)
	key = chain[0].public_key()
	assert isinstance(key, RSAPublicKey)
	signature = base64.b64decode(notification["Signature"])
	key.verify(signature, string_to_sign(notification), padding.PKCS1v15(), hashes.SHA256())


def test_sns_notifications_are_signed(notified: Emulator, receiver: Receiver) -> None:
	visit(notified)
	notifications = receiver.wait(4)
	assert kinds([json.loads(n["Message"]) for n in notifications]) == VISIT
	first = notifications[0]
	assert (first["Type"], first["TopicArn"], first["SignatureVersion"]) == ("Notification", TOPIC, "2")
	assert first["SigningCertURL"].startswith(
		"https://sns.us-east-1.amazonaws.com/SimpleNotificationService-"
	)
	assert receiver.posts[0][1]["x-amz-sns-message-type"] == "Notification"
	_verify(notified, first)
	with pytest.raises(InvalidSignature):
		_verify(notified, {**first, "Message": first["Message"].replace("MeetingStarted", "MeetingEnded")})


def test_the_old_signature_can_be_had_too(receiver: Receiver, notary: Notary) -> None:
	settings = Settings(sns_targets=(SnsTarget(TOPIC, receiver.url),), sns_signature_version="1")
	with Emulator(settings, notary) as emulator:
		open_meeting(emulator)
		(notification,) = receiver.wait(1)
		assert notification["SignatureVersion"] == "1"
		with pytest.raises(InvalidSignature):
			_verify(emulator, notification)


def test_a_subscription_waits_for_its_confirmation(emulator: Emulator, receiver: Receiver) -> None:
	sns = emulator.boto("sns")
	sns.subscribe(TopicArn=TOPIC, Protocol="http", Endpoint=receiver.url)
	(asked,) = receiver.wait(1)
	assert asked["Type"] == "SubscriptionConfirmation"
	assert asked["SubscribeURL"].startswith("https://sns.us-east-1.amazonaws.com/?Action=ConfirmSubscription")
	_verify(emulator, asked)
	open_meeting(emulator)
	with pytest.raises(ClientError):
		sns.confirm_subscription(TopicArn=TOPIC, Token="wrong")
	arn = sns.confirm_subscription(TopicArn=TOPIC, Token=asked["Token"])["SubscriptionArn"]
	assert arn.startswith(TOPIC + ":")
	open_meeting(emulator)
	assert [n["Type"] for n in receiver.wait(2)] == ["SubscriptionConfirmation", "Notification"]
	assert emulator.state()["calls"]["ConfirmSubscription"] == 2


def test_a_receiver_that_stumbles_is_tried_again_with_the_same_message(
	notified: Emulator, receiver: Receiver
) -> None:
	receiver.refuse = 2
	open_meeting(notified)
	assert len(receiver.wait(1)) == 1
	deadline = time.monotonic() + 30
	while notified.deliveries()[0]["outcome"] != "200" and time.monotonic() < deadline:
		time.sleep(0.02)
	assert [d["outcome"] for d in notified.deliveries()] == ["200"]


def test_an_event_can_be_lost(bridged: Emulator, receiver: Receiver) -> None:
	bridged.fail({"on": "event:AttendeeDeleted", "kind": "lost"})
	visit(bridged)
	assert kinds(receiver.wait(3)) == [VISIT[0], VISIT[1], VISIT[3]]
	assert kinds(bridged.events()) == VISIT


def test_an_event_can_come_twice(bridged: Emulator, receiver: Receiver) -> None:
	bridged.fail({"on": "event:AttendeeAdded", "kind": "duplicated"})
	visit(bridged)
	events = receiver.wait(5)
	assert kinds(events) == [VISIT[0], VISIT[1], VISIT[1], VISIT[2], VISIT[3]]
	assert events[1]["id"] == events[2]["id"]


def test_an_event_can_be_overtaken(bridged: Emulator, receiver: Receiver) -> None:
	bridged.fail({"on": "event:AttendeeAdded", "kind": "reordered"})
	visit(bridged)
	assert kinds(receiver.wait(4)) == [VISIT[0], VISIT[2], VISIT[1], VISIT[3]]


def test_the_last_event_is_not_held_back_for_ever(bridged: Emulator, receiver: Receiver) -> None:
	bridged.fail({"on": "event:MeetingEnded", "kind": "reordered"})
	visit(bridged)
	bridged.advance(3)
	assert kinds(receiver.wait(4)) == VISIT


def test_an_event_can_be_late(bridged: Emulator, receiver: Receiver) -> None:
	bridged.fail({"on": "event:MeetingStarted", "kind": "late", "seconds": 3600})
	visit(bridged)
	bridged.advance(3601)
	assert kinds(receiver.wait(4)) == [*VISIT[1:], VISIT[0]]


def test_all_events_can_be_held_for_hours(bridged: Emulator, receiver: Receiver) -> None:
	bridged.hold_events(True)
	visit(bridged)
	bridged.advance(3 * 3600)
	assert receiver.posts == []
	bridged.hold_events(False)
	assert sorted(kinds(receiver.wait(4))) == sorted(VISIT)
	assert all(time.time() - body["detail"]["timestamp"] / 1000 < 60 for _, _, body in receiver.posts)
