"""Telehealth Settings: the clinic's choices for the whole site. When they permit something is decided in `domain`."""

from dataclasses import fields
from typing import Any

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import escape_html, getdate

from theranvio_telehealth.domain import bounds, readiness
from theranvio_telehealth.domain.agreement import Lack, lacks
from theranvio_telehealth.domain.entities import Agreement, ProviderAccount
from theranvio_telehealth.domain.enums import AgreementState, AgreementType
from theranvio_telehealth.telehealth.numbers import require_within


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
		require_within(self, bounds.SETTINGS)
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
		agreements, countries = _agreements(), _countries()
		missing = readiness.blockers(_accounts(), agreements, countries, getdate())
		if missing:
			lines = [
				_(
					"US protected health information stays off: no BAA Record that counts covers {0}. Record one for "
					"each, or disable the provider."
				).format(", ".join(escape_html(account.name) for account in missing)),
				*(line for account in missing for line in _nearly(account, agreements, countries)),
			]
			frappe.throw("<br>".join(lines))


def _nearly(account: ProviderAccount, agreements: list[Agreement], countries: dict[str, str]) -> list[str]:
	"""What the provider's accepted agreements lack, a line each."""
	return [
		f"{escape_html(account.name)}, {held.name}: " + ", ".join(_lacking()[lack] for lack in fewest)
		for held in agreements
		if held.provider == account.name and held.state is AgreementState.ACCEPTED
		for fewest in [
			min(
				(lacks(held, account, company, getdate()) for company in readiness.us_companies(countries)),
				key=len,
			)
		]
	]


def _lacking() -> dict[Lack, str]:
	return {
		Lack.STATE: _("it is not accepted"),
		Lack.DATE: _("it is not in force today"),
		Lack.PROVIDER: _("it is for another provider"),
		Lack.ACCOUNT: _("it names another account"),
		Lack.TYPE: _("it is neither a BAA nor a Subcontractor BAA"),
		Lack.COMPANY: _("it is for a company that handles no US PHI"),
		Lack.SERVICE: _("its services do not name the provider's adapter"),
		Lack.REGION: _("its regions do not include the provider's"),
		Lack.FILE: _("its file is not a PDF that can be opened"),
		Lack.ATTESTATION: _("nobody but who accepted it has attested it"),
	}


def _accounts() -> list[ProviderAccount]:
	names = frappe.get_all("Media Provider", pluck="name", order_by="name")
	return [frappe.get_doc("Media Provider", name).account() for name in names]


def _countries() -> dict[str, str]:
	companies = frappe.get_all("Company", fields=["name", "country"], order_by="name")
	return {company.name: company.country or "" for company in companies}


def _agreements() -> list[Agreement]:
	names = [field.name for field in fields(Agreement)]
	rows = frappe.get_all("BAA Record", filters={"docstatus": 1}, fields=names, order_by="name")
	return [_agreement(row) for row in rows]


def _agreement(row: dict[str, Any]) -> Agreement:
	texts = {name: row[name] or "" for name in row if name not in ("effective_on", "expires_on")}
	own = {
		"state": AgreementState(row["state"]),
		"agreement_type": AgreementType(row["agreement_type"]),
		"regions": tuple(texts["regions"].split()),
		"file_pages": int(row["file_pages"] or 0),
	}
	return Agreement(**{**row, **texts, **own})
