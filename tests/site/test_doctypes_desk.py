"""Our part of the desk in a real browser: the appointment's section, the way into the visit, and an agreement's life."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.site.ledgers import keep_books
from tests.site.rows import draft_agreement, put_file
from theranvio_telehealth.install import ROLE
from tools.harness import visit_driver
from tools.harness.site.people import (
	APPOINTMENT_TYPE,
	CLIENT,
	FRONT_DESK,
	HOME_OFFICE,
	HOST,
	OFFICE,
	OTHER_HOST,
)

Desk = Callable[[str, str], Page]
#: A chart's bars have grown.
BARS = "[...document.querySelectorAll('svg rect.bar')].some((bar) => bar.getBBox().height > 20)"
PATIENCE = 45_000  # ms: the desk is heavy, and machines are busy


@pytest.fixture
def office(site: Any) -> Iterator[str]:
	"""A Telehealth Administrator, for as long as the test takes."""
	user = site.get_doc("User", FRONT_DESK)
	user.add_roles(ROLE)
	site.db.commit()
	yield FRONT_DESK
	site.get_doc("User", FRONT_DESK).remove_roles(ROLE)
	site.db.commit()


@pytest.fixture
def desk(browser: Browser, base_url: str, http: Any) -> Iterator[Desk]:
	"""A page of the desk, signed in already: its login form is tested elsewhere."""
	with ExitStack() as contexts:

		def arrive(user: str, path: str) -> Page:
			context = contexts.enter_context(visit_driver.person(browser, base_url=base_url))
			context.set_default_timeout(PATIENCE)
			cookies = http(user).session.cookies
			context.add_cookies([{"name": c.name, "value": c.value or "", "url": base_url} for c in cookies])
			page = context.new_page()
			page.goto(path, wait_until="commit")
			page.wait_for_function("window.frappe?.router?.current_route?.length")
			return page

		yield arrive


def shown(what: Locator) -> None:
	expect(what).to_be_visible(timeout=PATIENCE)


def form_of(page: Page) -> Locator:
	return page.locator(".page-container:visible .form-page")


def test_an_appointment_shows_its_room_and_the_way_in(make_appointment: Any, desk: Desk) -> None:
	"""To a physician the platform's form opens with a message that they may not read Healthcare Settings."""
	appointment = make_appointment(starts_in=timedelta(hours=1))
	appointment.reload()
	page = desk(FRONT_DESK, f"/app/patient-appointment/{appointment.name}")
	shown(form_of(page).get_by_text("Theranvio Video", exact=True))
	shown(page.get_by_text("Video: Scheduled"))
	visit_driver.take_pictures(page, "desk-appointment")
	with page.expect_popup() as opened:
		page.get_by_role("button", name="Open video visit").click()
	assert opened.value.url.endswith(f"/visit/{appointment.theranvio_room}")
	assert opened.value.evaluate("window.opener === null && document.referrer === ''")


def test_a_form_that_was_just_saved_shows_the_room(make_appointment: Any, desk: Desk) -> None:
	"""The platform writes its answer to a save before it commits, and the room is made after that."""
	appointment = make_appointment(video=False, starts_in=timedelta(hours=1))
	page = desk(FRONT_DESK, f"/app/patient-appointment/{appointment.name}")
	box = form_of(page).locator('[data-fieldname="theranvio_video"] input[type=checkbox].input-with-feedback')
	shown(box)
	box.check()
	page.keyboard.press("Control+s")
	shown(page.get_by_text("Video: Scheduled"))
	shown(page.get_by_role("button", name="Open video visit"))
	assert not page.evaluate("cur_frm.is_dirty()")
	visit_driver.take_pictures(page, "desk-appointment-saved")


def test_an_appointment_without_video_shows_no_way_in(make_appointment: Any, desk: Desk) -> None:
	appointment = make_appointment(video=False)
	page = desk(HOST, f"/app/patient-appointment/{appointment.name}")
	shown(form_of(page).get_by_text("Theranvio Video", exact=True))
	expect(page.get_by_role("button", name="Open video visit")).to_have_count(0)
	expect(page.get_by_text("Video: ")).to_have_count(0)


@pytest.mark.parametrize("by_default", [1, 0])
def test_a_new_appointment_takes_the_box_from_its_type(site: Any, desk: Desk, by_default: int) -> None:
	site.db.set_value("Appointment Type", APPOINTMENT_TYPE, "theranvio_video", by_default)
	site.db.commit()
	page = desk(HOST, "/app/patient-appointment/new")
	page.wait_for_function("window.cur_frm && cur_frm.doctype === 'Patient Appointment'")
	page.evaluate("(on) => cur_frm.set_value('theranvio_video', on)", 1 - by_default)
	page.evaluate("(type) => cur_frm.set_value('appointment_type', type)", APPOINTMENT_TYPE)
	page.wait_for_function("(on) => cur_frm.doc.theranvio_video === on", arg=by_default)


