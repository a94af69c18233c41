"""The platform's documents that the store's contract needs, on a real site (see `tools.harness.factories.LocalSeed`)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import frappe

from tests.site import rows
from theranvio_telehealth.domain.entities import Agreement, Allowance, Appointment, ProviderAccount, Settings
from theranvio_telehealth.domain.enums import Adapter
from theranvio_telehealth.domain.zones import to_naive
from theranvio_telehealth.site.clock import zone
from theranvio_telehealth.site.settings import SETTINGS
from theranvio_telehealth.site.store import SiteStore
from tools.harness.factories import (
	in_threads,
	make_agreement,
	make_allowance,
	make_appointment,
	make_provider,
)
from tools.harness.ports import NOON, FixedClock
from tools.harness.site.appointments import patient_of, practitioner_of
from tools.harness.site.people import APPOINTMENT_TYPE, CLIENT, COMPANY, HOST, OTHER_HOST

APPOINTMENT = "Patient Appointment"


class SiteSeed:
	user, other_user = HOST, OTHER_HOST
	refusals = (frappe.DoesNotExistError, frappe.UniqueValidationError)

	def __init__(self, store: SiteStore, clock: FixedClock) -> None:
		self.store = store
		self.clock = clock
		self.site, self.sites = frappe.local.site, frappe.local.sites_path

	def appointment(self, **overrides: Any) -> Appointment:
		"""Stored as the platform stores it, without its checks for dates that are past or taken."""
		theirs = {"company": COMPANY, "patient": patient_of(CLIENT), "practitioner": practitioner_of(HOST)}
		return self._write(make_appointment(**(theirs | overrides)))

	def rewrite(self, appointment: Appointment, **changes: Any) -> Appointment:
		self._write(replace(appointment, **changes))
		frappe.db.set_value(
			APPOINTMENT, appointment.name, "status", changes.get("status", appointment.status)
		)
		return self._read(appointment.name)

	def remove(self, appointment: Appointment) -> None:
		frappe.db.delete(APPOINTMENT, appointment.name)

	def portal_user(self, appointment: Appointment) -> str:
		return CLIENT

	def allowance(self, **overrides: Any) -> Allowance:
		wanted = make_allowance(**overrides)
		values = {name: getattr(wanted, name) for name in wanted.__slots__}
		values |= {"on_exhaustion": wanted.on_exhaustion.value, "practitioner": wanted.practitioner or None}
		values["warning_percents"] = "\n".join(map(str, wanted.warning_percents))
		rows.put("Usage Allowance", **values)
		counters = {"used_seconds": wanted.used_seconds, "held_seconds": wanted.held_seconds}
		frappe.db.set_value("Usage Allowance", wanted.name, counters)
		return replace(wanted, currency=frappe.db.get_value("Usage Allowance", wanted.name, "currency"))

	def provider(self, **overrides: Any) -> ProviderAccount:
		wanted = make_provider(**({"adapter": Adapter.PEER_TO_PEER} | overrides))
		values = {name: getattr(wanted, name) for name in wanted.__slots__}
		values |= {"adapter": wanted.adapter.value, "allowed_regions": "\n".join(wanted.allowed_regions)}
		rows.put("Media Provider", **values)
		return wanted

	def agreement(self, **overrides: Any) -> Agreement:
		"""Accepted while it was in date, which it is no more: it can expire."""
		wanted = make_agreement(**overrides)
		doc = rows.put_agreement(
			provider=wanted.provider, services=wanted.services, regions="\n".join(wanted.regions)
		)
		dates = {"effective_on": date(2026, 1, 6), "expires_on": date(2026, 2, 6)}
		frappe.db.set_value("BAA Record", doc.name, dict(dates))
		written = {"accepted_by": "Administrator", "attested_by": rows.ATTESTER, "file_pages": 1}
		return replace(wanted, name=doc.name, **dates, **written)

	def settings(self, **overrides: Any) -> Settings:
		wanted = Settings(**overrides)
		policy = {
			"lead_minutes": wanted.policy.lead,
			"grace_minutes": wanted.policy.grace,
			"overrun_minutes": wanted.policy.overrun,
			"default_duration_minutes": wanted.policy.default_duration,
		}
		minutes = {field: length.seconds // 60 for field, length in policy.items()}
		values = {
			"default_provider": wanted.default_provider,
			"failover_provider": wanted.failover_provider,
			"us_phi_enabled": int(wanted.us_phi_enabled),
		}
		for field, value in (minutes | values).items():
			frappe.db.set_single_value(SETTINGS, field, value)
		if not wanted.default_provider:  # no provider, nothing that would need an agreement
			for name in frappe.get_all("Media Provider", pluck="name", order_by="name"):
				frappe.db.set_value("Media Provider", name, "enabled", 0)
		return replace(wanted, zone=zone())

	def set_clock(self, now: datetime) -> None:
		self.clock.at = now

	def shown(self, appointment: Appointment) -> str:
		return frappe.db.get_value(APPOINTMENT, appointment.name, "theranvio_room") or ""

	def together(self, *acts: Callable[[SiteStore], Any]) -> list[Any]:
		frappe.db.commit()  # the acts are other connections
		results = in_threads([lambda act=act: self._as_request(act) for act in acts])
		frappe.db.rollback()
		return results

	def _as_request(self, act: Callable[[SiteStore], Any]) -> Any:
		frappe.init(self.site, sites_path=self.sites, force=True)
		frappe.connect()
		try:
			result = act(SiteStore(clock=self.clock))
			frappe.db.commit()  # as the platform does at the end of a request
			return result
		finally:
			frappe.destroy()

	def _write(self, wanted: Appointment) -> Appointment:
		stored = frappe.db.get_value(APPOINTMENT, wanted.name, "creation")
		frappe.db.delete(APPOINTMENT, wanted.name)
		at = to_naive(wanted.starts_on, zone())
		doc = frappe.get_doc(
			doctype=APPOINTMENT,
			name=wanted.name,
			appointment_type=APPOINTMENT_TYPE,
			company=wanted.company,
			patient=wanted.patient,
			practitioner=wanted.practitioner,
			appointment_date=at.date(),
			appointment_time=at.time(),
			duration=wanted.minutes,
			status=wanted.status,
			theranvio_video=int(wanted.video),
			theranvio_fallback_url=wanted.fallback_url,
			creation=stored or to_naive(NOON, zone()),
			modified=to_naive(NOON, zone()),
		)
		doc.db_insert()
		return self._read(wanted.name)

	def _read(self, name: str) -> Appointment:
		found = self.store.appointment(name)
		assert found is not None
		return found
