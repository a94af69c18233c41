"""The planner on a site: the rows that a visit really writes, and the command over booked appointments."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import frappe
import pytest
from frappe.utils import now_datetime

from tests.plan.scripted import ScriptedVisit
from tests.site.seed import SiteSeed
from tests.site.visits import Booked
from theranvio_telehealth.domain.entities import Person
from theranvio_telehealth.domain.enums import Adapter, Role
from theranvio_telehealth.plan import footprint
from theranvio_telehealth.plan.clinic import habits
from theranvio_telehealth.providers.fake import FakeProvider
from theranvio_telehealth.services import booking, teardown
from theranvio_telehealth.services.ports import Ports
from theranvio_telehealth.site.ports import ports
from theranvio_telehealth.site.store import SiteStore
from tools.harness.ports import (
	DictDirectory,
	FixedClock,
	RecordingBackground,
	RecordingNudge,
)
from tools.harness.site.overlay import CommandFailed
from tools.harness.site.people import (
	CLIENT,
	COMPANY,
	HOST,
	OTHER_CLIENT,
	OTHER_HOST,
	US_CLIENT,
	US_COMPANY,
	US_HOST,
)

CHIME, PAIR = Adapter.CHIME.value, Adapter.PEER_TO_PEER.value
GUARDIAN = "guardian@home.test"
ROLES = {HOST: Role.HOST, CLIENT: Role.CLIENT, GUARDIAN: Role.GUARDIAN}
TABLES = (
	"Appointment Room",
	"Room Meeting",
	"Room Participant",
	"Participant Access",
	"Room Join",
	"Usage Entry",
	"Provider Event",
	"Version",
	"Notification Log",
)


def rows() -> dict[str, int]:
	return {table: int(frappe.db.sql(f"select count(*) from `tab{table}`")[0][0]) for table in TABLES}


def ports_of(clock: FixedClock) -> Ports:
	"""The site's store; who is who is known, and the provider is in this process."""
	media, background = FakeProvider(), RecordingBackground()
	made = replace(
		ports(),
		store=SiteStore(clock),
		clock=clock,
		directory=DictDirectory(),
		background=background,
		nudge=RecordingNudge(),
		media=lambda account: media,
	)
	background.at_once = lambda room: teardown.tear_down(made, room)
	return made


@pytest.mark.parametrize("events", [False, True])
@pytest.mark.parametrize(
	("clients", "rejoins"), [([], 0), ([CLIENT], 0), ([CLIENT, GUARDIAN], 0), ([CLIENT, GUARDIAN], 2)]
)
def test_a_visit_writes_the_rows_that_are_planned(
	site: Any, clients: list[str], rejoins: int, events: bool
) -> None:
	clock = FixedClock()
	here = ports_of(clock)
	seed = SiteSeed(here.store, clock)
	appointment = seed.appointment()
	seed.allowance(company=appointment.company)
	for user, role in ROLES.items():
		here.directory.add(user, Person(role, role.value), appointment.name)
	before = rows()
	room = booking.sync_rooms(here, appointment.name, HOST)
	assert here.store.allowances(here.store.room(room))
	ScriptedVisit(here, clock, room, HOST, events).hold(clients, rejoins)
	written = {table: number - before[table] for table, number in rows().items()}
	planned = habits({"provider": CHIME if events else PAIR, "rejoins": rejoins})
	assert written == footprint.rows(planned, 1, bool(clients), len(clients))


@pytest.fixture
def plan(bench: Any) -> Callable[..., str]:
	"""`bench --site … telehealth plan …` in a process of its own: what it prints."""

	def planned(*arguments: str) -> str:
		return str(bench.bench.frappe("telehealth", "plan", *arguments))

	return planned


@pytest.fixture
def booked(make_appointment: Callable[..., Any]) -> Callable[..., Any]:
	"""An appointment at ten and so many minutes, so many days ahead."""
	today = now_datetime().replace(hour=10, minute=0, second=0, microsecond=0)

	def book(days: int, minutes: int = 0, **fields: Any) -> Any:
		return make_appointment(starts_at=today + timedelta(days=days, minutes=minutes), **fields)

	return book


