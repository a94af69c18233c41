"""The usage reports of a month with 1,000,000 entries stored against the same month alone, which has 10,000.

Each entry belongs to one of 20 in a room, and is paid for by a practitioner's and the company's allowance of its month. Medians of
five readings each, as an administrator of one company."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import frappe
import pytest

from theranvio_telehealth.site import allowance_reading
from theranvio_telehealth.site.clock import SiteClock
from tools.benchmarks.report import Report, Row
from tools.harness.site.appointments import practitioner_of
from tools.harness.site.people import COMPANY, HOME_OFFICE, HOST

A_MONTH, MONTHS, READINGS = 10_000, 100, 5

ALLOWANCE = """insert into `tabUsage Allowance` (name, creation, modified, owner, modified_by, docstatus, company, practitioner,
		period_start, period_end, included_minutes, currency, on_exhaustion)
	values (%(name)s, now(), now(), 'Administrator', 'Administrator', 0, %(company)s, %(practitioner)s, %(first)s,
		last_day(%(first)s), 1000000, 'CAD', 'Warn')"""
ROOMS = """insert into `tabAppointment Room` (name, creation, modified, owner, modified_by, docstatus, status, appointment,
		appointment_key, company, practitioner, starts_on, ends_on, opens_on, closes_on, provider, link_version)
	select md5(concat(%(month)s, '-', seq)), now(), now(), 'Administrator', 'Administrator', 0, 'Ended', 'BENCH',
		concat(%(month)s, '-', seq), %(company)s, %(practitioner)s, %(first)s, %(first)s, %(first)s, %(first)s,
		'Peer-to-Peer', 1
	from (select cast(seq as signed) seq from seq_0_to_{rooms}) whole"""
ENTRIES = """insert into `tabUsage Entry` (name, creation, modified, owner, modified_by, docstatus, kind, room, participant,
		allowance, company_allowance, provider, started_on, ended_on, seconds, billed_tenths, cost, currency, source,
		idempotency_key)
	select concat(%(month)s, ':', seq), now(), now(), 'Administrator', 'Administrator', 0, 'Stay',
		md5(concat(%(month)s, '-', seq div 20)), md5(seq), %(mine)s, %(whole)s, 'Peer-to-Peer',
		timestampadd(second, seq * 60, %(first)s), timestampadd(second, seq * 60 + 600, %(first)s), 600, 100, 0.017, 'CAD',
		'Heartbeat', concat(%(month)s, ':', seq)
	from (select cast(seq as signed) seq from seq_0_to_{last}) numbers"""


def fill(months: range) -> None:
	first = SiteClock().today().replace(day=1)
	for month in range(months.stop):
		if month in months:
			_fill(month, first)
		first = (first - timedelta(days=1)).replace(day=1)
	frappe.db.commit()
	frappe.db.sql("analyze table `tabUsage Entry`, `tabAppointment Room`, `tabUsage Allowance`")


def _fill(month: int, first: Any) -> None:
	who = practitioner_of(HOST)
	names = {"mine": f"BENCH-{month}-P", "whole": f"BENCH-{month}-C"}
	values = {"company": COMPANY, "practitioner": who, "first": first, "month": f"{month}", **names}
	for name, practitioner in ((names["mine"], who), (names["whole"], None)):
		frappe.db.sql(ALLOWANCE, values | {"name": name, "practitioner": practitioner})
	frappe.db.sql(ROOMS.format(rooms=A_MONTH // 20 - 1), values)
	frappe.db.sql(ENTRIES.format(last=A_MONTH - 1), values)
	frappe.db.commit()


def ledger_of_a_month() -> None:
	from theranvio_telehealth.telehealth.report.usage_ledger.usage_ledger import execute

	first = SiteClock().today().replace(day=1)
	_columns, rows, *_rest = execute({"from_date": first, "to_date": first + timedelta(days=30)})
	assert rows[-1]["used_seconds"] == A_MONTH * 600


def ledger_of_an_allowance() -> None:
	from theranvio_telehealth.telehealth.report.usage_ledger.usage_ledger import execute

	_columns, rows, *_rest = execute({"allowance": "BENCH-0-C"})
	assert rows[-1]["used_seconds"] == A_MONTH * 600


def by_practitioner() -> None:
	from theranvio_telehealth.telehealth.report.usage_by_practitioner.usage_by_practitioner import execute

	first = SiteClock().today().replace(day=1)
	_columns, rows, *_rest = execute({"from_date": first, "to_date": first + timedelta(days=30)})
	assert rows[-1]["visits"] == A_MONTH // 20


def forecast() -> None:
	from theranvio_telehealth.telehealth.report.allowance_forecast.allowance_forecast import execute

	_columns, rows = execute()
	assert len(rows) == 2


def numbers_of_the_workspace() -> None:
	today = SiteClock().today()
	assert len(allowance_reading.readable(period_start=("<=", today), period_end=(">=", today))) == 2


READ: dict[str, Callable[[], None]] = {
	"Usage Ledger of a month": ledger_of_a_month,
	"Usage Ledger of an allowance": ledger_of_an_allowance,
	"Usage by Practitioner of a month": by_practitioner,
	"Allowance Forecast": forecast,
	"the numbers of the workspace": numbers_of_the_workspace,
}


def seconds(read: Callable[[], None]) -> float:
	times = []
	for _ in range(READINGS + 1):
		began = time.perf_counter()
		read()
		times.append(time.perf_counter() - began)
	return statistics.median(times[1:])


@pytest.fixture
def stored(site: Any) -> Any:
	yield
	for doctype in ("Usage Entry", "Appointment Room", "Usage Allowance"):
		site.db.sql_ddl(f"truncate `tab{doctype}`")


def test_a_month_costs_what_is_in_it(site: Any, report: Report, as_user: Any, stored: None) -> None:
	fill(range(1))
	with as_user(HOME_OFFICE):
		few = {what: seconds(read) for what, read in READ.items()}
	fill(range(1, MONTHS))
	with as_user(HOME_OFFICE):
		many = {what: seconds(read) for what, read in READ.items()}
	report.claim(
		*(
			Row(
				f"Reading {what} with 1,000,000 entries",
				f"{many[what] * 1000:.0f} ms",
				f"{few[what] * 1000:.0f} ms with 10,000",
				many[what] / few[what],
				1.5,
			)
			for what in READ
		)
	)
