"""A whole visit on the real site through Amazon's own client and the emulator, events by signed SNS; and what ends it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.site.amazon import API, TOPIC
from tests.site.test_browser import Visit, Visitor
from tools.harness.site.people import FRONT_DESK
from tools.harness.visit_driver import Side, admit, knock, see_each_other, wait_for

pytest.importorskip("tools.chime_emulator", reason="the emulator needs aiohttp and aiortc")

from tests.site.test_api_events_whole import account
from tools.harness import chime_visit


@pytest.fixture
def amazon(bench: Any) -> Iterator[Any]:
	endpoint = f"{bench.bench.base_url}{API}sns"
	with (
		chime_visit.emulator(sns=(TOPIC, endpoint)) as running,
		account(bench, running, sns_topic_arn=TOPIC),
	):
		yield running


@pytest.fixture
def visit(site: Any, amazon: Any, visitor: Visitor, make_appointment: Callable[..., Any]) -> Visit:
	link = "https://meet.example.org/the-clinics-own-room"
	return Visit(site, visitor, make_appointment(theranvio_fallback_url=link))


def test_a_whole_visit(visit: Visit, amazon: Any) -> None:
	client, host = visit.client(), visit.host()
	chime_visit.whole_visit(host, client, amazon)
	assert visit.status() == "Ended"
	for role, side in (("Host", host), ("Client", client)):
		truth = chime_visit.seconds_at_amazon(amazon, side.attendees)
		assert truth > 0
		wait_for(
			f"the stays of the {role} as Amazon tells them",
			lambda role=role, truth=truth: abs(visit.seconds(role) - truth) <= 1,
		)
	assert set(
		visit.site.get_all("Usage Entry", {"room": visit.room, "seconds": (">", 0)}, pluck="source")
	) == {"Provider Event"}
	assert visit.site.db.get_value("Room Meeting", visit.room, "meeting_token") in (None, "")


def test_cancelling_at_the_desk_puts_the_client_out_of_amazons_meeting(visit: Visit, amazon: Any) -> None:
	desk = visit.desk(FRONT_DESK)
	client, host = visit.client(), visit.host()
	knock(host, client)
	admit(host)
	see_each_other(host, client)
	token = chime_visit.join_token(client)
	desk.bring_to_front()
	desk.get_by_role("button", name="Cancel", exact=True).click()
	desk.locator(".modal-dialog:visible").get_by_role("button", name="Yes").click()
	client.is_at("over")
	wait_for("Amazon to let nobody in", lambda: chime_visit.is_refused(amazon, token))
	wait_for("the meeting's end", lambda: not chime_visit.living(amazon))
	client.sees_no_one()


def test_when_amazon_does_not_answer_the_host_has_one_button_and_the_appointment_stands(
	visit: Visit, amazon: Any
) -> None:
	"""T11: an outage never blocks the appointment."""
	before = visit.site.get_doc("Patient Appointment", visit.appointment.name).as_dict()
	amazon.fail({"on": "*", "kind": "error_503"})
	client, host = visit.client(), visit.host()
	client.press("enter")
	client.is_at("waiting")
	host.press("enter")
	host.is_at("outage")
	host.sees("The video service does not answer right now")
	host.picture("site-chime-outage-host")
	host.page.context.route("https://meet.example.org/**", lambda route: route.fulfill(body="elsewhere"))
	with host.page.context.expect_page() as opened:
		host.press("meet-elsewhere")
	opened.value.wait_for_url("https://meet.example.org/the-clinics-own-room")
	offered(client)
	visit.site.db.rollback()
	after = visit.site.get_doc("Patient Appointment", visit.appointment.name).as_dict()
	assert {k: v for k, v in after.items() if k != "modified"} == {
		k: v for k, v in before.items() if k != "modified"
	} | {"theranvio_status": "Live"}
	assert visit.site.db.get_value("Appointment Room", visit.room, "fallback_active") == 1
	assert "CreateMeeting: 503" in last_failure(visit)


def offered(client: Side) -> None:
	expect(client.page.locator("#app a[href^='https://meet.example.org/']").first).to_be_visible()


def last_failure(visit: Visit) -> str:
	"""What support finds: an act, a status and a code."""
	from frappe.deferred_insert import save_to_db

	save_to_db()
	visit.site.db.commit()
	titled = {"method": ("like", f"%join {visit.room}%")}
	(entry,) = visit.site.get_all("Error Log", titled, pluck="error", order_by="creation desc", limit=1)
	return entry
