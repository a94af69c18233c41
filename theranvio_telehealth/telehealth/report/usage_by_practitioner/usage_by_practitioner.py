"""Usage by Practitioner: visits, minutes and cost of a company, by practitioner and month."""

from typing import Any

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


@discreet
def execute(filters: dict[str, Any] | None = None) -> tuple[Rows, Rows, str | None, dict[str, Any], Rows]:
	asked = usage_reports.asked(filters, months=MONTHS)
	totals = _row(asked, usage_reports.totals(asked))
	rows = [_row(asked, found) for found in usage_reports.by_practitioner_and_month(asked)]
	total = {**totals, "month": _("Total"), "is_total": 1}
	by_day = (filters or {}).get("chart_by") == "Day"
	return _columns(), [*rows, total], _elsewhere(asked), _chart(asked, by_day), _summary(totals)


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


def _elsewhere(asked: Asked) -> str | None:
	"""Costs of different currencies are not added up."""
	others = usage_reports.costs_elsewhere(asked)
	if not others:
		return None
	listed = ", ".join(f"{other.currency} {other.cost:.2f}" for other in others)
	return _("The cost counts prices in {0}. What was priced otherwise: {1}.").format(asked.currency, listed)


def _chart(asked: Asked, by_day: bool) -> dict[str, Any]:
	read = usage_reports.seconds_by_day if by_day else usage_reports.seconds_by_practitioner
	found = read(asked)
	labels = [format_date(row.label) if by_day else row.label or "–" for row in found]
	values = [round(int(row.seconds) / 60, 1) for row in found]
	return {
		"data": {"labels": labels, "datasets": [{"name": _("Participant-Minutes"), "values": values}]},
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
