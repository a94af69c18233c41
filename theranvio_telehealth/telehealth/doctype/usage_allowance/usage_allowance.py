"""Usage Allowance: a period's included participant-minutes. What it permits is decided in `domain/allowance.py`."""

from typing import Any

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.query_builder.functions import IfNull
from frappe.utils import format_date, getdate

from theranvio_telehealth.domain import bounds
from theranvio_telehealth.site.allowances import POLICY, lock_company
from theranvio_telehealth.site.usage_statement import statement
from theranvio_telehealth.telehealth.numbers import (
	require_cap,
	require_percents,
	require_within,
)

#: For which visits it pays, and how much.
PAYS_FOR = ("company", "practitioner", "period_start", "period_end", "included_minutes")
#: Changed by atomic statements only.
COUNTERS = ("used_seconds", "held_seconds", "added_seconds", "cost", "warned_percent")


class UsageAllowance(Document):
	# begin: auto-generated types
	# This code is auto-generated. Do not modify anything in this block.

	from typing import TYPE_CHECKING

	if TYPE_CHECKING:
		from frappe.types import DF

		added_seconds: DF.Int
		company: DF.Link
		cost: DF.Currency
		currency: DF.Link | None
		held_seconds: DF.Int
		included_minutes: DF.Int
		on_exhaustion: DF.Literal["Warn", "Block New Admissions"]
		period_end: DF.Date
		period_start: DF.Date
		plan: DF.Link | None
		practitioner: DF.Link | None
		price_cap: DF.Currency
		used_seconds: DF.Int
		warned_percent: DF.Int
		warning_percents: DF.SmallText | None

	# end: auto-generated types
	def validate(self) -> None:
		pays_for_others = self._has_changed(PAYS_FOR)  # as everything has in a new one
		if pays_for_others:
			lock_company(self.company)
		self._keep_counters()
		require_within(self, bounds.ALLOWANCE)
		require_percents(self)
		if self.is_new():
			self._set_currency()
		require_cap(self)
		if not self.is_new():
			self._keep_what_was_used()
			self._keep_to_plan()
		self._check_period()
		if pays_for_others:
			self._check_overlap()

	def statement(self) -> dict[str, Any]:
		"""For the print format Usage Statement."""
		return statement(str(self.name))

	def _keep_counters(self) -> None:
		"""Stays are booked by atomic update while a form is open: what the form says of them is stale."""
		if self.is_new():
			self.update(dict.fromkeys(COUNTERS, 0))
			self.plan = self.plan if self.flags.ignore_permissions else None
		else:
			fixed = ("plan", "currency", *COUNTERS)
			stored = frappe.db.get_value(self.doctype, self.name, fixed, as_dict=True, for_update=True)
			self.update(stored)

	def _set_currency(self) -> None:
		"""Once: what is counted against the cap is counted in it, whatever the company's currency becomes."""
		if self.plan:
			self.currency = frappe.db.get_value("Allowance Plan", self.plan, "currency")
		else:
			self.currency = frappe.get_cached_value("Company", self.company, "default_currency")

	def _keep_what_was_used(self) -> None:
		"""Who pays for a visit is decided by company, practitioner and days; more minutes are an entry."""
		if self._has_changed(PAYS_FOR) and (self.used_seconds or self.held_seconds):
			frappe.throw(
				_(
					"Visits were booked to this period: its company, practitioner, days and minutes stay as they are. Top it up, or "
					"add another period."
				)
			)

	def _keep_to_plan(self) -> None:
		"""A change of the plan asks for a reason, and stays on record there."""
		is_by_hand = self.plan and not self.flags.ignore_permissions
		if is_by_hand and self._has_changed((*PAYS_FOR, *POLICY)):
			frappe.throw(_("This period is of {0}: change that plan instead.").format(self.plan))

	def _has_changed(self, fields: tuple[str, ...]) -> bool:
		return any(map(self.has_value_changed, fields))

	def on_trash(self) -> None:
		if self.plan and frappe.db.get_value("Allowance Plan", self.plan, "enabled"):
			frappe.throw(
				_("This period is of {0}, which makes it again. Disable that plan first.").format(self.plan)
			)
		if frappe.db.get_value(self.doctype, self.name, "held_seconds", for_update=True):
			frappe.throw(_("People are in visits that this period pays for. Delete it once they have left."))

	def _check_period(self) -> None:
		if getdate(self.period_end) < getdate(self.period_start):
			frappe.throw(_("The last day is before the first day. Set a later last day."))

	def _check_overlap(self) -> None:
		"""By a locking read: a transaction that has read before does not see what was committed since."""
		of = frappe.qb.DocType(self.doctype)
		covering = (
			frappe.qb.from_(of)
			.select(of.name, of.period_start, of.period_end)
			.where((of.company == self.company) & (IfNull(of.practitioner, "") == (self.practitioner or "")))
			.where((of.period_start <= self.period_end) & (of.period_end >= self.period_start))
			.where(of.name != (self.name or ""))
			.orderby(of.period_start)
			.limit(1)
			.for_update()
		)
		other = covering.run(as_dict=True)
		if other:
			found = other[0]
			frappe.throw(
				_("{0} already covers {1} to {2}. Choose days outside of it, or change that one.").format(
					found.name, format_date(found.period_start), format_date(found.period_end)
				)
			)


def on_doctype_update() -> None:
	frappe.db.add_index("Usage Allowance", ["company", "practitioner", "period_start"])
	frappe.db.add_index("Usage Allowance", ["company", "period_end"])
