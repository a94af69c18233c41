"""What a host does to a visit and the people in it, over HTTP: docs/visit-protocol.md."""

import frappe

from theranvio_telehealth.api.guards import Instant, Name, caller, guarded
from theranvio_telehealth.services import hosting as service
from theranvio_telehealth.services import waiting as waiting_for
from theranvio_telehealth.services.visit_state import VisitState, WaitingAnswer
from theranvio_telehealth.site.ports import ports


@frappe.whitelist(methods=["GET"])
@guarded(per_minute=240)
def queue(room: Name) -> VisitState:
	return service.queue(ports(), caller(), room)


@frappe.whitelist(methods=["GET"])
@guarded(per_minute=120)
def waiting() -> WaitingAnswer:
	return waiting_for.waiting(ports(), caller())


@frappe.whitelist(methods=["POST"])
@guarded(per_minute=60)
def admit(room: Name, participant: Name) -> VisitState:
	return service.admit(ports(), caller(), room, participant)


@frappe.whitelist(methods=["POST"])
@guarded(per_minute=60)
def decline(room: Name, participant: Name) -> VisitState:
	return service.decline(ports(), caller(), room, participant)


@frappe.whitelist(methods=["POST"])
@guarded(per_minute=60)
def send_back(room: Name, participant: Name) -> VisitState:
	return service.send_back(ports(), caller(), room, participant)


@frappe.whitelist(methods=["POST"])
@guarded(per_minute=60)
def remove(room: Name, participant: Name) -> VisitState:
	return service.remove(ports(), caller(), room, participant)


@frappe.whitelist(methods=["POST"])
@guarded(per_minute=60)
def lock(room: Name, locked: bool) -> VisitState:
	return service.lock(ports(), caller(), room, locked)


@frappe.whitelist(methods=["POST"])
@guarded(per_minute=60)
def extend(room: Name, closes_on: Instant) -> VisitState:
	return service.extend(ports(), caller(), room, closes_on)


@frappe.whitelist(methods=["POST"])
@guarded(per_minute=60)
def use_fallback(room: Name, active: bool) -> VisitState:
	return service.use_fallback(ports(), caller(), room, active)


@frappe.whitelist(methods=["POST"])
@guarded(per_minute=60)
def end(room: Name) -> VisitState:
	return service.end(ports(), caller(), room)
