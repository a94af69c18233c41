"""Patient: when a record is renamed, or two become one, our rooms name it anew; an appointment may then have another client than the
one who is in its room."""

from functools import partial

import frappe
from frappe.model.document import Document
from frappe.model.rename_doc import get_link_fields

from theranvio_telehealth.domain.enums import Role, RoomStatus
from theranvio_telehealth.overrides import after_save
from theranvio_telehealth.services import booking
from theranvio_telehealth.services.ports import Ports
from theranvio_telehealth.site import after_commit
from theranvio_telehealth.site.ports import ports

ROOM = "Appointment Room"
RUNNING = (RoomStatus.SCHEDULED.value, RoomStatus.LIVE.value)


@after_save.harmless
def before_rename(doc: Document, method: str | None, old: str, new: str, merge: bool = False) -> None:
	"""Our rooms are renamed by `renamed`, and not in the platform's transaction: they change while a visit runs, and MariaDB refuses to
	write a row that has changed since the transaction began to read (`innodb_snapshot_isolation`)."""
	links = get_link_fields(doc.doctype)
	frappe.flags.link_fields[doc.doctype] = [link for link in links if link["parent"] != ROOM]


@after_save.harmless
def renamed(doc: Document, method: str | None, old: str, new: str, merge: bool = False) -> None:
	"""Once this is committed, name the patient anew in our rooms, and reset every room that has a participant in it who is not its
	client any more."""
	act = partial(_rename_in_rooms, old, new, frappe.session.user)
	after_commit.once(("renamed", old), partial(after_save.succeeds, "rename", "", act))


def _rename_in_rooms(old: str, new: str, by: str) -> None:
	"""Each by itself: one that fails must not keep the others."""
	rooms = frappe.get_all(
		ROOM,
		filters={"patient": ("in", (old, new))},
		fields=["name", "appointment", "status", "patient"],
		order_by="name",
	)
	for room in rooms:
		is_running = room.status in RUNNING
		if is_running or room.patient == old:
			act = partial(_rename_in_room, room.name, room.appointment if is_running else "", old, new, by)
			after_save.succeeds("rename", room.name, act)


def _rename_in_room(room: str, appointment: str, old: str, new: str, by: str) -> None:
	"""A room with a stranger in it has its old patient, so that following its appointment puts everybody outside."""
	site_ports = ports()
	has_stranger = bool(appointment) and _has_stranger(site_ports, room, appointment)
	frappe.db.set_value(ROOM, room, "patient", old if has_stranger else new, update_modified=False)
	if has_stranger:
		booking.sync_rooms(site_ports, appointment, by)


def _has_stranger(ports: Ports, room: str, appointment: str) -> bool:
	current = ports.store.appointment(appointment)
	clients = [p.user for p in ports.store.participants(room) if p.role is Role.CLIENT]
	return current is not None and any(ports.directory.person(user, current) is None for user in clients)
