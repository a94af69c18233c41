"""The workspace's numbers and charts of usage: right, and each company's for its own readers only."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.site.ledgers import Books, keep_books
from tools.harness.site.people import (
	CLIENT,
	COMPANY,
	FRONT_DESK,
	HOME_OFFICE,
	HOST,
	OFFICE,
	ROLELESS,
	SYSTEM,
	US_COMPANY,
	US_NURSE,
	US_OFFICE,
)

USED, HELD, LEFT, COST = (
	f"usage_cards.{name}" for name in ("minutes_used", "minutes_held", "minutes_left", "cost")
)
CARDS = (USED, HELD, LEFT, COST)
RUN = "frappe.desk.query_report.run"
WORKSPACE = "frappe.desk.desktop.get_desktop_page"


@pytest.fixture
def books(site: Any, make_appointment: Any) -> Books:
	books = keep_books(make_appointment)
	for name, held in ((books.home, 600), (books.hosts, 300), (books.abroad, 90)):
		site.db.set_value("Usage Allowance", name, "held_seconds", held)
	site.db.commit()
	return books


def shown(http: Any, who: str, card: str) -> Any:
	answer = http(who).post(card, filters={})
	assert answer.ok, answer.text
	found = answer.json()["message"]
	return found["value"] if isinstance(found, dict) else found


def test_numbers_are_of_the_readers_companies(http: Any, books: Books) -> None:
	"""A visit that a practitioner's allowance pays for, too, is counted once."""
	numbers = {
		who: [shown(http, who, card) for card in CARDS[:3]]
		for who in (HOME_OFFICE, US_OFFICE, OFFICE, SYSTEM)
	}
	home, abroad, both = [32.6, 10.0, 1007.4], [60.1, 1.5, 449.4], [92.7, 11.5, 1456.8]
	assert numbers == {HOME_OFFICE: home, US_OFFICE: abroad, OFFICE: both, SYSTEM: both}


def test_costs_are_by_currency_and_against_the_cap(http: Any, books: Books) -> None:
	costs = {who: shown(http, who, COST) for who in (HOME_OFFICE, US_OFFICE, OFFICE)}
	assert (costs[HOME_OFFICE], costs[US_OFFICE]) == ("$ 0.05 of $ 100.00", "$ 0.19")
	assert costs[OFFICE] == "$ 0.05 of $ 100.00; $ 0.19"


def test_other_periods_are_not_of_this_month(site: Any, http: Any, books: Books) -> None:
	for name in (books.home, books.hosts):
		site.db.set_value("Usage Allowance", name, {"period_start": "2020-01-01", "period_end": "2020-01-31"})
	site.db.commit()
	assert [shown(http, HOME_OFFICE, card) for card in CARDS] == [0, 0, 0, "–"]


def test_without_a_companys_allowance_its_practitioners_count(site: Any, http: Any, books: Books) -> None:
	site.db.set_value(
		"Usage Allowance", books.home, {"period_start": "2020-01-01", "period_end": "2020-01-31"}
	)
	site.db.commit()
	assert shown(http, HOME_OFFICE, USED) == 30.1


@pytest.mark.parametrize("who", [HOST, US_NURSE, FRONT_DESK, CLIENT, ROLELESS])
@pytest.mark.parametrize("card", CARDS)
def test_numbers_are_the_offices(http: Any, books: Books, card: str, who: str) -> None:
	for ask in (http(who).get, http(who).post):
		answer = ask(card)
		assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_found")


def test_the_workspace_offers_them_to_the_office(http: Any, books: Books) -> None:
	page = json.dumps({"name": "Telehealth", "title": "Telehealth", "public": 1})
	offered = {}
	for who in (HOME_OFFICE, SYSTEM, FRONT_DESK):
		found = http(who).post(WORKSPACE, page=page).json()["message"]
		offered[who] = (len(found["number_cards"]["items"]), len(found["charts"]["items"]))
	assert offered == {HOME_OFFICE: (4, 2), SYSTEM: (4, 2), FRONT_DESK: (0, 0)}


@pytest.mark.parametrize("label", ["Minutes by Day", "Minutes by Practitioner"])
def test_a_chart_shows_the_readers_company(site: Any, http: Any, books: Books, label: str) -> None:
	"""As the desk asks for it: by its report, with its filters."""
	chart = site.get_doc("Dashboard Chart", f"Telehealth {label}")
	for who, minutes in ((HOME_OFFICE, 32.7), (US_OFFICE, 60.1)):
		asked = {"report_name": chart.report_name, "filters": chart.filters_json}
		(data,) = http(who).get(RUN, **asked).json()["message"]["chart"]["data"]["datasets"]
		assert round(sum(data["values"]), 1) == minutes


def test_numbers_and_charts_made_by_hand_keep_to_the_walls(http: Any, books: Books) -> None:
	"""The platform sums any column of what the reader's own lists show."""
	summed = {
		"document_type": "Usage Allowance",
		"function": "Sum",
		"aggregate_function_based_on": "used_seconds",
	}
	drawn = {
		"chart_type": "Group By",
		"document_type": "Usage Allowance",
		"group_by_type": "Sum",
		"group_by_based_on": "company",
		"aggregate_function_based_on": "used_seconds",
		"filters_json": "[]",
		"name": "x",
	}
	for who, seconds, other in ((HOME_OFFICE, 1957 + 1806, US_COMPANY), (US_OFFICE, 3607, COMPANY)):
		of_card = http(who).post(
			"frappe.desk.doctype.number_card.number_card.get_result", doc=summed, filters=[]
		)
		assert of_card.json()["message"] == seconds
		of_chart = http(who).post(
			"frappe.desk.doctype.dashboard_chart.dashboard_chart.get", chart=drawn, no_cache=1
		)
		assert of_chart.json()["message"]["datasets"][0]["values"] == [seconds]
		assert other not in of_chart.text
