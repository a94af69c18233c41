"""What the office's reports read of the ledger: the entries of one company, for users who may see that company. Sums are the
database's, which adds decimals exactly; statements are made for the indexes of Usage Entry."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any

import frappe
from frappe import _
from frappe.utils import getdate

from theranvio_telehealth.domain.entities import USAGE
from theranvio_telehealth.domain.enums import RoomStatus
from theranvio_telehealth.site.clock import SiteClock
from theranvio_telehealth.site.directory import permitted

ALLOWANCE, PLAN = "Usage Allowance", "Allowance Plan"
PRACTITIONER = "Healthcare Practitioner"
#: No document has this name.
NONE = "\\0"
#: The most rows of a report, and the most days that one reads.
MOST_ROWS = 5000
MOST_DAYS = 366

#: An entry belongs to the company and practitioner of its allowance and its visit.
LEDGER = """from `tabUsage Entry` e
	left join `tabAppointment Room` r on r.name = e.room
	left join `tabUsage Allowance` a on a.name = e.allowance
	left join `tabRoom Participant` p on p.name = e.participant
	left join `tabHealthcare Practitioner` h on h.name = ifnull(r.practitioner, a.practitioner)"""
OF_COMPANY = "ifnull(a.company, r.company) = %(company)s"
OF_PRACTITIONERS = "ifnull(ifnull(r.practitioner, a.practitioner), '') in %(practitioners)s"
READABLE = "ifnull(e.allowance, '') in %(readable)s"
OF_PRACTITIONER = "ifnull(r.practitioner, a.practitioner) = %(practitioner)s"
OF_ALLOWANCE = "(e.allowance = %(allowance)s or e.company_allowance = %(allowance)s)"
IS_USAGE = "e.kind in %(usage)s"

SUMS = """count(*) as entries, count(distinct if(e.kind in %(usage)s, e.room, null)) as visits,
	ifnull(sum(if(e.kind in %(usage)s, e.seconds, 0)), 0) as used_seconds,
	ifnull(sum(if(e.kind in %(usage)s, 0, e.seconds)), 0) as added_seconds,
	ifnull(sum(e.billed_tenths), 0) / 10 as billed_minutes,
	ifnull(sum(if(e.currency = %(currency)s, e.cost, 0)), 0) as cost, ifnull(sum(e.currency <> %(currency)s), 0) as elsewhere"""

#: By the index of status and close, which is not long after the start.
PRACTITIONERS = """select distinct r.practitioner as value, ifnull(h.practitioner_name, r.practitioner) as label
	from `tabAppointment Room` r left join `tabHealthcare Practitioner` h on h.name = r.practitioner
	where r.status in %(statuses)s and r.closes_on >= %(from_date)s and r.closes_on < %(last)s
	and r.company = %(company)s and r.practitioner > '' and ('' in %(own)s or r.practitioner in %(own)s)
	order by label limit 500"""

ENTRIES = f"""select e.name as entry, e.kind, e.allowance, e.company_allowance, r.starts_on as visit_starts_on,
	ifnull(h.practitioner_name, ifnull(r.practitioner, a.practitioner)) as practitioner, p.role, e.provider,
	e.started_on, e.ended_on, if({IS_USAGE}, e.seconds, 0) as used_seconds, if({IS_USAGE}, 0, e.seconds) as added_seconds,
	e.billed_tenths / 10 as billed_minutes, e.cost, e.currency, e.source, e.corrects, e.reason, e.entered_by {LEDGER}"""


@dataclass(frozen=True, slots=True)
class Asked:
	"""What a report is asked for, once it is known that the user may see it. Both days are within the period."""

	company: str
	currency: str
	allowance: str = ""
	practitioner: str = ""
	from_date: date | None = None
	to_date: date | None = None
	#: Names of the company's allowances that the user may read, where no allowance is asked for.
	readable: Sequence[str] = ()


def require_reader(report: str) -> None:
	"""The platform asks for the report's roles in the request, and not where a job runs the report for a login that has ordered
	it. Raises `frappe.PermissionError`."""
	doc = frappe.get_cached_doc("Report", report)
	if not (doc.is_permitted() and frappe.has_permission(doc.ref_doctype, "report")):
		frappe.throw(_("{0} is not for you to see.").format(_(report)), frappe.PermissionError)


def asked(filters: Mapping[str, Any] | None, months: int = 1) -> Asked:
	"""The filters as the user may use them. Without days and without an allowance: this month, or this one and those before
	it. Raises `frappe.PermissionError` and `frappe.ValidationError`."""
	given = filters or {}
	allowance = _allowance(given.get("allowance"))
	company = chosen_company(given.get("company") or (allowance and allowance.company))
	if allowance and allowance.company != company:
		frappe.throw(_("This allowance is of another company. Choose one of {0}.").format(company))
	since, until = (getdate(given[day]) if given.get(day) else None for day in ("from_date", "to_date"))
	if not allowance:
		until = until or SiteClock().today()
		since = since or _month_before(until, months - 1)
		_require_days(since, until)
	return Asked(
		company=company,
		currency=(
			allowance.currency
			if allowance
			else frappe.get_cached_value("Company", company, "default_currency")
		)
		or "",
		allowance=allowance.name if allowance else "",
		practitioner=given.get("practitioner") or "",
		from_date=since,
		to_date=until,
		readable=() if allowance else _readable_allowances(company),
	)


def chosen_company(wished: str | None) -> str:
	"""The company that is asked for, or the only one that the user may see."""
	own = permitted(frappe.session.user, "Company", ALLOWANCE)
	if wished:
		if (own is not None and wished not in own) or not frappe.db.exists("Company", wished):
			frappe.throw(_("There is no such company for you to see."), frappe.PermissionError)
		return wished
	all_of_them = companies()
	if len(all_of_them) != 1:
		frappe.throw(_("Choose a company."))
	return str(all_of_them[0])


def companies() -> Sequence[str]:
	"""Those that the user may see."""
	own = permitted(frappe.session.user, "Company", ALLOWANCE)
	return frappe.get_all("Company", pluck="name", order_by="name") if own is None else own


def _allowance(name: str | None) -> Any:
	if not name:
		return None
	if not frappe.db.exists(ALLOWANCE, name) or not frappe.has_permission(ALLOWANCE, "read", doc=name):
		frappe.throw(_("There is no such allowance for you to see."), frappe.PermissionError)
	return frappe.db.get_value(ALLOWANCE, name, ["name", "company", "currency"], as_dict=True)


def _month_before(day: date, months: int) -> date:
	"""The first day of the month that many months before the day's."""
	years, month = divmod(day.year * 12 + day.month - 1 - months, 12)
	return date(years, month + 1, 1)


