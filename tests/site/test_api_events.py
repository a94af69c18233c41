"""Amazon's events by SNS, on a real site over HTTP: a signed message is recorded once, any other is refused."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import frappe
import pytest
import requests

from tests.site import amazon as post
from tests.site.amazon import (
	TOPIC,
	Office,
	Sns,
	event,
	forget,
	joined,
	known,
	refused,
	stamp,
	subscribed,
	taken,
)
from theranvio_telehealth.providers.chime.sns import MAX_BYTES
from tools.harness.site.people import CLIENT

OTHERS_TOPIC = TOPIC.replace("111122223333", "444455556666")


@pytest.fixture
def amazon(bench: Any) -> Iterator[Sns]:
	with subscribed(bench) as sns:
		yield sns


class TestTaken:
	def test_what_happened_is_known(self, amazon: Sns) -> None:
		here = joined()
		for kind in ("AttendeeJoined", "AttendeeLeft"):
			taken(amazon.post(amazon.say(event(kind, **here))))
		assert known(here) == ["Joined", "Left"]

	def test_as_whatever_it_is_declared(self, amazon: Sns) -> None:
		kinds = [None, "text/plain", "application/json", "application/octet-stream", "multipart/form-data"]
		kinds += ["nonsense", "application/x-www-form-urlencoded", "application/json; charset=utf-16"]
		here = joined()
		for kind in kinds:
			taken(amazon.post(amazon.say(event(**here)), headers={"Content-Type": kind}))
		assert known(here) == ["Joined"] * len(kinds)

	def test_by_the_other_path_too(self, amazon: Sns) -> None:
		url = f"{amazon.base_url}/api/v2/method/theranvio_telehealth.api.events.sns"
		answer = requests.post(url, data=json.dumps(amazon.say(event())), headers=post.TEXT)
		assert (answer.status_code, answer.json()) == (200, {"data": {}})

	def test_nothing_forged_by_the_old_way_of_calling(self, amazon: Sns) -> None:
		here = joined()
		message = amazon.say(event()) | {"Message": json.dumps(event(**here))}
		command = {"cmd": "theranvio_telehealth.api.events.sns"}
		for headers in (post.TEXT, post.JSON, {}):
			requests.post(amazon.base_url, params=command, data=json.dumps(message), headers=headers)
		requests.post(amazon.base_url, data=message | command)
		assert not known(here)

	def test_of_kinds_and_meetings_that_are_not_ours_nothing_is_stored(self, amazon: Sns) -> None:
		here = joined()
		for named in (event(), event("AttendeeVideoStarted", **here), event("MeetingStarted", **here)):
			taken(amazon.post(amazon.say(named)))
		assert not frappe.db.count("Provider Event")

	def test_a_message_is_dealt_with_once(self, amazon: Sns) -> None:
		"""It names no join when it first comes; it does when it comes again."""
		detected = event()
		message = amazon.say(detected)
		taken(amazon.post(message))
		join = {
			"meeting_id": detected["detail"]["meetingId"],
			"attendee_id": detected["detail"]["attendeeId"],
		}
		frappe.db.set_value("Room Join", joined()["attendeeId"], join)
		frappe.db.commit()
		taken(amazon.post(message))
		assert not known(detected["detail"])
		taken(amazon.post(amazon.say(detected)))
		assert known(detected["detail"]) == ["Joined"]

	def test_an_event_that_comes_by_two_messages_is_one(self, amazon: Sns) -> None:
		here = joined()
		message = event(**here)
		for _ in range(2):
			taken(amazon.post(amazon.say(message)))
		assert known(here) == ["Joined"]

	def test_a_forger_cannot_keep_a_message_out(self, amazon: Sns) -> None:
		here = joined()
		message = amazon.say(event(**here))
		refused(amazon.post(message | {"Message": "{}"}), 403, "not_believed")
		taken(amazon.post(message))
		assert known(here) == ["Joined"]

	def test_a_large_one(self, amazon: Sns) -> None:
		here = joined()
		taken(amazon.post(amazon.say(event(**here, padding="ü" * 50_000))))
		assert known(here) == ["Joined"]

	def test_the_certificates_issuer_is_looked_up_where_it_is_missing(self, amazon: Sns) -> None:
		amazon.shelf.places[amazon.office.path] = amazon.office.alone()
		amazon.shelf.places["/r2m01.cer"] = amazon.office.middle()
		for _ in range(2):
			taken(amazon.post(amazon.say(event())))
		assert amazon.shelf.certificates_asked() == [amazon.office.path, "/r2m01.cer"]

	def test_anyone_who_is_signed_in_in_that_browser(self, amazon: Sns, http: Any) -> None:
		client = http(CLIENT)
		url = client.url("events.sns")
		guard = {"X-Frappe-CSRF-Token": client.csrf}
		here = joined()
		taken(client.session.post(url, json=amazon.say(event(**here)), headers=guard))
		assert known(here) == ["Joined"]
		forged = amazon.say(event(**here)) | {"Signature": "AAAA"}
		refused(client.session.post(url, json=forged, headers=guard), 403, "not_believed")
		refused(client.session.post(url, json=amazon.say(event())), 403, "csrf")

	def test_of_a_provider_that_is_switched_off(self, amazon: Sns) -> None:
		frappe.db.set_value("Media Provider", "Chime", "enabled", 0)
		here = joined()
		taken(amazon.post(amazon.say(event(**here))))
		assert known(here) == ["Joined"]


Forgery = Callable[[Sns, str], dict[str, Any]]


def of(office: Office, text: str, amazon: Sns) -> dict[str, Any]:
	"""Signed by this office, which also has the certificate."""
	return amazon.signed(amazon.fields(Message=text, SigningCertURL=office.address), by=office)


def foreign_office(amazon: Sns, text: str) -> dict[str, Any]:
	office = Office()
	amazon.shelf.places[office.path] = office.chain
	return of(office, text, amazon)


def other_host(amazon: Sns, text: str) -> dict[str, Any]:
	office = Office(dns_name="sqs.amazonaws.com")
	amazon.trust(amazon.office, office)
	return of(office, text, amazon)


def lying_at(place: bytes | int) -> Forgery:
	"""A valid signature, but with this content at the certificate's address."""

	def say(amazon: Sns, text: str) -> dict[str, Any]:
		office = Office()
		amazon.trust(amazon.office, office)
		amazon.shelf.places[office.path] = place
		return of(office, text, amazon)

	return say


