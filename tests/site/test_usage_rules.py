"""What administrators may do to plans and allowances, over HTTP: with a reason, within bounds, and without a way around them."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from typing import Any

import frappe
import pytest

from tests.site.rows import put_allowance, put_plan
from tests.site.usage_scenes import Scene, in_call, take_holds
from theranvio_telehealth.domain.allowance_plan import month_end
from theranvio_telehealth.services import usage
from theranvio_telehealth.site import jobs
from theranvio_telehealth.site.clock import SiteClock
from theranvio_telehealth.site.ports import ports
from tools.harness.site.appointments import practitioner_of
from tools.harness.site.people import (
	COMPANY,
	DEPARTMENT,
	FRONT_DESK,
	HOME_OFFICE,
	HOST,
	OFFICE,
	SYSTEM,
)

ALLOWANCE, PLAN, ENTRY, RECIPIENT = "Usage Allowance", "Allowance Plan", "Usage Entry", "Allowance Recipient"
PROVIDER = "Peer-to-Peer"
SET, INSERT = "frappe.client.set_value", "frappe.client.insert"
TAG = '<img src=x onerror="window.__planted=1">'


def month() -> date:
	return SiteClock().today().replace(day=1)


def running(plan: Any) -> str:
	names: list[str] = frappe.get_all(ALLOWANCE, {"plan": plan.name}, pluck="name", order_by="period_start")
	return names[0]


@pytest.fixture
def plan(site: Any) -> Any:
	made = put_plan(starts_on=month(), minutes_per_month=100)
	site.db.commit()
	return made


def change(http: Any, doctype: str, name: str, who: str = HOME_OFFICE, **values: Any) -> Any:
	return http(who).post(SET, doctype=doctype, name=name, fieldname=json.dumps(values))


def top_up(http: Any, allowance: str, **asked: Any) -> int:
	given = {"allowance": allowance, "minutes": 1, "reason": "More visits", "key": "k"} | asked
	status: int = http(HOME_OFFICE).post("allowance.top_up", **given).status_code
	return status


# a plan's allowances


@pytest.mark.parametrize(
	("field", "value"),
	[
		("on_exhaustion", "Block New Admissions"),
		("price_cap", 5),
		("warning_percents", "99"),
		("included_minutes", 9_000_000),
		("period_start", "2025-01-01"),
		("practitioner", None),
	],
)
def test_what_a_plan_made_is_changed_by_the_plan(
	http: Any, plan: Any, bench: Any, field: str, value: Any
) -> None:
	value = practitioner_of(HOST) if field == "practitioner" else value
	before = frappe.db.get_value(ALLOWANCE, running(plan), field)
	assert change(http, ALLOWANCE, running(plan), **{field: value}).status_code == 417
	bench.see()
	assert frappe.db.get_value(ALLOWANCE, running(plan), field) == before


def test_a_switch_to_carry_over_needs_a_reason_and_does_not_reach_back(
	site: Any, http: Any, bench: Any
) -> None:
	plan = put_plan(starts_on=(month() - timedelta(days=100)).replace(day=1), minutes_per_month=100)
	site.db.commit()
	assert change(http, PLAN, plan.name, carry_over=1).status_code == 417
	assert change(http, PLAN, plan.name, carry_over=1, reason_for_change="Agreed").ok
	bench.see()
	jobs.make_periods()
	ended = site.get_all(
		ALLOWANCE, {"plan": plan.name, "period_end": ("<", month())}, pluck="name", order_by="name"
	)
	assert not site.db.exists(ENTRY, {"kind": "Carry-over", "allowance": ("in", ended)})


def test_a_change_while_a_plan_is_disabled_is_not_lost(site: Any, http: Any, plan: Any, bench: Any) -> None:
	for values in ({"enabled": 0}, {"minutes_per_month": 500, "reason_for_change": "More"}, {"enabled": 1}):
		change(http, PLAN, plan.name, **values)
	bench.see()
	jobs.make_periods()
	allowance = site.db.get_value(ALLOWANCE, running(plan), ["included_minutes", "added_seconds"])
	assert allowance[0] * 60 + allowance[1] == site.db.get_value(PLAN, plan.name, "minutes_per_month") * 60


def test_an_amendment_warns_anew(site: Any, http: Any, plan: Any, bench: Any) -> None:
	site.db.set_value(ALLOWANCE, running(plan), {"used_seconds": 5400, "warned_percent": 80})
	site.db.commit()
	assert change(http, PLAN, plan.name, minutes_per_month=1000, reason_for_change="More").ok
	bench.see()
	assert site.db.get_value(ALLOWANCE, running(plan), "warned_percent") == 0


@pytest.mark.parametrize("way", ["rest", "list"])
def test_a_recipient_leaves_by_the_plan(site: Any, http: Any, bench: Any, way: str) -> None:
	plan = put_plan(starts_on=month(), recipients=[{"user": FRONT_DESK}])
	site.db.commit()
	row, client = plan.recipients[0].name, http(HOME_OFFICE)
	if way == "rest":
		guard = {"X-Frappe-CSRF-Token": client.csrf}
		client.session.delete(f"{client.base_url}/api/resource/{RECIPIENT}/{row}", headers=guard)
	else:
		client.post("frappe.desk.reportview.delete_items", doctype=RECIPIENT, items=json.dumps([row]))
	bench.see()
	assert site.db.exists(RECIPIENT, row) or site.db.exists("Version", {"docname": plan.name})


# reasons


@pytest.mark.parametrize(
	"reason", [".", "-", "\u200b", "\u200b \u2060", "\u3164", "\u2800", "\ufeff", "\x00"]
)
def test_a_reason_says_something(http: Any, plan: Any, make_appointment: Any, reason: str) -> None:
	assert top_up(http, running(plan), reason=reason) == 400
	assert change(http, PLAN, plan.name, minutes_per_month=200, reason_for_change=reason).status_code == 417
	asked = {"room": make_appointment().theranvio_room, "reason": reason}
	assert http(OFFICE).post("allowance.let_in", **asked).status_code == 400


def test_a_blank_more_makes_no_other_reason(http: Any, plan: Any) -> None:
	assert change(http, PLAN, plan.name, minutes_per_month=200, reason_for_change="More").ok
	again = change(http, PLAN, plan.name, minutes_per_month=300, reason_for_change="More ")
	assert again.status_code == 417


def test_a_reason_is_text_in_the_desk(
	site: Any, http: Any, plan: Any, make_appointment: Any, visitor: Any
) -> None:
	top_up(http, running(plan), reason=TAG)
	room = make_appointment().theranvio_room
	http(OFFICE).post("allowance.let_in", room=room, reason=TAG)
	report = f"/app/query-report/Usage Ledger?company={COMPANY}&allowance={running(plan)}"
	for who, path in ((SYSTEM, report), (FRONT_DESK, f"/app/appointment-room/{room}")):
		page = visitor(who, path)
		page.wait_for_timeout(10_000)
		assert page.evaluate("window.__planted") is None, path


# bounds


def test_a_top_up_that_does_not_fit_is_refused(http: Any, plan: Any) -> None:
	answers = {top_up(http, running(plan), minutes=10_000_000, key=f"k{n}") for n in range(5)}
	assert answers <= {200, 400}


@pytest.mark.parametrize("cap", [1e12, 1e30, "inf", "nan", "abc", 1e-10])
def test_a_cap_is_an_amount(http: Any, plan: Any, cap: Any) -> None:
	assert change(http, PLAN, plan.name, price_cap=cap, reason_for_change="Budget").status_code == 417


@pytest.mark.parametrize("starts_on", ["9999-12-01", "1900-01-01", "0001-01-01", "abc"])
def test_a_plan_starts_within_reason(http: Any, starts_on: str) -> None:
	doc = {"doctype": PLAN, "company": COMPANY, "starts_on": starts_on, "minutes_per_month": 5}
	assert http(HOME_OFFICE).post(INSERT, doc=doc).status_code == 417


def test_a_long_key_is_taken_or_refused(http: Any, plan: Any) -> None:
	assert top_up(http, running(plan), key="k" * 140) in (200, 400)


def test_a_key_that_was_used_for_something_else_is_refused(http: Any, plan: Any) -> None:
	assert top_up(http, running(plan)) == 200
	assert top_up(http, running(plan), minutes=999, reason="Another") in (400, 409)


# at most two pay


def test_periods_saved_at_once_do_not_overlap(http: Any, bench: Any) -> None:
	doc = {"doctype": ALLOWANCE, "company": COMPANY, "included_minutes": 5}
	for year in range(2050, 2053):
		days = {"period_start": f"{year}-01-01", "period_end": f"{year}-01-31"}
		http(OFFICE), http(HOME_OFFICE)  # signed in
		with ThreadPoolExecutor(2) as pool:
			list(
				pool.map(lambda who, days=days: http(who).post(INSERT, doc=doc | days), (OFFICE, HOME_OFFICE))
			)
		bench.see()
		assert frappe.db.count(ALLOWANCE, {"period_start": days["period_start"]}) == 1


def test_where_practitioners_become_one_the_company_still_pays(
	site: Any, http: Any, bench: Any, make_appointment: Any
) -> None:
	site.db.delete("User Permission", {"allow": "Healthcare Practitioner"})
	who = {"first_name": "Twin", "gender": "Female", "status": "Active", "department": DEPARTMENT}
	twin = site.get_doc(doctype="Healthcare Practitioner", **who).insert(ignore_permissions=True).name
	for practitioner in (practitioner_of(HOST), twin, None):
		put_plan(starts_on=month(), minutes_per_month=1000, practitioner=practitioner)
	site.db.commit()
	site.clear_cache()
	names = {"old_name": twin, "new_name": practitioner_of(HOST)}
	http(HOST).post("frappe.client.rename_doc", doctype="Healthcare Practitioner", merge=True, **names)
	bench.see()
	booked(make_appointment())
	of_company = {"practitioner": ("is", "not set"), "period_start": month()}
	assert site.db.get_value(ALLOWANCE, of_company, "used_seconds") > 0


def booked(appointment: Any) -> Scene:
	"""Half an hour of a client's stay."""
	scene, _attendee = in_call(appointment, 1, 1800, 10)
	take_holds(scene)
	with scene.store.transaction():
		room = scene.store.lock(scene.room.name)
		assert room is not None
		(client,) = [p for p in scene.store.participants(room.name) if p.name == scene.client.name]
		usage.end_stay(ports(), room, client, ports().clock.now())
	frappe.db.commit()
	return scene