def _require_days(since: date, until: date) -> None:
	if until < since:
		frappe.throw(_("The last day is before the first day. Set a later last day."))
	if (until - since).days >= MOST_DAYS:
		frappe.throw(_("Choose at most {0} days.").format(MOST_DAYS))


def entries(asked: Asked) -> Sequence[Any]:
	"""The latest first."""
	return _read(ENTRIES, asked, f"order by e.started_on desc, e.creation desc, e.name limit {MOST_ROWS}")


def totals(asked: Asked) -> Any:
	"""Of all entries, as the allowance itself counts them: what they cost in the company's currency. `elsewhere`: how many are
	priced in another one."""
	return _read(f"select {SUMS} {LEDGER}", asked)[0]


def costs_elsewhere(asked: Asked) -> Sequence[Any]:
	"""What entries cost in other currencies than the company's, one row for each."""
	statement = f"select e.currency, sum(e.cost) as cost {LEDGER}"
	return _read(
		statement,
		asked,
		"group by e.currency having cost <> 0 order by e.currency",
		"e.currency <> %(currency)s",
	)


def by_practitioner(asked: Asked) -> Sequence[Any]:
	select = f"select ifnull(h.practitioner_name, r.practitioner) as practitioner, {SUMS} {LEDGER}"
	return _read(select, asked, f"group by r.practitioner order by practitioner limit {MOST_ROWS}", IS_USAGE)


