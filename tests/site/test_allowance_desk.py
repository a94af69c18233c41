"""Allowances at their forms in a real browser: a plan, a top-up, and a visit let in over the limit."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import frappe
import pytest
from playwright.sync_api import Page, expect

from tests.site.rows import put_allowance, put_plan
from tests.site.test_doctypes_desk import Desk, desk, form_of, shown
from theranvio_telehealth.site.clock import SiteClock
from tools.harness import visit_driver
from tools.harness.site.people import HOST, OFFICE, SYSTEM

__all__ = ["desk"]

ALLOWANCE = "Usage Allowance"


@pytest.fixture
def allowance(site: Any) -> str:
	today = SiteClock().today()
	days = {"period_start": today - timedelta(days=1), "period_end": today + timedelta(days=1)}
	name = put_allowance(**days, included_minutes=1, on_exhaustion="Block New Admissions").name
	site.db.commit()
	return str(name)


def fill(page: Page, button: str, confirm: str, picture: str, **given: str) -> None:
	page.get_by_role("button", name=button, exact=True).click()
	dialog = page.locator(".modal:visible")
	for field, text in given.items():
		dialog.locator(f"[data-fieldname={field}] :is(input, textarea)").fill(text)
	visit_driver.take_pictures(page, picture)
	dialog.get_by_role("button", name=confirm, exact=True).click()
	expect(dialog).to_have_count(0)


def test_a_top_up_at_the_form(site: Any, allowance: str, desk: Desk) -> None:
	page = desk(OFFICE, f"/app/usage-allowance/{allowance}")
	shown(form_of(page).get_by_text("Included Minutes", exact=True))
	visit_driver.take_pictures(page, "desk-usage-allowance")
	fill(page, "Top Up", "Top Up", "desk-top-up", minutes="90", reason="More visits")
	visit_driver.wait_for(
		"the entry", lambda: _entries(allowance) == [("Top-up", 5400, "More visits", OFFICE)]
	)


def _entries(allowance: str) -> list[Any]:
	frappe.db.rollback()
	fields = ["kind", "seconds", "reason", "entered_by"]
	return [
		tuple(row.values())
		for row in frappe.get_all("Usage Entry", {"allowance": allowance}, fields, order_by="creation")
	]


def test_a_visit_is_let_in_at_the_form(
	site: Any, allowance: str, make_appointment: Any, http: Any, desk: Desk
) -> None:
	room = make_appointment().theranvio_room
	assert http(HOST).post("visit.enter", room=room).status_code == 409
	page = desk(OFFICE, f"/app/usage-allowance/{allowance}")
	fill(page, "Let One Visit In", "Let In", "desk-let-in", room=room, reason="A crisis")
	visit_driver.wait_for("the host to be let in", lambda: http(HOST).post("visit.enter", room=room).ok)


def test_who_may_not_change_it_has_no_buttons(allowance: str, desk: Desk) -> None:
	page = desk(SYSTEM, f"/app/usage-allowance/{allowance}")
	shown(form_of(page).get_by_text("Included Minutes", exact=True))
	for button in ("Top Up", "Let One Visit In"):
		expect(page.get_by_role("button", name=button, exact=True)).to_have_count(0)


def test_a_plan_at_its_form(site: Any, desk: Desk) -> None:
	plan = put_plan(starts_on=frappe.utils.today()).name
	site.db.commit()
	page = desk(OFFICE, f"/app/allowance-plan/{plan}")
	shown(form_of(page).get_by_text("Minutes per Month"))
	visit_driver.take_pictures(page, "desk-allowance-plan")
	page.evaluate("cur_frm.set_value('minutes_per_month', 2000)")
	page.keyboard.press("Control+s")
	shown(page.get_by_text("Enter the reason for the change"))
