"""Appointment Room's `revoked_reason` holds a word of `RevokedReason` instead of an English sentence. It may be run again."""

import frappe

from theranvio_telehealth.domain.enums import RevokedReason

NAMED = {
	"Appointment No Show": RevokedReason.NO_SHOW,
	"Video switched off": RevokedReason.VIDEO_OFF,
	"Appointment deleted": RevokedReason.DELETED,
}


def execute() -> None:
	rows = frappe.get_all("Appointment Room", {"revoked_reason": ("is", "set")}, ["name", "revoked_reason"])
	known = {reason.value for reason in RevokedReason}
	for row in rows:
		if row.revoked_reason not in known:
			named = NAMED.get(row.revoked_reason, RevokedReason.CANCELLED).value
			frappe.db.set_value("Appointment Room", row.name, "revoked_reason", named, update_modified=False)
