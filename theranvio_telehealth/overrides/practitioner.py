"""Healthcare Practitioner: two whose allowances pay for the same days stay two."""

import frappe
from frappe import _
from frappe.model.document import Document

from theranvio_telehealth.site.clock import SiteClock
from theranvio_telehealth.site.log import discreet

#: A period of each, from now on.
BOTH_PAY = """select a.name, b.name from `tabUsage Allowance` a join `tabUsage Allowance` b on b.company = a.company
	and b.period_start <= a.period_end and b.period_end >= a.period_start
	where a.practitioner = %(old)s and b.practitioner = %(new)s and a.period_end >= %(today)s and b.period_end >= %(today)s
	order by a.period_start, b.period_start limit 1"""


@discreet
def before_rename(doc: Document, method: str | None, old: str, new: str, merge: bool = False) -> None:
	"""Every minute would be held from both."""
	values = {"old": old, "new": new, "today": SiteClock().today()}
	for found in frappe.db.sql(BOTH_PAY, values) if merge else ():
		frappe.throw(
			_(
				"The telehealth allowances {0} and {1} pay for the same days. Disable the plan of one of them and delete its periods "
				"that have not ended, then merge."
			).format(*found)
		)
