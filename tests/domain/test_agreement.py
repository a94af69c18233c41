"""The life of a BAA, edge by edge and non-edge by non-edge, and the days on which it counts."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.factories import make_agreement, make_provider
from theranvio_telehealth.domain.agreement import covers, expire, is_covered, is_in_date, require_edge
from theranvio_telehealth.domain.errors import WrongMove
from theranvio_telehealth.domain.words import AgreementState as State

TODAY = date(2027, 3, 3)
DAY = timedelta(days=1)
CLOSED = [State.DECLINED, State.EXPIRED, State.TERMINATED, State.SUPERSEDED]

#: Written down by hand; staying where one is goes without saying.
LEADS = {
	State.DRAFT: {State.SENT},
	State.SENT: {State.DRAFT, State.DECLINED, State.ACCEPTED},
	State.ACCEPTED: {State.EXPIRED, State.TERMINATED, State.SUPERSEDED},
	**{state: set() for state in CLOSED},
}

days = st.dates(date(2026, 1, 1), date(2028, 12, 31))


class TestEdges:
	@pytest.mark.parametrize(("before", "after"), list(product(State, State)), ids=str)
	def test_every_pair(self, before: State, after: State) -> None:
		if after in LEADS[before] | {before}:
			require_edge(before, after)
		else:
			with pytest.raises(WrongMove):
				require_edge(before, after)

	@pytest.mark.parametrize("state", CLOSED, ids=str)
	def test_nothing_reopens(self, state: State) -> None:
		for after in set(State) - {state}:
			with pytest.raises(WrongMove):
				require_edge(state, after)

	def test_nothing_is_accepted_that_was_not_sent(self) -> None:
		assert [before for before in State if State.ACCEPTED in LEADS[before]] == [State.SENT]


class TestInDate:
	def test_from_its_first_day_to_its_last(self) -> None:
		agreement = make_agreement(effective_on=TODAY, expires_on=TODAY + 2 * DAY)
		expected = {-1: False, 0: True, 1: True, 2: True, 3: False}
		assert {n: is_in_date(agreement, TODAY + n * DAY) for n in expected} == expected

	def test_on_one_day_only(self) -> None:
		assert is_in_date(make_agreement(effective_on=TODAY, expires_on=TODAY), TODAY)

	def test_without_a_last_day_for_good(self) -> None:
		assert is_in_date(make_agreement(effective_on=TODAY, expires_on=None), date(2099, 1, 1))

	def test_without_a_first_day_never(self) -> None:
		assert not is_in_date(make_agreement(effective_on=None, expires_on=None), TODAY)
		assert not is_in_date(make_agreement(effective_on=None), TODAY)


class TestExpire:
	def test_the_day_after_its_last(self) -> None:
		agreement = make_agreement(expires_on=TODAY)
		assert expire(agreement, TODAY) is agreement
		assert expire(agreement, TODAY + DAY) == replace(agreement, state=State.EXPIRED)

	@pytest.mark.parametrize("state", set(State) - {State.ACCEPTED}, ids=str)
	def test_only_what_was_accepted(self, state: State) -> None:
		agreement = make_agreement(state=state, expires_on=TODAY - DAY)
		assert expire(agreement, TODAY) is agreement

	def test_never_without_a_last_day(self) -> None:
		agreement = make_agreement(expires_on=None)
		assert expire(agreement, date(2099, 1, 1)) is agreement

	@given(days, days)
	def test_moves_along_an_edge_and_only_once(self, last: date, today: date) -> None:
		agreement = make_agreement(expires_on=last)
		turned = expire(agreement, today)
		require_edge(agreement.state, turned.state)
		assert expire(turned, today) == turned
		assert (turned.state is State.EXPIRED) == (today > last)


class TestCovers:
	ACCOUNT = make_provider(account_id="123456789012")
	AGREEMENT = make_agreement(provider_account_id="123456789012")

	def test_its_provider_and_account(self) -> None:
		assert covers(self.AGREEMENT, self.ACCOUNT, TODAY)

	@pytest.mark.parametrize("state", set(State) - {State.ACCEPTED}, ids=str)
	def test_only_when_accepted(self, state: State) -> None:
		assert not covers(replace(self.AGREEMENT, state=state), self.ACCOUNT, TODAY)

	@pytest.mark.parametrize(
		"otherwise",
		[
			{"provider": "Another"},
			{"provider_account_id": "999999999999"},
			{"provider_account_id": ""},
			{"effective_on": TODAY + DAY},
			{"expires_on": TODAY - DAY},
			{"effective_on": None},
		],
		ids=str,
	)
	def test_no_other_provider_account_or_time(self, otherwise: dict[str, Any]) -> None:
		assert not covers(replace(self.AGREEMENT, **otherwise), self.ACCOUNT, TODAY)

	def test_one_that_counts_is_enough(self) -> None:
		useless = replace(self.AGREEMENT, state=State.SUPERSEDED)
		assert is_covered(self.ACCOUNT, [useless, self.AGREEMENT], TODAY)
		assert not is_covered(self.ACCOUNT, [useless, useless], TODAY)
		assert not is_covered(self.ACCOUNT, [], TODAY)