def endless(amazon: Sns, text: str) -> dict[str, Any]:
	"""A valid certificate, but too long."""
	office = Office()
	amazon.trust(amazon.office, office)
	amazon.shelf.places[office.path] = office.chain + b"\n" * 64 * 1024
	return of(office, text, amazon)


def address(change: Callable[[str], str]) -> Forgery:
	return lambda amazon, text: amazon.say(text, SigningCertURL=change(amazon.office.address))


def aged(age: timedelta) -> Forgery:
	return lambda amazon, text: amazon.say(text, Timestamp=stamp(age))


FORGED: dict[str, Forgery] = {
	"no signature": lambda a, t: a.say(t) | {"Signature": ""},
	"another signature": lambda a, t: a.say(t) | {"Signature": a.say(event())["Signature"]},
	"another text": lambda a, t: a.say(event()) | {"Message": t},
	"another kind": lambda a, t: a.confirmation(Message=t) | {"Type": "Notification"},
	"another key": lambda a, t: a.signed(a.fields(Message=t), by=Office()),
	"SHA-1": lambda a, t: a.signed(a.fields(Message=t), version="1"),
	"SHA-1 as version 2": lambda a, t: a.signed(a.fields(Message=t), version="1") | {"SignatureVersion": "2"},
	"another topic": lambda a, t: a.say(t, TopicArn=TOPIC + "2"),
	"another account's topic": lambda a, t: a.say(t, TopicArn=OTHERS_TOPIC),
	"no topic": lambda a, t: a.say(t, TopicArn=""),
	"stale": aged(timedelta(hours=24, minutes=1)),
	"from the future": aged(-timedelta(minutes=6)),
	"an unknown root": foreign_office,
	"a certificate of another host": other_host,
	"a certificate elsewhere": address(lambda a: a.replace("amazonaws.com", "evil.example")),
	"a certificate of another region": address(lambda a: a.replace("ca-central-1", "us-east-1")),
	"a certificate in the clear": address(lambda a: a.replace("https", "http")),
	"no certificate": lying_at(403),
	"a certificate that is none": lying_at(b"<html>"),
	"an empty certificate": lying_at(b""),
	"an endless certificate": endless,
}


