"""A client's list of visits in the portal."""

from datetime import datetime
from typing import Any

import frappe
from frappe import _
from frappe.sessions import get_csrf_token
from frappe.utils import format_datetime

from theranvio_telehealth.domain.words import Phase, RoomStatus
from theranvio_telehealth.domain.zones import to_naive
from theranvio_telehealth.services import portal
from theranvio_telehealth.site.clock import zone
from theranvio_telehealth.site.ports import ports

no_cache = 1
sitemap = 0


def get_context(context: dict[str, Any]) -> None:
	if frappe.session.user == "Guest":
		frappe.local.flags.redirect_location = "/login?redirect-to=%2Fvideo-visits"
		raise frappe.Redirect(302)
	if "Patient" not in frappe.get_roles():
		raise frappe.PermissionError(
			_("Video visits are shown to clients. Clinicians open them from the appointment.")
		)
	get_csrf_token()  # the host guards only the sessions that have asked for one
	upcoming, past = portal.visits(ports(), frappe.session.user)
	names = _names({visit.practitioner for visit in (*upcoming, *past)})
	context["title"] = _("Video visits")
	context["zone"] = zone().replace("_", " ")
	context["upcoming"] = [_line(visit, names) for visit in upcoming]
	context["past"] = [_line(visit, names) for visit in past]


def _line(visit: portal.Visit, names: dict[str, str]) -> dict[str, Any]:
	return {
		"address": f"/visit/{visit.room}",
		"clinician": names.get(visit.practitioner, ""),
		"starts": _moment(visit.starts_on),
		"opens": _moment(visit.opens_on),
		"is_open": visit.phase is Phase.OPEN,
		"outcome": _outcome(visit.status),
	}


def _moment(instant: datetime) -> dict[str, str]:
	"""As the clinic's clock shows it, and exactly, for the browser to add its own."""
	return {
		"clinic": format_datetime(to_naive(instant, zone()), "EEEE d MMMM yyyy HH:mm"),
		"time": format_datetime(to_naive(instant, zone()), "HH:mm"),
		"exact": instant.isoformat(),
	}


def _outcome(status: RoomStatus) -> str:
	if status is RoomStatus.REVOKED:
		return _("Cancelled")
	took_place = status in (RoomStatus.ENDED, RoomStatus.LIVE)  # Live: its window has just closed
	return _("Took place") if took_place else _("Did not take place")


def _names(practitioners: set[str]) -> dict[str, str]:
	rows = frappe.get_all(
		"Healthcare Practitioner",
		filters={"name": ("in", sorted(practitioners) or [""])},
		fields=["name", "practitioner_name"],
		order_by="name",
	)
	return {row.name: row.practitioner_name for row in rows}
