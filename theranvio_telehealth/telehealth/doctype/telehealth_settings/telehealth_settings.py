"""Telehealth Settings: the clinic's choices for the whole site. When they permit something is decided in `domain`."""

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import getdate

from theranvio_telehealth.domain import readiness
from theranvio_telehealth.domain.entities import Agreement, ProviderAccount
from theranvio_telehealth.domain.words import AgreementState


class TelehealthSettings(Document):
	# begin: auto-generated types
	# This code is auto-generated. Do not modify anything in this block.

	from typing import TYPE_CHECKING

	if TYPE_CHECKING:
		from frappe.types import DF

		default_duration_minutes: DF.Int
		default_provider: DF.Link | None
		failover_provider: DF.Link | None
		grace_minutes: DF.Int
		lead_minutes: DF.Int
		overrun_minutes: DF.Int
		security_contact: DF.Data | None
		support_contact: DF.Data | None
		us_phi_enabled: DF.Check

	# end: auto-generated types
	def validate(self) -> None:
		self._check_duration()
		self._check_provider()
		self._check_phi()

	def _check_duration(self) -> None:
		if self.has_value_changed("default_duration_minutes") and not self.default_duration_minutes:
			frappe.throw(_("Give the length of an appointment without duration: at least one minute."))

	def _check_provider(self) -> None:
		for field in ("default_provider", "failover_provider"):
			chosen = self.get(field)
			if not chosen or not self.has_value_changed(field):
				continue
			if not frappe.db.get_value("Media Provider", chosen, "enabled"):
				frappe.throw(_("{0} is disabled. Enable it or choose another provider.").format(chosen))
		if self.failover_provider and self.failover_provider == self.default_provider:
			frappe.throw(
				_("{0} cannot take over from itself. Choose another provider, or none.").format(
					self.failover_provider
				)
			)

	def _check_phi(self) -> None:
		if not self.us_phi_enabled:
			return
		missing = readiness.blockers(_accounts(), _agreements(), getdate())
		if missing:
			frappe.throw(
				_(
					"US protected health information stays off: no accepted BAA Record, in date and for the same "
					"account, covers {0}. Record one for each, or disable the provider."
				).format(", ".join(account.name for account in missing))
			)


def _accounts() -> list[ProviderAccount]:
	names = frappe.get_all("Media Provider", pluck="name", order_by="name")
	return [frappe.get_doc("Media Provider", name).account() for name in names]


def _agreements() -> list[Agreement]:
	rows = frappe.get_all(
		"BAA Record",
		filters={"docstatus": 1},
		fields=["name", "state", "provider", "provider_account_id", "effective_on", "expires_on"],
		order_by="name",
	)
	return [
		Agreement(
			**{
				**row,
				"state": AgreementState(row.state),
				"provider_account_id": row.provider_account_id or "",
			}
		)
		for row in rows
	]
