"""The sweep with 1,000,000 rooms against the sweep with 2,000, 50 of them due in either.

Once all other rooms are over, and once they are all still to come. Medians of five sweeps each."""

from __future__ import annotations

import statistics
import time
from typing import Any

import frappe
import pytest

from theranvio_telehealth.services.sweep import sweep
from theranvio_telehealth.site.ports import ports
from tools.benchmarks.report import Report, Row
from tools.harness.site.appointments import patient_of, practitioner_of
from tools.harness.site.people import APPOINTMENT_TYPE, CLIENT, COMPANY, HOST

DUE, SWEEPS = 50, 5

#: `minutes` is the start, counted from now, of room number `seq`.
APPOINTMENTS = """insert into `tabPatient Appointment` (name, creation, modified, owner, modified_by, docstatus, status,
		appointment_type, company, patient, practitioner, appointment_date, appointment_time, appointment_datetime,
		duration, theranvio_video, theranvio_room)
	select concat('BENCH-', seq), '2026-01-01 00:00:00', '2026-01-01 00:00:00', 'Administrator', 'Administrator', 0,
		'Scheduled', %(type)s, %(company)s, %(patient)s, %(practitioner)s, date(at), time(at), at, 20, 1, md5(seq)
	from (select seq, timestampadd(minute, {minutes}, %(now)s) at
		from (select cast(seq as signed) seq from seq_{first}_to_{last}) whole) numbers"""
ROOMS = """insert into `tabAppointment Room` (name, creation, modified, owner, modified_by, docstatus, status, appointment,
		appointment_key, company, patient, practitioner, starts_on, ends_on, opens_on, closes_on, provider, link_version)
	select md5(seq), '2026-01-01 00:00:00', '2026-01-01 00:00:00', 'Administrator', 'Administrator', 0, %(shown)s,
		concat('BENCH-', seq), concat('BENCH-', seq, ':2026-01-01T00:00:00'), %(company)s, %(patient)s, %(practitioner)s,
		at, timestampadd(minute, 20, at), timestampadd(minute, -15, at), timestampadd(minute, 50, at), 'Peer-to-Peer', 1
	from (select seq, timestampadd(minute, {minutes}, %(now)s) at
		from (select cast(seq as signed) seq from seq_{first}_to_{last}) whole) numbers"""

OTHERS = {"over": ("Expired", "-20000 - seq"), "still to come": ("Scheduled", "20000 + seq")}


def fill(first: int, last: int, shown: str, minutes: str) -> None:
	values = {
		"type": APPOINTMENT_TYPE,
		"company": COMPANY,
		"patient": patient_of(CLIENT),
		"practitioner": practitioner_of(HOST),
		"now": frappe.utils.now_datetime().replace(microsecond=0),
		"shown": shown,
	}
	for statement in (APPOINTMENTS, ROOMS):
		frappe.db.sql(statement.format(first=first, last=last, minutes=minutes), values)
	frappe.db.commit()


def empty(*, only_due: bool = False) -> None:
	for table, column in (("Patient Appointment", "name"), ("Appointment Room", "appointment")):
		names = [f"BENCH-{number}" for number in range(1, DUE + 1)]
		frappe.db.delete(table, {column: ("in", names)} if only_due else None)
	frappe.db.delete("Version")
	frappe.db.commit()


def seconds(rooms: int, status: str, minutes: str) -> float:
	empty()
	fill(DUE + 1, rooms, status, minutes)
	frappe.db.sql("analyze table `tabPatient Appointment`, `tabAppointment Room`, `tabRoom Participant`")
	times = []
	for _ in range(SWEEPS + 1):
		empty(only_due=True)
		fill(1, DUE, "Scheduled", "-100 - seq")
		began = time.perf_counter()
		swept = sweep(ports())
		times.append(time.perf_counter() - began)
		assert (swept.closed, swept.failed) == (DUE, 0)
	return statistics.median(times[1:])


@pytest.mark.parametrize("others", OTHERS)
def test_a_sweep_costs_what_is_due(site: Any, report: Report, others: str) -> None:
	few, many = (seconds(rooms, *OTHERS[others]) for rooms in (2_000, 1_000_000))
	report.claim(
		Row(
			f"Sweeping 1,000,000 rooms, {DUE} due, the others {others}",
			f"{many * 1000:.0f} ms",
			f"{few * 1000:.0f} ms for 2,000 rooms",
			many / few,
			1.3,
		)
	)
