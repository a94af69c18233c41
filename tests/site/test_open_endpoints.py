"""Endpoints of the platform that ask for a login and for no permission, and its own hook on files beside ours: over HTTP, nothing
of ours and nothing of an appointment is read or changed by them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.site.rows import draft_agreement, put_agreement, put_allowance, put_file
from tests.site.walls import FALLBACK, Visit, at_both
from tools.harness.site.http import Http
from tools.harness.site.people import (
	CLIENT,
	COMPANY,
	FRONT_DESK,
	HOME_DESK,
	HOME_OFFICE,
	HOST,
	OFFICE,
	ROLELESS,
	SYSTEM,
	US_CLIENT,
	US_COMPANY,
	US_DESK,
	US_HOST,
	US_OFFICE,
)

SET_STATUS = "healthcare.controllers.service_request_controller.set_request_status"
RENDER = "healthcare.healthcare.utils.render_docs_as_html"
COMMENT = "frappe.templates.includes.comments.comments.add_comment"
RELINK = "frappe.email.relink"
NEXT = "frappe.desk.form.utils.get_next"
FOLLOW = "frappe.desk.form.document_follow."
DELETE_ITEMS = "frappe.desk.reportview.delete_items"
FILL_IN = "frappe.website.doctype.web_form.web_form.accept"
PREPARE = "frappe.core.doctype.prepared_report.prepared_report.make_prepared_report"
DOWNLOAD_REPORT = "frappe.core.doctype.prepared_report.prepared_report.download_attachment"
GET, LIST, INSERT = "frappe.client.get", "frappe.client.get_list", "frappe.client.insert"
SET = "frappe.client.set_value"
LEGAL, REMARK = "Planted Legal Name", "planted remark"


@pytest.fixture
def visits(site: Any, http: Callable[..., Http], make_appointment: Any) -> Iterator[list[Visit]]:
	yield at_both(http, make_appointment)
	site.db.delete("Document Follow")
	site.db.commit()


@pytest.fixture
def agreement(site: Any) -> Any:
	made = put_agreement(company=COMPANY, their_legal_name=LEGAL)
	site.db.commit()
	return made


def signatories(site: Any, agreement: Any) -> list[str]:
	site.db.rollback()
	return site.get_all("BAA Signatory", {"parent": agreement.name}, pluck="name", order_by="idx")


# the status of any row


@pytest.mark.parametrize("who", [CLIENT, ROLELESS, HOST, US_DESK, SYSTEM])
def test_no_login_writes_the_status_of_a_room_or_an_appointment(
	site: Any, http: Any, visits: list[Visit], who: str
) -> None:
	"""The platform takes a filter for the name, and any text for the status."""
	for doctype, name in (
		("Appointment Room", visits[0].room),
		("Patient Appointment", visits[0].appointment),
	):
		before = site.db.get_value(doctype, name, "status")
		for request in (name, {"status": ["!=", "None"]}):
			http(who).post(SET_STATUS, doctype=doctype, request=request, status="Cancelled")
			site.db.rollback()
			assert site.db.get_value(doctype, name, "status") == before, (doctype, request)


def test_the_status_of_a_request_is_still_set(site: Any, http: Any) -> None:
	task = site.get_doc(doctype="ToDo", description="Any other document", allocated_to=HOST).insert()
	site.db.commit()
	assert http(HOST).post(SET_STATUS, doctype="ToDo", request=task.name, status="Closed").ok
	site.db.rollback()
	assert site.db.get_value("ToDo", task.name, "status") == "Closed"


# what is read


@pytest.mark.parametrize("who", [US_CLIENT, ROLELESS, US_DESK, US_OFFICE, CLIENT])
def test_no_document_is_rendered_among_many(http: Any, visits: list[Visit], agreement: Any, who: str) -> None:
	documents = [(doctype, names[0]) for doctype, names in visits[0].names.items() if doctype != "Version"]
	documents += [("BAA Record", agreement.name), ("Patient Appointment", visits[0].appointment)]
	rendered = [
		doctype
		for doctype, name in documents
		if http(who).post(RENDER, docs=[{"doctype": doctype, "docname": name}]).ok
	]
	assert rendered == []


def test_readers_get_many_documents_rendered(http: Any, visits: list[Visit]) -> None:
	docs = [{"doctype": "Patient Appointment", "docname": visits[0].appointment}]
	assert "Video consultation" in http(HOST).post(RENDER, docs=docs).text


@pytest.mark.parametrize(
	("doctype", "field"),
	[("Appointment Room", "fallback_url"), ("Patient Appointment", "theranvio_fallback_url")],
)
def test_the_next_row_answers_no_guess_of_what_another_holds(
	http: Any, visits: list[Visit], doctype: str, field: str
) -> None:
	"""Of two rows the asker may read the earlier one. Where the guess is right, the platform looks from the later one."""
	home, abroad = (
		{"Appointment Room": v.room, "Patient Appointment": v.appointment}[doctype] for v in visits
	)
	asked = {"doctype": doctype, "prev": 0, "sort_order": "asc", "sort_field": "creation"}
	answers = {
		http(HOME_DESK)
		.post(NEXT, value={"name": abroad, field: ["like", guess]}, **asked)
		.json()
		.get("message")
		for guess in (f"%{FALLBACK[-12:]}", "%wrong%")
	}
	assert len(answers) == 1
	assert not http(HOME_DESK).post(NEXT, value=abroad, **asked).ok
	assert http(FRONT_DESK).post(NEXT, value=home, **asked).json()["message"] == abroad


def test_the_followers_of_a_document_are_not_listed(site: Any, http: Any, visits: list[Visit]) -> None:
	site.db.set_value("User", FRONT_DESK, "document_follow_notify", 1)
	site.db.commit()
	room = {"doctype": "Appointment Room", "doc_name": visits[0].room}
	assert http(FRONT_DESK).post(f"{FOLLOW}update_follow", **room, following=1).json()["message"]["name"]
	follows = {"doctype": "Document Follow", "fields": '["*"]'}
	for who in (US_DESK, US_HOST, US_OFFICE, SYSTEM):
		assert visits[0].room not in http(who).get(LIST, **follows).text, who
		assert http(who).get(f"{FOLLOW}get_follow_users", **room).status_code == 403, who
		http(who).post(f"{FOLLOW}unfollow_document", **room, user=FRONT_DESK)
	assert visits[0].room in http(FRONT_DESK).get(LIST, **follows).text
	assert FRONT_DESK in http(HOST).get(f"{FOLLOW}get_follow_users", **room).text


@pytest.mark.parametrize("who", [ROLELESS, US_DESK, US_OFFICE])
def test_no_one_reads_with_whom_a_document_is_shared(http: Any, agreement: Any, who: str) -> None:
	shared = {"doctype": "BAA Record", "name": agreement.name}
	assert http(who).get("frappe.share.get_users", **shared).status_code == 403
	assert http(HOME_OFFICE).get("frappe.share.get_users", **shared).ok


def test_a_stored_result_of_a_report_is_its_makers(
	site: Any, http: Any, run_jobs: Callable[[], None], visits: list[Visit]
) -> None:
	site.get_doc("User", US_OFFICE).add_roles("Prepared Report User")
	site.get_doc("User", HOME_OFFICE).add_roles("Prepared Report User")
	site.db.commit()
	stored = http(HOME_OFFICE).post(PREPARE, report_name="Room Audit", filters="{}").json()["message"]["name"]
	run_jobs()
	site.db.rollback()
	try:
		for who, sees in ((US_OFFICE, False), (SYSTEM, False), (HOME_OFFICE, True)):
			listed = http(who).get(LIST, doctype="Prepared Report").text
			read = http(who).get(GET, doctype="Prepared Report", name=stored).ok
			assert [stored in listed, read, http(who).get(DOWNLOAD_REPORT, dn=stored).ok] == [sees] * 3, who
	finally:
		site.delete_doc("Prepared Report", stored, force=True)
		site.db.commit()


def test_no_report_is_mailed_that_is_read_with_the_rights_of_another(site: Any, http: Any) -> None:
	"""A Report Manager makes reports and has them mailed; the platform takes any user to read them as."""
	site.get_doc("User", FRONT_DESK).add_roles("Report Manager")
	site.db.commit()
	mailed = {"doctype": "Auto Email Report", "report": "Room Audit", "email_to": FRONT_DESK, "format": "CSV"}
	mailed |= {"frequency": "Daily", "enabled": 1}
	for user, taken in (("Administrator", False), (OFFICE, False), (FRONT_DESK, True)):
		made = http(FRONT_DESK).post(INSERT, doc={**mailed, "user": user})
		assert made.ok is taken, (user, made.text)
	name = made.json()["message"]["name"]
	change = {"doctype": "Auto Email Report", "name": name, "fieldname": "user", "value": OFFICE}
	assert not http(FRONT_DESK).post(SET, **change).ok
	site.db.delete("Auto Email Report", {"name": name})  # `delete_doc` would leave a remark at the report
	site.db.commit()


# what is written


@pytest.mark.parametrize("who", [CLIENT, ROLELESS, US_DESK])
def test_no_remark_is_made_by_the_way_for_websites(
	site: Any, http: Any, visits: list[Visit], agreement: Any, who: str
) -> None:
	remark = {"comment": REMARK, "comment_email": HOST, "comment_by": "Hanna Host", "route": ""}
	for doctype, name in (("Appointment Room", visits[0].room), ("BAA Record", agreement.name)):
		http(who).post(COMMENT, **remark, reference_doctype=doctype, reference_name=name)
	site.db.rollback()
	assert site.get_all("Comment", {"content": ("like", f"%{REMARK}%")}, pluck="reference_doctype") == []


@pytest.mark.parametrize("who", [CLIENT, ROLELESS, US_DESK])
def test_no_mail_is_linked_to_or_from_a_document_by_who_may_not_read_it(
	site: Any, http: Any, visits: list[Visit], agreement: Any, who: str
) -> None:
	own, theirs = ("", ""), ("BAA Record", agreement.name)
	for before, wanted in ((own, theirs), (own, ("Appointment Room", visits[0].room)), (theirs, own)):
		mail = site.get_doc(
			doctype="Communication", communication_type="Communication", subject=REMARK, content=REMARK
		)
		mail.update({"reference_doctype": before[0], "reference_name": before[1]})
		mail.insert(ignore_permissions=True)
		site.db.commit()
		asked = {"name": mail.name, "reference_doctype": wanted[0], "reference_name": wanted[1]}
		assert http(who).post(RELINK, **asked).status_code == 403
		site.db.rollback()
		assert (site.db.get_value("Communication", mail.name, "reference_name") or "") == before[1]
		assert http(HOME_OFFICE if theirs in (before, wanted) else FRONT_DESK).post(RELINK, **asked).ok


@pytest.mark.parametrize("who", [US_OFFICE, US_DESK, ROLELESS])
def test_signatories_are_read_and_removed_with_their_agreement_only(
	site: Any, http: Any, agreement: Any, who: str
) -> None:
	"""The platform asks for the role for agreements, and for none of a single one."""
	names = signatories(site, agreement)
	one = {"doctype": "BAA Signatory", "name": names[0]}
	answers = [
		http(who).get(GET, **one, parent="BAA Record"),
		http(who).get("frappe.desk.form.load.getdoc", **one),
		http(who).page(f"/api/resource/BAA Signatory/{names[0]}?parent=BAA Record"),
		http(who).page(f"/api/v2/document/BAA Signatory/{names[0]}"),
	]
	assert not [answer.url for answer in answers if answer.ok or "Ursula Us" in answer.text]
	http(who).post(DELETE_ITEMS, doctype="BAA Signatory", items=json.dumps(names))
	assert signatories(site, agreement) == names
	assert "Ursula Us" in http(HOME_OFFICE).get(GET, **one, parent="BAA Record").text


def test_a_signatory_of_an_agreement_on_record_is_not_removed(site: Any, http: Any, agreement: Any) -> None:
	names = signatories(site, agreement)
	http(HOME_OFFICE).post(DELETE_ITEMS, doctype="BAA Signatory", items=json.dumps(names))
	assert signatories(site, agreement) == names


def test_an_office_changes_the_signatories_of_its_draft(site: Any, http: Any) -> None:
	draft = draft_agreement(company=COMPANY).insert()
	site.db.commit()
	doc = http(HOME_OFFICE).get(GET, doctype="BAA Record", name=draft.name).json()["message"]
	doc["signatories"] = doc["signatories"][:1]
	assert http(HOME_OFFICE).post("frappe.client.save", doc=doc).ok
	assert len(signatories(site, draft)) == 1
	assert http(HOME_OFFICE).post("frappe.client.delete", doctype="BAA Record", name=draft.name).ok


def test_no_web_form_stores_a_document_of_ours(site: Any, http: Any) -> None:
	"""What a web form takes is stored without permissions; a Website Manager makes web forms."""
	site.get_doc("User", FRONT_DESK).add_roles("Website Manager")
	site.db.commit()
	field = {"fieldname": "company", "fieldtype": "Link", "label": "Company", "options": "Company"}
	form = {
		"doctype": "Web Form",
		"title": "Planted",
		"route": "planted",
		"module": "Website",
		"published": 1,
	}
	form |= {"login_required": 1, "web_form_fields": [field]}
	made = http(FRONT_DESK).post(INSERT, doc={**form, "doc_type": "Usage Allowance"})
	http(ROLELESS).post(FILL_IN, web_form="planted", data=json.dumps({"company": US_COMPANY}))
	assert made.status_code == 403
	allowed = http(FRONT_DESK).post(INSERT, doc={**form, "doc_type": "Patient Appointment"})
	assert allowed.ok
	site.delete_doc("Web Form", allowed.json()["message"]["name"], force=True)
	site.db.commit()


# a document as it would be saved


def test_nothing_becomes_ones_own_by_a_change_of_its_company(site: Any, http: Any) -> None:
	"""The platform asks for the right to write the document as it would be saved."""
	documents = [put_allowance(company=COMPANY), draft_agreement(company=COMPANY).insert()]
	documents.append(draft_agreement().insert())
	site.db.commit()
	for doc, company in zip(documents, (COMPANY, COMPANY, None), strict=True):
		change = {"doctype": doc.doctype, "name": doc.name, "fieldname": "company", "value": US_COMPANY}
		assert http(US_OFFICE).post(SET, **change).status_code == 403
		site.db.rollback()
		assert (site.db.get_value(doc.doctype, doc.name, "company") or None) == company
		assert http(OFFICE).post(SET, **change).ok


def test_nor_by_attaching_its_file_to_oneself(site: Any, http: Any) -> None:
	draft = draft_agreement(company=COMPANY).insert()
	file = put_file(attached_to_doctype="BAA Record", attached_to_name=draft.name).name
	site.db.commit()
	for who in (US_OFFICE, ROLELESS):
		claim = {"attached_to_doctype": "User", "attached_to_name": who}
		assert http(who).post(SET, doctype="File", name=file, fieldname=claim).status_code == 403
	assert http(HOME_OFFICE).post(SET, doctype="File", name=file, fieldname="file_name", value="a.pdf").ok


def test_nor_by_taking_over_a_follow(site: Any, http: Any, visits: list[Visit]) -> None:
	follow = {"doctype": "Document Follow", "ref_doctype": "Appointment Room", "ref_docname": visits[0].room}
	made = site.get_doc({**follow, "user": FRONT_DESK}).insert().name
	site.db.commit()
	for who in (US_DESK, SYSTEM):
		answer = http(who).post(SET, doctype="Document Follow", name=made, fieldname="user", value=who)
		assert answer.status_code == 403


# files of others: the platform's own hook decides, whatever ours says


@pytest.mark.parametrize("who", [CLIENT, ROLELESS, US_DESK, US_OFFICE])
def test_a_private_file_is_neither_read_changed_nor_deleted_by_any_other_login(
	site: Any, http: Any, agreement: Any, who: str
) -> None:
	on_record = site.get_all("File", {"file_url": agreement.agreement_file}, pluck="name")[0]
	loose = put_file().name
	of_allowance = put_file(attached_to_doctype="Usage Allowance", attached_to_name=put_allowance().name).name
	site.db.commit()
	for name in (on_record, loose, of_allowance):
		one = {"doctype": "File", "name": name}
		attempts = [
			http(who).get(GET, **one),
			http(who).post(SET, **one, fieldname="file_name", value="taken.pdf"),
			http(who).post("frappe.client.delete", **one),
		]
		assert [answer.status_code for answer in attempts] == [403] * 3, name
		site.db.rollback()
		assert site.db.exists("File", name)
