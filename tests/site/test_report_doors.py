"""Reports on our documents by the platform's ways to run one later or for another user: prepared, mailed, exported in the background."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import frappe
import pytest
from frappe.email.doctype.auto_email_report.auto_email_report import AutoEmailReport

from tests.site.amazon import configured
from tests.site.ledgers import Books, keep_books
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
	US_OFFICE,
)

RUN = "frappe.desk.query_report.run"
EXPORT = "frappe.desk.query_report.export_query"
PREPARE = "frappe.core.doctype.prepared_report.prepared_report.make_prepared_report"
DOWNLOAD = "frappe.core.doctype.file.file.download_file"
LEDGER, AUDIT = "Usage Ledger", "Room Audit"
REPORTS = (LEDGER, "Usage by Practitioner", "Allowance Forecast", AUDIT)
OF_HOME = {"company": COMPANY}


@pytest.fixture
def books(site: Any, make_appointment: Any) -> Books:
	return keep_books(make_appointment)


def prepare(client: Http, report: str, run_jobs: Callable[[], None]) -> str:
	answer = client.post(PREPARE, report_name=report, filters=json.dumps(OF_HOME))
	run_jobs()
	return str(answer.json()["message"]["name"])


def urls(client: Http, **filters: Any) -> list[str]:
	"""Of the files that the user may list."""
	answer = client.get(
		"frappe.client.get_list",
		doctype="File",
		filters=json.dumps(filters),
		fields=json.dumps(["file_url"]),
	)
	return [row["file_url"] for row in answer.json().get("message", [])] if answer.ok else []


@pytest.mark.parametrize("report", REPORTS)
@pytest.mark.parametrize("user", [CLIENT, ROLELESS, HOST, US_OFFICE])
def test_a_job_runs_no_report_for_whom_it_is_not(
	http: Any, books: Books, run_jobs: Any, bench: Any, user: str, report: str
) -> None:
	if user == HOST and report == AUDIT:
		pytest.skip("a physician may read it")
	name = prepare(http(user), report, run_jobs)
	status = frappe.db.get_value("Prepared Report", name, "status")
	found = urls(http(user), attached_to_name=name)
	if user == US_OFFICE and report == AUDIT:
		assert status == "Completed"  # with nothing of the other company in it
		assert frappe.get_doc("Prepared Report", name).get_prepared_data().count(COMPANY.encode()) == 0
	else:
		assert (status, found) == ("Error", [])


def test_a_prepared_result_is_given_to_its_owner_only(
	http: Any, books: Books, run_jobs: Any, site: Any
) -> None:
	site.db.set_value("Report", LEDGER, "prepared_report", 1)
	site.db.commit()
	frappe.clear_cache()
	try:
		name = prepare(http(OFFICE), LEDGER, run_jobs)
		asked = {**OF_HOME, "prepared_report_name": name}
		own = http(OFFICE).get(RUN, report_name=LEDGER, filters=json.dumps(asked))
		assert "Hanna" in own.text
		for user in (US_OFFICE, SYSTEM):
			for given in ({"filters": json.dumps(OF_HOME), "user": OFFICE}, {"filters": json.dumps(asked)}):
				answer = http(user).get(RUN, report_name=LEDGER, **given)
				assert "Hanna" not in answer.text
		exported = http(US_OFFICE).post(
			EXPORT, report_name=LEDGER, filters=json.dumps(asked), file_format_type="CSV"
		)
		assert "Hanna" not in exported.text
	finally:
		site.db.rollback()
		site.db.set_value("Report", LEDGER, "prepared_report", 0)
		site.db.commit()
		frappe.clear_cache()


@pytest.mark.parametrize("report", REPORTS)
def test_a_mailed_report_is_read_with_its_users_rights(
	http: Any, site: Any, books: Books, report: str
) -> None:
	mailed = mail(report, US_OFFICE)
	content, asking = "", site.session.user
	with suppress(frappe.PermissionError):
		content = str(mailed.get_report_content())
	assert "Hanna" not in content
	assert books.home not in content
	assert COMPANY not in content.replace(US_COMPANY, "")
	assert site.session.user == asking
	assert "Theranvio Clinic" in str(mail(report, HOME_OFFICE).get_report_content()) or report != AUDIT


def test_a_mailed_report_is_shown_to_others_with_their_own_rights(
	http: Any, site: Any, books: Books, as_user: Any
) -> None:
	mailed = mail(LEDGER, HOME_OFFICE)
	mailed.insert(ignore_permissions=True)
	site.get_doc("User", US_OFFICE).add_roles("Report Manager")
	site.db.commit()
	with as_user(US_OFFICE), pytest.raises(frappe.PermissionError):
		frappe.get_doc("Auto Email Report", mailed.name).get_report_content()
	for change in ({"email_to": US_OFFICE}, {"filters": "{}"}, {"enabled": 0}):
		answer = http(US_OFFICE).post(
			"frappe.client.set_value", doctype="Auto Email Report", name=mailed.name, fieldname=change
		)
		assert answer.status_code in (403, 417), change
	site.db.rollback()
	site.db.delete("Auto Email Report", {"name": mailed.name})
	site.db.commit()


def mail(report: str, user: str) -> AutoEmailReport:
	return frappe.get_doc(
		{
			"doctype": "Auto Email Report",
			"report": report,
			"user": user,
			"email_to": user,
			"report_type": "Script Report",
			"format": "CSV",
			"filters": json.dumps(OF_HOME),
		}
	)


@pytest.fixture
def email_account(bench: Any, site: Any) -> Iterator[None]:
	"""The export's link is mailed."""
	values = {"email_id": "clinic@clinic.test", "enable_outgoing": 1, "default_outgoing": 1}
	account = site.get_doc(
		{"doctype": "Email Account", "name": "Clinic", "smtp_server": "localhost", **values}
	)
	account.db_insert()
	site.db.commit()
	with configured(bench, mute_emails=1):
		yield
	site.db.rollback()
	site.db.delete("Email Account", {"name": "Clinic"})
	site.db.commit()


