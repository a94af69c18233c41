"""Usage Allowance: a period's included participant-minutes. What it permits is decided in `domain/allowance.py`."""

from typing import Any

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import format_date, getdate

from theranvio_telehealth.domain import bounds
from theranvio_telehealth.site.usage_statement import statement
from theranvio_telehealth.telehealth.numbers import require_percents, require_within

#: Changed by atomic statements only, or by its plan.
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
		self._keep_counters()
		require_within(self, bounds.ALLOWANCE)
		require_percents(self)
		self.currency = frappe.get_cached_value("Company", self.company, "default_currency")
		self._keep_what_was_used()
		self._check_period()
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
			fixed = ("plan", *COUNTERS)
			stored = frappe.db.get_value(self.doctype, self.name, fixed, as_dict=True, for_update=True)
			self.update(stored)

	def _keep_what_was_used(self) -> None:
		"""Who pays for a visit is decided by company, practitioner and days; more minutes are an entry."""
		changed = any(
			self.has_value_changed(field)
			for field in ("company", "practitioner", "period_start", "period_end", "included_minutes")
		)
		if not self.is_new() and changed and (self.used_seconds or self.held_seconds):
			frappe.throw(
				_(
					"Visits were booked to this period: its company, practitioner, days and minutes stay as they are. Top it up, or "
					"add another period."
				)
			)

	def on_trash(self) -> None:
		if frappe.db.get_value(self.doctype, self.name, "held_seconds", for_update=True):
			frappe.throw(_("People are in visits that this period pays for. Delete it once they have left."))

	def _check_period(self) -> None:
		if getdate(self.period_end) < getdate(self.period_start):
			frappe.throw(_("The last day is before the first day. Set a later last day."))

	def _check_overlap(self) -> None:
		other = frappe.get_all(
			self.doctype,
			filters={
				"company": self.company,
				"practitioner": self.practitioner or ["is", "not set"],
				"period_start": ["<=", self.period_end],
				"period_end": [">=", self.period_start],
				"name": ["!=", self.name or ""],
			},
			fields=["name", "period_start", "period_end"],
			order_by="period_start",
			limit=1,
		)
		if other:
			found = other[0]
			frappe.throw(
				_("{0} already covers {1} to {2}. Choose days outside of it, or change that one.").format(
					found.name, format_date(found.period_start), format_date(found.period_end)
				)
			)


def on_doctype_update() -> None:
	frappe.db.add_index("Usage Allowance", ["company", "practitioner", "period_start"])
