"""Patient: when two records become one, an appointment may have another client than the one who is in its room."""

import frappe
from frappe.model.document import Document

from theranvio_telehealth.domain.words import Role, RoomStatus
from theranvio_telehealth.overrides import guarded
from theranvio_telehealth.services.ports import Ports
from theranvio_telehealth.site.ports import ports

RUNNING = (RoomStatus.SCHEDULED.value, RoomStatus.LIVE.value)


def merged(doc: Document, method: str | None, old: str, new: str, merge: bool = False) -> None:
	"""The host has renamed the patient in our rooms as well. Where that leaves somebody in a room who is not its client
	any more, the room gets its old patient back, so that following its appointment starts it anew."""
	if not merge:
		return
	site = ports(joined=True)
	rooms = frappe.get_all(
		"Appointment Room",
		filters={"patient": new, "status": ("in", RUNNING)},
		fields=["name", "appointment"],
		order_by="name",
	)
	for room in rooms:
		if _has_stranger(site, room.name, room.appointment):
			frappe.db.set_value("Appointment Room", room.name, "patient", old, update_modified=False)
			guarded.follow(room.appointment)


def _has_stranger(site: Ports, room: str, appointment: str) -> bool:
	current = site.store.appointment(appointment)
	clients = [p.user for p in site.store.participants(room) if p.role is Role.CLIENT]
	return current is not None and any(site.directory.person(user, current) is None for user in clients)
