"""A month's usage at each of two companies, booked by the site's store: stays, a correction, a top-up, and visits that both a
practitioner's and the company's allowance pay for. No test logic."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Any

import frappe

from tests.site.rows import put_allowance, put_participant, put_room
from theranvio_telehealth.domain.allowance import billed_tenths, cost
from theranvio_telehealth.domain.allowance_plan import month_end
from theranvio_telehealth.domain.entities import Price, UsageEntry
from theranvio_telehealth.domain.enums import EntryKind, StaySource
from theranvio_telehealth.domain.zones import to_utc
from theranvio_telehealth.site import allowances
from theranvio_telehealth.site.clock import SiteClock, zone
from theranvio_telehealth.site.store import SiteStore
from tools.harness.site.appointments import practitioner_of
from tools.harness.site.people import COMPANY, HOST, OTHER_HOST, US_CLIENT, US_COMPANY, US_HOST

REASON = "More visits this month"
PRICES = {COMPANY: Price(Decimal("0.0017"), "CAD"), US_COMPANY: Price(Decimal("0.0031"), "USD")}


@dataclass(frozen=True)
class Books:
	"""Names of allowances and rooms. `home` and `hosts` pay for the same visit."""

	home: str
	hosts: str
	abroad: str
	rooms: dict[str, Any]


def keep_books(make_appointment: Any) -> Books:
	"""Committed, in the running month."""
	today = SiteClock().today()
	days = {"period_start": today.replace(day=1), "period_end": month_end(today) + timedelta(days=5)}
	home = put_allowance(**days, price_cap=100)
	hosts = put_allowance(**days, practitioner=practitioner_of(HOST), included_minutes=300)
	abroad = put_allowance(
		**days, company=US_COMPANY, included_minutes=500, on_exhaustion="Block New Admissions"
	)
	frappe.db.commit()
	rooms = {
		"mine": _room(make_appointment, hours=1),
		"theirs": _room(make_appointment, hours=2, host=OTHER_HOST),
		"abroad": _room(make_appointment, hours=3, host=US_HOST, client=US_CLIENT, company=US_COMPANY),
	}
	_stay(rooms["mine"], "Host", (hosts.name, home.name), 1201)
	withdrawn = _stay(rooms["mine"], "Client", (hosts.name, home.name), 1199)
	_take_back(withdrawn)
	_stay(rooms["mine"], "Client", (hosts.name, home.name), 605)
	_stay(rooms["theirs"], "Host", (home.name,), 61)
	_stay(rooms["theirs"], "Client", (home.name,), 90, Price(Decimal("0.5"), "EUR"))
	_stay(rooms["theirs"], "Client", (), 7)
	_stay(rooms["abroad"], "Client", (abroad.name,), 3607)
	for allowance, minutes in ((home.name, 50), (hosts.name, 7), (abroad.name, 11)):
		allowances.top_up(SiteStore(), allowance, minutes, REASON, "key")
	frappe.db.commit()
	return Books(home.name, hosts.name, abroad.name, rooms)


def _room(make_appointment: Any, *, hours: int, **who: Any) -> Any:
	appointment = make_appointment(video=False, starts_in=timedelta(hours=hours), **who)
	room = put_room(appointment)
	frappe.db.commit()
	return room


def _stay(
	room: Any, role: str, paying: tuple[str, ...], seconds: int, price: Price | None = None
) -> UsageEntry:
	price = price or PRICES[room.company]
	person = put_participant(room, role=role, display_name="Planted Name")
	start = to_utc(datetime.combine(SiteClock().today(), time(0, 5)), zone())
	entry = UsageEntry(
		room=room.name,
		participant=person.name,
		allowance=(*paying, "", "")[0],
		company_allowance=(*paying, "", "")[1],
		provider="Peer-to-Peer",
		started_on=start,
		ended_on=start + timedelta(seconds=seconds),
		seconds=seconds,
		billed_tenths=billed_tenths(seconds),
		cost=cost(billed_tenths(seconds), price),
		currency=price.currency,
		source=StaySource.HEARTBEAT,
		idempotency_key=frappe.generate_hash(length=20),
	)
	assert SiteStore().book(entry)
	return entry


def _take_back(entry: UsageEntry) -> None:
	taken = replace(
		entry,
		kind=EntryKind.CORRECTION,
		seconds=-entry.seconds,
		billed_tenths=-entry.billed_tenths,
		cost=-entry.cost,
		corrects=entry.name,
		reason=StaySource.PROVIDER_EVENT.value,
		idempotency_key=frappe.generate_hash(length=20),
	)
	assert SiteStore().book(taken)


def first_of_month() -> str:
	return SiteClock().today().replace(day=1).isoformat()
