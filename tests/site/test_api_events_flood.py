"""A flood of forged events: what it costs, and that genuine events are still taken."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import frappe
import pytest
import requests

from tests.site import amazon as post
from tests.site.amazon import TOPIC, Sns, event, forget, joined, known, logged, stamp, subscribed, taken
from theranvio_telehealth.api import events, guards
from theranvio_telehealth.providers.chime import sns as rules
from theranvio_telehealth.site import sns as site_sns

FLOOD = 200
KEY = "key-of-the-clinic-0123456789-0123456789"
WRITES = ("Com_insert", "Com_update", "Com_delete", "Com_replace", "Com_insert_select", "Com_update_multi")
ROWS = ("Handler_write", "Handler_update", "Handler_delete")


@pytest.fixture
def amazon(bench: Any) -> Iterator[Sns]:
	with subscribed(bench, eventbridge_keys=KEY) as sns:
		yield sns


def writes() -> dict[str, str]:
	"""Every statement that writes, and every row that was written, by whomever, since the database began."""
	wanted = ", ".join(map(frappe.db.escape, (*WRITES, *ROWS)))
	found = dict(frappe.db.sql(f"show global status where variable_name in ({wanted})"))
	assert len(found) == len((*WRITES, *ROWS))
	return found


def forgeries(amazon: Sns) -> Iterator[tuple[dict[str, Any], dict[str, str], str]]:
	"""Body, headers and endpoint, each different from all others."""
	for number in range(FLOOD):
		message = amazon.say(event(externalUserId=f"{number:032d}"))
		yield message | {"Message": json.dumps(event())}, post.TEXT, "sns"
		yield event(), post.JSON | {"X-Api-Key": f"{KEY}{number}"}, "eventbridge"


def flood(amazon: Sns, messages: Any) -> list[int]:
	with ThreadPoolExecutor(8) as pool:
		answers = [pool.submit(amazon.post, *message) for message in messages]
		return [answer.result().status_code for answer in answers]


def test_it_writes_nothing_and_looks_up_one_certificate(amazon: Sns) -> None:
	"""Once administrators have heard of the wrong keys."""
	messages = list(forgeries(amazon))
	flood(amazon, messages[: 2 * events.ALARMING_KEYS])
	frappe.db.rollback()
	before = writes()
	statuses = flood(amazon, messages)
	assert statuses[::2] == [403] * FLOOD
	assert set(statuses[1::2]) == {401, 429} or statuses[1::2] == [429] * FLOOD
	assert writes() == before
	assert amazon.shelf.certificates_asked() == [amazon.office.path]


def test_a_certificate_is_looked_up_by_one_process_at_a_time(amazon: Sns) -> None:
	"""The others do not wait for it, as a flood would then hold every thread: Amazon sends again."""
	messages = [(amazon.say(event()), post.TEXT, "sns") for _ in range(16)]
	statuses = flood(amazon, messages)
	assert set(statuses) <= {200, 503}
	assert 200 in statuses
	assert flood(amazon, messages) == [200] * 16
	assert amazon.shelf.certificates_asked() == [amazon.office.path]


def test_what_is_believed_does_write(amazon: Sns) -> None:
	"""Proves that the count of writes above detects one."""
	here = joined()
	before = writes()
	taken(amazon.post(amazon.say(event(**here))))
	after = writes()
	assert int(after["Com_insert"]) > int(before["Com_insert"])
	assert int(after["Handler_write"]) > int(before["Handler_write"])


def test_it_does_not_block_valid_senders(amazon: Sns) -> None:
	taken(amazon.post(amazon.say(event())))
	here = joined()
	first = event()["detail"]["timestamp"]
	detected = [event(**here, timestamp=first + number) for number in range(20)]
	genuine = [(amazon.say(message), post.TEXT, "sns") for message in detected[::2]]
	genuine += [(message, post.JSON | {"X-Api-Key": KEY}, "eventbridge") for message in detected[1::2]]
	mixed = []
	for number, forged in enumerate(forgeries(amazon)):
		mixed.append(forged)
		if number % 20 == 0:
			mixed.append(genuine[number // 20])
	statuses = flood(amazon, mixed)
	assert [status for status, sent in zip(statuses, mixed, strict=True) if sent in genuine] == [200] * 20
	assert 200 not in [status for status, sent in zip(statuses, mixed, strict=True) if sent not in genuine]
	assert known(here) == ["Joined"] * 20


def test_it_leaves_one_entry_for_each_reason(amazon: Sns) -> None:
	logged()
	frappe.db.delete("Error Log")
	frappe.db.commit()
	forget()
	flood(amazon, list(forgeries(amazon))[:60])
	flood(amazon, [(amazon.signed(amazon.fields(), version="1"), post.TEXT, "sns")] * 20)
	entries = logged()
	passing = (
		"events.sns CertificateUnavailable",
		"events.eventbridge TooManyRequests",
	)  # as the minute may turn
	about = [about for about, _ in entries if about not in passing]
	assert sorted(about) == [
		"events.eventbridge WrongKey",
		"events.sns BadSignature",
		"events.sns WrongVersion",
	]
	assert not [entry for _, entry in entries if TOPIC in entry or "1111" in entry or KEY in entry]


CHEAP = {
	"topic": {"TopicArn": TOPIC + "2"},
	"age": {"Timestamp": stamp(timedelta(days=2))},
	"future": {"Timestamp": stamp(-timedelta(hours=1))},
	"version": {"SignatureVersion": "1"},
	"address": {"SigningCertURL": "https://evil.example/x.pem"},
}


@pytest.mark.parametrize("why", CHEAP)
def test_what_can_be_refused_without_a_certificate_is(amazon: Sns, why: str) -> None:
	message = amazon.say(event()) | CHEAP[why]
	assert flood(amazon, [(message, post.TEXT, "sns")] * 10) == [403] * 10
	assert not amazon.shelf.asked


def test_made_up_addresses_are_looked_up_seldom(amazon: Sns) -> None:
	"""And more seldom for one sender than for all, so that another sender's can still be."""
	messages = [
		amazon.say(event(), SigningCertURL=amazon.office.address.replace("Service-", f"Service-{number}"))
		for number in range(60)
	]
	statuses = flood(amazon, [(message, post.TEXT, "sns") for message in messages])
	assert set(statuses) == {403, 503}
	share = site_sns.LOOKUPS_OF_ONE
	assert 1 <= len(amazon.shelf.certificates_asked()) <= 2 * share, "a minute may turn meanwhile"
	assert share < site_sns.LOOKUPS


