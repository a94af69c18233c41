"""Ways of the platform that look at no permission, or at none of the single document: each was once found open, over HTTP."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.site.rows import draft_agreement, pdf, put_agreement, put_allowance, put_file
from tests.site.walls import FALLBACK, MARK, SECRET, Visit, at_both
from tools.harness.site.http import Http
from tools.harness.site.people import (
	CLIENT,
	COMPANY,
	FRONT_DESK,
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

COUNT_ASSIGNED = "frappe.desk.listview.get_group_by_count"
COUNT_STATES = "frappe.workflow.doctype.workflow.workflow.get_workflow_state_count"
RENDER = "healthcare.healthcare.utils.render_doc_as_html"
PASSWORD_OF = "frappe.client.get_password"
DOWNLOAD = "frappe.core.doctype.file.file.download_file"
INSERT = "frappe.client.insert"
LEGAL = "Planted Legal Name"
GUESSES = [
	("Room Meeting", "meeting_token"),
	("Participant Access", "pseudonym"),
	("Room Join", "attendee_id"),
	("Appointment Room", "fallback_url"),
	("Room Participant", "display_name"),
	("Patient Appointment", "theranvio_fallback_url"),
]


@pytest.fixture
def visits(http: Callable[..., Http], make_appointment: Any) -> list[Visit]:
	return at_both(http, make_appointment)


@pytest.fixture
def agreement(site: Any) -> Any:
	"""Of the first company, which is not the caller's."""
	made = put_agreement(company=COMPANY, their_legal_name=LEGAL)
	site.db.commit()
	return made


@pytest.mark.parametrize("who", [CLIENT, ROLELESS, US_DESK, US_OFFICE, SYSTEM])
def test_no_one_guesses_what_a_row_holds_by_whom_it_is_assigned_to(
	http: Any, visits: list[Visit], who: str
) -> None:
	home, guesser = visits[0], http(who)
	named = {"Patient Appointment": [home.appointment], **home.names}
	answered = []
	for doctype, field in GUESSES:
		# the platform counts by the name alone, of whichever DocType it is
		for reference_type in ("Appointment Room", doctype):
			task = {"doctype": "ToDo", "description": "Mine", "reference_name": named[doctype][0]}
			task |= {"allocated_to": HOST, "assigned_by": who, "reference_type": reference_type}
			guesser.post(INSERT, doc=task)
		wanted = json.dumps({field: ["like", "%planted-%"]})
		answer = guesser.get(COUNT_ASSIGNED, doctype=doctype, current_filters=wanted, field="assigned_to")
		answered += [doctype] if answer.ok and answer.json().get("message") else []
	assert answered == []


def test_who_sees_a_room_sees_to_whom_it_is_assigned(http: Any, visits: list[Visit]) -> None:
	home = visits[0]
	given = {"doctype": "Appointment Room", "name": home.room, "assign_to": json.dumps([FRONT_DESK])}
	assert http(FRONT_DESK).post("frappe.desk.form.assign_to.add", **given).ok
	asked = {"doctype": "Appointment Room", "current_filters": "[]", "field": "assigned_to"}
	for who, counted in ((FRONT_DESK, [{"name": FRONT_DESK, "count": 1}]), (US_HOST, [])):
		assert http(who).get(COUNT_ASSIGNED, **asked).json()["message"] == counted


def test_the_search_for_appointments_checks_permission_whatever_its_parameters(
	http: Any, visits: list[Visit]
) -> None:
	home, abroad = (visit.appointment for visit in visits)
	search = {"doctype": "Patient Appointment", "txt": "", "ignore_user_permissions": 1}
	for who, found in {US_DESK: {abroad}, FRONT_DESK: {home, abroad}}.items():
		asked = {**search, "filter_fields": '["theranvio_fallback_url"]'}
		answer = http(who).get("frappe.desk.search.search_widget", **asked)
		assert FALLBACK not in answer.text, who
		links = http(who).get("frappe.desk.search.search_link", **search).json()["message"]
		assert {row["value"] for row in links} == found, who


@pytest.mark.parametrize("states", ["[]", '["Nothing"]'])
def test_the_values_of_a_column_are_those_of_rows_one_may_read(
	site: Any, http: Any, visits: list[Visit], agreement: Any, states: str
) -> None:
	put_allowance(company=COMPANY, included_minutes=777001)
	site.db.commit()
	home = visits[0]
	asked = [
		("Appointment Room", "name", home.room),
		("Appointment Room", "patient", "Cleo"),
		("Room Participant", "room", home.room),
		("Patient Appointment", "name", home.appointment),
		("BAA Record", "their_legal_name", LEGAL),
		("Usage Allowance", "included_minutes", "777001"),
	]
	for doctype, field, word in asked:
		for who in (US_DESK, US_HOST, US_OFFICE, CLIENT):
			answer = http(who).get(COUNT_STATES, doctype=doctype, workflow_state_field=field, states=states)
			assert word not in answer.text, (doctype, who)
	own = http(US_DESK).get(
		COUNT_STATES, doctype="Appointment Room", workflow_state_field="name", states=states
	)
	assert own.json()["message"] == [{"name": visits[1].room, "count": 1}]


