"""What the filters of the usage reports offer: companies and practitioners, whom most administrators may not read in the
platform."""

from typing import Annotated, Any

import frappe
from pydantic import StringConstraints

from theranvio_telehealth.api.guards import guarded
from theranvio_telehealth.domain.errors import NotFound
from theranvio_telehealth.site import usage_reports

Text = Annotated[str, StringConstraints(max_length=140)]


@frappe.whitelist(methods=["GET", "POST"])
@guarded(per_minute=120)
def companies(txt: Text = "") -> list[str]:
	"""The user's own."""
	_require_reports()
	return [name for name in usage_reports.companies() if txt.lower() in name.lower()]


@frappe.whitelist(methods=["GET", "POST"])
@guarded(per_minute=120)
def practitioners(
	txt: Text = "", company: Text = "", from_date: Text = "", to_date: Text = ""
) -> list[dict[str, Any]]:
	"""Of the company's visits in these days."""
	_require_reports()
	wanted = {"company": company, "from_date": from_date, "to_date": to_date}
	try:
		found = usage_reports.practitioners(usage_reports.asked(wanted))
	except (frappe.PermissionError, frappe.ValidationError):
		return []
	return [row for row in found if txt.lower() in row["label"].lower()]


def _require_reports() -> None:
	if not frappe.has_permission(usage_reports.ALLOWANCE, "report"):
		raise NotFound
