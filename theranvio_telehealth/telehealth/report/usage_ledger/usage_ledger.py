"""Usage Ledger: every entry of an allowance or a period, with its corrections and evidence, and totals that equal the
allowance's own. It names no client."""

from typing import Any

from frappe import _

from theranvio_telehealth.domain.enums import EntryKind
from theranvio_telehealth.site import usage_reports
from theranvio_telehealth.site.log import discreet
from theranvio_telehealth.site.usage_reports import Asked
from theranvio_telehealth.telehealth.columns import columns

Rows = list[dict[str, Any]]


@discreet
def execute(filters: dict[str, Any] | None = None) -> tuple[Rows, Rows, str | None, None, Rows]:
	usage_reports.require_reader("Usage Ledger")
	asked = usage_reports.asked(filters)
	rows = [_translated(entry) for entry in usage_reports.entries(asked)]
	totals = usage_reports.totals(asked)
	return (
		_columns(),
		[*rows, *_total_rows(asked, totals)],
		_bound(len(rows), totals),
		None,
		_summary(asked, totals),
	)


def _columns() -> Rows:
	return columns(
		(
			("kind", _("Kind"), "Data"),
			("visit_starts_on", _("Visit Starts On"), "Datetime"),
			("practitioner", _("Practitioner"), "Data"),
			("role", _("Role"), "Data"),
			("provider", _("Media Provider"), "Data"),
			("started_on", _("Started On"), "Datetime"),
			("ended_on", _("Ended On"), "Datetime"),
			("used_seconds", _("Used Seconds"), "Int"),
			("added_seconds", _("Added Seconds"), "Int"),
			("billed_minutes", _("Billed Minutes"), "Float"),
			("cost", _("Estimated Cost"), "Currency"),
			("currency", _("Currency"), "Data"),
			("source", _("Source"), "Data"),
			("corrects", _("Corrects"), "Data"),
			("reason", _("Reason"), "Small Text"),
			("entered_by", _("Entered By"), "Data"),
			("allowance", _("Allowance"), "Data"),
			("company_allowance", _("Company Allowance"), "Data"),
			("entry", _("Entry"), "Data"),
		)
	)


def _translated(entry: Any) -> dict[str, Any]:
	"""The reason of a correction is a word of ours; any other was written by a person."""
	if entry.kind == EntryKind.CORRECTION:
		entry.reason = _(entry.reason) if entry.reason else ""
	for field in ("kind", "role", "source"):
		entry[field] = _(entry[field]) if entry[field] else ""
	return dict(entry)


def _total_rows(asked: Asked, totals: Any) -> Rows:
	"""One of all entries; and what was priced in other currencies, one for each."""
	fields = ("used_seconds", "added_seconds", "billed_minutes", "cost")
	own = {"kind": _("Total"), "currency": asked.currency, **{field: totals[field] for field in fields}}
	others = usage_reports.costs_elsewhere(asked) if totals.elsewhere else []
	return [
		{**row, "is_total": 1}
		for row in (own, *({"kind": _("Total in {0}").format(o.currency), **o} for o in others))
	]


def _bound(shown: int, totals: Any) -> str | None:
	if totals.entries <= shown:
		return None
	return _(
		"These are the latest {0} of {1} entries. The totals count all of them. Choose fewer days to see the others."
	).format(shown, totals.entries)


def _summary(asked: Asked, totals: Any) -> Rows:
	return [
		{"label": _("Entries"), "value": totals.entries, "datatype": "Int"},
		{"label": _("Used Seconds"), "value": totals.used_seconds, "datatype": "Int"},
		{"label": _("Added Seconds"), "value": totals.added_seconds, "datatype": "Int"},
		{"label": _("Billed Minutes"), "value": totals.billed_minutes, "datatype": "Float"},
		{
			"label": _("Estimated Cost"),
			"value": totals.cost,
			"datatype": "Currency",
			"currency": asked.currency,
		},
	]
