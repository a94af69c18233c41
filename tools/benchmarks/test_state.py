"""`visit.state` against `frappe.client.get_value` on the same gunicorn, signed in as the same person.

Five turns of four seconds each, taken alternately, over eight connections; medians are compared."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from typing import Any

import pytest

from tools.benchmarks.load import Target
from tools.benchmarks.report import Report, Row
from tools.harness.site.people import CLIENT, HOST

TURNS, SECONDS = 5, 4


@pytest.fixture(autouse=True)
def _high_rate_limit(bench: Any) -> None:
	"""Raises the rate limit for the benchmark; requests are counted as always."""
	bench.bench.frappe("set-config", "theranvio_requests_per_minute", "1000000")


@pytest.mark.parametrize(("user", "who"), [(HOST, "host"), (CLIENT, "client")])
def test_asking_for_the_state(
	http: Callable[..., Any], make_appointment: Callable[..., Any], report: Report, user: str, who: str
) -> None:
	room = make_appointment().theranvio_room
	for person in (HOST, CLIENT):
		assert http(person, direct=True).post("visit.enter", room=room).status_code == 200
	signed_in = http(user, direct=True)
	state = Target.of(signed_in.session, signed_in.url("visit.state"), room=room)
	value = Target.of(
		signed_in.session,
		signed_in.url("frappe.client.get_value"),
		doctype="User",
		filters=user,
		fieldname="full_name",
	)
	asked, got = [], []
	for _ in range(TURNS):
		asked.append(state.rps(SECONDS))
		got.append(value.rps(SECONDS))
	ours, theirs = statistics.median(asked), statistics.median(got)
	report.claim(
		Row(
			f"`visit.state` for the {who}",
			f"{ours:.0f} requests/s",
			f"{theirs:.0f} requests/s of `frappe.client.get_value`",
			ours / theirs,
			0.8,
			is_least=True,
		)
	)