def test_an_agreement_goes_from_draft_to_its_end(site: Any, office: str, desk: Desk) -> None:
	doc = draft_agreement(agreement_file=put_file().file_url).insert()
	site.get_doc("File", {"file_url": doc.agreement_file}).db_set(
		{"attached_to_doctype": doc.doctype, "attached_to_name": doc.name}
	)
	site.db.commit()
	try:
		page = desk(office, f"/app/baa-record/{doc.name}")
		page.get_by_role("button", name="Mark as Sent").click()
		shown(page.get_by_role("button", name="Back to Draft"))
		page.get_by_role("button", name="Submit", exact=True).click()
		page.locator(".modal:visible").get_by_role("button", name="Yes").click()
		shown(page.get_by_role("button", name="New Version"))
		expect(page.get_by_role("button", name="Attest")).to_have_count(0)
		attested_in_the_desk(desk, doc)
		page.reload()
		page.wait_for_load_state("networkidle")  # the form is read again after submitting
		page.get_by_role("button", name="Terminate").click()
		dialog = page.locator(".modal:visible")
		dialog.locator("textarea").fill("They were bought.")
		dialog.get_by_role("button", name="Terminate").click()
		expect(page.get_by_role("button", name="Terminate")).to_have_count(0, timeout=PATIENCE)
		site.db.rollback()
		stored = site.get_doc("BAA Record", doc.name)
		assert (stored.state, stored.termination_reason) == ("Terminated", "They were bought.")
		assert (stored.accepted_by, stored.attested_by) == (office, OFFICE)
	finally:
		site.db.rollback()
		site.db.delete("File", {"file_url": doc.agreement_file})
		site.db.commit()


def attested_in_the_desk(desk: Desk, doc: Any) -> None:
	page = desk(OFFICE, f"/app/baa-record/{doc.name}")
	page.get_by_role("button", name="Attest").click()
	dialog = page.locator(".modal:visible")
	shown(dialog.get_by_text("You have read the attached file"))
	visit_driver.take_pictures(page, "desk-attest")
	dialog.get_by_role("button", name="Yes").click()
	shown(form_of(page).get_by_text("Attested By"))


def test_the_workspace_opens(office: str, desk: Desk) -> None:
	page = desk(office, "/app/telehealth")
	for name in ("Appointment Room", "Usage Allowance", "BAA Record", "Telehealth Settings"):
		shown(page.locator(".widget.links-widget-box .link-text").get_by_text(name, exact=True))
	visit_driver.take_pictures(page, "desk-workspace")


def test_anywhere_in_the_desk_a_host_is_notified_who_waits(
	make_appointment: Any, desk: Desk, http: Any
) -> None:
	room = make_appointment().theranvio_room
	hosts, others = desk(HOST, "/app/todo"), desk(OTHER_HOST, "/app/todo")
	assert http(CLIENT).post("visit.enter", room=room).status_code == 200
	alert = hosts.locator("#alert-container .desk-alert").filter(has_text="is waiting in your video visit")
	shown(alert)
	assert "Cleo Client" in alert.inner_text()
	assert alert.locator("[data-action=open-visit]").get_attribute("href") == f"/visit/{room}"
	visit_driver.take_pictures(hosts, "desk-waiting")
	assert others.locator("#alert-container .desk-alert").count() == 0
	shown(hosts.locator(".notifications-icon .notifications-unseen"))


def test_the_office_opens_the_audit_of_its_rooms(make_appointment: Any, desk: Desk) -> None:
	room = make_appointment().theranvio_room
	page = desk(OFFICE, "/app/query-report/Room Audit")
	shown(page.locator(".dt-cell__content").get_by_text(room, exact=True))
	visit_driver.take_pictures(page, "desk-room-audit")


def test_the_office_opens_the_reports_of_usage(make_appointment: Any, desk: Desk) -> None:
	"""The company is the only one that the user may see."""
	books = keep_books(make_appointment)
	page = desk(HOME_OFFICE, "/app/query-report/Usage Ledger")
	shown(page.locator(".dt-cell__content").get_by_text("Correction", exact=True))
	shown(page.locator(".page-form [data-fieldname=practitioner]").first)
	visit_driver.take_pictures(page, "desk-usage-ledger")
	page.goto("/app/query-report/Usage by Practitioner")
	shown(page.locator(".dt-cell__content").get_by_text("Hanna Host"))
	shown(page.locator(".page-form [data-fieldname=to_date]").first)
	page.wait_for_function(BARS)
	visit_driver.take_pictures(page, "desk-usage-by-practitioner")
	page.goto("/app/query-report/Allowance Forecast")
	shown(page.locator(".dt-cell__content").get_by_text("what is booked fits").first)
	visit_driver.take_pictures(page, "desk-allowance-forecast")
	page.goto(f"/printview?doctype=Usage Allowance&name={books.home}&format=Usage Statement")
	shown(page.get_by_role("heading", name="Usage Statement"))
	visit_driver.take_pictures(page, "desk-usage-statement")


def test_the_workspace_shows_the_numbers_of_usage(make_appointment: Any, desk: Desk) -> None:
	keep_books(make_appointment)
	page = desk(HOME_OFFICE, "/app/telehealth")
	shown(page.locator(".number-widget-box").filter(has_text="Minutes Used This Month").get_by_text("32.6"))
	shown(
		page.locator(".number-widget-box")
		.filter(has_text="Cost This Month")
		.get_by_text("$ 0.05 of $ 100.00")
	)
	shown(page.locator(".dashboard-widget-box svg").get_by_text("Otto Other"))
	page.wait_for_function(BARS)
	visit_driver.take_pictures(page, "desk-workspace-usage")


def test_an_appointment_that_does_not_fit_its_allowance_says_so(
	site: Any, make_appointment: Any, desk: Desk
) -> None:
	keep_books(make_appointment)
	appointment = make_appointment(starts_in=timedelta(hours=5))
	page = desk(FRONT_DESK, f"/app/patient-appointment/{appointment.name}")
	shown(page.get_by_text("Video: Scheduled"))
	expect(page.get_by_text("would not fit")).to_have_count(0)
	site.db.set_value("Usage Allowance", {"company": appointment.company}, "included_minutes", 0)
	site.db.commit()
	page.reload()
	shown(page.get_by_text("This visit would not fit what is left of its allowance.", exact=True))
	visit_driver.take_pictures(page, "desk-appointment-does-not-fit")
