"""One running bench for a whole test session: made from the cache, this app installed on it, and cleaned between tests."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import frappe
from frappe.cache_manager import user_cache_keys
from frappe.deferred_insert import queue_prefix
from frappe.utils.background_jobs import get_queues

from theranvio_telehealth.site.transactions import settled
from tools.harness.site.base_site import BaseSite
from tools.harness.site.clinic import office
from tools.harness.site.http import Http
from tools.harness.site.overlay import APP, Overlay
from tools.harness.site.services import Services

#: The platform's tables that tests write.
HOST_TABLES = (
	"tabPatient Appointment",
	"tabPatient Encounter",
	"tabTherapy Session",
	"tabClinical Procedure",
	"tabEvent",
	"tabAccess Log",
	"tabCommunication",
	"tabData Import",
	"tabData Import Log",
	"tabVersion",
	"tabError Log",
	"tabDeleted Document",
	"tabNotification Log",
	"tabEmail Queue",
	"tabDocShare",
	"tabToDo",
	"tabNote",
	"tabFile",
	"tabFee Validity",
	"tabPatient Medical Record",
	"tabTransaction Deletion Record",
	"tabSeries",
)
#: Permissions, which the platform caches.
CACHED_TABLES = (
	"tabUser",
	"tabHas Role",
	"tabRole",
	"tabUser Permission",
	"tabCustom DocPerm",
	"tabDocPerm",
	"tabDefaultValue",
	"tabPatient",
	"tabPatient Relation",
	"tabCustomer",
	"tabContact",
	"tabDynamic Link",
	"tabHealthcare Practitioner",
	"tabAppointment Type",
	"tabCompany",
	"__Auth",
)
META_TABLES = {"tabRole", "tabCustom DocPerm", "tabDocPerm"}
LOGIN_TABLES = {"tabUser", "__Auth"}
SINGLES = "tabSingles"
Rows = list[tuple[Any, ...]]


class RunningBench:
	"""`bench` where things are, `services` what runs; `connect` and `restore` go around every test."""

	def __init__(self, bench: Overlay, services: Services) -> None:
		self.bench = bench
		self.services = services
		self.signed_in: dict[tuple[str, str], Http] = {}
		self._stored: dict[str, Rows] = {}
		self._columns: dict[str, list[str]] = {}
		self._singles: tuple[str, ...] = ("",)

	def connect(self) -> None:
		"""A fresh connection as Administrator, and nothing left of what the last one knew."""
		frappe.destroy()
		frappe.init(self.bench.site, sites_path=str(self.bench.sites), force=True)
		frappe.connect()

	def remember(self) -> None:
		"""Keep the rows that `restore` brings back: all of this app's, and the platform's that tests write."""
		own = frappe.get_all("DocType", {"module": "Telehealth"}, ["name", "issingle"])
		self._singles = ("", *(doctype.name for doctype in own if doctype.issingle))
		tables = [f"tab{doctype.name}" for doctype in own if not doctype.issingle]
		rows_of = [f"tab{field.options}" for table in HOST_TABLES for field in _tables_in(table)]
		for table in (*HOST_TABLES, *rows_of, *CACHED_TABLES, *tables, SINGLES):
			self._stored[table] = self._read(table)
			self._columns[table] = [column[0] for column in frappe.db._cursor.description]

	def restore(self) -> None:
		"""The tables as they were, no jobs waiting, no user rate-limited."""
		frappe.db.rollback()
		self._forget(settled(self._put_back))
		frappe.cache.delete_keys("rl:")
		frappe.cache.delete_keys(queue_prefix)
		for queue in get_queues():
			queue.empty()

	def _put_back(self) -> set[str]:
		"""May have to be done again: a web process can still be at work after its answer."""
		changed = {table for table, rows in self._stored.items() if self._read(table) != rows}
		for table in changed:
			self._rewrite(table)
		frappe.db.commit()  # other processes have to see it
		return changed

	def _forget(self, changed: set[str]) -> None:
		"""Clears only what changed: rebuilding all caches of the platform takes a second or more."""
		if changed & {*CACHED_TABLES, SINGLES}:
			frappe.cache.delete_keys("document_cache::")
			frappe.cache.delete_value(list(user_cache_keys))
		if changed & META_TABLES:
			frappe.clear_cache()
		if changed & LOGIN_TABLES:
			self.signed_in.clear()

	def _read(self, table: str) -> Rows:
		return list(frappe.db.sql(f"SELECT * FROM `{table}`{self._part(table)}"))

	def _rewrite(self, table: str) -> None:
		frappe.db.sql(f"DELETE FROM `{table}`{self._part(table)}")
		if rows := self._stored[table]:
			names = ", ".join(f"`{column}`" for column in self._columns[table])
			row = f"({', '.join(['%s'] * len(rows[0]))})"
			places = ", ".join([row] * len(rows))
			values = [value for row in rows for value in row]
			frappe.db.sql(f"INSERT INTO `{table}` ({names}) VALUES {places}", values)

	def _part(self, table: str) -> str:
		"""Of the platform's singles only ours are of interest."""
		if table != SINGLES:
			return ""
		return f" WHERE doctype IN ({', '.join(map(frappe.db.escape, self._singles))})"

	def run_jobs(self) -> None:
		"""Let a real worker do everything that is queued now."""
		frappe.db.commit()  # the worker is another process
		self.bench.frappe("worker", "--queue", "short,default,long", "--burst", site=False)
		self.see()

	def run_scheduled(self) -> None:
		"""Have the scheduler's jobs of this app done now, each as the scheduler does it."""
		for name in frappe.get_all("Scheduled Job Type", {"method": ("like", f"{APP}.%")}, pluck="name"):
			frappe.get_doc("Scheduled Job Type", name).enqueue(force=True)
		self.run_jobs()

	def read_configuration(self) -> None:
		"""Frappe 15 reads a site's configuration with every request; 16 keeps it for a minute in each web process."""
		if int(frappe.__version__.partition(".")[0]) >= 16:
			self.services.web.stop()
			self.services.web.start()

	def see(self) -> None:
		"""Begin a new transaction, so that what other processes committed can be seen."""
		frappe.db.rollback()


def _tables_in(table: str) -> list[Any]:
	doctype = table.removeprefix("tab")
	return frappe.get_meta(doctype).get_table_fields() if frappe.db.exists("DocType", doctype) else []


@contextmanager
def running_bench(root: Path, real: Path, data: Path, cache: Path, site: str) -> Iterator[RunningBench]:
	bench = Overlay(root, real, site)
	bench.lay()
	services = Services(bench, data)
	try:
		BaseSite(bench, services, cache).put_in_place()
		_together(lambda: bench.frappe("install-app", APP), lambda: _build(bench))
		services.start_web()
		os.environ.update({key: value for key, value in bench.env.items() if key.startswith("FRAPPE_")})
		os.chdir(bench.sites)
		running = RunningBench(bench, services)
		running.connect()
		office()
		running.remember()
		yield running
	finally:
		with suppress(Exception):
			frappe.destroy()
		services.stop()


def _build(bench: Overlay) -> None:
	missing = [app for app in ("frappe", "erpnext", "healthcare") if not _is_built(bench, app)]
	for app in (*missing, APP):
		bench.build(app)


def _is_built(bench: Overlay, app: str) -> bool:
	return (bench.sites / "assets/assets.json").is_file() and (bench.sites / "assets" / app / "dist").is_dir()


def _together(*acts: Callable[[], object]) -> None:
	with ThreadPoolExecutor() as pool:
		for act in [pool.submit(act) for act in acts]:
			act.result()
