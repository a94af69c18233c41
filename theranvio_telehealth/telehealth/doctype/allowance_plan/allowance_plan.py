"""Allowance Plan: what a company, or one practitioner in it, may use each month. Its periods are Usage Allowances, made ahead."""

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import getdate

from theranvio_telehealth.domain import bounds
from theranvio_telehealth.domain.allowance_plan import Plan
from theranvio_telehealth.domain.enums import FirstPeriod
from theranvio_telehealth.site import allowances
from theranvio_telehealth.telehealth.numbers import require_percents, require_within

#: What is changed in a period that has begun, too.
TERMS = ("minutes_per_month", *allowances.POLICY)


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
		self._require_recipients()
		self.currency = frappe.get_cached_value("Company", self.company, "default_currency")
		self._require_comparable_price()
		self._require_reason()

	def on_update(self) -> None:
		if self.enabled:
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
			carry_over=bool(self.carry_over),
		)

	def terms_changed(self) -> bool:
		return any(self.has_value_changed(term) for term in TERMS)

	def _require_recipients(self) -> None:
		for row in self.recipients:
			if frappe.db.get_value("User", row.user, "user_type") != "System User":
				frappe.throw(_("{0} is no user of the desk. Choose another one.").format(row.user))

	def _require_comparable_price(self) -> None:
		"""A cap counts what is priced in its own currency."""
		if not self.price_cap:
			return
		others = {
			"enabled": 1,
			"price_per_minute": (">", 0),
			"price_currency": ("not in", (self.currency, "")),
		}
		other = frappe.get_all("Media Provider", others, ["name", "price_currency"], order_by="name", limit=1)
		if other:
			frappe.throw(
				_(
					"The price of {0} is in {1}, and the cap in {2}: it would not count. Enter the price in {2} there, or leave "
					"the cap empty."
				).format(other[0].name, other[0].price_currency, self.currency)
			)

	def _require_reason(self) -> None:
		if self.is_new() or not self.terms_changed() or not allowances.has_begun(self.name):
			return
		if not (self.reason_for_change or "").strip() or not self.has_value_changed("reason_for_change"):
			frappe.throw(
				_(
					"This also changes a month that has begun. Enter the reason for the change; it stays on record."
				)
			)
