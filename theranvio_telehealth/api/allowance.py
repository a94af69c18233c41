"""What an administrator does to an allowance from its form: more time, or one visit let in over the limit. And whether a booked
visit fits."""

from typing import Annotated, Any

import frappe
from pydantic import AfterValidator, Field, StringConstraints

from theranvio_telehealth.api.guards import Name, guarded
from theranvio_telehealth.domain import bounds
from theranvio_telehealth.domain.errors import NotFound
from theranvio_telehealth.site import allowance_reading, allowances
from theranvio_telehealth.site.directory import APPOINTMENT
from theranvio_telehealth.site.reasons import as_stored
from theranvio_telehealth.site.store import SiteStore
from theranvio_telehealth.site.usage_statement import minutes

DOCTYPE = "Usage Allowance"


def _reason(text: str) -> str:
	if not as_stored(text):
		raise ValueError
	return text


Minutes = Annotated[int, Field(ge=bounds.TOP_UP.least, le=bounds.TOP_UP.most)]
#: The name of one of the platform's documents.
Document = Annotated[str, StringConstraints(min_length=1, max_length=140)]
Reason = Annotated[str, StringConstraints(strip_whitespace=True, max_length=500), AfterValidator(_reason)]
#: Tells one top-up from another, within the 140 characters of an entry's name.
Key = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,64}$")]


@frappe.whitelist(methods=["POST"])
@guarded(per_minute=10)
def top_up(allowance: Name, minutes: Minutes, reason: Reason, key: Key) -> dict[str, Any]:
	"""More minutes for the period, once for each `key`."""
	if not _may_change(allowance):
		raise NotFound
	allowances.top_up(SiteStore(), allowance, minutes, as_stored(reason), key)
	return {}


@frappe.whitelist(methods=["POST"])
@guarded(per_minute=10)
def let_in(room: Name, reason: Reason) -> dict[str, Any]:
	"""One visit may go on although its allowance is used up. For those who may change all allowances that pay for it."""
	store = SiteStore()
	paying = allowances.of_room(store, room)
	if not paying or not all(map(_may_change, paying)):
		raise NotFound
	allowances.let_in_over_limit(store, room, as_stored(reason), paying)
	return {}


@frappe.whitelist(methods=["GET"])
@guarded(per_minute=120)
def fits(appointment: Document) -> dict[str, Any]:
	"""Whether the visit fits what is left of its allowances. For staff who may read the appointment; numbers are those of
	allowances that they may read."""
	if not _may_read_appointment(appointment):
		raise NotFound
	needed, lacking = allowance_reading.lacking(appointment)
	readable = [a for a in lacking if frappe.has_permission(DOCTYPE, "read", doc=a.name)]
	shown = [{"name": a.name, "left": minutes(a.left_seconds), "needed": minutes(needed)} for a in readable]
	return {"fits": not lacking, "lacking": shown}


def _may_read_appointment(name: str) -> bool:
	is_staff = frappe.get_cached_value("User", frappe.session.user, "user_type") == "System User"
	return bool(
		is_staff
		and frappe.db.exists(APPOINTMENT, name)
		and frappe.has_permission(APPOINTMENT, "read", doc=name)
	)


def _may_change(allowance: str) -> bool:
	exists = frappe.db.exists(DOCTYPE, allowance)
	return bool(exists and frappe.has_permission(DOCTYPE, "write", doc=allowance))
