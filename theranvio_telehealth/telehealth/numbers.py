"""Numbers of a form against their bounds, which `domain/bounds.py` declares, and prices against caps."""

import math
from collections.abc import Mapping
from typing import Any

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import flt

from theranvio_telehealth.domain.allowance_plan import percents
from theranvio_telehealth.domain.bounds import Bounds
from theranvio_telehealth.site.clock import SiteClock

LEAST_CAP = 0.01


def require_within(doc: Document, table: Mapping[str, Bounds]) -> None:
	"""Asked of what was changed: a value from before must not keep other changes from being saved."""
	for field, bounds in table.items():
		if doc.has_value_changed(field) and not bounds.hold(_number(doc.get(field))):
			frappe.throw(
				_("{0}: enter a number between {1} and {2}.").format(
					_(doc.meta.get_label(field)), bounds.least, bounds.most
				)
			)


def _number(value: Any) -> float:
	"""What is no number is out of every bounds."""
	try:
		return float(str(value or 0).replace(",", ""))
	except ValueError:
		return math.nan


def require_percents(doc: Document) -> None:
	"""`warning_percents` as whole numbers, one to a line and in order."""
	try:
		doc.warning_percents = "\n".join(map(str, percents(doc.warning_percents or "")))
	except ValueError:
		frappe.throw(_("Enter whole percentages from 1 to 100 to warn at, one to a line."))


def require_cap(doc: Document) -> None:
	"""Of a plan, or of an allowance without one: a cap is a hundredth at least, and counts what is priced in its own currency."""
	if not flt(doc.price_cap) or not doc.has_value_changed("price_cap") or doc.get("plan"):
		return
	if flt(doc.price_cap) < LEAST_CAP:
		frappe.throw(_("Price Cap: enter at least {0}, or nothing for no cap.").format(LEAST_CAP))
	others = {
		"enabled": 1,
		"price_per_minute": (">", 0),
		"price_currency": ("not in", (doc.currency, "")),
	}
	other = frappe.get_all("Media Provider", others, ["name", "price_currency"], order_by="name", limit=1)
	if other:
		frappe.throw(
			_(
				"The price of {0} is in {1}, and the cap in {2}: it would not count. Enter the price in {2} there, or leave the cap "
				"empty."
			).format(other[0].name, other[0].price_currency, doc.currency)
		)


def require_comparable_caps(provider: Document) -> None:
	"""The same, of a provider's price: caps of plans, and of periods that have not ended."""
	if not (provider.enabled and provider.price_per_minute):
		return
	capped = {"price_cap": (">", 0), "currency": ("!=", provider.price_currency)}
	running = {"period_end": (">=", SiteClock().today())}
	for doctype, filters in (("Allowance Plan", {"enabled": 1}), ("Usage Allowance", running)):
		other = frappe.get_all(doctype, capped | filters, ["name", "currency"], order_by="name", limit=1)
		if other:
			frappe.throw(
				_(
					"The cap of {0} is in {1}, and this price in {2}: it would not count. Enter the price in {1}, or empty that cap "
					"first."
				).format(other[0].name, other[0].currency, provider.price_currency)
			)
