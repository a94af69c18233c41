"""What a host does to a visit and the people in it, over HTTP: docs/visit-protocol.md."""

from typing import Any

import frappe

from theranvio_telehealth.api.guards import Instant, Name, caller, guarded
from theranvio_telehealth.services import hosting as service
from theranvio_telehealth.services import waiting as waiting_for
from theranvio_telehealth.site.ports import ports


@frappe.whitelist(methods=["GET"])
@guarded(per_minute=240)
def queue(room: Name) -> dict[str, Any]:
	return service.queue(ports(), caller(), room)


@frappe.whitelist(methods=["GET"])
@guarded(per_minute=120)
def waiting() -> dict[str, Any]:
	return waiting_for.waiting(ports(), caller())


@frappe.whitelist(methods=["POST"])
@guarded(per_minute=60)
def admit(room: Name, participant: Name) -> dict[str, Any]:
	return service.admit(ports(), caller(), room, participant)


@frappe.whitelist(methods=["POST"])
@guarded(per_minute=60)
def decline(room: Name, participant: Name) -> dict[str, Any]:
	return service.decline(ports(), caller(), room, participant)


@frappe.whitelist(methods=["POST"])
@guarded(per_minute=60)
def send_back(room: Name, participant: Name) -> dict[str, Any]:
	return service.send_back(ports(), caller(), room, participant)


@frappe.whitelist(methods=["POST"])
@guarded(per_minute=60)
def remove(room: Name, participant: Name) -> dict[str, Any]:
	return service.remove(ports(), caller(), room, participant)


@frappe.whitelist(methods=["POST"])
@guarded(per_minute=60)
def lock(room: Name, locked: bool) -> dict[str, Any]:
	return service.lock(ports(), caller(), room, locked)


@frappe.whitelist(methods=["POST"])
@guarded(per_minute=60)
def extend(room: Name, closes_on: Instant) -> dict[str, Any]:
	return service.extend(ports(), caller(), room, closes_on)


@frappe.whitelist(methods=["POST"])
@guarded(per_minute=60)
def use_fallback(room: Name, active: bool) -> dict[str, Any]:
	return service.use_fallback(ports(), caller(), room, active)


@frappe.whitelist(methods=["POST"])
@guarded(per_minute=60)
def end(room: Name) -> dict[str, Any]:
	return service.end(ports(), caller(), room)
