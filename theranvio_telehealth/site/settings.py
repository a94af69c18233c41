"""Telehealth Settings as the services know them."""

from __future__ import annotations

from datetime import timedelta

import frappe

from theranvio_telehealth.domain import bounds as declared
from theranvio_telehealth.domain.entities import Policy, Settings
from theranvio_telehealth.site.clock import zone

SETTINGS = "Telehealth Settings"


def read() -> Settings:
	"""From the table, as the PHI switch may never be read late; what was never saved has its default."""
	rows = frappe.db.sql("select field, value from `tabSingles` where doctype = %s", (SETTINGS,))
	stored = {field: value for field, value in rows if value not in (None, "")}
	minutes = {
		name: timedelta(minutes=bounds.read(stored.get(name))) for name, bounds in declared.SETTINGS.items()
	}
	return Settings(
		Policy(
			lead=minutes["lead_minutes"],
			grace=minutes["grace_minutes"],
			overrun=minutes["overrun_minutes"],
			default_duration=minutes["default_duration_minutes"],
		),
		default_provider=stored.get("default_provider", ""),
		failover_provider=stored.get("failover_provider", ""),
		us_phi_enabled=stored.get("us_phi_enabled") == "1",
		zone=zone(),
	)


def save_phi_switch(on: bool) -> None:
	doc = frappe.get_doc(SETTINGS)
	doc.us_phi_enabled = int(on)
	doc.save(ignore_permissions=True, ignore_version=False)
