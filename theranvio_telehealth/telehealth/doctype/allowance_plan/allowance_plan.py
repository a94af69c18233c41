"""Allowance Plan: what a company, or one practitioner in it, may use each month. Its periods are Usage Allowances, made ahead."""

from datetime import timedelta

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import getdate

from theranvio_telehealth.domain import bounds
from theranvio_telehealth.domain.allowance_plan import Plan
from theranvio_telehealth.domain.enums import FirstPeriod
from theranvio_telehealth.site import allowances
from theranvio_telehealth.site.clock import SiteClock
from theranvio_telehealth.site.reasons import as_stored
from theranvio_telehealth.telehealth.numbers import (
	require_cap,
	require_percents,
	require_within,
)

YEAR = timedelta(days=366)
#: What is changed in a period that has begun, too.
TERMS = ("minutes_per_month", "carry_over", *allowances.POLICY)


class AllowancePlan(Document):
	# begin: auto-generated types
	# This code is auto-generated. Do not modify anything in this block.

	from typing import TYPE_CHECKING

	if TYPE_CHECKING:
		from frappe.types import DF

		from theranvio_telehealth.telehealth.doctype.allowance_recipient.allowance_recipient import (
			AllowanceRecipient,
		)

		carry_over: DF.Check
		carry_over_since: DF.Date | None
		company: DF.Link
		currency: DF.Link | None
		enabled: DF.Check
		first_period: DF.Literal["Whole", "Pro Rata"]
		minutes_per_month: DF.Int
		on_exhaustion: DF.Literal["Warn", "Block New Admissions"]
		practitioner: DF.Link | None
		price_cap: DF.Currency
		reason_for_change: DF.SmallText | None
		recipients: DF.TableMultiSelect[AllowanceRecipient]
		starts_on: DF.Date
		warning_percents: DF.SmallText | None

	# end: auto-generated types
	def validate(self) -> None:
		require_within(self, bounds.PLAN)
		require_percents(self)
		self._require_start()
		self._require_recipients()
		self._require_only_one()
		self._keep_currency()
		require_cap(self)
		self._require_reason()
		self._date_carry_over()

	def on_update(self) -> None:
		allowances.apply_plan(self)

	def on_trash(self) -> None:
		if frappe.db.exists("Usage Allowance", {"plan": self.name}):
			frappe.throw(_("{0} has made periods and stays on record. Disable it instead.").format(self.name))

	def value(self) -> Plan:
		"""As the rules know it."""
		return Plan(
			name=self.name,
			starts_on=getdate(self.starts_on),
			first_period=FirstPeriod(self.first_period),
			minutes_per_month=self.minutes_per_month,
			carry_over_since=getdate(self.carry_over_since) if self.carry_over else None,
		)

	def terms_changed(self) -> bool:
		return any(self.has_value_changed(term) for term in TERMS)

	def _require_start(self) -> None:
		"""Every month since then gets a period."""
		today, day = SiteClock().today(), getdate(self.starts_on)
		if self.is_new() and not (day and today - YEAR <= day <= today + 5 * YEAR):
			frappe.throw(_("Starts On: choose a day of the last year or of the next five."))

	def _reason_before(self) -> str:
		before = self.get_doc_before_save()
		return (before and before.reason_for_change) or ""

	def _require_only_one(self) -> None:
		"""Two would make periods for the same days."""
		same = {"company": self.company, "practitioner": self.practitioner or ("is", "not set")}
		others = {**same, "enabled": 1, "name": ("!=", self.name or "")}
		if self.enabled and (other := frappe.db.exists("Allowance Plan", others)):
			frappe.throw(
				_("{0} is the plan for this already. Change that one, or disable it first.").format(other)
			)

	def _keep_currency(self) -> None:
		before = self.get_doc_before_save()
		company = frappe.get_cached_value("Company", self.company, "default_currency")
		self.currency = before.currency if before else company

	def _date_carry_over(self) -> None:
		"""Months that were over before carry it nowhere."""
		before = self.get_doc_before_save()
		if before and before.carry_over and self.carry_over:
			self.carry_over_since = before.carry_over_since or SiteClock().today()
		else:
			self.carry_over_since = SiteClock().today() if self.carry_over else None

	def _require_recipients(self) -> None:
		for row in self.recipients:
			if frappe.db.get_value("User", row.user, "user_type") != "System User":
				frappe.throw(_("{0} is no user of the desk. Choose another one.").format(row.user))

	def _require_reason(self) -> None:
		"""A reason that is not needed may stay what it is, or be any that could be given."""
		reason = as_stored(self.reason_for_change or "", self._reason_before())
		is_needed = not self.is_new() and self.terms_changed() and allowances.has_begun(self.name)
		if is_needed and not reason:
			frappe.throw(
				_(
					"This also changes a month that has begun. Enter the reason for the change; it stays on record."
				)
			)
		if self.has_value_changed("reason_for_change"):
			self.reason_for_change = reason or None
