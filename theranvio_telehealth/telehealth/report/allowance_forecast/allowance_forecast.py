"""Allowance Forecast: whether the visits that are booked fit what is left of each running or coming period."""

from collections.abc import Mapping
from typing import Any

from frappe import _

from theranvio_telehealth.domain.entities import Allowance
from theranvio_telehealth.domain.enums import OnExhaustion
from theranvio_telehealth.domain.forecast import Forecast, forecast
from theranvio_telehealth.site import allowance_reading, usage_reports
from theranvio_telehealth.site.clock import SiteClock
from theranvio_telehealth.site.log import discreet
from theranvio_telehealth.site.store import SiteStore
from theranvio_telehealth.site.usage_statement import minutes
from theranvio_telehealth.telehealth.columns import columns

Rows = list[dict[str, Any]]


@discreet
def execute(filters: dict[str, Any] | None = None) -> tuple[Rows, Rows]:
	usage_reports.require_reader("Allowance Forecast")
	wished = (filters or {}).get("company")
	of_company = {"company": usage_reports.chosen_company(wished)} if wished else {}
	ahead = allowance_reading.readable(period_end=(">=", SiteClock().today()), **of_company)
	booked, names = allowance_reading.booked(ahead), allowance_reading.practitioner_names(ahead)
	price = allowance_reading.price(SiteStore())
	rows = [
		_row(allowance, visits, forecast(allowance, time, price), names)
		for allowance, (visits, time) in ((a, booked[a.name]) for a in ahead)
	]
	return _columns(), rows


def _columns() -> Rows:
	return columns(
		(
			("company", _("Company"), "Data"),
			("practitioner", _("Practitioner"), "Data"),
			("fits", _("Fits"), "Data"),
			("what_to_do", _("What to Do"), "Small Text"),
			("period_start", _("First Day"), "Date"),
			("period_end", _("Last Day"), "Date"),
			("included", _("Included Minutes"), "Float"),
			("used", _("Used Minutes"), "Float"),
			("held", _("Held Minutes"), "Float"),
			("left", _("Minutes Left"), "Float"),
			("visits", _("Booked Visits"), "Int"),
			("needed", _("Minutes They Need"), "Float"),
			("allowance", _("Allowance"), "Data"),
		)
	)


def _row(allowance: Allowance, visits: int, found: Forecast, names: Mapping[str, str]) -> dict[str, Any]:
	return {
		"allowance": allowance.name,
		"company": allowance.company,
		"practitioner": names.get(allowance.practitioner, allowance.practitioner),
		"period_start": allowance.period_start,
		"period_end": allowance.period_end,
		"included": minutes(allowance.included_seconds),
		"used": minutes(allowance.used_seconds),
		"held": minutes(allowance.held_seconds),
		"left": minutes(allowance.left_seconds),
		"visits": visits,
		"needed": minutes(found.needed_seconds),
		"fits": _("Yes") if found.fits else _("No"),
		"what_to_do": _what_to_do(allowance, found),
	}


def _what_to_do(allowance: Allowance, found: Forecast) -> str:
	if found.fits:
		return _("Nothing: what is booked fits.")
	if not found.missing_seconds:
		return _("Raise the price cap: it is reached before these visits are over.")
	missing = -(-found.missing_seconds // 60)
	if allowance.on_exhaustion is OnExhaustion.BLOCK:
		return _("Top up at least {0} minutes. Otherwise people will be refused.").format(missing)
	return _("Top up at least {0} minutes. Until then visits go on over the limit.").format(missing)
