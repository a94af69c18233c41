"""Results of the usage reports by the platform's ways beside `query_report.run`: stored, exported, mailed; and what restricted readers are shown."""

from __future__ import annotations

import email
import gzip
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import frappe
import pytest

from tests.site.ledgers import Books, keep_books
from tests.site.rows import put_allowance, put_plan
from tests.site.test_report_doors import DOWNLOAD, EXPORT, LEDGER, PREPARE, RUN, email_account
from tools.harness.site.appointments import practitioner_of
from tools.harness.site.http import Http
from tools.harness.site.people import (
	CLIENT,
	COMPANY,
	FRONT_DESK,
	HOME_OFFICE,
	HOST,
	LOGINS,
	OTHER_HOST,
	ROLELESS,
	SYSTEM,
	US_COMPANY,
	US_DESK,
	US_OFFICE,
)

__all__ = ["email_account"]

CONVERT = "frappe.core.doctype.prepared_report.prepared_report.enqueue_json_to_csv_conversion"
INSERT, LIST = "frappe.client.insert", "frappe.client.get_list"
SEND_DAILY = "frappe.email.doctype.auto_email_report.auto_email_report.send_daily"
ALLOWANCE, PLAN = "Usage Allowance", "Allowance Plan"
OF_HOME = json.dumps({"company": COMPANY})
WORD = "Hanna Host"


@pytest.fixture
def books(site: Any, make_appointment: Any) -> Iterator[Books]:
	yield keep_books(make_appointment)
	site.db.rollback()
	for doctype in ("Prepared Report", "Auto Email Report", "Email Queue Recipient"):
		site.db.delete(doctype)
	site.db.set_value("Report", LEDGER, "prepared_report", 0)
	site.db.commit()
	site.clear_cache()


@contextmanager
def permitted(user: str, *given: tuple[str, str, str]) -> Iterator[None]:
	"""The user's only User Permissions, each as what is allowed, which, and for which DocType; empty: for all."""
	frappe.db.delete("User Permission", {"user": user})
	for allow, value, applies in given:
		put_permission(user, allow, value, applies)
	seen_anew(user)
	try:
		yield
	finally:
		frappe.db.rollback()
		frappe.db.delete("User Permission", {"user": user})
		if company := LOGINS[user].company:
			put_permission(user, "Company", company, "")
		seen_anew(user)


def put_permission(user: str, allow: str, value: str, applies: str) -> None:
	frappe.get_doc(
		doctype="User Permission",
		user=user,
		allow=allow,
		for_value=value,
		applicable_for=applies or None,
		apply_to_all_doctypes=int(not applies),
	).insert(ignore_permissions=True)


def seen_anew(user: str) -> None:
	frappe.db.commit()
	frappe.clear_cache(user=user)


def stored(http: Callable[..., Http], run_jobs: Callable[[], None], who: str) -> str | None:
	answer = http(who).post(PREPARE, report_name=LEDGER, filters=OF_HOME)
	run_jobs()
	return answer.json()["message"]["name"] if answer.ok else None


def downloaded(http: Http, url: str) -> str:
	content = http.get(DOWNLOAD, file_url=url).content
	return (gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content).decode(errors="replace")


def urls_of(name: str, **more: Any) -> list[str]:
	frappe.db.rollback()
	return frappe.get_all("File", {"attached_to_name": name, **more}, pluck="file_url", order_by="creation")


# results that are stored


@pytest.mark.parametrize("who", [CLIENT, ROLELESS, FRONT_DESK, HOST])
def test_no_login_has_a_report_prepared_that_it_may_not_run(
	http: Any, books: Books, run_jobs: Any, who: str
) -> None:
	name = stored(http, run_jobs, who)
	assert not [url for url in urls_of(name or "-") if WORD in downloaded(http(who), url)]


@pytest.mark.parametrize("who", [CLIENT, FRONT_DESK, US_OFFICE, SYSTEM])
def test_a_stored_result_is_converted_for_its_maker_only(
	http: Any, books: Books, run_jobs: Any, who: str
) -> None:
	name = stored(http, run_jobs, HOME_OFFICE)
	http(who).post(CONVERT, prepared_report_name=name)
	run_jobs()
	assert urls_of(name or "-", owner=who) == []


