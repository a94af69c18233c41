"""What the reconciliation asks of the site's MariaDB, and where it reports."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

import frappe
from frappe import _
from frappe.utils import now_datetime

from theranvio_telehealth.domain.allowance import Balance
from theranvio_telehealth.domain.entities import USAGE, Allowance
from theranvio_telehealth.services.reconciliation import Finding, Orphan
from theranvio_telehealth.site.clock import zone
from theranvio_telehealth.site.store import ALLOWANCE, BY_NAME
from theranvio_telehealth.site.sweep_queries import IS_RUNNING
from theranvio_telehealth.site.tables import LOCK

ROOMS = "select name from `tabAppointment Room` where starts_on between %s and %s order by starts_on, name"
ALLOWANCES = "select name from `tabUsage Allowance` where period_end >= %s order by creation, name"

#: Two look-ups by index rather than one with `or`.
BOOKED = """select sum(if(kind in %(usage)s, seconds, 0)), sum(if(kind in %(usage)s, 0, seconds)),
	sum(if(kind in %(usage)s and currency = %(currency)s, cost, 0)) from (
		select kind, seconds, cost, currency from `tabUsage Entry` where allowance = %(name)s
		union all select kind, seconds, cost, currency from `tabUsage Entry` where company_allowance = %(name)s) entries"""
HELD = """select sum(held_seconds) from `tabRoom Participant`
	where held_seconds > 0 and find_in_set(%s, replace(held_allowances, '\\n', ','))"""
ADD = """update `tabUsage Allowance` set used_seconds = used_seconds + %(used)s, held_seconds = held_seconds + %(held)s,
	added_seconds = added_seconds + %(added)s, cost = cost + %(cost)s where name = %(name)s"""

ORPHANS = f"""select distinct j.room, j.provider, ifnull(r.media_region, ''), j.meeting_id from `tabRoom Join` j
	join `tabAppointment Room` r on r.name = j.room left join `tabRoom Meeting` m on m.name = j.room
	where j.credentials_revoked_on is null and j.meeting_id > ''
		and (ifnull(m.meeting_id, '') <> j.meeting_id or r.status not {IS_RUNNING})
		and locate(j.meeting_id, ifnull(m.former_meetings, '')) = 0
		and (r.status {IS_RUNNING} or ifnull(m.meeting_token, '') = '')
	order by j.room, j.meeting_id limit 500"""


class SiteBooks:
	def rooms_since(self, day: date) -> Sequence[str]:
		return frappe.db.sql(ROOMS, (day, now_datetime()), pluck=True)

	def allowances_since(self, day: date) -> Sequence[str]:
		return frappe.db.sql(ALLOWANCES, (day,), pluck=True)

	def lock_allowance(self, name: str) -> Allowance | None:
		return ALLOWANCE.first(zone(), f"{BY_NAME} {LOCK}", (name,))

	def recomputed(self, allowance: Allowance) -> Balance:
		values = {
			"usage": tuple(kind.value for kind in USAGE),
			"currency": allowance.currency,
			"name": allowance.name,
		}
		((used, added, cost),) = frappe.db.sql(BOOKED, values)
		((held,),) = frappe.db.sql(HELD, (allowance.name,))
		return Balance(int(used or 0), int(held or 0), int(added or 0), Decimal(str(cost or 0)))

	def add_to_balance(self, allowance: str, drift: Balance) -> None:
		values = {"used": drift.used_seconds, "held": drift.held_seconds, "added": drift.added_seconds}
		frappe.db.sql(ADD, {**values, "cost": drift.cost, "name": allowance})

	def orphans(self) -> Sequence[Orphan]:
		return [Orphan(*row) for row in frappe.db.sql(ORPHANS)]

	def report(self, finding: Finding) -> None:
		"""A comment on the allowance."""
		text = _(
			"Reconciliation: {0} entries were missing, {1} entries were added by corrections. Changed: used {2} s, held {3} s, "
			"added {4} s, cost {5}."
		).format(
			finding.missing,
			finding.corrected,
			finding.drift.used_seconds,
			finding.drift.held_seconds,
			finding.drift.added_seconds,
			finding.drift.cost,
		)
		frappe.get_doc("Usage Allowance", finding.allowance).add_comment("Info", text)