# prices and caps


@pytest.fixture
def priced(site: Any) -> Any:
	site.db.set_value("Media Provider", PROVIDER, {"price_per_minute": 0.5, "price_currency": "CAD"})
	site.db.commit()


def test_a_price_does_not_leave_the_currency_of_a_cap(site: Any, http: Any, priced: None) -> None:
	put_plan(starts_on=month(), price_cap=10, on_exhaustion="Block New Admissions")
	site.db.commit()
	assert change(http, "Media Provider", PROVIDER, OFFICE, price_currency="INR").status_code == 417


def test_a_cap_of_an_allowance_is_comparable_too(site: Any, http: Any, priced: None) -> None:
	site.db.set_value("Media Provider", PROVIDER, "price_currency", "INR")
	site.db.commit()
	days = {"period_start": "2033-01-01", "period_end": "2033-01-31"}
	doc = {"doctype": ALLOWANCE, "company": COMPANY, "included_minutes": 5, "price_cap": 3, **days}
	assert http(OFFICE).post(INSERT, doc=doc).status_code == 417


def test_what_was_spent_outlives_a_change_of_the_companys_currency(
	site: Any, priced: None, bench: Any
) -> None:
	plan = put_plan(starts_on=month(), price_cap=10)
	name = running(plan)
	site.db.set_value(ALLOWANCE, name, "cost", 9.5)
	site.db.set_value("Company", COMPANY, "default_currency", "INR")
	site.db.commit()
	site.clear_document_cache("Company", COMPANY)
	jobs.make_periods()
	bench.see()
	assert (
		site.db.get_value(ALLOWANCE, name, "currency")
		== site.db.get_value(PLAN, plan.name, "currency")
		== "CAD"
	)


def test_a_correction_keeps_the_price_of_the_stay(
	site: Any, http: Any, priced: None, bench: Any, make_appointment: Any
) -> None:
	put_allowance(period_start=month(), period_end=month_end(month()))
	site.db.commit()
	room = booked(make_appointment()).room.name
	cost = site.get_all(ENTRY, {"room": room}, pluck="cost", order_by="creation")
	assert change(http, "Media Provider", PROVIDER, OFFICE, price_per_minute=5).ok
	site.db.sql("update `tabUsage Entry` set seconds = seconds - 60 where room = %s", (room,))
	site.db.commit()
	jobs.reconcile()
	bench.see()
	assert sum(site.get_all(ENTRY, {"room": room}, pluck="cost", order_by="creation")) == sum(cost)
