"""An appointment and its rooms for the tests of the paths, read from what is committed. No test logic."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import frappe

from tools.harness.site.http import Http
from tools.harness.site.people import CLIENT, HOST

APPOINTMENT = "Patient Appointment"
UPDATE_STATUS = "healthcare.healthcare.doctype.patient_appointment.patient_appointment.update_status"


@dataclass
class Booked:
	"""`name` and `room` as they were when it was booked."""

	name: str
	room: str
	http: Callable[..., Http]

	@classmethod
	def of(cls, appointment: Any, http: Callable[..., Http]) -> Booked:
		return cls(appointment.name, appointment.get("theranvio_room") or "", http)

	@property
	def doc(self) -> Any:
		frappe.db.rollback()
		return frappe.get_doc(APPOINTMENT, self.name)

	def get(self, field: str = "status", room: str = "") -> Any:
		"""A field of the room."""
		frappe.db.rollback()
		return frappe.db.get_value("Appointment Room", room or self.room, field)

	def shown(self) -> tuple[str, str]:
		"""Room and status as the appointment shows them."""
		frappe.db.rollback()
		doc = self.doc.as_dict()
		return doc.theranvio_room or "", doc.theranvio_status or ""

	def rooms(self) -> list[str]:
		frappe.db.rollback()
		return frappe.get_all(
			"Appointment Room", {"appointment": self.name}, pluck="name", order_by="creation"
		)

	def save(self, **fields: Any) -> Any:
		"""As a user of the desk: a full save."""
		doc = self.doc
		doc.update(fields)
		doc.save()
		frappe.db.commit()
		return doc

	def behind(self, **fields: Any) -> None:
		"""As a script does: no event of any kind."""
		frappe.db.set_value(APPOINTMENT, self.name, fields)
		frappe.db.commit()

	def update_status(self, user: str, status: str) -> Any:
		"""As the desk's buttons do."""
		return self.http(user).post(UPDATE_STATUS, appointment_id=self.name, status=status)

	def enter(self, user: str) -> tuple[int, str]:
		"""The answer's status, and what it says: one's own state or the refusal's code."""
		answer = self.http(user).post("visit.enter", room=self.room)
		body = answer.json()
		code = body["error"]["code"] if "error" in body else body["message"]["me"]["state"]
		return answer.status_code, code

	def call(self) -> dict[str, Any]:
		"""Both are in the call: what the client has been given for joining it."""
		self.enter(HOST)
		self.enter(CLIENT)
		waiting = self.http(HOST).get("host.queue", room=self.room).json()["message"]["people"]
		(client,) = [p["participant"] for p in waiting if p["role"] == "Client"]
		self.http(HOST).post("host.admit", room=self.room, participant=client)
		self.http(HOST).post("visit.join", room=self.room)
		return self.http(CLIENT).post("visit.join", room=self.room).json()["message"]

	def heartbeat(self, join: dict[str, Any]) -> tuple[int, str]:
		answer = self.http(CLIENT).post("visit.heartbeat", room=self.room, attendee=join["attendee"])
		return answer.status_code, answer.json().get("error", {}).get("code", "")
