"""The rows and requests of visits, against the services and against the browser's code."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pytest

from tests.architecture.sources import ROOT
from tests.plan.clinics import CERTAIN, CHIME, VISITS, forecast_of
from tests.plan.scripted import ScriptedVisit
from tests.services.acts import CLIENT, GUARDIAN, HOST, INTERPRETER, Visit
from theranvio_telehealth.domain.entities import Join, Participant, Room, UsageEntry
from theranvio_telehealth.domain.provider_events import ProviderEvent
from theranvio_telehealth.plan import footprint
from theranvio_telehealth.plan.clinic import Habits, habits

STORED = {
	"Appointment Room": Room,
	"Room Participant": Participant,
	"Room Join": Join,
	"Usage Entry": UsageEntry,
	"Provider Event": ProviderEvent,
}
PAIR = Habits()


@pytest.mark.parametrize("events", [False, True])
@pytest.mark.parametrize("rejoins", [0, 1, 3])
@pytest.mark.parametrize("clients", [[], [CLIENT], [CLIENT, GUARDIAN], [CLIENT, GUARDIAN, INTERPRETER]])
def test_a_visit_writes_these_rows(clients: Sequence[str], rejoins: int, events: bool) -> None:
	"""What only a site writes is counted by tests/site/test_plan.py."""
	visit = Visit()
	ScriptedVisit(visit.ports, visit.harness.clock, visit.name, HOST, events).hold(clients, rejoins)
	planned = habits({"provider": CHIME, "rejoins": rejoins} if events else {"rejoins": rejoins})
	rows = footprint.rows(planned, 1, bool(clients), len(clients))
	written = {table: len(visit.harness.store.all(entity)) for table, entity in STORED.items()}
	assert written == {table: rows[table] for table in STORED}


@pytest.mark.parametrize(
	("file", "pattern", "planned"),
	[
		("call.js", r"BEAT_MS = (\d+)", footprint.BEAT),
		("state.js", r"usual = live .*\? (\d+)", footprint.POLL[True]),
		("state.js", r"usual = live .*: ([\d]+);", footprint.POLL[False]),
		("others.js", r"LIVE_MS = (\d+)", footprint.LOOK_AT_OTHERS[True]),
		("others.js", r"ALONE_MS = (\d+)", footprint.LOOK_AT_OTHERS[False]),
	],
)
def test_pages_ask_as_often_as_is_planned(file: str, pattern: str, planned: float) -> None:
	code = (ROOT / "theranvio_telehealth/public/js/visit" / file).read_text()
	found = re.search(pattern, code)
	assert found
	assert int(found[1]) == planned * 1000


def test_a_minute_of_a_call() -> None:
	found = footprint.requests(PAIR, 0, 0, 60, 120)
	assert found == {
		"beats": 18,
		"polls": 12,
		"other visits": 1,
		"acts": 0,
		"signals": 0,
		"provider events": 0,
	}


def test_without_nudges_pages_ask_more_often_and_browsers_for_signals_too() -> None:
	found = footprint.requests(habits({"nudges": False}), 0, 0, 60, 60)
	assert (found["polls"], found["signals"], found["other visits"]) == (48, 48, 4)
	assert footprint.requests(habits({"nudges": False, "provider": CHIME}), 0, 0, 60, 60)["signals"] == 0


def test_a_waiting_client_asks_too() -> None:
	assert footprint.requests(habits({"waiting_minutes": 10}), 1, 2, 0, 0)["polls"] == 2 * 600 / 15


def test_only_a_provider_that_reports_sends_events() -> None:
	assert footprint.requests(habits({"provider": CHIME}), 2, 3, 0, 0)["provider events"] == 2 * 3 + 3 * 2
	assert footprint.requests(PAIR, 2, 3, 0, 0)["provider events"] == 0


def test_a_forecast_is_of_all_visits() -> None:
	found = forecast_of(**CERTAIN, rejoins=1, months=20)
	assert found.rows["Room Join"] == 4 * VISITS
	assert found.rows["Appointment Room"] == VISITS
	assert found.requests["beats"] == VISITS * 2 * 50 * 6
