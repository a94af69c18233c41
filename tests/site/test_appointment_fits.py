"""Whether a booked visit fits its allowance: who learns it, and which numbers."""

from __future__ import annotations

from typing import Any

import pytest

from tests.site.rows import put_allowance
from theranvio_telehealth.domain.allowance_plan import month_end
from theranvio_telehealth.install import ROLE
from theranvio_telehealth.site.clock import SiteClock
from tools.harness.site.appointments import practitioner_of
from tools.harness.site.people import (
	CLIENT,
	COMPANY,
	FRONT_DESK,
	HOME_DESK,
	HOST,
	OFFICE,
	ROLELESS,
	US_COMPANY,
	US_DESK,
	US_HOST,
	US_NURSE,
	US_OFFICE,
)

FITS = "allowance.fits"


@pytest.fixture
def booked(site: Any, make_appointment: Any) -> str:
	return str(make_appointment().name)


def allow(site: Any, minutes: int, **overrides: Any) -> str:
	"""In the month of the visit. The visit takes 20 minutes of two people."""
	today = SiteClock().today()
	days = {"period_start": today.replace(day=1), "period_end": month_end(today)}
	made = put_allowance(included_minutes=minutes, **days, **overrides)
	site.db.commit()
	return str(made.name)


def asked(http: Any, who: str, appointment: str) -> Any:
	answer = http(who).get(FITS, appointment=appointment)
	assert answer.ok, answer.text
	return answer.json()["message"]


@pytest.fixture
def office_desk(site: Any) -> Any:
	"""Front desks who administer allowances, too: one of all companies, one of theirs only."""
	for user in (FRONT_DESK, HOME_DESK):
		site.get_doc("User", user).add_roles(ROLE)
	site.db.commit()
	yield
	for user in (FRONT_DESK, HOME_DESK):
		site.get_doc("User", user).remove_roles(ROLE)
	site.db.commit()


@pytest.mark.parametrize(("minutes", "fits"), [(40, True), (39, False)])
def test_staff_learn_whether_it_fits_and_no_number(
	site: Any, http: Any, booked: str, minutes: int, fits: bool
) -> None:
	allow(site, minutes)
	for who in (HOST, FRONT_DESK):
		assert asked(http, who, booked) == {"fits": fits, "lacking": []}


def test_without_an_allowance_every_visit_fits(http: Any, booked: str) -> None:
	assert asked(http, HOST, booked)["fits"]


def test_those_who_may_read_an_allowance_learn_its_numbers(
	site: Any, http: Any, booked: str, office_desk: Any
) -> None:
	home = allow(site, 39)
	assert asked(http, HOME_DESK, booked)["lacking"] == [{"name": home, "left": 39.0, "needed": 40.0}]
	mine = allow(site, 10, practitioner=practitioner_of(HOST))
	allow(site, 1, company=US_COMPANY)
	assert {a["name"] for a in asked(http, FRONT_DESK, booked)["lacking"]} == {home, mine}


def test_numbers_of_another_practitioner_stay_with_them(
	site: Any, http: Any, booked: str, office_desk: Any
) -> None:
	from frappe.permissions import add_user_permission

	home, _mine = allow(site, 39), allow(site, 10, practitioner=practitioner_of(HOST))
	add_user_permission(
		"Healthcare Practitioner",
		practitioner_of(US_HOST),
		HOME_DESK,
		ignore_permissions=True,
		applicable_for="Usage Allowance",
	)
	site.db.commit()
	try:
		found = asked(http, HOME_DESK, booked)
		assert (found["fits"], [a["name"] for a in found["lacking"]]) == (False, [home])
	finally:
		site.db.delete("User Permission", {"user": HOME_DESK, "allow": "Healthcare Practitioner"})
		site.db.commit()
		site.clear_cache(user=HOME_DESK)


def test_a_visit_that_began_or_was_let_in_is_not_warned_of(site: Any, http: Any, booked: str) -> None:
	allow(site, 1)
	room = site.db.get_value("Patient Appointment", booked, "theranvio_room")
	for field, value in (("status", "Live"), ("over_limit_by", OFFICE)):
		before = site.db.get_value("Appointment Room", room, field)
		site.db.set_value("Appointment Room", room, field, value)
		site.db.commit()
		assert asked(http, HOST, booked)["fits"]
		site.db.set_value("Appointment Room", room, field, before)
	site.db.commit()
	assert not asked(http, HOST, booked)["fits"]


@pytest.mark.parametrize("who", [US_NURSE, US_DESK, US_HOST, US_OFFICE, OFFICE, CLIENT, ROLELESS])
def test_only_staff_who_may_read_the_appointment_learn_it(
	site: Any, http: Any, booked: str, who: str
) -> None:
	"""An administrator of allowances alone reads no appointment; the client, who does, learns nothing."""
	allow(site, 1)
	for name in (booked, "no such appointment"):
		answer = http(who).get(FITS, appointment=name)
		assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_found")


def test_it_is_asked_by_get_with_one_name(http: Any, booked: str) -> None:
	assert http(HOST).post(FITS, appointment=booked).status_code == 405
	assert http(HOST).get(FITS).status_code == 400
	assert http(HOST).get(FITS, appointment="x" * 141).status_code == 400
	assert http().get(FITS, appointment=booked).status_code == 401
	assert COMPANY not in http().get(FITS, appointment=booked).text
