"""The numbers on the workspace: of the running periods that the user may read, every minute counted once."""

from collections.abc import Iterable
from typing import Any

import frappe
from frappe import _
from frappe.utils import fmt_money

from theranvio_telehealth.api.guards import guarded
from theranvio_telehealth.domain.allowance import counted_once
from theranvio_telehealth.domain.entities import Allowance
from theranvio_telehealth.domain.errors import NotFound
from theranvio_telehealth.site import allowance_reading
from theranvio_telehealth.site.clock import SiteClock


@frappe.whitelist(methods=["GET", "POST"])
@guarded(per_minute=60)
def minutes_used() -> dict[str, Any]:
	return _minutes(allowance.used_seconds for allowance in _running())


@frappe.whitelist(methods=["GET", "POST"])
@guarded(per_minute=60)
def minutes_held() -> dict[str, Any]:
	return _minutes(allowance.held_seconds for allowance in _running())


@frappe.whitelist(methods=["GET", "POST"])
@guarded(per_minute=60)
def minutes_left() -> dict[str, Any]:
	return _minutes(allowance.left_seconds for allowance in _running())


@frappe.whitelist(methods=["GET", "POST"])
@guarded(per_minute=60)
def cost() -> str:
	"""In each currency, against the caps where all have one."""
	running = _running()
	currencies = sorted({allowance.currency for allowance in running})
	return "; ".join(_cost([a for a in running if a.currency == currency]) for currency in currencies) or "–"


def _running() -> list[Allowance]:
	if not frappe.has_permission(allowance_reading.DOCTYPE, "read"):
		raise NotFound
	today = SiteClock().today()
	return counted_once(allowance_reading.readable(period_start=("<=", today), period_end=(">=", today)))


def _minutes(seconds: Iterable[int]) -> dict[str, Any]:
	return {
		"value": round(sum(seconds) / 60, 1),
		"fieldtype": "Float",
		"precision": 1,
		"route": ["query-report", "Allowance Forecast"],
	}


def _cost(allowances: list[Allowance]) -> str:
	currency = allowances[0].currency
	spent = fmt_money(str(sum(a.cost for a in allowances)), currency=currency)
	if not all(allowance.price_cap for allowance in allowances):
		return spent
	cap = fmt_money(str(sum(a.price_cap for a in allowances)), currency=currency)
	return _("{0} of {1}").format(spent, cap)
