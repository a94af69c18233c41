"""What the tests of the platform's nine paths look at and do: rooms as stored, people in them. No tests, no rules."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import frappe

from tools.harness.site.people import CLIENT, HOST

APPOINTMENT = "Patient Appointment"
HOSTS_MODULE = "healthcare.healthcare.doctype.patient_appointment.patient_appointment"

Make = Callable[..., Any]


def room_of(appointment: Any) -> Any:
	"""The room made last for an appointment of that name, as it is stored now."""
	frappe.db.commit()
	names = frappe.get_all(
		"Appointment Room", {"appointment": appointment.name}, pluck="name", order_by="creation desc"
	)
	return frappe.get_doc("Appointment Room", names[0]) if names else None


def shown(appointment: Any) -> tuple[str, str]:
	frappe.db.commit()
	doc = frappe.get_doc(APPOINTMENT, appointment.name).as_dict()
	return doc.theranvio_room or "", doc.theranvio_status or ""


def status(appointment: Any) -> str:
	return room_of(appointment).status


def go_live(http: Any, appointment: Any, *, with_client: bool = True) -> str:
	"""The host is in the call, the client too if wanted; return the client's attendee."""
	room = appointment.theranvio_room
	http(HOST).post("visit.enter", room=room).raise_for_status()
	http(HOST).post("visit.join", room=room).raise_for_status()
	if not with_client:
		return ""
	http(CLIENT).post("visit.enter", room=room).raise_for_status()
	people = http(HOST).get("host.queue", room=room).json()["message"]["people"]
	waiting = next(p["participant"] for p in people if p["state"] == "Waiting")
	http(HOST).post("host.admit", room=room, participant=waiting).raise_for_status()
	return http(CLIENT).post("visit.join", room=room).json()["message"]["attendee"]


def delete(appointment: Any) -> None:
	"""With force: the platform's Fee Validity links to the appointment and would prevent its deletion."""
	frappe.delete_doc(APPOINTMENT, appointment.name, force=True)
	frappe.db.commit()


def refusal(answer: Any) -> tuple[int, str]:
	return answer.status_code, answer.json()["error"]["code"]
