"""docs/audit.sql on an export: the same totals as the allowances', and every kind of damage is listed."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from tests.site.test_reconciliation import Visit, visit
from theranvio_telehealth.site import allowances, records
from theranvio_telehealth.site.store import SiteStore

__all__ = ["visit"]

SCRIPT = Path(__file__).parents[2] / "docs" / "audit.sql"


@pytest.fixture
def database(visit: Visit) -> sqlite3.Connection:
	allowances.top_up(SiteStore(), visit.allowance, 5, "More visits", "k")
	folder, database = Path(records.export()), sqlite3.connect(":memory:")
	for table in ("usage_entry", "usage_allowance"):
		rows = [json.loads(line) for line in (folder / f"{table}.jsonl").read_text().splitlines()]
		columns = sorted({column for row in rows for column in row})
		database.execute(f"create table {table} ({', '.join(columns)})")
		places = ", ".join("?" * len(columns))
		database.executemany(
			f"insert into {table} values ({places})",
			[[row.get(column) for column in columns] for row in rows],
		)
	return database


def audited(database: sqlite3.Connection) -> tuple[list[Any], list[Any]]:
	"""What does not add up, and the totals."""
	text = "\n".join(line for line in SCRIPT.read_text().splitlines() if not line.startswith("--"))
	*faults, totals = [statement for statement in text.split(";") if statement.strip()]
	return [row for each in faults for row in database.execute(each)], list(database.execute(totals))


def test_the_totals_are_the_allowances(site: Any, visit: Visit, database: sqlite3.Connection) -> None:
	faults, totals = audited(database)
	assert faults == []
	assert totals == [(visit.allowance, 600_300, 70, 0, 600_230, 0.0)]


def test_the_command_prints_where_the_records_are(bench: Any, visit: Visit) -> None:
	printed = bench.bench.frappe("execute", "theranvio_telehealth.site.records.export")
	folder = Path(json.loads(printed.splitlines()[-1]))
	assert visit.allowance in (folder / "usage_allowance.jsonl").read_text()


DAMAGE: dict[str, tuple[str, set[str]]] = {
	"a stay deleted": ("delete from usage_entry where seconds = 70", {"balance"}),
	"a corrected stay deleted": ("delete from usage_entry where seconds = 40", {"correction", "balance"}),
	"a correction deleted": ("delete from usage_entry where seconds = -40", {"overlap", "gap", "balance"}),
	"a length": ("update usage_entry set seconds = 71 where seconds = 70", {"length", "balance"}),
	"tenths": ("update usage_entry set billed_tenths = 1 where seconds = 70", {"length"}),
	"a cost": ("update usage_entry set cost = 7 where seconds = 70", {"cost"}),
	"a price": ("update usage_entry set price_per_minute = 7 where seconds = 70", {"cost"}),
	"a balance": ("update usage_allowance set used_seconds = 71", {"balance"}),
	"a top-up": ("update usage_entry set seconds = 1 where kind = 'Top-up'", {"balance"}),
	"corrected twice": (
		"""insert into usage_entry (name, participant, kind, corrects, seconds, billed_tenths, room)
		select participant || ':0:3', participant, kind, corrects, 0, 0, room from usage_entry where seconds = -40""",
		{"corrected twice"},
	),
}


@pytest.mark.parametrize("what", DAMAGE)
def test_damage_is_listed(site: Any, database: sqlite3.Connection, what: str) -> None:
	statement, expected = DAMAGE[what]
	assert database.execute(statement).rowcount == 1
	found = {fault for fault, *_ in audited(database)[0]}
	assert found >= expected
