"""Amazon's events by EventBridge, on a real site over HTTP: accepted only with the API key."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import frappe
import pytest
import requests
from frappe.utils.password import set_encrypted_password

from tests.site.amazon import (
	ACCOUNT,
	API,
	JSON,
	REGION,
	Sns,
	event,
	joined,
	known,
	refused,
	subscribed,
	taken,
)
from tests.site.rows import put_provider
from theranvio_telehealth.api.events import ALARMING_KEYS, MAX_EVENT_BYTES, WRONG_KEYS_PER_MINUTE
from tools.harness.site.people import CLIENT

OLD, NEW = "old-key-of-the-clinic-0123456789", "new-key-of-the-clinic-0123456789"
KEY = {"X-Api-Key": NEW}


@pytest.fixture
def amazon(bench: Any) -> Iterator[Sns]:
	with subscribed(bench, eventbridge_keys=f"{NEW} {OLD}") as sns:
		yield sns


def send(amazon: Sns, body: Any, **headers: str) -> requests.Response:
	named = {name.replace("_", "-"): value for name, value in headers.items()}
	return amazon.post(body, headers=JSON | named, method="eventbridge")


class TestTaken:
	def test_with_any_of_the_keys(self, amazon: Sns) -> None:
		here = joined()
		taken(send(amazon, event(**here), X_Api_Key=OLD))
		taken(send(amazon, event("AttendeeDropped", **here), x_api_key=NEW))
		assert known(here) == ["Joined", "Dropped"]

	def test_once_whatever_way_it_comes(self, amazon: Sns) -> None:
		here = joined()
		body = event(**here)
		for _ in range(2):
			taken(send(amazon, body, **KEY))
		taken(amazon.post(amazon.say(body)))
		assert known(here) == ["Joined"]

	def test_of_kinds_and_meetings_that_are_not_ours_nothing_is_stored(self, amazon: Sns) -> None:
		for body in (event(), event("AttendeeVideoStarted", **joined())):
			taken(send(amazon, body, **KEY))
		assert not frappe.db.count("Provider Event")

	def test_as_whatever_it_is_declared(self, amazon: Sns) -> None:
		here = joined()
		for kind in ("text/plain", "application/json; charset=utf-8", "application/octet-stream"):
			taken(send(amazon, event(**here), Content_Type=kind, **KEY))
		assert known(here) == ["Joined"] * 3

	def test_markup_in_it_is_of_no_interest(self, amazon: Sns) -> None:
		taken(send(amazon, event(**joined(), resources=["<script>"], externalUserId="<b>"), **KEY))


class TestKey:
	def test_any_other_is_refused_alike(self, amazon: Sns) -> None:
		here = joined()
		wrong = (
			"",
			NEW[:-1],
			NEW + "x",
			NEW.upper(),
			f"{NEW} {OLD}",
			f"{NEW},{OLD}",
			"é",
			"*" * 32,
			"x" * 7000,
		)
		answers = [send(amazon, event(**here), X_Api_Key=key.encode("latin-1")) for key in wrong]
		answers += [send(amazon, event(**here)), amazon.post(b"{", headers={}, method="eventbridge")]
		for answer in answers:
			refused(answer, 401, "wrong_key")
		assert len({answer.content for answer in answers}) == 1
		assert not known(here)

	def test_nor_is_it_looked_for_elsewhere(self, amazon: Sns) -> None:
		here = joined()
		for authorization in (f"Bearer {NEW}", f"token {NEW}:{NEW}", f"Basic {NEW}"):
			answer = send(amazon, event(**here), Authorization=authorization)
			assert answer.status_code in (401, 403)
			assert "Traceback" not in answer.text
		refused(send(amazon, event(**here), Authorization=NEW), 401, "wrong_key")
		url = f"{amazon.base_url}{API}eventbridge"
		refused(requests.post(url, json=event(**here), params={"X-Api-Key": NEW}), 401, "wrong_key")
		refused(requests.post(url, json=event(**here) | {"X-Api-Key": NEW}), 401, "wrong_key")
		assert not known(here)

	def test_a_session_is_no_key(self, amazon: Sns, http: Any) -> None:
		client = http(CLIENT)
		guard = {"X-Frappe-CSRF-Token": client.csrf}
		url = client.url("events.eventbridge")
		refused(client.session.post(url, json=event(), headers=guard), 401, "wrong_key")
		taken(client.session.post(url, json=event(), headers=guard | KEY))

	def test_it_can_be_changed(self, amazon: Sns) -> None:
		taken(send(amazon, event(), X_Api_Key=OLD))
		provider = frappe.get_doc("Media Provider", "Chime")
		provider.eventbridge_keys = NEW
		provider.save()
		frappe.db.commit()
		refused(send(amazon, event(), X_Api_Key=OLD), 401, "wrong_key")
		taken(send(amazon, event(), X_Api_Key=NEW))

	@pytest.mark.parametrize(
		"field", [{"eventbridge_keys": ""}, {"adapter": "Fake"}], ids=["none", "not Amazon"]
	)
	def test_where_there_is_none_no_one_has_it(self, amazon: Sns, field: dict[str, str]) -> None:
		provider = frappe.get_doc("Media Provider", "Chime")
		provider.update(field)
		provider.db_update_all() if "adapter" in field else provider.save()
		frappe.db.set_value("Media Provider", "Chime", "modified", frappe.utils.now())
		frappe.db.commit()
		for key in (NEW, "", "None"):
			refused(send(amazon, event(), X_Api_Key=key), 401, "wrong_key")

	def test_it_opens_its_own_account_only(self, amazon: Sns) -> None:
		given = {"adapter": "Amazon Chime SDK", "account_id": "444455556666"}
		regions = {"control_region": REGION, "media_region": REGION}
		put_provider("Other", eventbridge_keys="other-key-of-the-clinic-0123456789", **given, **regions)
		frappe.db.commit()
		here = joined()
		refused(send(amazon, event(**here), X_Api_Key="other-key-of-the-clinic-0123456789"), 400, "malformed")
		taken(
			send(
				amazon, event(**here, account="444455556666"), X_Api_Key="other-key-of-the-clinic-0123456789"
			)
		)
		refused(send(amazon, event(**here, account="444455556666"), **KEY), 400, "malformed")
		assert known(here) == ["Joined"]

	def test_without_an_account_of_our_own_any_is_meant(self, amazon: Sns) -> None:
		provider = frappe.get_doc("Media Provider", "Chime")
		provider.update({"account_id": "", "sns_topic_arn": ""})
		provider.save()
		frappe.db.commit()
		taken(send(amazon, event(account="444455556666"), **KEY))


def alarms() -> list[tuple[str, str]]:
	frappe.db.rollback()
	return frappe.get_all(
		"Notification Log",
		filters={"subject": ("like", "%wrong EventBridge keys%")},
		fields=["for_user", "subject"],
		order_by="for_user",
		as_list=True,
	)


class TestWrongKeys:
	def test_an_address_is_slowed_and_the_right_key_heard(self, amazon: Sns) -> None:
		here = joined()
		wrong = [send(amazon, event(), X_Api_Key=NEW + "x")]
		while wrong[-1].status_code == 401 and len(wrong) <= 3 * WRONG_KEYS_PER_MINUTE:  # the minute may turn
			wrong.append(send(amazon, event(), X_Api_Key=f"{NEW}{len(wrong)}"))
		assert len(wrong) > WRONG_KEYS_PER_MINUTE
		refused(wrong[-1], 429, "too_many_requests")
		assert int(wrong[-1].headers["Retry-After"]) > 0
		taken(send(amazon, event(**here), X_Api_Key=NEW))
		assert known(here) == ["Joined"]

	def test_another_address_is_not(self, amazon: Sns, bench: Any) -> None:
		url = f"{bench.bench.direct_url}{API}eventbridge"
		statuses = [
			requests.post(url, json=event(), headers={"X-Forwarded-For": f"198.51.100.{n % 2}"}).status_code
			for n in range(2 * WRONG_KEYS_PER_MINUTE)
		]
		assert statuses == [401] * 2 * WRONG_KEYS_PER_MINUTE

	def test_administrators_hear_of_twenty_in_a_day_once(self, amazon: Sns, bench: Any) -> None:
		url = f"{bench.bench.direct_url}{API}eventbridge"

		def try_key(number: int) -> None:
			address = {"X-Forwarded-For": f"198.51.100.{number}", "X-Api-Key": f"guess-{number:032d}"}
			requests.post(url, json=event(), headers=address)

		for number in range(ALARMING_KEYS - 1):
			try_key(number)
		assert not alarms()
		for number in range(ALARMING_KEYS - 1, 2 * ALARMING_KEYS + 3):
			try_key(number)
		notices = alarms()
		assert "Administrator" in [user for user, _ in notices]
		assert len({user for user, _ in notices}) == len(notices)
		assert all("wrong EventBridge keys" in subject and "guess" not in subject for _, subject in notices)

	def test_a_short_key_opens_nothing_even_where_it_is_stored(self, amazon: Sns) -> None:
		set_encrypted_password("Media Provider", "Chime", "short-key", "eventbridge_keys")
		frappe.db.set_value("Media Provider", "Chime", "modified", frappe.utils.now())
		frappe.db.commit()
		refused(send(amazon, event(), X_Api_Key="short-key"), 401, "wrong_key")


WRONG = [
	b"",
	b"{",
	b"[]",
	b"null",
	b"7",
	b"\xff",
	b"[" * 60_000,
	b"{}",
	*(
		json.dumps(event(**{name: value})).encode()
		for name in ("account", "source", "detail-type", "time", "eventType", "meetingId", "attendeeId")
		for value in (None, 7, [], {}, "x" if name != "eventType" else 7)
	),
	json.dumps(event() | {"detail": ACCOUNT}).encode(),
]


class TestMalformed:
	@pytest.mark.parametrize("kind", ["application/json", "text/plain"])
	def test_bodies(self, amazon: Sns, kind: str) -> None:
		for body in WRONG:
			refused(send(amazon, body, Content_Type=kind, **KEY), 400, "malformed")
		assert not frappe.db.count("Provider Event")

	def test_too_large(self, amazon: Sns) -> None:
		body = json.dumps(event()).encode()
		taken(send(amazon, body + b" " * (MAX_EVENT_BYTES - len(body)), **KEY))
		refused(send(amazon, body + b" " * (MAX_EVENT_BYTES - len(body) + 1), **KEY), 413, "too_large")
