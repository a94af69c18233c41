"""The office's reports of usage, over HTTP: their numbers are the allowances' own, and each company's are its own."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from frappe.permissions import add_user_permission

from tests.site.ledgers import REASON, Books, first_of_month, keep_books
from tests.site.rows import put_allowance
from theranvio_telehealth.site import usage_reports
from theranvio_telehealth.site.allowances import top_up
from theranvio_telehealth.site.store import SiteStore
from theranvio_telehealth.telehealth.report.usage_ledger import usage_ledger
from tools.harness.site.appointments import practitioner_of
from tools.harness.site.http import Http
from tools.harness.site.people import (
	CLIENT,
	COMPANY,
	FRONT_DESK,
	HOME_OFFICE,
	HOST,
	OFFICE,
	OTHER_HOST,
	ROLELESS,
	SYSTEM,
	US_COMPANY,
	US_DESK,
	US_NURSE,
	US_OFFICE,
)

RUN = "frappe.desk.query_report.run"
EXPORT = "frappe.desk.query_report.export_query"
LEDGER = "Usage Ledger"
BY_PRACTITIONER = "Usage by Practitioner"
FORECAST = "Allowance Forecast"
OF_ENTRIES = (LEDGER, BY_PRACTITIONER)
REPORTS = (*OF_ENTRIES, FORECAST)


@pytest.fixture
def books(site: Any, make_appointment: Any) -> Books:
	return keep_books(make_appointment)


def run(http: Callable[..., Http], who: str, report: str, **filters: Any) -> Any:
	answer = http(who).get(RUN, report_name=report, filters=json.dumps(filters))
	assert answer.ok, answer.text
	return answer.json()["message"]


def refused(http: Callable[..., Http], who: str, report: str, **filters: Any) -> str:
	answer = http(who).get(RUN, report_name=report, filters=json.dumps(filters))
	assert not answer.ok
	return str(answer.text)


def total(result: Any) -> Any:
	return next(row for row in result["result"] if row.get("is_total"))


def entries(result: Any) -> list[Any]:
	return [row for row in result["result"] if not row.get("is_total")]


# Usage Ledger


@pytest.mark.parametrize("which", ["home", "hosts", "abroad"])
def test_the_ledgers_totals_are_the_allowances_own(site: Any, http: Any, books: Books, which: str) -> None:
	name = getattr(books, which)
	stored = site.db.get_value(
		"Usage Allowance", name, ["used_seconds", "added_seconds", "cost"], as_dict=True
	)
	found = run(http, OFFICE, LEDGER, allowance=name)
	sums = total(found)
	assert (sums["used_seconds"], sums["added_seconds"]) == (stored.used_seconds, stored.added_seconds)
	assert Decimal(str(sums["cost"])) == Decimal(str(stored.cost)) > 0
	assert sum(row["used_seconds"] for row in entries(found)) == stored.used_seconds > 0
	assert sum(row["added_seconds"] for row in entries(found)) == stored.added_seconds > 0
	summary = {part["label"]: part["value"] for part in found["report_summary"]}
	assert summary["Used Seconds"] == stored.used_seconds


def test_the_ledger_shows_corrections_with_their_evidence(http: Any, books: Books) -> None:
	found = entries(run(http, OFFICE, LEDGER, allowance=books.home))
	(correction,) = [row for row in found if row["kind"] == "Correction"]
	(corrected,) = [row for row in found if row["entry"] == correction["corrects"]]
	assert (correction["used_seconds"], correction["billed_minutes"]) == (-1199, -20.0)
	assert (correction["reason"], correction["source"]) == ("Provider Event", "Heartbeat")
	assert (corrected["role"], corrected["practitioner"]) == ("Client", "Hanna Host")
	assert corrected["visit_starts_on"]
	(added,) = [row for row in found if row["kind"] == "Top-up"]
	assert (added["added_seconds"], added["reason"]) == (3000, REASON)


def test_what_was_priced_in_another_currency_has_its_own_total(http: Any, books: Books) -> None:
	rows = run(http, OFFICE, LEDGER, allowance=books.home)["result"]
	assert [(r["kind"], r["currency"], r["cost"]) for r in rows if r.get("is_total")][1:] == [
		("Total in EUR", "EUR", 0.75)
	]


def test_a_period_has_the_companys_entries_that_no_allowance_paid_for(http: Any, books: Books) -> None:
	found = run(http, OFFICE, LEDGER, company=COMPANY)
	assert total(found)["used_seconds"] == 1201 + 605 + 61 + 90 + 7
	assert [row["used_seconds"] for row in entries(found) if not row["allowance"]] == [7]


def test_the_ledger_is_filtered_by_practitioner_and_days(http: Any, books: Books) -> None:
	of_other = run(http, OFFICE, LEDGER, company=COMPANY, practitioner=practitioner_of(OTHER_HOST))
	assert total(of_other)["used_seconds"] == 61 + 90 + 7
	before = run(http, OFFICE, LEDGER, company=COMPANY, from_date="2020-01-01", to_date="2020-12-31")
	assert (entries(before), total(before)["used_seconds"]) == ([], 0)


def test_rows_are_bounded_and_totals_are_not(
	site: Any, books: Books, as_user: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
	monkeypatch.setattr(usage_reports, "MOST_ROWS", 2)
	with as_user(OFFICE):
		_columns, rows, message, *_rest = usage_ledger.execute({"allowance": books.home})
	assert len([row for row in rows if not row.get("is_total")]) == 2
	assert "2 of 7 entries" in message
	assert rows[2]["used_seconds"] == site.db.get_value("Usage Allowance", books.home, "used_seconds")


@pytest.mark.parametrize(
	("filters", "sentence"),
	[
		({}, "Choose a company"),
		({"company": COMPANY, "from_date": "2026-02-02", "to_date": "2026-02-01"}, "later last day"),
		({"company": COMPANY, "from_date": "2020-02-02", "to_date": "2026-02-01"}, "at most 366 days"),
	],
)
@pytest.mark.parametrize("report", OF_ENTRIES)
def test_what_a_report_needs_is_asked_for(
	http: Any, books: Books, report: str, filters: Any, sentence: str
) -> None:
	assert sentence in refused(http, OFFICE, report, **filters)


def test_company_and_allowance_belong_together(http: Any, books: Books) -> None:
	assert "of another company" in refused(http, OFFICE, LEDGER, company=US_COMPANY, allowance=books.home)


# Usage by Practitioner


def test_usage_is_by_practitioner_and_month(http: Any, books: Books) -> None:
	found = run(http, OFFICE, BY_PRACTITIONER, company=COMPANY)
	month = first_of_month()[:7]
	rows = {row["practitioner"]: row for row in entries(found)}
	assert {name: (row["month"], row["visits"], row["minutes"]) for name, row in rows.items()} == {
		"Hanna Host": (month, 1, 30.1),
		"Otto Other": (month, 1, 2.63),
	}
	assert rows["Hanna Host"]["billed_minutes"] == 30.2
	sums = total(found)
	assert (sums["visits"], sums["minutes"], sums["billed_minutes"]) == (2, 32.73, 33.0)
	assert Decimal(str(sums["cost"])) == Decimal("0.0017") * (201 + 101 + 11 + 2) / 10
	assert "EUR 0.75" in found["message"]


def test_the_reports_agree(http: Any, books: Books) -> None:
	for company in (COMPANY, US_COMPANY):
		ledger, usage = (total(run(http, OFFICE, report, company=company)) for report in OF_ENTRIES)
		assert (ledger["billed_minutes"], ledger["cost"]) == (usage["billed_minutes"], usage["cost"])
		assert round(ledger["used_seconds"] / 60, 2) == usage["minutes"]


def test_a_chart_is_by_practitioner_or_by_day(http: Any, books: Books) -> None:
	chart = run(http, OFFICE, BY_PRACTITIONER, company=COMPANY)["chart"]["data"]
	assert (chart["labels"], chart["datasets"][0]["values"]) == (["Hanna Host", "Otto Other"], [30.1, 2.6])
	chart = run(http, OFFICE, BY_PRACTITIONER, company=COMPANY, chart_by="Day")["chart"]["data"]
	assert chart["datasets"][0]["values"] == [32.7]


# Allowance Forecast


def test_the_forecast_tells_what_is_booked_and_what_to_do(site: Any, http: Any, books: Books) -> None:
	"""Each visit is booked for 20 minutes."""
	site.db.set_value("Usage Allowance", books.hosts, "included_minutes", 70)
	site.db.set_value("Usage Allowance", books.abroad, "included_minutes", 60)
	site.db.set_value("Usage Allowance", books.abroad, "held_seconds", 90)
	site.db.commit()
	rows = {row["allowance"]: row for row in run(http, OFFICE, FORECAST)["result"]}
	numbers = ("included", "used", "held", "left", "visits", "needed", "fits")
	assert {name: tuple(row[n] for n in numbers) for name, row in rows.items()} == {
		books.home: (1050, 32.62, 0, 1017.38, 2, 80, "Yes"),
		books.hosts: (77, 30.1, 0, 46.9, 1, 40, "Yes"),
		books.abroad: (71, 60.12, 1.5, 9.38, 1, 40, "No"),
	}
	assert rows[books.hosts]["practitioner"] == "Hanna Host"
	assert rows[books.abroad]["what_to_do"].startswith("Top up at least 31 minutes. Otherwise")
	assert rows[books.home]["what_to_do"] == "Nothing: what is booked fits."


def test_what_the_forecast_tells_to_do_is_enough(site: Any, http: Any, books: Books) -> None:
	site.db.set_value("Usage Allowance", books.hosts, "included_minutes", 50)
	site.db.commit()
	(row,) = [r for r in run(http, OFFICE, FORECAST)["result"] if r["allowance"] == books.hosts]
	assert "at least 14 minutes. Until then" in row["what_to_do"]
	for minutes, fits in ((13, "No"), (1, "Yes")):
		top_up(SiteStore(), books.hosts, minutes, REASON, f"{minutes}")
		site.db.commit()
		(row,) = [r for r in run(http, OFFICE, FORECAST)["result"] if r["allowance"] == books.hosts]
		assert row["fits"] == fits


def test_the_forecast_counts_visits_to_come_only(site: Any, http: Any, books: Books) -> None:
	(mine, theirs) = (books.rooms[label].name for label in ("mine", "theirs"))
	site.db.set_value("Appointment Room", mine, "status", "Ended")
	site.db.set_value("Appointment Room", theirs, "closes_on", "2020-01-01 10:00:00")
	site.db.commit()
	rows = run(http, OFFICE, FORECAST, company=COMPANY)["result"]
	assert {row["allowance"]: row["visits"] for row in rows} == {books.home: 0, books.hosts: 0}


def test_the_forecast_has_running_and_coming_periods(site: Any, http: Any, books: Books) -> None:
	coming = put_allowance(practitioner=practitioner_of(HOST))
	site.db.set_value(
		"Usage Allowance", books.hosts, {"period_start": "2020-01-01", "period_end": "2020-01-31"}
	)
	site.db.commit()
	found = [row["allowance"] for row in run(http, HOME_OFFICE, FORECAST)["result"]]
	assert found == [books.home, coming.name]


# walls


def seen(report: str) -> tuple[tuple[str, str, str], ...]:
	"""Who reads which word, and does not read which."""
	home, abroad = (COMPANY, US_COMPANY) if report == FORECAST else ("Hanna Host", "Ulla Ushost")
	return ((HOME_OFFICE, home, abroad), (US_OFFICE, abroad, home))


@pytest.mark.parametrize("report", REPORTS)
def test_a_report_shows_the_only_company_that_its_reader_may_see(
	http: Any, books: Books, report: str
) -> None:
	for who, theirs, others in seen(report):
		answer = http(who).get(RUN, report_name=report, filters="{}")
		assert theirs in answer.text, who
		assert others not in answer.text, who
		assert "Planted Name" not in answer.text


@pytest.mark.parametrize("report", REPORTS)
def test_another_company_is_refused(http: Any, books: Books, report: str) -> None:
	for who, company, allowance in (
		(HOME_OFFICE, US_COMPANY, books.abroad),
		(US_OFFICE, COMPANY, books.home),
		(OFFICE, "No Such Company", "no such allowance"),
	):
		for filters in ({"company": company}, {"allowance": allowance}):
			if report == LEDGER or "company" in filters:
				text = refused(http, who, report, **filters)
				assert "for you to see" in text
				assert not [w for w in ("Hanna", "Ulla", *books.rooms) if w in text]


@pytest.mark.parametrize("report", REPORTS)
@pytest.mark.parametrize("who", [HOST, US_NURSE, FRONT_DESK, US_DESK, CLIENT, ROLELESS, "Guest"])
def test_the_reports_are_the_offices(http: Any, books: Books, report: str, who: str) -> None:
	for method in (RUN, EXPORT, "frappe.desk.query_report.get_script"):
		asked = {"report_name": report, "filters": "{}", "file_format_type": "CSV"}
		answer = http(who).get(method, **asked)
		assert not answer.ok, (method, answer.text)
		assert "Hanna Host" not in answer.text


@pytest.mark.parametrize("report", REPORTS)
def test_an_export_has_the_readers_company_only(http: Any, books: Books, report: str) -> None:
	asked = {"report_name": report, "file_format_type": "CSV", "filters": "{}", "visible_idx": "[]"}
	for who, theirs, others in seen(report):
		answer = http(who).get(EXPORT, **asked)
		assert answer.ok
		assert theirs in answer.text
		assert others not in answer.text
	assert not http(US_OFFICE).get(EXPORT, **asked | {"filters": f'{{"company": "{COMPANY}"}}'}).ok


def test_a_reader_restricted_to_a_practitioner_sees_theirs(site: Any, http: Any, books: Books) -> None:
	"""And what is of no practitioner, as the platform has it."""
	add_user_permission(
		"Healthcare Practitioner", practitioner_of(OTHER_HOST), HOME_OFFICE, ignore_permissions=True
	)
	site.db.commit()
	try:
		found = run(http, HOME_OFFICE, LEDGER)
		assert total(found)["used_seconds"] == 61 + 90 + 7
		assert {row["practitioner"] for row in entries(found)} == {"Otto Other", None}
		assert "for you to see" in refused(http, HOME_OFFICE, LEDGER, allowance=books.hosts)
	finally:
		site.db.delete("User Permission", {"user": HOME_OFFICE, "allow": "Healthcare Practitioner"})
		site.db.commit()
		site.clear_cache(user=HOME_OFFICE)


def test_a_system_manager_reads_the_ledger_of_any_company(http: Any, books: Books) -> None:
	for company, seconds in ((COMPANY, 1964), (US_COMPANY, 3607)):
		assert total(run(http, SYSTEM, LEDGER, company=company))["used_seconds"] == seconds


# what the filters offer


def test_filters_offer_the_readers_companies_and_practitioners(http: Any, books: Books) -> None:
	companies, practitioners = "usage_filters.companies", "usage_filters.practitioners"
	offered = {
		who: (
			http(who).post(companies, txt="").json()["message"],
			[p["label"] for p in http(who).post(practitioners, txt="u").json()["message"]],
		)
		for who in (HOME_OFFICE, US_OFFICE)
	}
	assert offered == {HOME_OFFICE: ([COMPANY], []), US_OFFICE: ([US_COMPANY], ["Ulla Ushost"])}
	assert set(http(OFFICE).get(companies).json()["message"]) >= {COMPANY, US_COMPANY}
	assert http(US_OFFICE).get(practitioners, company=COMPANY).json()["message"] == []
	assert http(OFFICE).get(practitioners).json()["message"] == []
	of_home = http(OFFICE).get(practitioners, company=COMPANY).json()["message"]
	assert {p["label"]: p["value"] for p in of_home} == {
		"Hanna Host": practitioner_of(HOST),
		"Otto Other": practitioner_of(OTHER_HOST),
	}
	for who in (HOST, FRONT_DESK, CLIENT, ROLELESS):
		for method in (companies, practitioners):
			assert http(who).get(method, company=COMPANY).status_code == 404
	assert http().get(companies).status_code == 401