class TestNotBelieved:
	def test_one_answer_whatever_the_reason(self, amazon: Sns) -> None:
		here = joined()
		answers = {}
		for how, forge in FORGED.items():
			forget()
			answers[how] = amazon.post(forge(amazon, json.dumps(event(**here))))
		assert {how: answer.status_code for how, answer in answers.items()} == dict.fromkeys(FORGED, 403)
		refused(answers["stale"], 403, "not_believed")
		assert len({answer.content for answer in answers.values()}) == 1
		assert not known(here)

	def test_a_topic_of_no_account_at_amazon(self, amazon: Sns) -> None:
		frappe.db.set_value("Media Provider", "Chime", "adapter", "Peer-to-Peer")
		frappe.db.commit()
		refused(amazon.post(amazon.say(event())), 403, "not_believed")

	def test_without_any_topic_no_one_is(self, amazon: Sns) -> None:
		frappe.db.set_value("Media Provider", "Chime", "sns_topic_arn", "")
		frappe.db.commit()
		refused(amazon.post(amazon.say(event())), 403, "not_believed")
		refused(amazon.post(amazon.say(event(), TopicArn="")), 403, "not_believed")

	def test_a_root_that_is_trusted_no_longer(self, amazon: Sns) -> None:
		taken(amazon.post(amazon.say(event())))
		amazon.shelf.places["/_sns/root.pem"] = Office().root
		forget()
		refused(amazon.post(amazon.say(event())), 403, "not_believed")


MALFORMED = {
	"nothing": b"",
	"no JSON": b"{",
	"not UTF-8": b'{"Type": "\xff"}',
	"a list": b"[]",
	"a word": b'"Notification"',
	"a number": b"7",
	"null": b"null",
	"a pit": b"[" * 100_000,
	"a pit of objects": b'{"a":' * 100_000,
	"a huge number": b'{"Type": ' + b"9" * 10_000 + b"}",
}
FIELDS = ("Type", "MessageId", "TopicArn", "Message", "Timestamp", "SigningCertURL", "Signature")


class TestMalformed:
	@pytest.mark.parametrize("kind", ["text/plain", "application/json"])
	def test_bodies(self, amazon: Sns, kind: str) -> None:
		for body in MALFORMED.values():
			refused(amazon.post(body, headers={"Content-Type": kind}), 400, "malformed")

	def test_fields(self, amazon: Sns) -> None:
		for name in FIELDS:
			for value in (None, 5, [], {}, "\ud800"):
				if (name, value) != ("SigningCertURL", "\ud800"):
					refused(amazon.post(amazon.say(event()) | {name: value}), 400, "malformed")
		assert not amazon.shelf.asked

	@pytest.mark.parametrize(
		"text",
		[
			"",
			"hello",
			"[]",
			"7",
			"{}",
			'{"account": "111122223333"}',
			"[" * 100_000,
			json.dumps(event(account="444455556666")),
			json.dumps(event(account=["111122223333"])),
			json.dumps(event(account="")),
			json.dumps(event(source="aws.s3")),
			json.dumps(event(time="now")),
			json.dumps(event(meetingId="../..")),
			json.dumps(event(attendeeId=7)),
			json.dumps(event(eventType=None)),
		],
		ids=lambda text: repr(text[:20]),
	)
	def test_a_signed_message_that_tells_nothing(self, amazon: Sns, text: str) -> None:
		refused(amazon.post(amazon.say(text)), 400, "malformed")

	def test_too_large(self, amazon: Sns) -> None:
		message = json.dumps(amazon.say(event())).encode()
		taken(amazon.post(message + b" " * (MAX_BYTES - len(message))))
		for kind in ("text/plain", "application/json"):
			body = message + b" " * (MAX_BYTES - len(message) + 1)
			refused(amazon.post(body, headers={"Content-Type": kind}), 413, "too_large")

	@pytest.mark.parametrize("verb", ["GET", "PUT", "DELETE", "PATCH"])
	@pytest.mark.parametrize("name", ["sns", "eventbridge"])
	def test_by_no_other_method(self, amazon: Sns, http: Any, verb: str, name: str) -> None:
		body = json.dumps(amazon.say(event()))
		for session in (requests.Session(), http(CLIENT).session):
			headers = post.TEXT | {"X-Frappe-CSRF-Token": http(CLIENT).csrf}
			answer = session.request(verb, f"{amazon.base_url}{post.API}{name}", data=body, headers=headers)
			refused(answer, 405, "wrong_method")

	def test_nothing_else_in_there_can_be_called(self, amazon: Sns) -> None:
		for name in (
			"confirm",
			"callers",
			"sources",
			"ports",
			"receive",
			"received",
			"_deal_with",
			"nothing",
		):
			refused(amazon.post(amazon.say(event()), method=name), 401, "sign_in")
