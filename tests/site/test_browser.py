"""A whole visit on the real site, in real browsers with moving pictures: portal, visit page and desk."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Error, Page, expect

from tools.harness.site.fixtures import PAGE_LOAD
from tools.harness.site.people import CLIENT, FRONT_DESK, HOST
from tools.harness.visit_driver import (
	Side,
	admit,
	knock,
	see_each_other,
	take_pictures,
	wait_for,
	whole_visit,
)

Visitor = Callable[[str, str], Page]

#: Neither the slow polls of a page with realtime nor its heartbeats come: what it learns, it was nudged to ask for.
NEVER_ASKS_BY_ITSELF = """
for (const name of ["setTimeout", "setInterval"]) {
	const set = window[name];
	window[name] = (act, delay, ...given) => (delay >= 10000 ? 0 : set(act, delay, ...given));
}
"""


@dataclass
class Visit:
	"""One open appointment, and the two who come to it as they would: from the portal and from the desk."""

	site: Any
	visitor: Visitor
	appointment: Any

	@property
	def room(self) -> str:
		return self.appointment.theranvio_room

	def client(self) -> Side:
		page = self.visitor(CLIENT, "/video-visits")
		page.wait_for_load_state("networkidle")
		take_pictures(page, "site-video-visits")
		side = Side(page)
		page.get_by_role("link", name=re.compile("^Join the visit")).click()
		page.wait_for_url(f"**/visit/{self.room}")
		return side

	def host(self) -> Side:
		desk = self.desk(HOST)
		with desk.expect_popup() as opened:
			desk.get_by_role("button", name="Open video visit").click()
		address = opened.value.url
		opened.value.close()
		side = Side(desk.context.new_page())
		side.open(address)
		return side

	def desk(self, user: str) -> Page:
		"""The appointment's form."""
		page = self.visitor(user, f"/app/patient-appointment/{self.appointment.name}")
		close_the_hosts_complaint(page)
		expect(page.get_by_text(re.compile("^Video: "))).to_be_visible(timeout=PAGE_LOAD)
		return page

	def status(self) -> str:
		self.site.db.rollback()
		return self.site.db.get_value("Appointment Room", self.room, "status")

	def seconds(self, role: str) -> int:
		"""What is booked for one of the two."""
		self.site.db.rollback()
		person = self.site.db.get_value("Room Participant", {"room": self.room, "role": role})
		return sum(self.site.get_all("Usage Entry", {"participant": person}, pluck="seconds"))


@pytest.fixture
def visit(site: Any, visitor: Visitor, make_appointment: Callable[..., Any]) -> Visit:
	link = "https://meet.example.org/the-clinics-own-room"
	return Visit(site, visitor, make_appointment(theranvio_fallback_url=link))


def test_a_whole_visit(visit: Visit) -> None:
	client, host = visit.client(), visit.host()
	whole_visit(host, client, pictures="site")
	assert visit.status() == "Ended"
	for role, side in (("Host", host), ("Client", client)):
		assert side.presence.is_as_long_as(visit.seconds(role)), (
			role,
			visit.seconds(role),
			side.presence.spans,
		)
	assert visit.site.db.get_value("Room Meeting", visit.room, "meeting_id") in (None, "")
	people = visit.site.get_all("Room Participant", {"room": visit.room}, pluck="name")
	assert not visit.site.get_all(
		"Participant Access", {"name": ("in", people), "attendee_id": ("is", "set")}
	)


def test_cancelling_at_the_desk_puts_everybody_out(visit: Visit) -> None:
	desk = visit.desk(FRONT_DESK)
	take_pictures(desk, "site-desk-form")
	desk.locator(".frappe-control[data-fieldname=theranvio_fallback_url]").scroll_into_view_if_needed()
	take_pictures(desk, "site-desk-section")
	client, host = visit.client(), visit.host()
	knock(host, client)
	admit(host)
	see_each_other(host, client)
	attendee = client.attendees[-1]
	desk.bring_to_front()
	desk.get_by_role("button", name="Cancel", exact=True).click()
	desk.locator(".modal-dialog:visible").get_by_role("button", name="Yes").click()
	client.is_at("over")
	client.sees("This visit was cancelled")
	client.sees_no_one()
	host.is_at("over")
	status, body = client.call("visit.heartbeat", room=visit.room, attendee=attendee)
	assert (status, body["error"]["code"]) == (410, "visit_over")
	assert visit.status() == "Revoked"
	expect(desk.get_by_text("Video: Revoked")).to_be_visible()
	client.picture("site-cancelled")
	desk.keyboard.press("Escape")
	take_pictures(desk, "site-desk-form-cancelled")


def test_realtime_announces_a_waiting_client_to_a_page_that_does_not_ask(visit: Visit) -> None:
	client, host = visit.client(), visit.host()
	host.page.add_init_script(NEVER_ASKS_BY_ITSELF)
	connected = listening(host.page)
	host.press("enter")
	host.is_at("call")
	wait_for("realtime", connected)
	client.press_for("enter", "visit.enter")
	host.announces("is waiting to be let in")


def test_without_realtime_a_waiting_client_is_announced_all_the_same(visit: Visit, bench: Any) -> None:
	bench.services.realtime.stop()
	try:
		client, host = visit.client(), visit.host()
		host.press("enter")
		host.is_at("call")
		client.press_for("enter", "visit.enter")
		host.announces("is waiting to be let in")
	finally:
		bench.services.realtime.start()


def close_the_hosts_complaint(page: Page) -> None:
	"""Its form asks for Healthcare Settings, which physicians may not read, and says so in a dialog."""
	complaint = page.locator(".modal.show", has_text="No permission for Healthcare Settings")
	page.add_locator_handler(complaint, lambda dialog: dialog.locator(".btn-modal-close").click())


def listening(page: Page) -> Callable[[], bool]:
	"""Whether the site's realtime has taken the page's connection in; the page is loaded anew to find out."""
	polls: list[Any] = []
	frames: list[str] = []
	page.on(
		"requestfinished", lambda request: polls.append(request) if "/socket.io/" in request.url else None
	)
	page.on("websocket", lambda socket: socket.on("framereceived", lambda frame: frames.append(str(frame))))
	page.reload()

	def is_connected() -> bool:
		page.evaluate("1")  # lets the events in
		return any("40/" in text and "sid" in text for text in (*frames, *map(answer_to, polls)))

	return is_connected


def answer_to(request: Any) -> str:
	"""None if the page was left before the answer arrived."""
	try:
		return request.response().text()
	except Error:
		return ""
