"""A whole visit on the demo in real browsers, with moving pictures; and the demo's own pages in them."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import time as clock_time
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from theranvio_telehealth.domain.enums import RoomStatus
from tools.demo.clinic import Clinic, Entry
from tools.demo.clock import from_local
from tools.demo.demo_app import DemoApp
from tools.demo.server import running
from tools.harness.visit_driver import (
	PATIENCE,
	Side,
	admit,
	knock,
	person,
	see_each_other,
	take_pictures,
	wait_for,
	whole_visit,
)


@dataclass
class Demo:
	"""The demo as `make demo` runs it, and browsers to look at it with."""

	browser: Browser
	port: int
	demo_app: DemoApp
	stack: ExitStack
	requested: list[str] = field(default_factory=list)

	def sign_in(self, host: str, user: str) -> Page:
		"""A person with a browser of their own, on the page that signing in leads to."""
		page = self.stack.enter_context(person(self.browser)).new_page()
		page.on("request", lambda request: self.requested.append(request.url))
		page.goto(f"http://{host}:{self.port}/sign-in?as={user}")
		page.wait_for_url(re.compile(r"/(video-visits)?$"))
		return page

	def side(self, host: str, user: str) -> Side:
		"""The same person, having opened the visit of the day."""
		page = self.sign_in(host, user)
		side = Side(page)
		page.get_by_role("link", name=re.compile("visit")).first.click()
		page.wait_for_url("**/visit/*")
		return side

	@property
	def room(self) -> str:
		return self.demo_app.store.shown("APP-0001")


@pytest.fixture
def demo(browser: Browser, tmp_path: Path) -> Iterator[Demo]:
	with running("127.0.0.1", 0, tmp_path / "clinic.db") as server, ExitStack() as stack:
		thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
		thread.start()
		stack.callback(thread.join)
		stack.callback(server.shutdown)
		demo = Demo(browser, server.port, server.app.extensions["demo"], stack)
		yield demo
		own = re.compile(rf"(http://([a-z]+\.)?localhost:{server.port}/|data:|blob:)")
		assert [url for url in demo.requested if not own.match(url)] == []


def test_a_whole_visit(demo: Demo) -> None:
	host, client = demo.side("clinician.localhost", "okafor"), demo.side("client.localhost", "amara")
	whole_visit(host, client, pictures="visit")
	store = demo.demo_app.store
	assert store.room(demo.room).status is RoomStatus.ENDED
	people = {p.role: p.name for p in store.participants(demo.room)}
	for role, side in (("Host", host), ("Client", client)):
		seconds = sum(e.seconds for e in store.entries(demo.room) if e.participant == people[role])
		assert side.presence.is_as_long_as(seconds), (role, seconds, side.presence.spans)
	assert not any(p.attendee_id or p.revoked_attendees for p in store.participants(demo.room))
	assert store.room(demo.room).meeting_id == ""


def test_cancelling_during_the_call_puts_everybody_out(demo: Demo) -> None:
	host, client = demo.side("clinician.localhost", "okafor"), demo.side("client.localhost", "amara")
	knock(host, client)
	admit(host)
	see_each_other(host, client)
	desk = demo.sign_in("localhost", "desk")
	card = desk.locator("[data-appointment=APP-0001]")
	card.locator("summary").click()
	card.get_by_role("button", name="Cancel the appointment").click()
	desk.get_by_role("dialog").get_by_role("button", name="Cancel the appointment").click()
	client.is_at("over")
	client.sees("This visit was cancelled")
	client.sees_no_one()
	host.is_at("over")
	client.picture("visit-cancelled")
	assert demo.demo_app.store.room(demo.room).status is RoomStatus.REVOKED


def test_two_tabs_of_one_browser_are_two_people(demo: Demo) -> None:
	context = demo.stack.enter_context(person(demo.browser))
	sides = []
	for address in ("clinician.localhost", "client.localhost"):
		page = context.new_page()
		user = "okafor" if address.startswith("clinician") else "amara"
		page.goto(f"http://{address}:{demo.port}/sign-in?as={user}")
		page.wait_for_url(re.compile(r"/(video-visits)?$"))
		sides.append(Side(page))
		sides[-1].open(f"http://{address}:{demo.port}/visit/{demo.room}")
	for side in sides:
		side.page.bring_to_front()
		side.press("enter")
	sides[0].page.bring_to_front()
	sides[0].press_for("admit", "host.admit")
	sides[0].sees_moving_picture()
	sides[1].page.bring_to_front()
	sides[1].sees_moving_picture()


def test_the_clinics_page_shows_a_waiting_client_by_itself(demo: Demo) -> None:
	board = demo.sign_in("clinician.localhost", "okafor")
	client = demo.side("client.localhost", "amara")
	client.press("enter")
	expect(board.locator(".waiting")).to_be_visible(timeout=PATIENCE)
	expect(board.get_by_role("status")).to_have_text("Amara Bell is waiting.")


def test_booking_in_the_browser_leads_to_a_visit(demo: Demo) -> None:
	desk = demo.sign_in("localhost", "desk")
	desk.get_by_role("combobox", name=re.compile("^Client")).select_option("Mei Tanaka")
	desk.get_by_role("button", name="Book", exact=True).click()
	card = desk.locator(".card", has_text="Mei Tanaka").first
	expect(card.get_by_role("link", name="Open video visit")).to_be_visible()
	client = demo.sign_in("client.localhost", "mei")
	link = client.get_by_role("link", name="Go to the visit").first
	expect(link).to_be_visible()
	link.click()
	Side(client).is_at("check")


def test_pictures_of_the_demos_pages(demo: Demo) -> None:
	"""Each page is shown at both widths without a bar to scroll sideways with."""
	anybody = demo.stack.enter_context(person(demo.browser)).new_page()
	anybody.goto(f"http://localhost:{demo.port}/")
	board = demo.sign_in("localhost", "desk")
	client = demo.side("client.localhost", "amara")
	client.press("enter")
	client.is_at("waiting")
	expect(board.locator(".waiting")).to_be_visible(timeout=PATIENCE)
	visits = demo.sign_in("client.localhost", "amara")
	chooser = demo.stack.enter_context(person(demo.browser)).new_page()
	chooser.goto(f"http://localhost:{demo.port}/sign-in")
	for name, page in (
		("welcome", anybody),
		("clinic", board),
		("video-visits", visits),
		("sign-in", chooser),
	):
		take_pictures(page, f"demo-{name}")
		assert flaws(page) == []


WIDTHS = (1280, 1000, 768, 600, 390, 320)
AXE = Path(__file__).parents[2] / "node_modules/axe-core/axe.min.js"
#: What lies over something else among a page's times, words and controls, and whether the page is too wide.
OVERLAPS = """() => {
	const things = [...document.querySelectorAll(
		".when, .who, .acts > a, summary, .sheet label, .sheet button, .panel label, .panel button, h1, .brand, .me, .told"
	)].filter((thing) => thing.checkVisibility());
	const boxes = things.map((thing) => thing.getBoundingClientRect());
	const found = document.documentElement.scrollWidth > innerWidth ? ["too wide"] : [];
	things.forEach((one, i) => things.slice(i + 1).forEach((two, n) => {
		const [a, b] = [boxes[i], boxes[i + 1 + n]];
		const isOver = Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1
			&& Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 1;
		if (isOver && !one.contains(two) && !two.contains(one))
			found.push(`${one.className || one.textContent} over ${two.className || two.textContent}`);
	}));
	for (const input of document.querySelectorAll(".sheet label input"))
		if (input.getBoundingClientRect().right > input.closest("label").getBoundingClientRect().right + 1)
			found.push("a field wider than its label");
	return found;
}"""


def flaws(page: Page) -> list[str]:
	"""At every width what overlaps; and what axe finds in either colour scheme."""
	found = []
	for width in WIDTHS:
		page.set_viewport_size({"width": width, "height": 844})
		page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
		found += [f"{width}: {what}" for what in page.evaluate(OVERLAPS)]
	page.evaluate(AXE.read_text())
	for scheme in ("light", "dark"):
		page.emulate_media(color_scheme=scheme)
		result = page.evaluate("() => axe.run(document, { resultTypes: ['violations'] })")
		found += [f"{scheme} {v['id']}: {[n['html'] for n in v['nodes']]}" for v in result["violations"]]
	return found


def test_every_kind_of_card_is_easy_to_read_and_lies_free(demo: Demo) -> None:
	"""Open, cancelled, over, in person, changed right now; and the notices above them."""
	desk = demo.sign_in("localhost", "desk")
	demo.demo_app.store.put(replace(demo.demo_app.store.appointment("APP-0002"), status="Cancelled"))
	midnight = from_local(demo.demo_app.clock.today(), clock_time())
	Clinic(demo.demo_app).book("desk", Entry("PRAC-2", "PAT-3", midnight, 1, video=True))
	Clinic(demo.demo_app).book("desk", Entry("PRAC-2", "PAT-3", midnight, 1, video=False))
	desk.get_by_role("button", name="Book", exact=True).click()
	expect(desk.locator(".told")).to_contain_text("Booked")
	desk.locator("[data-appointment=APP-0001] summary").click()
	assert {"open", "over", "plain"} <= set(
		desk.eval_on_selector_all(".card", "all => all.map(c => c.dataset.tone)")
	)
	assert flaws(desk) == []
	desk.locator("[data-appointment=APP-0001]").get_by_role("button", name="Delete it").click()
	expect(desk.get_by_role("dialog")).to_be_visible()
	assert flaws(desk) == []
	desk.get_by_role("button", name="Keep it").click()
	assert demo.demo_app.store.appointment("APP-0001")
	client = demo.sign_in("client.localhost", "jonas")
	assert flaws(client) == []


def test_after_a_refused_booking_the_list_goes_on(demo: Demo) -> None:
	desk = demo.sign_in("localhost", "desk")
	desk.get_by_label("Minutes").fill("30")
	desk.locator("form.entry").first.evaluate("form => { form.noValidate = true; }")
	desk.get_by_label("Fallback link").fill("http://x.test")
	desk.get_by_role("button", name="Book", exact=True).click()
	expect(desk.get_by_role("alert")).to_contain_text("begins with https://")
	client = demo.side("client.localhost", "amara")
	client.press("enter")
	expect(desk.locator(".waiting")).to_be_visible(timeout=8000)
	expect(desk.get_by_role("alert")).to_be_visible()


def test_a_refreshed_list_still_asks_before_it_moves_a_running_visit(demo: Demo) -> None:
	desk = demo.sign_in("localhost", "desk")
	client = demo.side("client.localhost", "amara")
	client.press("enter")
	demo.side("clinician.localhost", "okafor").press("enter")
	card = desk.locator("[data-appointment=APP-0001]")
	expect(card.locator(".chip", has_text="Live")).to_be_visible(timeout=8000)
	card.locator("summary").click()
	card.get_by_role("button", name="Move").click()
	expect(desk.get_by_role("dialog")).to_contain_text("Move Amara Bell at")


def test_the_keyboard_alone_books_and_cancels(demo: Demo) -> None:
	desk = demo.sign_in("localhost", "desk")
	desk.locator("[data-appointment=APP-0002] summary").focus()
	desk.keyboard.press("Enter")
	cancel = desk.locator("[data-appointment=APP-0002]").get_by_role("button", name="Cancel the appointment")
	cancel.focus()
	desk.keyboard.press("Enter")
	expect(desk.get_by_role("dialog")).to_contain_text("Cancel Jonas Weber at")
	desk.keyboard.press("Escape")
	expect(desk.get_by_role("dialog")).to_have_count(0)
	expect(cancel).to_be_focused()
	assert demo.demo_app.store.appointment("APP-0002").status == "Scheduled"
	desk.keyboard.press("Enter")
	desk.get_by_role("dialog").get_by_role("button", name="Cancel the appointment").focus()
	desk.keyboard.press("Enter")
	status = demo.demo_app.store.appointment
	wait_for("the cancellation", lambda: status("APP-0002").status == "Cancelled")
	expect(desk.locator("[data-appointment=APP-0002] .chip")).to_have_text("Cancelled")