def test_the_name_of_a_stored_result_is_not_in_the_list_of_files(
	site: Any, http: Any, books: Books, run_jobs: Any
) -> None:
	site.get_doc("User", US_OFFICE).add_roles("Prepared Report User")
	site.db.commit()
	name = stored(http, run_jobs, HOME_OFFICE)
	about = json.dumps({"attached_to_doctype": "Prepared Report"})
	for who in (US_OFFICE, SYSTEM):
		found = http(who).get(LIST, doctype="File", fields='["attached_to_name"]', filters=about)
		assert str(name) not in found.text, who


@pytest.mark.parametrize("who", [CLIENT, ROLELESS, FRONT_DESK, US_OFFICE])
def test_no_row_for_the_address_of_a_stored_result_hands_it_out(
	http: Any, books: Books, run_jobs: Any, who: str
) -> None:
	row = {"doctype": "File", "file_name": "x.txt", "is_private": 1}
	own = http(who).post(INSERT, doc={**row, "content": "mine"}).json()["message"]["name"]
	for url in urls_of(stored(http, run_jobs, HOME_OFFICE) or "-"):
		for written in (
			url,
			url.replace("_", "%5f"),
			url.replace("files/", "files/./"),
			url.replace("files/", "files//"),
		):
			http(who).post(INSERT, doc={**row, "file_url": written})
			change = {"doctype": "File", "name": own, "fieldname": "file_url", "value": written}
			assert http(who).post("frappe.client.set_value", **change).status_code == 403
			assert WORD not in downloaded(http(who), url)


@pytest.mark.parametrize("by", ["user", "name"])
def test_no_one_is_shown_what_another_had_prepared(
	site: Any, http: Any, books: Books, run_jobs: Any, by: str
) -> None:
	site.db.set_value("Report", LEDGER, "prepared_report", 1)
	site.db.commit()
	site.clear_cache()
	name = stored(http, run_jobs, HOME_OFFICE)
	more = {"prepared_report_name": name} if by == "name" else {}
	asked = {"report_name": LEDGER, "filters": json.dumps({"company": COMPANY, **more})}
	answer = http(US_OFFICE).get(RUN, **asked, **({"user": HOME_OFFICE} if by == "user" else {}))
	assert WORD not in answer.text


@pytest.mark.parametrize("who", [FRONT_DESK, HOST, US_OFFICE, US_DESK])
def test_an_export_in_the_background_is_its_makers(
	http: Any, books: Books, email_account: None, run_jobs: Any, who: str
) -> None:
	asked = {"file_format_type": "CSV", "visible_idx": "[]", "export_in_background": 1}
	http(HOME_OFFICE).post(EXPORT, report_name=LEDGER, filters=OF_HOME, **asked)
	run_jobs()
	frappe.db.rollback()
	(url,) = frappe.get_all("File", {"owner": HOME_OFFICE, "is_folder": 0}, pluck="file_url", order_by="name")
	assert WORD not in downloaded(http(who), url)


@pytest.mark.parametrize("report", [LEDGER, "Allowance Forecast", "Room Audit"])
def test_a_report_that_is_mailed_is_read_with_its_readers_rights(
	site: Any, http: Any, books: Books, email_account: None, run_jobs: Any, report: str
) -> None:
	site.get_doc("User", US_OFFICE).add_roles("Report Manager")
	site.db.commit()
	doc: dict[str, Any] = {
		"doctype": "Auto Email Report",
		"report": report,
		"report_type": "Script Report",
		"format": "HTML",
	}
	doc |= {"email_to": US_OFFICE, "user": US_OFFICE, "frequency": "Daily", "enabled": 1}
	http(US_OFFICE).post(INSERT, doc={**doc, "filters": OF_HOME if report == LEDGER else "{}"})
	site.get_doc("Scheduled Job Type", {"method": SEND_DAILY}).enqueue(force=True)
	for _step in range(2):
		run_jobs()
	for sent in site.get_all("Email Queue", pluck="message", order_by="creation"):
		assert not [word for word in (WORD, COMPANY) if word in text_of(sent)]


