"""Rows of this app's DocTypes for tests, written in the test's own transaction: create with overrides. No test logic."""

from __future__ import annotations

from datetime import date, timedelta
from io import BytesIO
from typing import Any

import frappe
from frappe.utils import now_datetime
from pypdf import PdfWriter

from tools.harness.site.people import COMPANY

#: Made by the setup wizard: a System Manager beside the Administrator.
ATTESTER = "clinic.admin@clinic.test"
PERIOD = (date(2031, 1, 1), date(2031, 1, 31))


def put(doctype: str, **values: Any) -> Any:
	"""As the site's store does it: under its own name, without asking whether its links exist."""
	name = values.pop("name", None)
	doc = frappe.get_doc({"doctype": doctype, **values})
	doc.insert(ignore_permissions=True, ignore_links=True, set_name=name)
	return doc


def put_room(appointment: Any, **overrides: Any) -> Any:
	at = now_datetime().replace(microsecond=0)
	values = {
		"name": frappe.generate_hash(length=32),
		"appointment": appointment.name,
		"appointment_key": f"{appointment.name}:{created_on(appointment).isoformat()}",
		"company": appointment.company,
		"practitioner": appointment.practitioner,
		"patient": appointment.patient,
		"starts_on": at,
		"ends_on": at + timedelta(minutes=20),
		"opens_on": at - timedelta(minutes=15),
		"closes_on": at + timedelta(minutes=50),
	}
	return put("Appointment Room", **(values | overrides))


def created_on(appointment: Any) -> Any:
	return frappe.db.get_value(appointment.doctype, appointment.name, "creation")


def put_participant(room: Any, **overrides: Any) -> Any:
	values = {
		"name": frappe.generate_hash(length=32),
		"room": room.name,
		"role": "Client",
		"state": "Waiting",
	}
	return put("Room Participant", **(values | overrides))


def put_admitted(room: str, user: str) -> Any:
	"""A client who has been admitted to the room."""
	values = {"role": "Client", "user": user, "state": "Admitted", "display_name": "Somebody"}
	return put("Room Participant", name=frappe.generate_hash(length=32), room=room, **values)


def put_entry(participant: Any, **overrides: Any) -> Any:
	at = now_datetime()
	values = {
		"room": participant.room,
		"participant": participant.name,
		"started_on": at,
		"ended_on": at + timedelta(seconds=61),
		"seconds": 61,
		"billed_tenths": 11,
		"source": "Heartbeat",
		"idempotency_key": frappe.generate_hash(length=20),
	}
	return put("Usage Entry", **(values | overrides))


def put_join(participant: Any, **overrides: Any) -> Any:
	name = frappe.generate_hash(length=36)
	values = {
		"name": name,
		"attendee_id": name,
		"room": participant.room,
		"participant": participant.name,
		"provider": "Peer-to-Peer",
		"meeting_id": frappe.generate_hash(length=36),
	}
	return put("Room Join", **(values | overrides))


def put_event(**overrides: Any) -> Any:
	values = {
		"meeting_id": frappe.generate_hash(length=36),
		"kind": "Meeting Ended",
		"happened_on": now_datetime(),
		"key": frappe.generate_hash(length=20),
	}
	return put("Provider Event", **(values | overrides))


def put_allowance(**overrides: Any) -> Any:
	values = {
		"company": COMPANY,
		"period_start": PERIOD[0],
		"period_end": PERIOD[1],
		"included_minutes": 1000,
	}
	return put("Usage Allowance", **(values | overrides))


def put_plan(**overrides: Any) -> Any:
	values = {"company": COMPANY, "starts_on": "2031-03-01", "minutes_per_month": 1000}
	return put("Allowance Plan", **(values | overrides))


def put_provider(name: str = "Second Provider", **overrides: Any) -> Any:
	return put("Media Provider", name=name, **({"adapter": "Peer-to-Peer"} | overrides))


def pdf(pages: int = 1, **metadata: str) -> bytes:
	"""A PDF of empty pages, unlike any other."""
	writer, content = PdfWriter(), BytesIO()
	for _page in range(pages):
		writer.add_blank_page(width=200, height=200)
	writer.add_metadata({"/Title": frappe.generate_hash(length=20), **metadata})
	writer.write(content)
	return content.getvalue()


def put_file(content: bytes | None = None, **overrides: Any) -> Any:
	values = {
		"file_name": f"{frappe.generate_hash(length=8)}.pdf",
		"content": pdf() if content is None else content,
		"is_private": 1,
	}
	return put("File", **(values | overrides))


def draft_agreement(**overrides: Any) -> Any:
	"""Complete, and not yet sent; for the whole site, where the platform would enter the default company."""
	values = {
		"doctype": "BAA Record",
		"company": "",
		"provider": "Peer-to-Peer",
		"services": "Peer-to-Peer",
		"our_legal_name": "Theranvio Clinic Inc.",
		"their_legal_name": "Relay Ltd.",
		"signed_on": "2026-01-05",
		"effective_on": "2026-01-06",
		"signatories": [
			{"party": "Us", "full_name": "Ursula Us"},
			{"party": "Them", "full_name": "Theo Them"},
		],
	}
	return frappe.get_doc(values | overrides)


def put_agreement(**overrides: Any) -> Any:
	"""Accepted, through all the states before, and attested by a second person."""
	return attest(accepted_agreement(**overrides))


def accepted_agreement(**overrides: Any) -> Any:
	doc = draft_agreement(**({"agreement_file": put_file().file_url} | overrides)).insert()
	doc.state = "Sent"
	doc.save()
	doc.submit()
	return doc


def attest(doc: Any, by: str = ATTESTER) -> Any:
	before = frappe.session.user
	frappe.set_user(by)
	try:
		doc.attested = 1
		doc.flags.ignore_permissions = True
		return doc.save()
	finally:
		frappe.set_user(before)
