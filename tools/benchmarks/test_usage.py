"""What usage costs with 1,000,000 Usage Entries against 10,000, of which 10,000 are this month's in either: an admission, a month's
report, a month's reconciliation. Medians of seven each."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import frappe
import pytest

from theranvio_telehealth.domain.allowance_plan import month_end
from theranvio_telehealth.domain.entities import Caller
from theranvio_telehealth.services import hosting
from theranvio_telehealth.services.reconciliation import reconcile
from theranvio_telehealth.site.books import SiteBooks
from theranvio_telehealth.site.clock import SiteClock
from theranvio_telehealth.site.ports import ports
from tools.benchmarks.report import Report, Row
from tools.harness.site.people import CLIENT, COMPANY, HOST

MONTHS, MONTH, RUNS = 100, 10_000, 7

#: A month of 10,000 stays of a minute, of one allowance.
ENTRIES = """insert into `tabUsage Entry` (name, idempotency_key, creation, modified, owner, modified_by, docstatus, kind, room,
		participant, allowance, provider, started_on, ended_on, seconds, billed_tenths, cost, currency, source)
	select concat(%(allowance)s, ':', seq), concat(%(allowance)s, ':', seq), now(), now(), 'Administrator', 'Administrator', 0,
		'Stay', md5(seq div 2), md5(seq), %(allowance)s, 'Peer-to-Peer', timestampadd(minute, seq, %(start)s),
		timestampadd(minute, seq + 1, %(start)s), 60, 10, 0.0017, %(currency)s, 'Heartbeat' from seq_1_to_10000"""


@pytest.fixture
def months(site: Any) -> list[date]:
	"""The first days of this month and of those before it."""
	days = [SiteClock().today().replace(day=1)]
	while len(days) < MONTHS:
		days.append((days[-1] - timedelta(days=1)).replace(day=1))
	return days


def fill(months: list[date]) -> None:
	for start in months:
		allowance = frappe.new_doc("Usage Allowance")
		allowance.update({"company": COMPANY, "period_start": start, "period_end": month_end(start)})
		allowance.included_minutes = 10_000_000
		allowance.insert()
		values = {"allowance": allowance.name, "start": start, "currency": allowance.currency}
		frappe.db.sql(ENTRIES, values)
		used = {"used_seconds": 60 * MONTH, "cost": frappe.db.sql("select 0.0017 * %s", MONTH)[0][0]}
		frappe.db.set_value("Usage Allowance", allowance.name, used)
		frappe.db.commit()
	frappe.db.sql("analyze table `tabUsage Entry`, `tabUsage Allowance`")


def median(act: Callable[[], Any], before: Callable[[], Any] = lambda: None) -> float:
	times = []
	for _run in range(RUNS + 1):
		before()
		began = time.perf_counter()
		act()
		times.append(time.perf_counter() - began)
	return statistics.median(times[1:])


def test_usage_costs_what_the_month_has(
	site: Any, report: Report, months: list[date], make_appointment: Any, http: Any
) -> None:
	room = make_appointment().theranvio_room
	assert http(CLIENT).post("visit.enter", room=room).ok
	site.db.rollback()
	waiting = site.db.get_value("Room Participant", {"room": room})

	def wait_again() -> None:
		hosting.send_back(ports(), Caller(HOST), room, waiting)
		site.db.set_value("Room Participant", waiting, "admitted_on", None)
		site.db.commit()

	def reconciled() -> None:
		assert reconcile(ports(), SiteBooks()) == []

	acts = {
		"Admission": (lambda: hosting.admit(ports(), Caller(HOST), room, waiting), wait_again),
		"A month's reconciliation": (reconciled, lambda: None),
	}
	hosting.admit(ports(), Caller(HOST), room, waiting)
	fill(months[:1])
	few = {what: median(*act) for what, act in acts.items()}
	fill(months[1:])
	for what, act in acts.items():
		many = median(*act)
		report.claim(
			Row(
				f"{what} with 1,000,000 usage entries",
				f"{many * 1000:.1f} ms",
				f"{few[what] * 1000:.1f} ms with 10,000",
				many / few[what],
				1.5,
			)
		)
