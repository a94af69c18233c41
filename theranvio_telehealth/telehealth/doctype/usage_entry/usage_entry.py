"""Usage Entry: one billed stay. Append-only: it is never changed and never deleted."""

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
		ended_on: DF.Datetime
		idempotency_key: DF.Data
		participant: DF.Link
		provider: DF.Link | None
		room: DF.Link
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