@pytest.mark.parametrize("who", [US_CLIENT, ROLELESS, US_DESK, US_OFFICE, CLIENT])
def test_no_document_is_rendered_for_who_may_not_read_it(
	site: Any, http: Any, visits: list[Visit], agreement: Any, who: str
) -> None:
	allowance = put_allowance(company=COMPANY)
	site.db.commit()
	documents = [*((doctype, names[0]) for doctype, names in visits[0].names.items() if doctype != "Version")]
	documents += [("BAA Record", agreement.name), ("Usage Allowance", allowance.name)]
	documents += [("Patient Appointment", visits[0].appointment)]
	rendered = [
		doctype for doctype, name in documents if http(who).get(RENDER, doctype=doctype, docname=name).ok
	]
	assert rendered == []


def test_who_may_read_it_gets_it_rendered(http: Any, visits: list[Visit]) -> None:
	for who, visit in ((HOST, visits[0]), (US_HOST, visits[1])):
		answer = http(who).get(RENDER, doctype="Patient Appointment", docname=visit.appointment)
		assert answer.ok
		assert "Video consultation" in answer.text


def test_no_secret_is_read_as_a_password(site: Any, http: Any, visits: list[Visit]) -> None:
	provider = site.get_doc("Media Provider", "Peer-to-Peer")
	provider.update({"turn_urls": "turn:relay.example.org:3478", "turn_secrets": SECRET + "0123456789abcdef"})
	provider.save()
	site.db.commit()
	home = visits[0]
	asked = [
		("Room Meeting", home.room, "meeting_token"),
		("Appointment Room", home.room, "fallback_url"),
		("Room Participant", home.names["Room Participant"][0], "display_name"),
		("Media Provider", "Peer-to-Peer", "turn_secrets"),
	]
	for doctype, name, field in asked:
		for who in (SYSTEM, OFFICE, US_DESK):
			answer = http(who).get(PASSWORD_OF, doctype=doctype, name=name, fieldname=field)
			assert not [word for word in (SECRET, FALLBACK, MARK) if word in answer.text], (doctype, who)


# agreements of another company


def test_who_signed_for_another_company_is_not_shown(site: Any, http: Any, agreement: Any) -> None:
	office = http(US_OFFICE)
	table = {"doctype": "BAA Signatory", "parent": "BAA Record", "parent_doctype": "BAA Record"}
	search = {"txt": "", "reference_doctype": "BAA Record", "ignore_user_permissions": 1}
	card = {"document_type": "BAA Signatory", "parent_document_type": "BAA Record", "function": "Count"}
	fields = '["parent", "full_name"]'
	answers = [
		office.get("frappe.client.get_list", **table, fields=fields),
		office.get("frappe.desk.search.search_widget", **table, **search, filter_fields=fields),
		office.get("frappe.desk.reportview.get_list", **table, fields='["`tabBAA Signatory`.`full_name`"]'),
		office.page('/api/resource/BAA Signatory?parent=BAA Record&fields=["*"]'),
		office.page('/api/v2/document/BAA Signatory?parent=BAA Record&fields=["*"]'),
		*(
			office.page(f"/printview?doctype=BAA Signatory&name={row}")
			for row in site.get_all("BAA Signatory", {"parent": agreement.name}, pluck="name", order_by="idx")
		),
	]
	assert not [answer.url for answer in answers if "Ursula Us" in answer.text]
	counted = office.get(
		"frappe.desk.doctype.number_card.number_card.get_result", doc=json.dumps(card), filters="[]"
	)
	assert counted.json()["message"] == 0
	assert "Ursula Us" in http(HOME_OFFICE).get("frappe.client.get_list", **table, fields=fields).text


def test_no_one_supersedes_an_agreement_that_is_not_theirs_to_change(
	site: Any, http: Any, agreement: Any
) -> None:
	whole = put_agreement(company="")
	site.db.commit()
	texts = {"provider": "Peer-to-Peer", "services": "Video", "our_legal_name": "O", "their_legal_name": "T"}
	for old, who, status in (
		(agreement, US_OFFICE, 417),
		(whole, US_OFFICE, 417),
		(agreement, HOME_OFFICE, 200),
	):
		made = http(who).post(INSERT, doc={"doctype": "BAA Record", "supersedes": old.name, **texts})
		assert made.status_code == status, (who, made.text)
	answer = http(US_OFFICE).get(
		"frappe.client.get_list", doctype="BAA Record", fields='["supersedes.their_legal_name as told"]'
	)
	assert LEGAL not in answer.text


