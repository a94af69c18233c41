"""Usage Entries are named by their key and have a kind, corrections name what they correct; Usage Allowances have percentages to
warn at and a currency. It may be run again."""

import frappe

ENTRIES = "update `tabUsage Entry` set name = idempotency_key where name <> idempotency_key"
KINDS = "update `tabUsage Entry` set kind = if(seconds < 0, 'Correction', 'Stay') where ifnull(kind, '') in ('', 'Stay')"
#: A correction repeats the times of the stay that it takes back.
CORRECTED = """update `tabUsage Entry` c join `tabUsage Entry` s on s.participant = c.participant and s.provider <=> c.provider
	and s.started_on = c.started_on and s.ended_on = c.ended_on and s.seconds = -c.seconds
	set c.corrects = s.name where c.seconds < 0 and ifnull(c.corrects, '') = ''"""
PERCENTS = "update `tabUsage Allowance` set warning_percents = round(warn_at_percent) where warn_at_percent between 1 and 100"
CURRENCIES = """update `tabUsage Allowance` a join `tabCompany` c on c.name = a.company set a.currency = c.default_currency
	where ifnull(a.currency, '') = ''"""


def execute() -> None:
	for statement in (ENTRIES, KINDS, CORRECTED, CURRENCIES):
		frappe.db.sql(statement)
	if frappe.db.has_column("Usage Allowance", "warn_at_percent"):
		frappe.db.sql(PERCENTS)
		frappe.db.sql_ddl("alter table `tabUsage Allowance` drop column warn_at_percent")
