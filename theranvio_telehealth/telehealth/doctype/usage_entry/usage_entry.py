"""Usage Entry: a billed stay, its correction, or time that an allowance was given. Append-only: it is never changed and never
deleted."""

import frappe
from frappe import _
from frappe.model.document import Document


class AppendOnlyError(frappe.ValidationError): ...


class UsageEntry(Document):
	# begin: auto-generated types
	# This code is auto-generated. Do not modify anything in this block.

	from typing import TYPE_CHECKING

	if TYPE_CHECKING:
		from frappe.types import DF

		allowance: DF.Link | None
		billed_tenths: DF.Int
		company_allowance: DF.Link | None
		corrects: DF.Link | None
		cost: DF.Currency
		currency: DF.Link | None
		ended_on: DF.Datetime
		entered_by: DF.Link | None
		idempotency_key: DF.Data
		kind: DF.Literal["Stay", "Correction", "Top-up", "Amendment", "Carry-over"]
		participant: DF.Link | None
		provider: DF.Link | None
		reason: DF.SmallText | None
		room: DF.Link | None
		seconds: DF.Int
		source: DF.Literal["", "Provider Event", "Heartbeat"]
		started_on: DF.Datetime

	# end: auto-generated types
	def validate(self) -> None:
		if not self.is_new():
			self._refuse()

	def before_change(self) -> None:
		self._refuse()

	def on_trash(self) -> None:
		self._refuse()

	def _refuse(self) -> None:
		frappe.throw(
			_("Usage entries are kept as they were booked: they can be neither changed nor deleted."),
			AppendOnlyError,
		)
