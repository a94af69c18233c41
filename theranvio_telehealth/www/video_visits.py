"""A client's list of visits in the portal."""

from datetime import datetime
from typing import Any

import frappe
from frappe import _, _lt
from frappe.sessions import get_csrf_token
from frappe.utils import format_datetime

from theranvio_telehealth.domain.endings import Why
from theranvio_telehealth.domain.entities import Caller
from theranvio_telehealth.domain.enums import Phase
from theranvio_telehealth.domain.zones import to_naive
from theranvio_telehealth.services import portal
from theranvio_telehealth.site.clock import zone
from theranvio_telehealth.site.log import discreet
from theranvio_telehealth.site.ports import ports

#: By DocType and record.
Names = dict[tuple[str, str], str]


OUTCOMES = {
	Why.HOST: _lt("Took place"),
	Why.TIME: _lt("Took place"),
	Why.NOT_HELD: _lt("Did not take place"),
	Why.NO_SHOW: _lt("Did not take place"),
	Why.CANCELLED: _lt("Cancelled"),
	Why.DELETED: _lt("Cancelled"),
	Why.VIDEO_OFF: _lt("Not held by video"),
}

no_cache = 1
sitemap = 0


@discreet
def get_context(context: dict[str, Any]) -> None:
	frappe.flags.theranvio_page = "video-visits"  # by whichever path it was found: api/response_headers.py
	if frappe.session.user == "Guest":
		frappe.local.flags.redirect_location = "/login?redirect-to=%2Fvideo-visits"
		raise frappe.Redirect(302)
	if "Patient" not in frappe.get_roles():
		raise frappe.PermissionError(
			_("Video visits are shown to clients. Clinicians open them from the appointment.")
		)
	get_csrf_token()  # the platform guards only the sessions that have asked for one
	upcoming, past = portal.visits(ports(), Caller(frappe.session.user))
	shown = (*upcoming, *past)
	names = _names("Healthcare Practitioner", "practitioner_name", {visit.practitioner for visit in shown})
	names |= _names("Patient", "patient_name", {visit.patient for visit in shown})
	context["title"] = _("Video visits")
	context["zone"] = zone().replace("_", " ")
	context["zone_name"] = zone()
	context["upcoming"] = [_line(visit, names) for visit in upcoming]
	context["past"] = [_line(visit, names) for visit in past]


def _line(visit: portal.Visit, names: Names) -> dict[str, Any]:
	return {
		"address": f"/visit/{visit.room}",
		"clinician": names.get(("Healthcare Practitioner", visit.practitioner), ""),
		"patient": names.get(("Patient", visit.patient), ""),
		"starts": _moment(visit.starts_on),
		"opens": _moment(visit.opens_on),
		"is_open": visit.phase is Phase.OPEN,
		"outcome": str(OUTCOMES[visit.why]) if visit.why else "",
	}


def _moment(instant: datetime) -> dict[str, str]:
	"""As the clinic's clock shows it, and exactly, for the browser to add its own."""
	return {
		"clinic": format_datetime(to_naive(instant, zone()), "EEEE d MMMM yyyy HH:mm"),
		"time": format_datetime(to_naive(instant, zone()), "HH:mm"),
		"exact": instant.isoformat(),
	}


def _names(doctype: str, field: str, records: set[str]) -> Names:
	rows = frappe.get_all(
		doctype,
		filters={"name": ("in", sorted(records) or [""])},
		fields=["name", f"{field} as shown"],
		order_by="name",
	)
	return {(doctype, row.name): row.shown for row in rows}
