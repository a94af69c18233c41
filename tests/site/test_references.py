"""Rows of the platform that refer to our documents (likes, tags, comments, tasks, shares, follows, files): over HTTP, only by users
who may read the document."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import frappe
import pytest
import requests
from frappe.permissions import add_user_permission

from tests.site.rows import put_agreement
from tests.site.walls import Visit, at_both
from theranvio_telehealth.overrides.references import FIELDS
from theranvio_telehealth.site import jobs
from tools.harness.site.http import Http
from tools.harness.site.people import (
	CLIENT,
	COMPANY,
	FRONT_DESK,
	HOME_OFFICE,
	HOST,
	ROLELESS,
	SYSTEM,
	US_DESK,
	US_HOST,
	US_OFFICE,
)

TEXT = "planted remark"
LIKE = "frappe.desk.like.toggle_like"
FOLLOW = "frappe.desk.form.document_follow.update_follow"
POINTERS = {**FIELDS, "DocShare": ("share_doctype", "share_name")}


@pytest.fixture
def visits(site: Any, http: Callable[..., Http], make_appointment: Any) -> list[Visit]:
	site.db.set_value("User", {"name": ("!=", "Administrator")}, "document_follow_notify", 1)
	site.db.delete("Document Follow")
	site.get_doc(doctype="Tag", name=TEXT).insert(ignore_if_duplicate=True)
	site.db.commit()
	return at_both(http, make_appointment)


def rows(user: str, doctype: str, name: str) -> Iterator[dict[str, Any]]:
	about = {"reference_doctype": doctype, "reference_name": name}
	yield {"doctype": "Comment", "comment_type": "Comment", "content": TEXT, **about}
	yield {"doctype": "Comment", "comment_type": "Like", "content": TEXT, **about}
	yield {"doctype": "Communication", "subject": TEXT, "content": TEXT, **about}
	yield {"doctype": "Document Follow", "ref_doctype": doctype, "ref_docname": name, "user": user}
	yield {"doctype": "ToDo", "description": TEXT, "reference_type": doctype, "reference_name": name}
	attached = {"attached_to_doctype": doctype, "attached_to_name": name}
	yield {"doctype": "File", "file_name": f"{name}.txt", "content": TEXT, **attached}
	yield {"doctype": "DocShare", "user": user, "share_doctype": doctype, "share_name": name, "read": 1}
	yield {"doctype": "Tag Link", "tag": TEXT, "document_type": doctype, "document_name": name}


def calls(user: str, doctype: str, name: str) -> Iterator[tuple[str, dict[str, Any]]]:
	one, tag = {"doctype": doctype, "name": name}, "frappe.desk.doctype.tag.tag."
	yield LIKE, {**one, "add": "Yes"}
	yield tag + "add_tag", {"tag": TEXT, "dt": doctype, "dn": name}
	yield tag + "add_tags", {"tags": json.dumps([TEXT]), "dt": doctype, "docs": json.dumps([name])}
	comment = {"reference_doctype": doctype, "reference_name": name, "content": TEXT}
	yield "frappe.desk.form.utils.add_comment", {**comment, "comment_email": "x@y.z", "comment_by": "X"}
	yield "frappe.desk.form.assign_to.add", {**one, "assign_to": json.dumps([user])}
	yield "frappe.share.add", one
	yield FOLLOW, {"doctype": doctype, "doc_name": name, "following": 1}
	yield "frappe.core.doctype.communication.email.make", {**one, "content": TEXT, "subject": TEXT}


def attempt(http: Http, doctype: str, name: str) -> list[requests.Response]:
	inserted = [http.post("frappe.client.insert", doc=row) for row in rows(http.user, doctype, name)]
	return [*inserted, *(http.post(method, **given) for method, given in calls(http.user, doctype, name))]


def referring(doctype: str, name: str) -> dict[str, int]:
	"""How many rows of the platform refer to the document, by DocType, and its own marks."""
	frappe.db.rollback()
	found = {
		pointer: frappe.db.count(pointer, dict(zip(fields, (doctype, name), strict=True)))
		for pointer, fields in POINTERS.items()
	}
	columns = {column for column, *_ in frappe.db.sql(f"describe `tab{doctype}`")}
	marks = [field for field in ("_liked_by", "_user_tags", "_assign", "_comments") if field in columns]
	values = frappe.db.get_value(doctype, name, marks, as_dict=True) or {} if marks else {}
	return {**found, **{field: 1 for field, value in values.items() if value not in (None, "", "[]")}}


@pytest.mark.parametrize("who", [CLIENT, ROLELESS, US_DESK, US_HOST, US_OFFICE, SYSTEM])
def test_no_row_refers_to_a_document_that_its_maker_may_not_read(
	site: Any, http: Any, visits: list[Visit], who: str
) -> None:
	agreement = put_agreement(company="Theranvio Clinic").name
	site.db.commit()
	documents = [(doctype, names[0]) for doctype, names in visits[0].names.items() if doctype != "Version"]
	documents += [("BAA Record", agreement), ("Media Provider", "Peer-to-Peer")]
	if who == SYSTEM:  # reads these
		documents = documents[:-2]
	elif who == US_OFFICE:
		documents = documents[:-1]
	made = set()
	for document in documents:
		before = referring(*document)
		attempt(http(who), *document)
		made |= {(document[0], *change) for change in referring(*document).items() - before.items()}
	assert made == set()


def test_a_like_is_not_withdrawn_by_who_may_not_read_the_document(http: Any, visits: list[Visit]) -> None:
	room = {"doctype": "Appointment Room", "name": visits[0].room}
	assert http(FRONT_DESK).post(LIKE, **room, add="Yes").ok
	assert http(US_DESK).post(LIKE, **room, add="No").status_code == 403
	assert referring(*room.values())["_liked_by"] == 1


def test_who_may_read_a_room_comments_assigns_and_follows_but_attaches_nothing(
	http: Any, visits: list[Visit]
) -> None:
	room = ("Appointment Room", visits[0].room)
	attempt(http(FRONT_DESK), *room)
	found = referring(*room)
	assert min(found[pointer] for pointer in ("Comment", "ToDo", "Document Follow", "_liked_by")) >= 1
	assert found["File"] == 0


def test_a_task_is_closed_by_its_assignee_whatever_they_may_read_by_then(
	site: Any, http: Any, visits: list[Visit]
) -> None:
	task = site.get_doc(
		doctype="ToDo",
		description=TEXT,
		allocated_to=US_DESK,
		reference_type="Appointment Room",
		reference_name=visits[0].room,
	).insert()
	site.db.commit()
	done = {"doctype": "ToDo", "name": task.name, "fieldname": "status", "value": "Closed"}
	assert http(US_DESK).post("frappe.client.set_value", **done).ok


def test_a_follow_ends_with_the_right_to_read(site: Any, http: Any, visits: list[Visit]) -> None:
	"""The platform mails every change to a follower, and asks for no permission then."""
	rooms = [visit.room for visit in visits]
	for who in (FRONT_DESK, SYSTEM):
		site.get_doc("User", SYSTEM).add_roles("Healthcare Administrator")
		site.db.commit()
		for room in rooms:
			http(who).post(FOLLOW, doctype="Appointment Room", doc_name=room, following=1)
	followed = {"ref_doctype": "Appointment Room"}
	site.db.rollback()
	assert site.db.count("Document Follow", followed) == 4
	jobs.drop_follows()
	assert site.db.count("Document Follow", followed) == 4
	add_user_permission("Company", COMPANY, FRONT_DESK, ignore_permissions=True)
	site.db.set_value("User", SYSTEM, "enabled", 0)
	jobs.drop_follows()
	left = site.get_all("Document Follow", followed, ["user", "ref_docname"], order_by="name")
	assert [(row.user, row.ref_docname) for row in left] == [(FRONT_DESK, rooms[0])]


def test_no_user_is_made_to_follow_what_they_may_not_read(site: Any, http: Any, visits: list[Visit]) -> None:
	follow = {"doctype": "Appointment Room", "doc_name": visits[0].room}
	method = "frappe.desk.form.document_follow.follow_document"
	assert http(HOST).post(method, **follow, user=US_DESK).status_code == 403
	assert http(HOST).post(method, **follow, user=FRONT_DESK).ok


def test_an_office_attaches_a_file_to_its_own_agreement(site: Any, http: Any) -> None:
	agreement = put_agreement(company="Theranvio Clinic").name
	site.db.commit()
	for who, count in ((US_OFFICE, 0), (HOME_OFFICE, 1)):
		attached = {"attached_to_doctype": "BAA Record", "attached_to_name": agreement, "is_private": 1}
		http(who).post(
			"frappe.client.insert", doc={"doctype": "File", "file_name": "n.txt", "content": TEXT, **attached}
		)
		frappe.db.rollback()
		assert frappe.db.count("File", {"attached_to_name": agreement, "file_name": "n.txt"}) == count
