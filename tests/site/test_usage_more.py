"""Ways around what keeps reports, agreements, reasons and a plan's periods to those they are for."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import frappe
import pytest
from frappe.utils import add_months, get_first_day

from tests.site.ledgers import Books
from tests.site.rows import put_agreement, put_plan
from tests.site.test_report_doors import (
	EXPORT,
	LEDGER,
	OF_HOME,
	books,
	email_account,
	prepare,
)
from tests.site.test_usage_walls import WORD, downloaded
from theranvio_telehealth.site import jobs
from theranvio_telehealth.site.clock import SiteClock
from tools.harness.site.http import Http
from tools.harness.site.people import (
	CLIENT,
	COMPANY,
	DEPARTMENT,
	FRONT_DESK,
	HOME_OFFICE,
	HOST,
	OFFICE,
	ROLELESS,
	SYSTEM,
	US_DESK,
	US_OFFICE,
)

__all__ = ["books", "email_account"]

INSERT, SET, DELETE = "frappe.client.insert", "frappe.client.set_value", "frappe.client.delete"
MAILED = "frappe.email.doctype.auto_email_report.auto_email_report."
ALLOWANCE, PLAN, ENTRY, FILE = "Usage Allowance", "Allowance Plan", "Usage Entry", "File"


@pytest.fixture
def report_managers(site: Any) -> Iterator[None]:
	"""They make Auto Email Reports, and reports of the Report Builder."""
	for user in (HOME_OFFICE, US_OFFICE):
		site.get_doc("User", user).add_roles("Report Manager")
	site.db.commit()
	yield
	site.db.rollback()
	for user in (HOME_OFFICE, US_OFFICE):
		site.get_doc("User", user).remove_roles("Report Manager")
	site.db.delete("Auto Email Report")
	site.db.delete("Report", {"name": HOME_OFFICE})
	site.db.commit()


def own_file(client: Http) -> str:
	text = f"mine {frappe.generate_hash(length=12)}"
	doc = {"doctype": FILE, "file_name": "mine.txt", "content": text, "is_private": 1}
	return str(client.post(INSERT, doc=doc).json()["message"]["name"])


def moved_to(client: Http, url: str) -> str:
	"""What the own file gives once its address was changed."""
	file = own_file(client)
	client.post(SET, doctype=FILE, name=file, fieldname="file_url", value=url)
	frappe.db.rollback()
	return downloaded(client, frappe.db.get_value(FILE, file, "file_url"))


def other_forms(url: str) -> list[str]:
	"""The platform decodes an address after the hooks have looked at it, and the disk knows no doubled slash."""
	folder, _slash, name = url.rpartition("/")
	return [url, f"{folder}/%{ord(name[0]):02x}{name[1:]}", f"{folder}/./{name}", f"{folder}//{name}"]


@pytest.mark.parametrize("who", [CLIENT, ROLELESS, FRONT_DESK, US_OFFICE])
def test_an_own_file_does_not_become_a_stored_result(
	http: Any, books: Books, run_jobs: Any, who: str
) -> None:
	name = prepare(http(OFFICE), LEDGER, run_jobs)
	frappe.db.rollback()
	for form in other_forms(frappe.db.get_value(FILE, {"attached_to_name": name}, "file_url")):
		assert WORD not in moved_to(http(who), form), form


@pytest.mark.parametrize("who", [CLIENT, ROLELESS, FRONT_DESK])
def test_an_own_file_does_not_become_an_agreements(http: Any, site: Any, who: str) -> None:
	url = put_agreement().agreement_file
	site.db.commit()
	for form in other_forms(url):
		assert not moved_to(http(who), form).startswith("%PDF"), form


def mailed(client: Http) -> str:
	values = {"format": "CSV", "frequency": "Daily", "day_of_week": "Monday", "enabled": 1}
	whose = {"user": HOME_OFFICE, "email_to": HOME_OFFICE}
	doc = {
		"doctype": "Auto Email Report",
		"report": LEDGER,
		"report_type": "Script Report",
		"filters": json.dumps(OF_HOME),
		**values,
		**whose,
	}
	return str(client.post(INSERT, doc=doc).json()["message"]["name"])


@pytest.mark.parametrize("who", [US_OFFICE])
def test_a_mailed_report_of_another_is_not_downloaded(
	http: Any, books: Books, report_managers: None, who: str
) -> None:
	name = mailed(http(HOME_OFFICE))
	assert WORD in http(HOME_OFFICE).get(MAILED + "download", name=name).text
	assert WORD not in http(who).get(MAILED + "download", name=name).text


@pytest.mark.parametrize("who", [US_OFFICE, SYSTEM])
def test_a_mailed_report_of_another_is_not_sent_elsewhere(
	http: Any, site: Any, books: Books, report_managers: None, who: str
) -> None:
	name = mailed(http(HOME_OFFICE))
	http(who).post(SET, doctype="Auto Email Report", name=name, fieldname="email_to", value=who)
	site.db.rollback()
	assert site.db.get_value("Auto Email Report", name, "email_to") == HOME_OFFICE


@pytest.mark.parametrize("who", [US_OFFICE, HOST, FRONT_DESK, US_DESK, SYSTEM])
def test_a_report_named_as_its_owner_opens_no_export(
	http: Any, site: Any, books: Books, run_jobs: Any, email_account: None, report_managers: None, who: str
) -> None:
	asked = {"file_format_type": "CSV", "export_in_background": 1, "visible_idx": json.dumps(list(range(20)))}
	assert http(HOME_OFFICE).post(EXPORT, report_name=LEDGER, filters=json.dumps(OF_HOME), **asked).ok
	run_jobs()
	site.db.rollback()
	(url,) = site.get_all(FILE, {"owner": HOME_OFFICE, "is_folder": 0}, pluck="file_url", order_by="name")
	doc = {"report_name": HOME_OFFICE, "ref_doctype": "ToDo", "report_type": "Report Builder"}
	http(US_OFFICE).post(INSERT, doc={"doctype": "Report", "is_standard": "No", **doc})
	assert WORD not in downloaded(http(who), url)


def test_a_plans_reason_is_stored_as_a_top_ups(http: Any, site: Any) -> None:
	plan = put_plan(starts_on=str(get_first_day(SiteClock().today())))
	site.db.commit()
	script = json.dumps("<img src=x onerror=alert(1)>Crisis")
	change = {"minutes_per_month": 2000, "reason_for_change": script}
	assert http(HOME_OFFICE).post(SET, doctype=PLAN, name=plan.name, fieldname=json.dumps(change)).ok
	site.db.rollback()
	assert "onerror" not in site.db.get_value(PLAN, plan.name, "reason_for_change")
	(reason,) = site.get_all(ENTRY, {"kind": "Amendment"}, pluck="reason", order_by="name")
	assert "onerror" not in reason


@pytest.mark.parametrize("reason", ["<!-- abc -->", "<img src='abc'>", "<b></b><i></i>"])
def test_markup_that_shows_no_letters_is_no_reason(http: Any, books: Books, reason: str) -> None:
	answer = http(OFFICE).post("allowance.top_up", allowance=books.home, minutes=1, reason=reason, key="a")
	assert answer.status_code == 400


def test_a_month_is_carried_over_once(http: Any, site: Any) -> None:
	first = get_first_day(add_months(SiteClock().today(), -1))
	plan = put_plan(starts_on=str(first), minutes_per_month=1000, carry_over=1)
	site.db.set_value(PLAN, plan.name, "carry_over_since", first)
	site.db.commit()
	jobs.make_periods()
	(ended,) = site.get_all(
		ALLOWANCE, {"plan": plan.name, "period_start": first}, pluck="name", order_by="name"
	)
	http(HOME_OFFICE).post(DELETE, doctype=ALLOWANCE, name=ended)
	site.db.rollback()
	jobs.make_periods()
	carried = site.get_all(ENTRY, {"kind": "Carry-over"}, pluck="seconds", order_by="name")
	assert carried == [60_000]


def test_an_enabled_plans_periods_are_not_replaced(http: Any, site: Any) -> None:
	first = get_first_day(SiteClock().today())
	plan = put_plan(starts_on=str(first), minutes_per_month=10, on_exhaustion="Block New Admissions")
	site.db.commit()
	days = {"plan": plan.name, "period_start": first}
	running = site.db.get_value(ALLOWANCE, days, ["name", "period_start", "period_end"], as_dict=True)
	http(HOME_OFFICE).post(DELETE, doctype=ALLOWANCE, name=running.name)
	own = {"period_start": str(running.period_start), "period_end": str(running.period_end)}
	doc = {"doctype": ALLOWANCE, "company": COMPANY, "included_minutes": 9_000_000, "on_exhaustion": "Warn"}
	http(HOME_OFFICE).post(INSERT, doc={**doc, **own})
	site.db.rollback()
	assert site.get_all(ALLOWANCE, days | {"included_minutes": 10}, pluck="name", order_by="name")


def test_a_cap_from_before_does_not_stop_the_plan(site: Any) -> None:
	plan = put_plan(starts_on=str(get_first_day(SiteClock().today())), minutes_per_month=10, price_cap=10)
	provider = site.get_all("Media Provider", pluck="name", order_by="name")[0]
	old = site.db.get_value("Media Provider", provider, ["price_per_minute", "price_currency"], as_dict=True)
	site.db.set_value("Media Provider", provider, {"price_per_minute": 0.5, "price_currency": "INR"})
	periods = site.get_all(ALLOWANCE, {"plan": plan.name}, pluck="name", order_by="period_start")
	site.db.delete(ALLOWANCE, {"name": periods[-1]})
	site.db.commit()
	try:
		jobs.make_periods()
		assert site.db.count(ALLOWANCE, {"plan": plan.name}) == len(periods)
	finally:
		site.db.rollback()
		site.db.set_value("Media Provider", provider, dict(old))
		site.db.commit()


def test_a_download_leaves_its_users_session_as_it_was(
	http: Any, site: Any, books: Books, report_managers: None
) -> None:
	"""The platform stores a session every ten minutes: here at once."""
	client = http(HOME_OFFICE, fresh=True)
	name = mailed(client)
	assert is_refused(client)
	site.cache.delete_value("last_db_session_update")
	assert client.get(MAILED + "download", name=name).ok
	assert is_refused(client)


def is_refused(client: Http) -> bool:
	"""A request of another site's page, which does not know the session's token."""
	answer = client.post("frappe.client.get_count", {"X-Frappe-CSRF-Token": "forged"}, doctype="ToDo")
	return answer.status_code == 400 and "CSRFTokenError" in answer.text


def test_practitioners_without_allowances_become_one(site: Any) -> None:
	values = {"gender": "Female", "status": "Active", "department": DEPARTMENT}
	old, new = (
		site.get_doc({"doctype": "Healthcare Practitioner", "first_name": name, **values}).insert().name
		for name in ("Twin", "Other Twin")
	)
	assert site.rename_doc("Healthcare Practitioner", old, new, merge=True) == new
