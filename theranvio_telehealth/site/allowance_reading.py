"""Allowances as a user may read them by the platform's own rules, and what is booked in their periods."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import frappe

from theranvio_telehealth.domain import forecast
from theranvio_telehealth.domain.entities import Allowance, Price
from theranvio_telehealth.domain.enums import RoomStatus
from theranvio_telehealth.domain.zones import earliest_shown
from theranvio_telehealth.services import usage
from theranvio_telehealth.site.clock import SiteClock, zone
from theranvio_telehealth.site.store import ALLOWANCE, SiteStore

DOCTYPE = "Usage Allowance"
MOST = 5000

THESE = "where name in %s order by company, ifnull(practitioner, ''), period_start, name"

#: By the index of status and close: as many rows as there are visits to come.
BOOKED = """select a.name, count(*) as visits, sum(timestampdiff(second, r.starts_on, r.ends_on)) as seconds
	from `tabAppointment Room` r join `tabUsage Allowance` a on a.company = r.company
		and ifnull(a.practitioner, '') in ('', r.practitioner)
		and r.starts_on >= a.period_start and r.starts_on < a.period_end + interval 1 day
	where r.status = %(scheduled)s and r.closes_on >= %(now)s and a.name in %(names)s group by a.name"""


def readable(**filters: Any) -> list[Allowance]:
	"""To the session's user."""
	names = frappe.get_list(DOCTYPE, filters=filters, pluck="name", order_by="period_start, name", limit=MOST)
	return ALLOWANCE.find(zone(), THESE, (names,)) if names else []


def booked(allowances: Sequence[Allowance]) -> Mapping[str, tuple[int, timedelta]]:
	"""How many visits are still to come in each allowance's period, and how long they take together."""
	values = {
		"scheduled": RoomStatus.SCHEDULED.value,
		"now": earliest_shown(SiteClock().now(), zone()),
		"names": tuple(allowance.name for allowance in allowances) or ("",),
	}
	found = {name: (visits, timedelta(seconds=int(s))) for name, visits, s in frappe.db.sql(BOOKED, values)}
	return {a.name: found.get(a.name, (0, timedelta(0))) for a in allowances}


def price(store: SiteStore, provider: str = "") -> Price:
	"""What the provider takes; without one, the provider that visits have unless another takes over."""
	return usage.price(store, provider or store.settings().default_provider)


def lacking(appointment: str) -> tuple[int, list[Allowance]]:
	"""How many seconds the appointment's visit will need, and the allowances that it would not fit. A visit that has begun, or was
	let in over the limit, fits."""
	store = SiteStore()
	room = next(iter(store.rooms_of(appointment)), None)
	if room is None or room.status is not RoomStatus.SCHEDULED or room.over_limit_by:
		return 0, []
	length = room.ends_on - room.starts_on
	found = forecast.lacking(store.allowances(room), length, price(store, room.provider))
	return forecast.needed_seconds(length), found


def practitioner_names(allowances: Sequence[Allowance]) -> Mapping[str, str]:
	wanted = sorted({allowance.practitioner for allowance in allowances if allowance.practitioner})
	fields = ["name", "practitioner_name"]
	found = frappe.get_all("Healthcare Practitioner", {"name": ("in", wanted)}, fields, order_by="name")
	return {row.name: row.practitioner_name or row.name for row in found}
