"""Usage Entries are named by their key and have a kind, corrections name what they correct; Usage Allowances have percentages to
warn at and a currency. It may be run again."""

from collections import defaultdict
from typing import Any

import frappe

ENTRIES = "update `tabUsage Entry` set name = idempotency_key where name <> idempotency_key"
KINDS = "update `tabUsage Entry` set kind = if(seconds < 0, 'Correction', 'Stay') where ifnull(kind, '') in ('', 'Stay')"
UNLINKED = """select name, participant, ifnull(provider, ''), started_on, ended_on, seconds, ifnull(corrects, '')
	from `tabUsage Entry` where room is not null and participant in (
		select participant from `tabUsage Entry` where seconds < 0 and ifnull(corrects, '') = '')"""
PERCENTS = "update `tabUsage Allowance` set warning_percents = round(warn_at_percent) where warn_at_percent between 1 and 100"
CURRENCIES = """update `tabUsage Allowance` a join `tabCompany` c on c.name = a.company set a.currency = c.default_currency
	where ifnull(a.currency, '') = ''"""


def execute() -> None:
	for statement in (ENTRIES, KINDS, CURRENCIES):
		frappe.db.sql(statement)
	_link_corrections()
	if "warn_at_percent" in {column for column, *_ in frappe.db.sql("describe `tabUsage Allowance`")}:
		frappe.db.sql(PERCENTS)
		frappe.db.sql_ddl("alter table `tabUsage Allowance` drop column warn_at_percent")
		frappe.cache.hdel("table_columns", "tabUsage Allowance")


def _link_corrections() -> None:
	"""A correction repeats the times of the stay that it takes back: the last one of these times that still stands."""
	standing: dict[tuple[Any, ...], list[str]] = defaultdict(list)
	for name, *stay, seconds, corrects in sorted(frappe.db.sql(UNLINKED), key=lambda row: _number(row[0])):
		if seconds > 0:
			standing[tuple(stay)].append(name)
		elif standing[tuple(stay)]:
			taken_back = standing[tuple(stay)].pop()
			if not corrects:
				frappe.db.set_value("Usage Entry", name, "corrects", taken_back, update_modified=False)


def _number(name: str) -> int:
	return int(name.rpartition(":")[2])