def text_of(sent: str) -> str:
	found = (part.get_payload(decode=True) for part in email.message_from_string(sent).walk())
	return " ".join(part.decode(errors="replace") for part in found if isinstance(part, bytes))


# what restricted readers are shown


@pytest.mark.parametrize("report", [LEDGER, "Usage by Practitioner", "Room Audit"])
def test_a_permission_for_another_doctype_shows_no_usage(http: Any, books: Books, report: str) -> None:
	given = (("Company", COMPANY, ALLOWANCE), ("Company", US_COMPANY, "Sales Invoice"))
	with permitted(HOME_OFFICE, *given):
		filters = {} if report == "Room Audit" else {"company": US_COMPANY}
		answer = http(HOME_OFFICE).get(RUN, report_name=report, filters=json.dumps(filters))
		assert not [word for word in ("Ulla", US_COMPANY, books.abroad) if answer.ok and word in answer.text]
		assert US_COMPANY not in http(HOME_OFFICE).post("usage_filters.companies").text


def test_a_practitioner_for_another_doctype_shows_no_usage(http: Any, books: Books) -> None:
	practitioners = (
		("Healthcare Practitioner", practitioner_of(OTHER_HOST), ALLOWANCE),
		("Healthcare Practitioner", practitioner_of(HOST), "Sales Invoice"),
	)
	with permitted(HOME_OFFICE, ("Company", COMPANY, ""), *practitioners):
		assert WORD not in http(HOME_OFFICE).get(RUN, report_name=LEDGER, filters="{}").text


def test_a_reader_of_one_allowance_sees_no_other_in_the_ledger(http: Any, books: Books) -> None:
	with permitted(HOME_OFFICE, (ALLOWANCE, books.abroad, "")):
		answer = http(HOME_OFFICE).get(RUN, report_name=LEDGER, filters=OF_HOME)
		assert books.home not in answer.text


def test_under_strict_permissions_the_ledger_shows_what_lists_show(
	site: Any, http: Any, books: Books
) -> None:
	site.db.set_single_value("System Settings", "apply_strict_user_permissions", 1)
	site.db.commit()
	site.clear_cache()
	try:
		own = ("Healthcare Practitioner", practitioner_of(OTHER_HOST), "")
		with permitted(HOME_OFFICE, ("Company", COMPANY, ""), own):
			assert http(HOME_OFFICE).get(LIST, doctype=ALLOWANCE).json()["message"] == []
			assert books.home not in http(HOME_OFFICE).get(RUN, report_name=LEDGER, filters="{}").text
	finally:
		site.db.set_single_value("System Settings", "apply_strict_user_permissions", 0)
		site.db.commit()
		site.clear_cache()


def test_the_audit_keeps_to_the_readers_practitioners(site: Any, http: Any, books: Books) -> None:
	room = books.rooms["mine"].name
	site.db.set_value("Appointment Room", room, {"status": "Ended", "ended_by": HOST})
	own = ("Healthcare Practitioner", practitioner_of(OTHER_HOST), "")
	with permitted(HOME_OFFICE, ("Company", COMPANY, ""), own):
		assert room not in http(HOME_OFFICE).get(RUN, report_name="Room Audit", filters="{}").text


@pytest.mark.parametrize("doctype", ["Version", "Comment", "Deleted Document"])
def test_the_history_of_a_document_is_for_its_readers(site: Any, http: Any, doctype: str) -> None:
	plan = put_plan(starts_on=site.utils.today())
	plan.add_comment("Comment", "qx7-remark")
	gone = put_allowance(included_minutes=313_131)
	site.db.commit()
	change = json.dumps({"minutes_per_month": 424_242, "reason_for_change": "qx7-reason"})
	http(HOME_OFFICE).post("frappe.client.set_value", doctype=PLAN, name=plan.name, fieldname=change)
	http(HOME_OFFICE).post("frappe.client.delete", doctype=ALLOWANCE, name=gone.name)
	with permitted(SYSTEM, ("Company", US_COMPANY, "")):
		answer = http(SYSTEM).page(f'/api/resource/{doctype}?fields=["*"]&limit_page_length=0')
		assert not [w for w in ("qx7-", "424242", "313131") if w in answer.text]
