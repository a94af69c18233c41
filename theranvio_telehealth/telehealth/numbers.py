"""Numbers of a form against their bounds, which `domain/bounds.py` declares."""

from collections.abc import Mapping

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import flt

from theranvio_telehealth.domain.allowance_plan import percents
from theranvio_telehealth.domain.bounds import Bounds


def require_within(doc: Document, table: Mapping[str, Bounds]) -> None:
	"""Asked of what was changed: a value from before must not keep other changes from being saved."""
	for field, bounds in table.items():
		if doc.has_value_changed(field) and not bounds.hold(flt(doc.get(field))):
			frappe.throw(
				_("{0}: enter a number between {1} and {2}.").format(
					_(doc.meta.get_label(field)), bounds.least, bounds.most
				)
			)


def require_percents(doc: Document) -> None:
	"""`warning_percents` as whole numbers, one to a line and in order."""
	try:
		doc.warning_percents = "\n".join(map(str, percents(doc.warning_percents or "")))
	except ValueError:
		frappe.throw(_("Enter whole percentages from 1 to 100 to warn at, one to a line."))
