"""Allowance Plans and their periods, top-ups, and visits let in over the limit, on a real site with two companies."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import frappe
import pytest
from freezegun import freeze_time

from tests.site.rows import put_allowance, put_entry, put_participant, put_plan, put_provider
from theranvio_telehealth.domain.entities import Caller
from theranvio_telehealth.services import hosting, usage
from theranvio_telehealth.site import allowances
from theranvio_telehealth.site.clock import SiteClock
from theranvio_telehealth.site.ports import ports
from theranvio_telehealth.site.store import SiteStore
from tools.harness.site.appointments import practitioner_of
from tools.harness.site.people import (
	CLIENT,
	FRONT_DESK,
	HOST,
	OFFICE,
	ROLELESS,
	SYSTEM,
	US_COMPANY,
	US_OFFICE,
)

TODAY = date(2031, 3, 10)
PERIODS = ["period_start", "period_end", "included_minutes"]


def periods(plan: Any, fields: list[str] = PERIODS) -> list[Any]:
	found = frappe.get_all("Usage Allowance", {"plan": plan.name}, fields, order_by="period_start")
	return [tuple(row.values()) for row in found]


def given(allowance: str) -> list[Any]:
	fields = ["kind", "seconds", "reason", "entered_by"]
	rows = frappe.get_all(
		"Usage Entry", {"allowance": allowance, "room": ("is", "not set")}, fields, order_by="creation"
	)
	return [tuple(row.values()) for row in rows]


@pytest.fixture
def in_march(site: Any) -> Any:
	with freeze_time(f"{TODAY} 12:00:00.5", ignore=["pytest", "_pytest"]) as clock:
		yield clock


class TestPlan:
	def test_saving_it_makes_its_periods(self, site: Any, in_march: Any) -> None:
		plan = put_plan(starts_on="2031-03-16", first_period="Pro Rata", minutes_per_month=310)
		assert periods(plan) == [(date(2031, 3, 16), date(2031, 3, 31), 160)]
		in_march.move_to("2031-03-20 12:00:00")
		allowances.make_periods(SiteStore())
		assert periods(plan)[1:] == [(date(2031, 4, 1), date(2031, 4, 30), 310)]
		allowances.make_periods(SiteStore())
		assert len(periods(plan)) == 2

	def test_a_disabled_plan_makes_none(self, site: Any, in_march: Any) -> None:
		plan = put_plan(enabled=0)
		allowances.make_periods(SiteStore())
		assert periods(plan) == []

	def test_a_period_has_its_plans_terms(self, site: Any, in_march: Any) -> None:
		terms = {"on_exhaustion": "Block New Admissions", "price_cap": 12.5, "warning_percents": "50\n90"}
		plan = put_plan(practitioner=practitioner_of(HOST), **terms)
		(made,) = periods(plan, ["practitioner", "currency", *terms])[:1]
		assert made == (plan.practitioner, plan.currency, *terms.values())

	def test_where_another_allowance_covers_the_month_it_is_refused(self, site: Any, in_march: Any) -> None:
		other = put_allowance(period_start="2031-03-20", period_end="2031-03-21")
		with pytest.raises(site.ValidationError, match=f"{other.name} already covers"):
			put_plan()

	@pytest.mark.parametrize(
		("field", "value", "sentence"),
		[
			("minutes_per_month", -1, "between 0 and"),
			("minutes_per_month", 10_000_001, "between 0 and"),
			("warning_percents", "200", "whole percentages"),
			("price_cap", -1, "between 0 and"),
			("recipients", [{"user": CLIENT}], "no user of the desk"),
		],
	)
	def test_what_makes_no_sense_is_refused(self, site: Any, field: str, value: Any, sentence: str) -> None:
		with pytest.raises(site.ValidationError, match=sentence):
			put_plan(**{field: value})

	def test_a_plan_without_a_company_is_refused(self, site: Any) -> None:
		plan = put_plan()
		plan.company = None
		with pytest.raises(site.ValidationError):
			plan.save()

	def test_a_cap_needs_prices_in_its_currency(self, site: Any) -> None:
		put_provider(price_per_minute=0.0017, price_currency="INR")
		with pytest.raises(site.ValidationError, match="it would not count"):
			put_plan(price_cap=10)

	def test_a_price_needs_caps_in_its_currency(self, site: Any) -> None:
		plan = put_plan(price_cap=10)
		with pytest.raises(site.ValidationError, match=f"The cap of {plan.name} is in"):
			put_provider(price_per_minute=0.0017, price_currency="EUR")
		plan.db_set("enabled", 0)
		with pytest.raises(site.ValidationError, match="The cap of TH-UA"):
			put_provider(price_per_minute=0.0017, price_currency="EUR")

	def test_the_terms_of_its_periods_are_changed_in_the_plan(self, site: Any, as_user: Any) -> None:
		plan = put_plan()
		(name,) = periods(plan, ["name"])[0]
		with as_user(OFFICE):
			for change in ({"on_exhaustion": "Block New Admissions"}, {"included_minutes": 5}):
				allowance = site.get_doc("Usage Allowance", name)
				allowance.update(change)
				with pytest.raises(site.ValidationError, match="change that plan instead"):
					allowance.save()
			site.get_doc("Usage Allowance", name).save()

	def test_a_change_while_it_is_disabled_counts(self, site: Any, in_march: Any) -> None:
		plan = put_plan(starts_on="2031-03-01", minutes_per_month=310)
		plan.reload()
		plan.enabled = 0
		plan.save()
		plan.update({"minutes_per_month": 620, "reason_for_change": "More clinicians"})
		plan.save()
		assert periods(plan, ["included_minutes", "added_seconds"]) == [(310, 310 * 60), (620, 0)]
		in_march.move_to("2031-05-10 12:00:00")
		plan.reload()
		plan.save()
		assert len(periods(plan)) == 2

	def test_carrying_over_begins_when_it_is_switched_on(self, site: Any, in_march: Any) -> None:
		plan = put_plan(starts_on="2031-01-01", minutes_per_month=100)
		plan.carry_over = 1
		with pytest.raises(site.ValidationError, match="Enter the reason"):
			plan.save()
		plan.reload()
		plan.update({"carry_over": 1, "reason_for_change": "Holidays", "carry_over_since": "2030-01-01"})
		plan.save()
		assert plan.carry_over_since == TODAY
		in_march.move_to("2031-04-01 12:00:00")
		allowances.make_periods(SiteStore())
		assert periods(plan, ["added_seconds"]) == [(0,), (0,), (0,), (6000,), (0,)]

	@pytest.mark.parametrize("reason", ["", ".", "\u200b\u200b\u200b", " - "])
	def test_what_is_no_reason(self, site: Any, in_march: Any, reason: str) -> None:
		plan = put_plan(starts_on="2031-03-01", minutes_per_month=310)
		plan.update({"minutes_per_month": 620, "reason_for_change": reason})
		with pytest.raises(site.ValidationError, match="Enter the reason"):
			plan.save()

	def test_a_change_within_the_month_is_an_entry_with_its_reason(
		self, site: Any, in_march: Any, as_user: Any
	) -> None:
		plan = put_plan(starts_on="2031-03-01", minutes_per_month=310)
		with as_user(OFFICE):
			plan.minutes_per_month = 620
			with pytest.raises(site.ValidationError, match="Enter the reason"):
				plan.save()
			plan.reload()
			plan.update({"minutes_per_month": 620, "reason_for_change": "More clinicians"})
			plan.save()
		assert periods(plan, ["included_minutes", "added_seconds"]) == [(310, 310 * 60), (620, 0)]
		running = periods(plan, ["name"])[0][0]
		assert given(running) == [("Amendment", 310 * 60, "More clinicians", OFFICE)]
		with as_user(OFFICE):
			plan.minutes_per_month = 300
			with pytest.raises(site.ValidationError, match="Enter the reason"):
				plan.save()  # the last change's reason is none for this one

	def test_what_is_left_goes_on_once_no_one_is_in_a_visit(self, site: Any, in_march: Any) -> None:
		plan = put_plan(starts_on="2031-03-01", minutes_per_month=100, carry_over=1)
		march, april = (name for (name,) in periods(plan, ["name"]))
		site.db.set_value("Usage Allowance", march, {"used_seconds": 1000, "held_seconds": 1})
		in_march.move_to("2031-04-01 12:00:00")
		allowances.make_periods(SiteStore())
		assert given(april) == []
		site.db.set_value("Usage Allowance", march, "held_seconds", 0)
		for _time in range(2):
			allowances.make_periods(SiteStore())
		assert given(april) == [("Carry-over", 5000, march, None)]
		assert site.db.get_value("Usage Allowance", april, "added_seconds") == 5000

	def test_a_plan_that_fails_holds_up_no_other(self, site: Any, in_march: Any) -> None:
		bad, good = put_plan(enabled=0), put_plan(company=US_COMPANY, enabled=0)
		for plan in (bad, good):
			site.db.set_value("Allowance Plan", plan.name, "enabled", 1)
		put_allowance(period_start="2031-03-20", period_end="2031-03-21")
		allowances.make_periods(SiteStore())
		assert (periods(bad), len(periods(good))) == ([], 2)

	def test_a_plan_with_periods_stays(self, site: Any, in_march: Any) -> None:
		with pytest.raises(site.ValidationError, match="Disable it instead"):
			put_plan(starts_on="2031-03-01").delete()

	def test_its_recipients_are_notified(self, site: Any, in_march: Any) -> None:
		plan = put_plan(starts_on="2031-03-01", recipients=[{"user": FRONT_DESK}], minutes_per_month=1)
		site.db.set_value("Usage Allowance", {"plan": plan.name}, "used_seconds", 60)
		store = SiteStore()
		(march, _april) = [
			allowances.ALLOWANCE.first(store.zone, "where name = %s", (n,))
			for (n,) in periods(plan, ["name"])
		]
		for _time in range(2):
			with store.transaction():
				usage.warn(
					ports(), [allowances.ALLOWANCE.first(store.zone, "where name = %s", (march.name,))]
				)
		notes = site.get_all("Notification Log", {"email_content": f"{march.name}: 80 %"}, pluck="for_user")
		assert notes == [FRONT_DESK]


@pytest.fixture
def allowance(site: Any) -> Any:
	today = SiteClock().today()
	made = put_allowance(
		period_start=today - timedelta(days=1),
		period_end=today + timedelta(days=1),
		included_minutes=1,
		on_exhaustion="Block New Admissions",
	)
	site.db.commit()
	return made


ANSWERS = {
	OFFICE: 200,
	SYSTEM: 404,
	US_OFFICE: 404,
	FRONT_DESK: 404,
	HOST: 404,
	CLIENT: 404,
	ROLELESS: 404,
	"Guest": 401,
}


class TestTopUp:
	@pytest.mark.parametrize("user", ANSWERS)
	def test_by_those_who_may_change_it(self, http: Any, allowance: Any, bench: Any, user: str) -> None:
		asked = {"allowance": allowance.name, "minutes": 90, "reason": "More visits", "key": "k1"}
		for _time in range(2):  # sent again, it counts once
			assert http(user).post("allowance.top_up", **asked).status_code == ANSWERS[user]
		bench.see()
		done = [("Top-up", 5400, "More visits", user)] if ANSWERS[user] == 200 else []
		assert given(allowance.name) == done
		added = frappe.db.get_value("Usage Allowance", allowance.name, "added_seconds")
		assert added == sum(seconds for _kind, seconds, *_ in done)

	@pytest.mark.parametrize(
		"bad",
		[
			{"minutes": 0},
			{"minutes": -5},
			{"minutes": 10**9},
			{"minutes": "x"},
			{"reason": " "},
			{"reason": "\u200b" * 9},
			{"key": ""},
			{"key": "k" * 65},
		],
	)
	def test_what_makes_no_sense_is_refused(self, http: Any, allowance: Any, bench: Any, bad: Any) -> None:
		asked = {"allowance": allowance.name, "minutes": 90, "reason": "More visits", "key": "k1"} | bad
		assert http(OFFICE).post("allowance.top_up", **asked).status_code == 400
		bench.see()
		assert given(allowance.name) == []

	def test_an_allowance_that_is_not_there(self, http: Any) -> None:
		asked = {"allowance": "TH-UA-99999", "minutes": 90, "reason": "Crisis", "key": "k1"}
		assert http(OFFICE).post("allowance.top_up", **asked).status_code == 404

	def test_it_is_not_done_by_get(self, http: Any, allowance: Any) -> None:
		asked = {"allowance": allowance.name, "minutes": 90, "reason": "Crisis", "key": "k1"}
		assert http(OFFICE).get("allowance.top_up", **asked).status_code in (403, 405)


class TestOverTheLimit:
	def test_one_visit_is_let_in_with_a_reason(
		self, http: Any, allowance: Any, make_appointment: Any, bench: Any
	) -> None:
		room = make_appointment().theranvio_room
		assert http(HOST).post("visit.enter", room=room).status_code == 409
		asked = {"room": room, "reason": "A crisis"}
		for user in (HOST, CLIENT, US_OFFICE, ROLELESS, FRONT_DESK):
			assert http(user).post("allowance.let_in", **asked).status_code == 404
		assert http(OFFICE).post("allowance.let_in", room=room, reason="").status_code == 400
		assert http(OFFICE).post("allowance.let_in", **asked).status_code == 200
		assert http(HOST).post("visit.enter", room=room).status_code == 200
		bench.see()
		stored = frappe.db.get_value("Appointment Room", room, ["over_limit_by", "over_limit_reason"])
		assert stored == (OFFICE, "A crisis")
		version = frappe.get_all("Version", {"docname": room}, pluck="data", order_by="creation desc")
		assert any("over_limit_by" in data for data in version)
		assert frappe.db.get_value("Usage Allowance", allowance.name, "held_seconds") > 0

	def test_not_where_nothing_pays(self, http: Any, make_appointment: Any) -> None:
		room = make_appointment().theranvio_room
		assert http(OFFICE).post("allowance.let_in", room=room, reason="Crisis").status_code == 404

	def test_not_once_it_is_over(self, http: Any, allowance: Any, make_appointment: Any, site: Any) -> None:
		room = make_appointment().theranvio_room
		site.db.set_value("Appointment Room", room, "status", "Ended")
		site.db.commit()
		assert http(OFFICE).post("allowance.let_in", room=room, reason="Crisis").status_code == 410


def test_an_admission_costs_at_most_six_statements_more(
	site: Any, http: Any, make_appointment: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
	plain = site.db.sql

	def statements(ago: int) -> int:
		"""Of admitting a client to a visit that began so many minutes ago, with whatever pays now."""
		room = make_appointment(starts_in=timedelta(minutes=-ago)).theranvio_room
		assert http(CLIENT).post("visit.enter", room=room).ok
		site.db.rollback()
		waiting = site.db.get_value("Room Participant", {"room": room})
		counted: list[str] = []
		with monkeypatch.context() as patched:
			patched.setattr(
				site.db, "sql", lambda *given, **named: counted.append(given[0]) or plain(*given, **named)
			)
			hosting.admit(ports(), Caller(HOST), room, waiting)
		assert site.db.get_value("Room Participant", waiting, "state") == "Admitted"
		return len(counted)

	statements(0)  # what is read once and stored in the cache
	free = statements(21)
	today = SiteClock().today()
	days = {"period_start": today - timedelta(days=1), "period_end": today + timedelta(days=1)}
	put_allowance(**days)
	put_allowance(**days, practitioner=practitioner_of(HOST))
	site.db.commit()
	assert 0 < statements(42) - free <= 6


class TestPeriod:
	def test_with_visits_booked_to_it_its_days_stay(self, site: Any) -> None:
		form = put_allowance()
		site.db.set_value("Usage Allowance", form.name, "held_seconds", 1)
		form.reload()
		for field, value in (("period_end", "2031-01-20"), ("included_minutes", 5)):
			form.reload()
			form.set(field, value)
			with pytest.raises(site.ValidationError, match="Top it up, or add another period"):
				form.save()
		with pytest.raises(site.ValidationError, match="once they have left"):
			form.delete()

	def test_with_entries_it_cannot_be_deleted(self, site: Any, make_appointment: Any) -> None:
		form = put_allowance()
		room = site.get_doc("Appointment Room", make_appointment().theranvio_room)
		put_entry(put_participant(room), allowance=form.name)
		with pytest.raises(site.LinkExistsError):
			form.delete()


class TestPrice:
	def test_it_says_who_set_it_and_when(self, site: Any, as_user: Any) -> None:
		provider = put_provider(price_per_minute=0.0017, price_currency="USD")
		assert provider.price_set_by == "Administrator"
		set_on = provider.price_set_on
		provider.enabled = 0
		provider.save()
		assert provider.price_set_on == set_on
		with as_user(SYSTEM):
			provider.price_per_minute = 0.002
			provider.save(ignore_permissions=True)
		assert provider.price_set_by == SYSTEM
		account = SiteStore().provider(provider.name)
		assert account is not None
		assert (str(account.price.per_minute), account.price.currency) == ("0.002", "USD")

	@pytest.mark.parametrize(
		("given", "sentence"),
		[
			({"price_per_minute": 1}, "Choose the currency"),
			({"price_per_minute": -1, "price_currency": "USD"}, "(?i)negative|between"),
			({"price_per_minute": 1001, "price_currency": "USD"}, "between 0 and 1000"),
		],
	)
	def test_what_makes_no_sense_is_refused(self, site: Any, given: Any, sentence: str) -> None:
		with pytest.raises(site.ValidationError, match=sentence):
			put_provider(**given)
