"""The whole way of an event: the emulator's control plane, its signed messages, this site's endpoints, and a stay."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import frappe
import pytest

from tests.site.amazon import ACCOUNT, API, REGION, TOPIC, configured, forget
from tests.site.rows import put_provider
from tests.site.visits import Booked
from theranvio_telehealth.site.settings import SETTINGS
from tools.harness.site.people import CLIENT, HOST
from tools.harness.site.processes import wait_until

emulated = pytest.importorskip("tools.chime_emulator", reason="the emulator needs aiohttp and aiortc")

KEY = "key-of-the-clinic-0123456789-0123456789"
PATIENCE = 30


@dataclass
class Visit:
	"""A visit by Amazon Chime. People come without media."""

	amazon: Any
	booked: Booked

	def come(self, user: str) -> str:
		"""Join and connect without media; return the attendee."""
		joined = self.booked.http(user).post("visit.join", room=self.booked.room).json()["message"]
		return self.amazon.enter(joined["credentials"]["attendee"]["JoinToken"])

	def known(self, attendee: str = "") -> list[str]:
		frappe.db.rollback()
		about = {"attendee_id": attendee} if attendee else {}
		return frappe.get_all("Provider Event", about, pluck="kind", order_by="happened_on")

	def wait(self, attendee: str, *kinds: str) -> None:
		wait_until(lambda: self.known(attendee) == list(kinds), PATIENCE, f"{kinds} of {attendee}")

	def sources(self) -> set[str]:
		frappe.db.rollback()
		return set(frappe.get_all("Usage Entry", {"room": self.booked.room}, pluck="source"))

	def outcomes(self) -> set[str]:
		return {delivery["outcome"] for delivery in self.amazon.deliveries()}


@contextmanager
def account(bench: Any, amazon: Any, **fields: str) -> Iterator[None]:
	"""New rooms use Amazon Chime, at the emulator."""
	place = {"account_id": ACCOUNT, "control_region": REGION, "media_region": REGION}
	keys = {"access_key_id": "AKIAEMULATOREXAMPLE1", "secret_access_key": "not-a-secret"}
	put_provider("Chime", adapter="Amazon Chime SDK", **place, **keys, **fields)
	frappe.db.set_single_value(SETTINGS, "default_provider", "Chime")
	frappe.db.commit()
	forget()
	with configured(bench, theranvio_chime_endpoint=amazon.url):
		yield
	forget()


@pytest.fixture
def amazon() -> Iterator[Any]:
	with emulated.Emulator() as running:
		yield running


def visit(amazon: Any, http: Any, make_appointment: Any) -> Visit:
	return Visit(amazon, Booked.of(make_appointment(), http))


def admit(running: Visit) -> None:
	running.booked.enter(HOST)
	running.booked.enter(CLIENT)
	queue = running.booked.http(HOST).get("host.queue", room=running.booked.room).json()["message"]["people"]
	(client,) = [p["participant"] for p in queue if p["role"] == "Client"]
	running.booked.http(HOST).post("host.admit", room=running.booked.room, participant=client)


def end(running: Visit) -> None:
	running.booked.http(HOST).post("host.end", room=running.booked.room)


def test_by_sns(amazon: Any, bench: Any, http: Any, make_appointment: Any, run_jobs: Any) -> None:
	"""Subscribed and confirmed through Amazon's API; then each event comes signed."""
	with account(bench, amazon, sns_topic_arn=TOPIC):
		endpoint = f"{bench.bench.base_url}{API}sns"
		amazon.boto("sns", region=REGION).subscribe(TopicArn=TOPIC, Protocol="http", Endpoint=endpoint)
		wait_until(lambda: amazon.state()["calls"].get("ConfirmSubscription"), PATIENCE, "the confirmation")
		running = visit(amazon, http, make_appointment)
		admit(running)
		host, client = running.come(HOST), running.come(CLIENT)
		running.wait(host, "Joined")
		amazon.advance(60)
		amazon.depart(client)
		running.wait(client, "Joined", "Left")
		end(running)
		run_jobs()
		wait_until(lambda: "Meeting Ended" in running.known(), PATIENCE, "the meeting's end")
		wait_until(lambda: running.sources() == {"Provider Event"}, PATIENCE, "stays by Amazon's word")
		assert running.outcomes() == {"200"}
		assert amazon.state()["calls"]["ConfirmSubscription"] == 1


def test_by_eventbridge(bench: Any, http: Any, make_appointment: Any, run_jobs: Any) -> None:
	endpoint = f"{bench.bench.base_url}{API}eventbridge"
	settings = emulated.Settings(eventbridge_url=endpoint, eventbridge_key=KEY)
	with emulated.Emulator(settings) as amazon, account(bench, amazon, eventbridge_keys=KEY):
		amazon.fail({"on": "event:AttendeeJoined", "kind": "duplicated"})
		running = visit(amazon, http, make_appointment)
		admit(running)
		client = running.come(CLIENT)
		running.wait(client, "Joined")
		amazon.depart(client)
		end(running)
		run_jobs()
		wait_until(lambda: "Meeting Ended" in running.known(), PATIENCE, "the meeting's end")
		assert running.known(client)[0] == "Joined"
		assert running.known(client).count("Joined") == 1
		assert running.outcomes() == {"200"}


def test_with_the_wrong_key_nothing_is_heard(bench: Any, http: Any, make_appointment: Any) -> None:
	endpoint = f"{bench.bench.base_url}{API}eventbridge"
	settings = emulated.Settings(eventbridge_url=endpoint, eventbridge_key=KEY + "x")
	with emulated.Emulator(settings) as amazon, account(bench, amazon, eventbridge_keys=KEY):
		running = visit(amazon, http, make_appointment)
		admit(running)
		running.come(CLIENT)
		wait_until(lambda: running.outcomes() == {"401"}, PATIENCE, "the refusals")
		assert not running.known()


def test_in_any_order(bench: Any, http: Any, make_appointment: Any, run_jobs: Any) -> None:
	endpoint = f"{bench.bench.base_url}{API}sns"
	settings = emulated.Settings(sns_targets=(emulated.SnsTarget(TOPIC, endpoint),))
	with emulated.Emulator(settings) as amazon, account(bench, amazon, sns_topic_arn=TOPIC):
		amazon.hold_events(True)
		running = visit(amazon, http, make_appointment)
		admit(running)
		client = running.come(CLIENT)
		amazon.advance(60)
		amazon.depart(client)
		amazon.advance(1)
		end(running)
		run_jobs()
		assert not running.known()
		amazon.hold_events(False)
		wait_until(lambda: running.known(client)[:2] == ["Joined", "Left"], PATIENCE, "both")
		wait_until(lambda: "Meeting Ended" in running.known(), PATIENCE, "the meeting's end")
		wait_until(lambda: running.sources() == {"Provider Event"}, PATIENCE, "stays by Amazon's word")