def time_given(asked: Asked) -> Sequence[Any]:
	"""The entries that changed what is included, the earliest first."""
	rest = f"order by e.started_on, e.creation, e.name limit {MOST_ROWS}"
	return _read(ENTRIES, asked, rest, "not " + IS_USAGE)


def by_practitioner_and_month(asked: Asked) -> tuple[list[Any], list[Any], Any]:
	"""Of each practitioner and month, of each practitioner, and of all, in one reading of the entries."""
	select = f"""select ifnull(ifnull(r.practitioner, a.practitioner), '') as id, date_format(e.started_on, '%%Y-%%m') as month,
		max(ifnull(h.practitioner_name, ifnull(r.practitioner, a.practitioner))) as practitioner, {SUMS} {LEDGER}"""
	found = _read(select, asked, "group by id, month with rollup", IS_USAGE)
	months = sorted((row for row in found if row.month), key=_practitioner)
	whole = sorted((row for row in found if row.id is not None and not row.month), key=_practitioner)
	total = next((row for row in found if row.id is None), None) or totals(asked)
	return sorted(months, key=lambda row: row.month, reverse=True)[:MOST_ROWS], whole, total


def _practitioner(row: Any) -> str:
	return str(row.practitioner or "")


def practitioners(asked: Asked) -> Sequence[Any]:
	"""Whose visits are in the period, as value and label."""
	values = {
		**asdict(asked),
		"statuses": tuple(status.value for status in RoomStatus),
		"last": (asked.to_date or SiteClock().today()) + timedelta(days=2),
		"own": _own_practitioners() or [""],
	}
	return frappe.db.sql(PRACTITIONERS, values, as_dict=True)


def seconds_by_day(asked: Asked) -> Sequence[Any]:
	select = f"select date(e.started_on) as label, sum(e.seconds) as seconds {LEDGER}"
	return _read(select, asked, f"group by label order by label limit {MOST_DAYS}", IS_USAGE)


def _read(statement: str, asked: Asked, rest: str = "", *more: str) -> Sequence[Any]:
	conditions, values = _conditions(asked)
	where = " and ".join([*conditions, *more])
	return frappe.db.sql(f"{statement} where {where} {rest}", values, as_dict=True)


def _conditions(asked: Asked) -> tuple[list[str], dict[str, Any]]:
	"""As the platform shows allowances. Those of no practitioner are shown, too, to users who are restricted to some, unless the
	site's permissions are strict."""
	values = {**asdict(asked), "usage": tuple(kind.value for kind in USAGE)}
	conditions = [OF_COMPANY]
	if asked.allowance:
		conditions.append(OF_ALLOWANCE)
	else:
		conditions.append(READABLE)
	if asked.practitioner:
		conditions.append(OF_PRACTITIONER)
	if asked.from_date:
		conditions.append("e.started_on >= %(from_date)s")
	if asked.to_date:
		conditions.append("e.started_on < %(day_after)s")
		values["day_after"] = asked.to_date + timedelta(days=1)
	if own := _own_practitioners():
		conditions.append(OF_PRACTITIONERS)
		values["practitioners"] = (
			own if frappe.get_system_settings("apply_strict_user_permissions") else ["", *own]
		)
	return conditions, values


def _readable_allowances(company: str) -> list[str]:
	"""By name; and "" for the visits that no allowance pays for, where the user may see all of the company's allowances."""
	names = frappe.get_list(ALLOWANCE, {"company": company}, pluck="name", order_by="name", limit=0)
	is_restricted = any(permitted(frappe.session.user, each, ALLOWANCE) for each in (ALLOWANCE, PLAN))
	return names or [NONE] if is_restricted else [*names, ""]


def _own_practitioners() -> list[str] | None:
	return permitted(frappe.session.user, PRACTITIONER, ALLOWANCE)