def test_an_export_in_the_background_is_its_owners(
	http: Any, books: Books, run_jobs: Any, site: Any, email_account: None
) -> None:
	asked = {
		"report_name": LEDGER,
		"filters": json.dumps(OF_HOME),
		"file_format_type": "CSV",
		"export_in_background": 1,
		"visible_idx": json.dumps(list(range(20))),
	}
	assert http(HOME_OFFICE).post(EXPORT, **asked).ok
	run_jobs()
	(exported,) = site.get_all(
		"File",
		{"owner": HOME_OFFICE, "is_folder": 0},
		["file_url", "attached_to_doctype", "attached_to_name"],
	)
	assert exported.attached_to_doctype == "Report"  # so that the platform deletes it after its hours
	assert not site.db.exists("Report", exported.attached_to_name)
	assert exported.attached_to_name != HOME_OFFICE  # a report of that name could be made
	assert "Hanna" in http(HOME_OFFICE).get(DOWNLOAD, file_url=exported.file_url).text
	for user in (HOST, FRONT_DESK, US_OFFICE, US_DESK, SYSTEM):
		assert urls(http(user), attached_to_doctype="Report") == []
		assert http(user).get(DOWNLOAD, file_url=exported.file_url).status_code == 403


def test_a_chart_is_of_a_company_that_its_reader_may_see(http: Any, site: Any, books: Books) -> None:
	asked = json.dumps({"chart_by": "Practitioner"})
	answer = http(US_OFFICE).get(RUN, report_name="Usage by Practitioner", filters=asked)
	assert "Ulla" in answer.text
	assert http(OFFICE).get(RUN, report_name="Usage by Practitioner", filters=asked).ok


def test_a_reason_is_stored_as_the_platform_stores_what_is_entered(
	http: Any, books: Books, site: Any, bench: Any
) -> None:
	script = json.dumps("<img src=x onerror=alert(1)>Crisis <5")  # the platform's filter lets JSON pass
	asked = {"allowance": books.home, "minutes": 1, "reason": script, "key": "x"}
	assert http(OFFICE).post("allowance.top_up", **asked).ok
	room = books.rooms["mine"].name
	assert http(OFFICE).post("allowance.let_in", room=room, reason=script).ok
	bench.see()
	reasons = [
		site.db.get_value("Usage Entry", f"top-up:{books.home}:x", "reason"),
		site.db.get_value("Appointment Room", room, "over_limit_reason"),
	]
	assert reasons == ["&quot;Crisis &lt;5&quot;"] * 2


@pytest.mark.parametrize("made", ["Usage Allowance", "Allowance Plan"])
def test_what_is_made_at_once_covers_no_day_twice(http: Any, site: Any, bench: Any, made: str) -> None:
	days = {"period_start": "2030-01-01", "period_end": "2030-01-31", "included_minutes": 5}
	plan = {"starts_on": "2030-01-01", "first_period": "Whole", "minutes_per_month": 5}
	values = {"Usage Allowance": days, "Allowance Plan": plan}[made]
	doc = {"doctype": made, "company": COMPANY, "on_exhaustion": "Warn", **values}
	client = http(OFFICE)
	for _round in range(5):
		with ThreadPoolExecutor(4) as pool:
			answers = list(pool.map(lambda _: client.post("frappe.client.insert", doc=doc), range(4)))
		bench.see()
		found = site.get_all("Usage Allowance", {"period_start": "2030-01-01"}, pluck="name")
		assert len(found) == 1, [answer.status_code for answer in answers]
		for doctype in ("Usage Allowance", "Allowance Plan"):
			site.db.delete(doctype, {"company": COMPANY})
		site.db.commit()


def test_practitioners_whose_allowances_pay_for_the_same_days_stay_two(site: Any, books: Books) -> None:
	old, new = practitioner_of(HOST), practitioner_of(OTHER_HOST)
	twin = frappe.copy_doc(frappe.get_doc("Usage Allowance", books.hosts))
	twin.update({"practitioner": new}).insert()
	with pytest.raises(site.ValidationError, match=f"{books.hosts} and {twin.name}"):
		frappe.rename_doc("Healthcare Practitioner", old, new, merge=True)
