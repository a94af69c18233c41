"""Patient: when two records become one, an appointment may have another client than the one who is in its room."""

from functools import partial

import frappe
from frappe.model.document import Document

from theranvio_telehealth.domain.enums import Role, RoomStatus
from theranvio_telehealth.overrides import after_save
from theranvio_telehealth.services import booking
from theranvio_telehealth.services.ports import Ports
from theranvio_telehealth.site import after_commit
from theranvio_telehealth.site.ports import ports

RUNNING = (RoomStatus.SCHEDULED.value, RoomStatus.LIVE.value)


@after_save.harmless
def merged(doc: Document, method: str | None, old: str, new: str, merge: bool = False) -> None:
	"""The platform renames the patient in our rooms as well. Once that is committed, reset every room that has a participant in
	it who is not its client any more."""
	if merge:
		act = partial(_start_anew, old, new, frappe.session.user)
		after_commit.once(("merged", old), partial(after_save.succeeds, "merge", "", act))


def _start_anew(old: str, new: str, by: str) -> None:
	"""The room gets its old patient back, so that following its appointment puts everybody outside. Each by itself: one that
	fails must not keep the others."""
	rooms = frappe.get_all(
		"Appointment Room",
		filters={"patient": new, "status": ("in", RUNNING)},
		fields=["name", "appointment"],
		order_by="name",
	)
	for room in rooms:
		after_save.succeeds(
			"merge", room.name, partial(_start_room_anew, room.name, room.appointment, old, by)
		)


def _start_room_anew(room: str, appointment: str, old: str, by: str) -> None:
	site_ports = ports()
	if _has_stranger(site_ports, room, appointment):
		frappe.db.set_value("Appointment Room", room, "patient", old, update_modified=False)
		booking.sync_rooms(site_ports, appointment, by)


def _has_stranger(ports: Ports, room: str, appointment: str) -> bool:
	current = ports.store.appointment(appointment)
	clients = [p.user for p in ports.store.participants(room) if p.role is Role.CLIENT]
	return current is not None and any(ports.directory.person(user, current) is None for user in clients)