def test_what_is_booked_is_planned(
	plan: Callable[..., str], booked: Callable[..., Any], http: Callable[..., Any]
) -> None:
	"""Two visits at the same time and one on another day; not one without video, cancelled, or past the days asked for."""
	booked(2)
	booked(2, 10, client=OTHER_CLIENT, host=OTHER_HOST)
	booked(5)
	booked(6, video=False)
	booked(33)
	Booked.of(booked(7), http).update_status(HOST, "Cancelled")
	found = json.loads(plan("--json"))
	assert found["visits"]["mean"] == found["visits"]["most"] == 3
	assert found["minutes"]["mean"] == 3 * 2 * 20
	assert found["meetings"]["most"] == 2
	assert found["habits"]["provider"] == PAIR
	assert json.loads(plan("--json", "--days", "40"))["visits"]["most"] == 4
	assert json.loads(plan("--json", "--days", "4"))["visits"]["most"] == 2


def test_one_company_is_planned(plan: Callable[..., str], booked: Callable[..., Any]) -> None:
	booked(2)
	booked(3, company=US_COMPANY, host=US_HOST, client=US_CLIENT)
	assert json.loads(plan("--json", "--company", US_COMPANY))["visits"]["most"] == 1
	assert plan("--company", COMPANY).startswith(f"{COMPANY}: a month by {PAIR}, simulated 200 times")


def test_a_file_says_how_visits_go(
	plan: Callable[..., str], booked: Callable[..., Any], tmp_path: Path
) -> None:
	tmp_path.chmod(0o777)
	file, picture = tmp_path / "habits.toml", tmp_path / "minutes.svg"
	file.write_text(f'name = "Ours"\nprovider = "{CHIME}"\nno_shows = 1\nno_show_minutes = 7')
	booked(2)
	text = plan(str(file), "--picture", str(picture))
	assert text.startswith(f"Ours: a month by {CHIME}, ")
	assert re.search(r"^participant-minutes +7 ", text, re.M)
	assert picture.read_text().startswith("<svg ")


def test_the_price_is_that_of_the_provider(
	site: Any, plan: Callable[..., str], booked: Callable[..., Any], tmp_path: Path
) -> None:
	"""Of the one that new rooms are given, unless the file names another; a price in the file goes before both."""
	site.db.set_value("Media Provider", PAIR, {"price_per_minute": 0.5, "price_currency": "CAD"})
	site.db.commit()
	booked(2)
	assert cost(plan("--json")) == (20, "CAD")
	file = tmp_path / "habits.toml"
	file.write_text("price = 2")
	assert cost(plan(str(file), "--json")) == (80, "CAD")
	file.write_text(f'provider = "{CHIME}"')
	assert cost(plan(str(file), "--json")) == (0, "")


def cost(printed: str) -> tuple[float, str]:
	found = json.loads(printed)
	return found["cost"]["mean"], found["habits"]["currency"]


@pytest.mark.parametrize(
	("text", "sentence"),
	[
		("no_shows = 2", "no_shows: 2 is not between 0 and 1."),
		("clinicians = 2", "clinicians: there is no such key."),
	],
)
def test_bad_input_is_refused_in_a_sentence(
	plan: Callable[..., str], booked: Callable[..., Any], tmp_path: Path, text: str, sentence: str
) -> None:
	file = tmp_path / "habits.toml"
	file.write_text(text)
	booked(2)
	assert refused(plan, str(file)) == sentence


def test_nothing_booked_is_nothing_to_plan(plan: Callable[..., str]) -> None:
	assert refused(plan, "--days", "9") == "No video appointment is booked in the coming 9 days."


def refused(plan: Callable[..., str], *arguments: str) -> str:
	"""All that the command says."""
	with pytest.raises(CommandFailed) as failed:
		plan(*arguments)
	return str(failed.value).strip().splitlines()[-1]
