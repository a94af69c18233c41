"""Telehealth Settings as the services know them."""

from __future__ import annotations

from datetime import timedelta

import frappe

from theranvio_telehealth.domain.entities import Policy, Settings

SETTINGS = "Telehealth Settings"


def read() -> Settings:
	"""From the table, as the PHI switch may never be read late; what was never saved has its default."""
	rows = frappe.db.sql("select field, value from `tabSingles` where doctype = %s", (SETTINGS,))
	kept = {field: value for field, value in rows if value not in (None, "")}
	usual = Policy()

	def minutes(name: str, default: timedelta) -> timedelta:
		return timedelta(minutes=int(kept[name])) if name in kept else default

	return Settings(
		Policy(
			minutes("lead_minutes", usual.lead),
			minutes("grace_minutes", usual.grace),
			minutes("overrun_minutes", usual.overrun),
			minutes("default_duration_minutes", usual.default_duration),
		),
		default_provider=kept.get("default_provider", ""),
		failover_provider=kept.get("failover_provider", ""),
		us_phi_enabled=bool(int(kept.get("us_phi_enabled", 0))),
	)


def save_phi_switch(on: bool) -> None:
	doc = frappe.get_doc(SETTINGS)
	doc.us_phi_enabled = int(on)
	doc.save(ignore_permissions=True, ignore_version=False)
