"""A person's own acts in a visit, over HTTP: docs/visit-protocol.md. Who may do what is decided in `services`."""

from typing import Any

import frappe

from theranvio_telehealth.api.guards import Name, OptionalName, caller, guarded
from theranvio_telehealth.services import joining
from theranvio_telehealth.services import visit as service
from theranvio_telehealth.services.visit_state import JoinAnswer, SignalAnswer, VisitState
from theranvio_telehealth.site.ports import ports


@frappe.whitelist(allow_guest=True, methods=["GET"])
@guarded(per_minute=240)
def state(room: Name) -> VisitState:
	return service.state(ports(), caller(), room)


@frappe.whitelist(allow_guest=True, methods=["POST"])
@guarded(per_minute=240)
def here(room: Name, lack: OptionalName = "") -> VisitState:
	return service.here(ports(), caller(), room, lack)


@frappe.whitelist(allow_guest=True, methods=["POST"])
@guarded(per_minute=60)
def enter(room: Name) -> VisitState:
	return service.enter(ports(), caller(), room)


@frappe.whitelist(allow_guest=True, methods=["POST"])
@guarded(per_minute=60)
def join(room: Name) -> JoinAnswer:
	return joining.join(ports(), caller(), room)


@frappe.whitelist(allow_guest=True, methods=["POST"])
@guarded(per_minute=120)
def heartbeat(room: Name, attendee: Name) -> VisitState:
	return service.heartbeat(ports(), caller(), room, attendee)


@frappe.whitelist(allow_guest=True, methods=["POST"])
@guarded(per_minute=60)
def leave(room: Name, attendee: OptionalName = "") -> VisitState:
	return service.leave(ports(), caller(), room, attendee)


@frappe.whitelist(allow_guest=True, methods=["POST"])
@guarded(per_minute=600)
def signal(room: Name, attendee: Name, messages: list[dict[str, Any]] | None = None) -> SignalAnswer:
	return service.signal(ports(), caller(), room, attendee, messages or [])
