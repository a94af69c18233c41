"""Saving an appointment with the app and without it, on two sites that are the same but for the app.

Both sites are open at the same time in one process, each with its own connection; the variants take turns, 50 times after a
warm-up of 15, and medians are compared. Time includes the commit. Statements are counted by the server."""

from __future__ import annotations

import contextvars
import statistics
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import frappe
import pytest

from tools.benchmarks.report import Report, Row
from tools.harness.site.appointments import make_appointment
from tools.harness.site.base_site import FLAGS
from tools.harness.site.overlay import APP, DB_ROOT_PASSWORD
from tools.harness.site.running import RunningBench

PLAIN = "plain.localhost"
WARM_UP, ROUNDS = 15, 50
connections: list[Any] = []
sys.addaudithook(lambda event, args: connections.append(args[1]) if event == "socket.connect" else None)


@pytest.fixture(scope="module")
def plain(bench: RunningBench) -> str:
	"""A copy of the site with the app taken out again."""
	overlay, dump = bench.bench, bench.bench.root / "plain.sql"
	database = frappe.get_site_config(str(overlay.sites), str(overlay.sites / overlay.site)).db_name
	socket = f"--socket={overlay.root}/run/mariadb.sock"
	login = ("--no-defaults", socket, "-uroot", f"-p{DB_ROOT_PASSWORD}")
	overlay.run("mariadb-dump", *login, f"--result-file={dump}", database)
	overlay.frappe("new-site", PLAIN, *FLAGS, f"--source-sql={dump}", site=False)
	overlay.frappe("--site", PLAIN, "uninstall-app", APP, "--yes", "--no-backup", "--force", site=False)
	return PLAIN


@dataclass
class Variant:
	"""One way of saving, with the `frappe` module of its site in a separate context."""

	site: str
	sites: Path
	fields: dict[str, Any]
	is_insert: bool
	context: contextvars.Context = field(default_factory=contextvars.copy_context)
	times: list[float] = field(default_factory=list)
	statements: list[int] = field(default_factory=list)

	def open(self) -> None:
		frappe.init(self.site, sites_path=str(self.sites), force=True)
		frappe.connect()

	def once(self) -> None:
		doc = make_appointment(starts_in=timedelta(days=9), video=False, insert=False, **self.fields)
		if not self.is_insert:
			doc.insert()
			frappe.db.commit()
			doc.notes = "a word"
		before = questions()
		began = time.perf_counter()
		doc.insert() if self.is_insert else doc.save()
		frappe.db.commit()
		self.times.append(time.perf_counter() - began)
		self.statements.append(questions() - before - 1)
		clear(doc)

	@property
	def milliseconds(self) -> float:
		return statistics.median(self.times[WARM_UP:]) * 1000

	@property
	def count(self) -> int:
		return round(statistics.median(self.statements[WARM_UP:]))


def questions() -> int:
	return int(frappe.db.sql("SHOW SESSION STATUS LIKE 'Questions'")[0][1])


def clear(doc: Any) -> None:
	"""Delete the appointment and its room, so that every run starts from the same rows."""
	for doctype in ("Patient Appointment", "Event", "Version", "Appointment Room"):
		if frappe.db.table_exists(doctype):
			frappe.db.delete(doctype)
	frappe.db.commit()


def measured(variants: list[Variant]) -> None:
	for variant in variants:
		variant.context.run(variant.open)
	connections.clear()
	for turn in range(WARM_UP + ROUNDS):
		first = turn % len(variants)
		for variant in (*variants[first:], *variants[:first]):
			variant.context.run(variant.once)
	for variant in variants:
		variant.context.run(frappe.destroy)


@pytest.fixture(params=["inserting", "changing"])
def variants(request: pytest.FixtureRequest, bench: RunningBench, plain: str) -> Iterator[list[Variant]]:
	frappe.destroy()
	overlay, is_insert = bench.bench, request.param == "inserting"
	video = {"theranvio_video": 1, "theranvio_fallback_url": "https://meet.example.org/room"}
	return [
		Variant(plain, overlay.sites, {}, is_insert),
		Variant(overlay.site, overlay.sites, {}, is_insert),
		Variant(overlay.site, overlay.sites, video, is_insert),
	]


def test_saving(variants: list[Variant], bench: RunningBench, report: Report) -> None:
	measured(variants)
	without, off, on = variants
	what = "Booking an appointment" if on.is_insert else "Changing an appointment"
	against = f"{without.milliseconds:.1f} ms, {without.count} statements without the app"

	def rows(name: str, variant: Variant, times: float, more: int) -> Iterator[Row]:
		measured = f"{variant.milliseconds:.1f} ms, {variant.count} statements"
		yield Row(
			f"{what}, video {name}", measured, against, variant.milliseconds / without.milliseconds, times
		)
		unit = "more statements"
		yield Row(f"{what}, video {name}", measured, against, variant.count - without.count, more, unit)

	known = {bench.bench.ports.db, bench.bench.ports.redis}
	foreign = [address for address in connections if not is_local(address, known)]
	assert foreign == []
	report.claim(*rows("on", on, 1.25, 12), *rows("off", off, 1.03, 1))


def is_local(address: Any, ports: set[int]) -> bool:
	return isinstance(address, str) or (
		address[0] in ("127.0.0.1", "::1", "localhost") and address[1] in ports
	)
