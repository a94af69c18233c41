"""Usage by Practitioner: visits, minutes and cost of a company, by practitioner and month."""

from typing import Any

import frappe
from frappe import _
from frappe.utils import format_date

from theranvio_telehealth.site import usage_reports
from theranvio_telehealth.site.log import discreet
from theranvio_telehealth.site.usage_reports import Asked
from theranvio_telehealth.telehealth.columns import columns

Rows = list[dict[str, Any]]
NUMBERS = ("visits", "minutes", "billed_minutes", "cost")
#: Without days it is of this month and the two before.
MONTHS = 3
#: The most bars of the chart.
BARS = 20


@discreet
def execute(filters: dict[str, Any] | None = None) -> tuple[Rows, Rows, str | None, dict[str, Any], Rows]:
	usage_reports.require_reader("Usage by Practitioner")
	asked = usage_reports.asked(_of_chart(filters or {}), months=MONTHS)
	months, practitioners, found = usage_reports.by_practitioner_and_month(asked)
	total = {**_row(asked, found), "practitioner": "", "month": _("Total"), "is_total": 1}
	by_day = (filters or {}).get("chart_by") == "Day"
	chart = _chart(_by_day(asked) if by_day else _largest(practitioners))
	rows = [*(_row(asked, month) for month in months), total]
	return _columns(), rows, _elsewhere(asked) if found.elsewhere else None, chart, _summary(total)


def _of_chart(filters: dict[str, Any]) -> dict[str, Any]:
	"""A chart on the workspace names no company: it is of the user's default one, or of the first that they may see."""
	companies = usage_reports.companies()
	if "chart_by" not in filters or filters.get("company") or not companies:
		return filters
	default = frappe.defaults.get_user_default("Company")
	return {**filters, "company": default if default in companies else companies[0]}


def _columns() -> Rows:
	return columns(
		(
			("month", _("Month"), "Data"),
			("practitioner", _("Practitioner"), "Data"),
			("visits", _("Visits"), "Int"),
			("minutes", _("Participant-Minutes"), "Float"),
			("billed_minutes", _("Billed Minutes"), "Float"),
			("cost", _("Estimated Cost"), "Currency"),
			("currency", _("Currency"), "Data"),
		)
	)


def _row(asked: Asked, found: Any) -> dict[str, Any]:
	numbers = {"minutes": round(int(found.used_seconds) / 60, 2), "currency": asked.currency}
	shown = ("month", "practitioner", "visits", "billed_minutes", "cost")
	return {**{field: found[field] for field in shown if field in found}, **numbers}


def _elsewhere(asked: Asked) -> str:
	"""Costs of different currencies are not added up."""
	others = usage_reports.costs_elsewhere(asked)
	listed = ", ".join(f"{other.currency} {other.cost:.2f}" for other in others)
	return _("The cost counts prices in {0}. What was priced otherwise: {1}.").format(asked.currency, listed)


def _by_day(asked: Asked) -> list[tuple[str, int]]:
	return [(format_date(row.label), int(row.seconds)) for row in usage_reports.seconds_by_day(asked)]


def _largest(practitioners: list[Any]) -> list[tuple[str, int]]:
	used = [(row.practitioner or "–", int(row.used_seconds)) for row in practitioners]
	return sorted(used, key=lambda bar: -bar[1])[:BARS]


def _chart(bars: list[tuple[str, int]]) -> dict[str, Any]:
	minutes = [round(seconds / 60, 1) for _label, seconds in bars]
	return {
		"data": {
			"labels": [label for label, _seconds in bars],
			"datasets": [{"name": _("Participant-Minutes"), "values": minutes}],
		},
		"type": "bar",
		"fieldtype": "Float",
	}


def _summary(totals: dict[str, Any]) -> Rows:
	labels = (_("Visits"), _("Participant-Minutes"), _("Billed Minutes"), _("Estimated Cost"))
	kinds = ("Int", "Float", "Float", "Currency")
	return [
		{"label": label, "value": totals[name], "datatype": kind, "currency": totals["currency"]}
		for name, label, kind in zip(NUMBERS, labels, kinds, strict=True)
	]
