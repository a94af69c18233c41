"""Usage Allowance: a period's included participant-minutes. What it permits is decided in `domain/allowance.py`."""

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import format_date, getdate

from theranvio_telehealth.domain import bounds
from theranvio_telehealth.telehealth.numbers import require_within


class UsageAllowance(Document):
	# begin: auto-generated types
	# This code is auto-generated. Do not modify anything in this block.

	from typing import TYPE_CHECKING

	if TYPE_CHECKING:
		from frappe.types import DF

		company: DF.Link
		held_seconds: DF.Int
		included_minutes: DF.Int
		on_exhaustion: DF.Literal["Warn", "Block New Admissions"]
		period_end: DF.Date
		period_start: DF.Date
		practitioner: DF.Link | None
		used_seconds: DF.Int
		warn_at_percent: DF.Percent

	# end: auto-generated types
	def validate(self) -> None:
		self._keep_counters()
		require_within(self, bounds.ALLOWANCE)
		self._check_period()
		self._check_overlap()

	def _keep_counters(self) -> None:
		"""Stays are booked by atomic update while a form is open: what the form says of them is stale."""
		if self.is_new():
			self.used_seconds = self.held_seconds = 0
		else:
			self.used_seconds, self.held_seconds = frappe.db.get_value(
				self.doctype, self.name, ["used_seconds", "held_seconds"], for_update=True
			)

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
