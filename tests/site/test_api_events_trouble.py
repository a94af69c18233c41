"""Confirmations by SNS, and messages that cannot be processed now: they are answered 503, sent again by SNS, and then recorded."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import frappe
import pytest
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request

from tests.site.amazon import (
	REGION,
	Sns,
	configured,
	event,
	forget,
	joined,
	known,
	logged,
	refused,
	subscribed,
	taken,
)
from theranvio_telehealth.api.guards import received
from theranvio_telehealth.domain.errors import NotFound, TelehealthError, VisitOver, WrongMove
from theranvio_telehealth.providers.chime import certificates
from theranvio_telehealth.site import sns as site_sns

ADDRESS = f"https://sns.{REGION}.amazonaws.com/SimpleNotificationService-0f.pem"
ALERT = "Amazon no longer tells this site"


@pytest.fixture
def amazon(bench: Any) -> Iterator[Sns]:
	with subscribed(bench) as sns:
		yield sns


class TestConfirmations:
	def test_the_address_in_one_is_never_fetched(self, amazon: Sns) -> None:
		"""Amazon is asked instead; here that request is not answered, so the message has to come again."""
		for _ in range(2):
			refused(amazon.post(amazon.confirmation()), 503, "unavailable")
		assert amazon.shelf.certificates_asked() == [amazon.office.path]
		assert amazon.shelf.posted

	def test_a_forged_one_asks_no_one(self, amazon: Sns) -> None:
		amazon.post(amazon.say(event()))
		for change in ({"Token": "other"}, {"SubscribeURL": "https://evil.example"}, {"Signature": ""}):
			refused(amazon.post(amazon.confirmation() | change), 403, "not_believed")
		assert not amazon.shelf.posted

	def test_the_end_of_a_subscription_is_announced_once(self, amazon: Sns) -> None:
		message = amazon.confirmation("UnsubscribeConfirmation")
		refused(amazon.post(message | {"Token": "other"}), 403, "not_believed")
		assert not frappe.db.count("Notification Log", {"subject": ("like", f"{ALERT}%")})
		for _ in range(2):
			taken(amazon.post(message))
		frappe.db.rollback()
		notes = frappe.get_all(
			"Notification Log", {"subject": ("like", f"{ALERT}%")}, ["for_user", "email_content"]
		)
		assert len({note.for_user for note in notes}) == len(notes) > 0
		assert {note.email_content for note in notes} == {"Chime"}
		assert not amazon.shelf.posted


@pytest.mark.parametrize("error", [VisitOver, WrongMove, NotFound])
def test_an_error_of_a_visit_makes_amazon_send_again(
	site: Any, monkeypatch: Any, error: type[TelehealthError]
) -> None:
	"""Amazon drops a message that was answered with 4xx."""
	request = Request(EnvironBuilder(method="POST", data=b"{}").get_environ())
	monkeypatch.setattr(frappe.local, "request", request, raising=False)

	def endpoint() -> None:
		raise error

	assert received(max_bytes=10)(endpoint)().status_code == 503


class TestNotNow:
	@pytest.mark.parametrize("status", [302, 429, 500, 503])
	def test_without_its_certificate_a_message_has_to_come_again(self, amazon: Sns, status: int) -> None:
		here = joined()
		message = amazon.say(event(**here))
		chain = amazon.shelf.places[amazon.office.path]
		amazon.shelf.places |= {amazon.office.path: status, "/elsewhere.pem": chain}
		for _ in range(3):
			refused(amazon.post(message), 503, "unavailable")
		assert amazon.shelf.certificates_asked() == [amazon.office.path], (
			"not looked up again at once, nor elsewhere"
		)
		amazon.shelf.places[amazon.office.path] = chain
		forget("asking")
		taken(amazon.post(message))
		assert known(here) == ["Joined"]

	def test_nor_without_its_issuers(self, amazon: Sns) -> None:
		amazon.shelf.places |= {amazon.office.path: amazon.office.alone(), "/r2m01.cer": 503}
		refused(amazon.post(amazon.say(event())), 503, "unavailable")
		amazon.shelf.places["/r2m01.cer"] = 403
		forget("asking")
		refused(amazon.post(amazon.say(event())), 403, "not_believed")

	def test_what_was_not_there_is_looked_for_again_later(self, amazon: Sns) -> None:
		chain = amazon.shelf.places.pop(amazon.office.path)
		for _ in range(3):
			refused(amazon.post(amazon.say(event())), 403, "not_believed")
		assert len(amazon.shelf.certificates_asked()) == 1
		amazon.shelf.places[amazon.office.path] = chain
		forget()
		taken(amazon.post(amazon.say(event())))

	def test_without_a_way_out(self, amazon: Sns, bench: Any) -> None:
		amazon.shelf.server.server_close()
		refused(amazon.post(amazon.say(event())), 503, "unavailable")

	def test_without_the_database(self, amazon: Sns, bench: Any) -> None:
		here = joined()
		message = amazon.say(event(**here))
		taken(amazon.post(amazon.say(event())))
		bench.services.mariadb.stop()
		try:
			answers = [
				amazon.post(message),
				amazon.post(event(), headers={"X-Api-Key": "x"}, method="eventbridge"),
			]
		finally:
			bench.services.mariadb.start()
			bench.connect()
		assert all(answer.status_code >= 500 for answer in answers)
		assert not any("Traceback" in answer.text for answer in answers)
		taken(amazon.post(message))
		assert known(here) == ["Joined"]

	def test_in_maintenance(self, amazon: Sns, bench: Any) -> None:
		with configured(bench, maintenance_mode=1):
			refused(amazon.post(amazon.say(event())), 503, "unavailable")
			refused(amazon.post(event(), method="eventbridge"), 503, "unavailable")
		taken(amazon.post(amazon.say(event())))

	def test_a_failure_of_ours_is_recorded_and_not_remembered(self, amazon: Sns) -> None:
		here = joined()
		message = amazon.say(event(**here))
		participant = frappe.db.get_value("Room Join", here["attendeeId"], "participant")
		frappe.db.set_value("Room Participant", participant, "state", "nonsense of Cleo's")
		frappe.db.commit()
		for _ in range(2):
			refused(amazon.post(message), 503, "unavailable")
		(entry,) = [entry for about, entry in logged() if about == "events.sns ValueError"]
		assert "Cleo" not in entry
		assert here["meetingId"] not in entry
		frappe.db.set_value("Room Participant", participant, "state", "Admitted")
		frappe.db.commit()
		taken(amazon.post(message))
		assert known(here) == ["Joined"]


class TestRealAmazon:
	"""Checks on Amazon's real addresses that need no connection."""

	def test_certificates_are_looked_up_at_amazon_with_verification(
		self, site: Any, monkeypatch: Any
	) -> None:
		asked = []

		def get(url: str, **given: Any) -> None:
			asked.append((url, given["timeout"], given["allow_redirects"], given.get("verify", True)))
			raise certificates.requests.ConnectionError

		monkeypatch.setattr(certificates.requests, "get", get)
		with pytest.raises(certificates.CertificateUnavailable):
			certificates.fetch(ADDRESS, site_sns._endpoint())
		assert asked == [(ADDRESS, (3, 5), False, True)]

	def test_its_roots_are_among_those_that_browsers_trust(self, site: Any) -> None:
		names = [root.subject.rfc4514_string() for root in certificates.roots("")]
		assert any("Amazon Root CA 1" in name for name in names)
		assert all("Amazon" in name or "Starfield" in name for name in names)

	@pytest.mark.parametrize(
		"setting_value",
		[
			"https://evil.example",
			"http://10.0.0.1:80",
			"http://127.0.0.1@evil.example",
			"file:///etc",
			7,
			None,
		],
	)
	def test_only_this_machine_can_stand_in_for_it(self, site: Any, setting_value: Any) -> None:
		frappe.local.conf[site_sns.ENDPOINT_SETTING] = setting_value
		assert site_sns._endpoint() == ""

	def test_by_configuration_only(self, amazon: Sns, bench: Any) -> None:
		"""Neither a request nor anything at the desk can name it."""
		setting = {site_sns.ENDPOINT_SETTING: amazon.shelf.url}
		with configured(bench, **{site_sns.ENDPOINT_SETTING: "http://127.0.0.1:1"}):
			message = amazon.say(event()) | setting
			refused(
				amazon.post(message, headers=setting | {"Content-Type": "application/json"}),
				503,
				"unavailable",
			)
		assert not amazon.shelf.asked
