"""Patient Appointments for tests, committed, so that every process sees them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import frappe
from frappe.utils import now_datetime

from tools.harness.site.people import APPOINTMENT_TYPE, CLIENT, COMPANY, DEPARTMENT, HOST


def patient_of(user: str) -> str:
	return frappe.db.get_value("Patient", {"email": user}, order_by="creation")


def practitioner_of(user: str) -> str:
	return frappe.db.get_value("Healthcare Practitioner", {"user_id": user})


def make_appointment(
	*,
	client: str = CLIENT,
	host: str = HOST,
	starts_in: timedelta = timedelta(0),
	starts_at: datetime | None = None,
	video: bool = True,
	insert: bool = True,
	**overrides: Any,
) -> Any:
	"""`client` and `host` are users; `starts_at` is the clinic's wall clock. Overrides are fields."""
	at = starts_at or now_datetime().replace(second=0, microsecond=0) + starts_in
	values = {
		"doctype": "Patient Appointment",
		"appointment_type": APPOINTMENT_TYPE,
		"appointment_for": "Practitioner",
		"company": COMPANY,
		"department": DEPARTMENT,
		"patient": patient_of(client),
		"practitioner": practitioner_of(host),
		"appointment_date": at.date(),
		"appointment_time": at.time().isoformat(),
		"duration": 20,
		"theranvio_video": int(video),
	}
	doc = frappe.get_doc(values | overrides)
	if insert:
		doc.insert()
		frappe.db.commit()  # browsers and gunicorn are other processes
	return doc