def test_another_senders_certificate_is_looked_up_all_the_same(amazon: Sns, bench: Any) -> None:
	url = f"{bench.bench.direct_url}{post.API}sns"

	def send(message: dict[str, Any], sender: str) -> int:
		headers = post.TEXT | {"X-Forwarded-For": sender}
		return requests.post(url, data=json.dumps(message), headers=headers).status_code

	for number in range(30):
		address = amazon.office.address.replace("Service-", f"Service-{number}")
		send(amazon.say(event(), SigningCertURL=address), "198.51.100.1")
	assert send(amazon.say(event()), "192.0.2.1") == 200


def test_all_senders_together_are_bounded_too(amazon: Sns, bench: Any) -> None:
	url = f"{bench.bench.direct_url}{post.API}sns"
	for number in range(40):
		address = amazon.office.address.replace("Service-", f"Service-{number}")
		message = amazon.say(event(), SigningCertURL=address)
		requests.post(
			url, data=json.dumps(message), headers=post.TEXT | {"X-Forwarded-For": f"198.51.100.{number}"}
		)
	assert site_sns.LOOKUPS <= len(amazon.shelf.certificates_asked()) <= 2 * site_sns.LOOKUPS


def test_each_costs_one_signature(amazon: Sns, monkeypatch: Any) -> None:
	checks = {"message": 0, "chain": 0}

	def counted(what: str, check: Any) -> Any:
		def checked(*given: Any) -> Any:
			checks[what] += 1
			return check(*given)

		return checked

	monkeypatch.setattr(rules, "require_signed", counted("message", rules.require_signed))
	monkeypatch.setattr(rules, "trusted_key", counted("chain", rules.trusted_key))
	frappe.local.conf[site_sns.ENDPOINT_SETTING] = amazon.shelf.url
	frappe.local.request_ip = "192.0.2.1"
	now = events.ports().clock.now()
	for _ in range(50):
		forged = amazon.say(event()) | {"Message": "{}"}
		with pytest.raises(guards.NotBelieved):
			events._verified(json.dumps(forged).encode(), now)
	assert checks["message"] == 50
	assert checks["chain"] <= 3, "once when it was looked up, and once a minute"
