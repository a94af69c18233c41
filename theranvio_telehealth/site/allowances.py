"""Allowances as administrators change them: a plan's periods, top-ups, and a visit let in over the limit. What a period
includes is decided in `domain/allowance_plan.py`."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import frappe

from theranvio_telehealth.domain import allowance_plan, rooms
from theranvio_telehealth.domain.allowance import reached_percent
from theranvio_telehealth.domain.allowance_plan import Period, Plan
from theranvio_telehealth.domain.enums import EntryKind
from theranvio_telehealth.domain.errors import Malformed, NotFound
from theranvio_telehealth.domain.ledger import time_given
from theranvio_telehealth.site.clock import SiteClock
from theranvio_telehealth.site.log import SiteLog
from theranvio_telehealth.site.store import ALLOWANCE, BY_NAME, ENTRY, SiteStore

DOCTYPE = "Usage Allowance"
#: Copied from a plan to its periods that have not ended.
POLICY = ("on_exhaustion", "price_cap", "warning_percents")


def apply_plan(doc: Any) -> None:
	"""Give the plan's terms to its periods that have not ended and, where it is enabled, make those that are missing. Call it
	while the plan is saved, in the platform's transaction."""
	lock_company(doc.company)
	plan, today = doc.value(), SiteClock().today()
	periods = {period.start: period for period in allowance_plan.periods(plan, today)}
	known = frappe.get_all(DOCTYPE, {"plan": plan.name}, ["name", "period_start"], order_by="period_start")
	for row in known:
		if row.period_start in periods and periods[row.period_start].end >= today:
			_give_terms(doc, row.name, periods[row.period_start], today)
	missing = periods.keys() - {row.period_start for row in known} if doc.enabled else ()
	for start in sorted(missing):
		_make(doc, periods[start])


def lock_company(company: str) -> None:
	"""Before its allowances: two that are made at once must not cover the same days."""
	frappe.db.get_value("Company", company, "name", for_update=True)


def _make(doc: Any, period: Period) -> None:
	allowance = frappe.new_doc(DOCTYPE)
	allowance.update({field: doc.get(field) for field in ("company", "practitioner", *POLICY)})
	allowance.update({"plan": doc.name, "period_start": period.start, "period_end": period.end})
	allowance.included_minutes = period.minutes
	allowance.insert(ignore_permissions=True)


def _give_terms(doc: Any, name: str, period: Period, today: date) -> None:
	"""A period that has begun gets more or fewer minutes by an entry of its own."""
	before = doc.get_doc_before_save()
	if period.start <= today and before:
		_amend(doc, name, before.minutes_per_month)
	allowance = frappe.get_doc(DOCTYPE, name)
	allowance.update({field: doc.get(field) for field in POLICY})
	if period.start > today:
		allowance.included_minutes = period.minutes
	allowance.save(ignore_permissions=True)


def _amend(doc: Any, name: str, before: int) -> None:
	store, now = SiteStore(), SiteClock().now()
	(allowance,) = ALLOWANCE.find(store.zone, BY_NAME, (name,))
	seconds = allowance_plan.amendment(before, doc.minutes_per_month, allowance)
	if seconds:
		key = f"amendment:{name}:{frappe.generate_hash(length=12)}"
		why, by = doc.reason_for_change or "", frappe.session.user
		store.append(time_given(name, EntryKind.AMENDMENT, seconds, key, now, why, by))
		_warn_again(store, name)


def has_begun(plan: str) -> bool:
	"""Whether a period of the plan has begun and not ended."""
	today = SiteClock().today()
	running = {"plan": plan, "period_start": ("<=", today), "period_end": (">=", today)}
	return bool(frappe.db.exists(DOCTYPE, running))


def make_periods(store: SiteStore) -> None:
	"""Of every plan that is enabled; then carry over what is left. A plan that fails does not hold up the others."""
	for name in frappe.get_all("Allowance Plan", {"enabled": 1}, pluck="name", order_by="creation, name"):
		try:
			with store.transaction():
				doc = frappe.get_doc("Allowance Plan", name)
				apply_plan(doc)
				carry_over(store, doc.value())
		except Exception as error:
			SiteLog().failure("allowance plan", name, error)


def carry_over(store: SiteStore, plan: Plan) -> None:
	"""Give each period what was left of the one before, once that has ended and all its visits are over."""
	clock = SiteClock()
	of_plan = ALLOWANCE.find(store.zone, "where plan = %s order by period_start", (plan.name,))
	for ended, following in itertools.pairwise(of_plan):
		seconds = allowance_plan.carried_over(plan, ended) if ended.period_end < clock.today() else 0
		if seconds:
			key = f"carry-over:{plan.name}:{ended.period_start}"
			store.book(
				time_given(following.name, EntryKind.CARRY_OVER, seconds, key, clock.now(), ended.name)
			)


def top_up(store: SiteStore, allowance: str, minutes: int, reason: str, key: str) -> None:
	"""More time for a period, on record with its reason; once for each key. Raises `Malformed` where the key stands for another
	top-up."""
	by, now = frappe.session.user, SiteClock().now()
	with store.transaction():
		unique = f"top-up:{allowance}:{key}"
		entry = time_given(allowance, EntryKind.TOP_UP, minutes * 60, unique, now, reason, by)
		if not store.book(entry):
			(booked,) = ENTRY.find(store.zone, BY_NAME, (unique,))
			if (booked.seconds, booked.reason) != (entry.seconds, entry.reason):
				raise Malformed
		_warn_again(store, allowance)


def _warn_again(store: SiteStore, allowance: str) -> None:
	"""At the percentages that are not reached any more, now that more is included."""
	(after,) = ALLOWANCE.find(store.zone, BY_NAME, (allowance,))
	store.mark_warned(allowance, min(after.warned_percent, reached_percent(after)))


def let_in_over_limit(store: SiteStore, room: str, reason: str, permitted: Collection[str]) -> None:
	"""Let one visit in although an allowance that pays for it is used up. `permitted`: the allowances that the user may change.
	Raises `NotFound` where none of them pays for the room, and `VisitOver`."""
	with store.transaction():
		found = store.lock(room)
		if found is None or not {a.name for a in store.allowances(found)} <= set(permitted):
			raise NotFound
		rooms.require_running(found)
		by = frappe.session.user
		store.save_room(replace(found, over_limit_by=by, over_limit_reason=reason))


def of_room(store: SiteStore, room: str) -> Sequence[str]:
	"""The allowances that pay for the room."""
	found = store.room(room)
	return [allowance.name for allowance in store.allowances(found)] if found else []