# the files of agreements


def _attached_by(user: str, url: str) -> Iterator[tuple[str, dict[str, Any]]]:
	yield INSERT, {"doc": {"doctype": "File", "file_url": url, "is_private": 1}}
	yield INSERT, {"doc": {"doctype": "File", "file_name": url.rpartition("/")[2], "is_private": 1}}
	yield "upload_file", {"file_url": url, "is_private": 1}
	change = {"doctype": "User", "name": user, "fieldname": "user_image", "value": url}
	yield "frappe.client.set_value", change


@pytest.mark.parametrize("who", [CLIENT, ROLELESS, US_DESK, US_OFFICE])
def test_no_one_takes_an_agreements_file_by_its_address(http: Any, agreement: Any, who: str) -> None:
	url, taker = agreement.agreement_file, http(who)
	for method, arguments in _attached_by(who, url):
		guard = {"X-Frappe-CSRF-Token": taker.csrf}
		path = f"{taker.base_url}/api/method/{method}"
		taker.session.post(path, json=arguments, headers=guard)
		answer = taker.get(DOWNLOAD, file_url=url)
		assert answer.status_code == 403, (method, arguments)
		assert not answer.content.startswith(b"%PDF")
	assert http(HOME_OFFICE).get(DOWNLOAD, file_url=url).content.startswith(b"%PDF")


def test_the_files_of_another_companys_agreements_are_not_listed(http: Any, agreement: Any) -> None:
	asked = {"doctype": "File", "fields": '["file_url"]', "filters": '{"attached_to_doctype": "BAA Record"}'}
	for who, seen in ((US_OFFICE, False), (HOME_OFFICE, True)):
		listed = http(who).get("frappe.client.get_list", **asked)
		assert (agreement.agreement_file in listed.text) is seen


@pytest.mark.parametrize("folder", ["Home", "No Such Folder"])
def test_an_agreements_file_is_not_deleted_as_anothers_thumbnail(
	site: Any, http: Any, agreement: Any, folder: str
) -> None:
	(row,) = site.get_all("File", {"file_url": agreement.agreement_file}, pluck="name", order_by="name")
	on_disk = Path(site.get_doc("File", row).get_full_path())
	for number, aim in enumerate((agreement.agreement_file, f"/x/{on_disk.name}")):
		mine = {"doctype": "File", "file_name": "mine.txt", "content": f"{folder}{number}", "folder": folder}
		made = http(CLIENT).post(INSERT, doc={**mine, "is_private": 1, "thumbnail_url": aim})
		if made.ok:
			http(CLIENT).post("frappe.client.delete", doctype="File", name=made.json()["message"]["name"])
		assert on_disk.is_file(), aim


def test_nor_as_the_thumbnail_of_a_file_that_is_there(site: Any, http: Any, agreement: Any) -> None:
	client = http(CLIENT)
	made = client.post(
		INSERT, doc={"doctype": "File", "file_name": "own.txt", "content": "own", "is_private": 1}
	)
	name = made.json()["message"]["name"]
	aim = {"fieldname": "thumbnail_url", "value": agreement.agreement_file}
	assert client.post("frappe.client.set_value", doctype="File", name=name, **aim).status_code == 403
	client.post("frappe.client.delete", doctype="File", name=name)
	assert http(HOME_OFFICE).get(DOWNLOAD, file_url=agreement.agreement_file).ok


def test_two_companies_may_each_attach_the_same_text(site: Any, http: Any) -> None:
	"""The platform keeps equal bytes once."""
	text, urls = pdf(), []
	for who, company in ((HOME_OFFICE, COMPANY), (US_OFFICE, US_COMPANY)):
		draft = draft_agreement(company=company).insert().name
		site.db.commit()
		office = http(who)
		sent = office.session.post(
			f"{office.base_url}/api/method/upload_file",
			files={"file": (f"{draft}.pdf", text, "application/pdf")},
			data={"is_private": 1, "doctype": "BAA Record", "docname": draft},
			headers={"X-Frappe-CSRF-Token": office.csrf},
		)
		assert sent.ok, sent.text
		urls.append(sent.json()["message"]["file_url"])
		change = {"doctype": "BAA Record", "name": draft, "fieldname": "agreement_file", "value": urls[-1]}
		assert office.post("frappe.client.set_value", **change).ok
	assert urls[0] == urls[1]
	assert put_file(text).file_url == urls[0]
