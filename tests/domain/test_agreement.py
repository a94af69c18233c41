"""The life of a BAA, edge by edge and non-edge by non-edge, and the days on which it counts."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from theranvio_telehealth.domain.agreement import (
	Lack,
	covers,
	expire,
	is_covered,
	is_in_date,
	lacks,
	require_edge,
)
from theranvio_telehealth.domain.enums import Adapter, AgreementType
from theranvio_telehealth.domain.enums import AgreementState as State
from theranvio_telehealth.domain.errors import WrongMove
from tools.harness.factories import make_agreement, make_provider

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


#: Each makes it count no more, and for this very reason.
OTHERWISE: list[tuple[dict[str, Any], Lack]] = [
	*(({"state": state}, Lack.STATE) for state in set(State) - {State.ACCEPTED}),
	({"effective_on": TODAY + DAY}, Lack.DATE),
	({"expires_on": TODAY - DAY}, Lack.DATE),
	({"effective_on": None}, Lack.DATE),
	({"provider": "Another"}, Lack.PROVIDER),
	({"provider_account_id": "999999999999"}, Lack.ACCOUNT),
	({"provider_account_id": ""}, Lack.ACCOUNT),
	({"agreement_type": AgreementType.DPA}, Lack.TYPE),
	({"agreement_type": AgreementType.OTHER}, Lack.TYPE),
	({"company": "Another clinic"}, Lack.COMPANY),
	({"services": ""}, Lack.SERVICE),
	({"services": "Amazon\nChime\nSDK"}, Lack.SERVICE),
	({"services": "Amazon Chime SDK recordings"}, Lack.SERVICE),
	({"regions": ()}, Lack.REGION),
	({"regions": ("us-east-1",)}, Lack.REGION),
	({"regions": ("ca-central-1", "us-east-2")}, Lack.REGION),
	({"file_pages": 0}, Lack.FILE),
	({"attested_by": ""}, Lack.ATTESTATION),
	({"attested_by": "ada@clinic.test"}, Lack.ATTESTATION),
	({"accepted_by": ""}, Lack.ATTESTATION),
]


class TestCovers:
	ACCOUNT = make_provider(
		adapter=Adapter.CHIME,
		account_id="123456789012",
		control_region="us-east-1",
		media_region="ca-central-1",
	)
	AGREEMENT = make_agreement(
		provider_account_id="123456789012",
		company="Clinic",
		services="Amazon S3\n Amazon  chime SDK,\n",
		regions=("us-east-1,", "CA-central-1"),
	)

	def test_what_it_names(self) -> None:
		assert lacks(self.AGREEMENT, self.ACCOUNT, "Clinic", TODAY) == ()
		assert covers(self.AGREEMENT, self.ACCOUNT, "Clinic", TODAY)

	@pytest.mark.parametrize(("otherwise", "lack"), OTHERWISE, ids=str)
	def test_nothing_else(self, otherwise: dict[str, Any], lack: Lack) -> None:
		changed = replace(self.AGREEMENT, **otherwise)
		assert lacks(changed, self.ACCOUNT, "Clinic", TODAY) == (lack,)
		assert not covers(changed, self.ACCOUNT, "Clinic", TODAY)

	def test_there_is_a_case_for_every_lack(self) -> None:
		assert {lack for _, lack in OTHERWISE} == set(Lack)

	def test_a_subcontractors_counts_as_well(self) -> None:
		subs = replace(self.AGREEMENT, agreement_type=AgreementType.SUBCONTRACTOR_BAA)
		assert covers(subs, self.ACCOUNT, "Clinic", TODAY)

	def test_that_of_the_whole_site_covers_every_company(self) -> None:
		of_all = replace(self.AGREEMENT, company="")
		assert covers(of_all, self.ACCOUNT, "Clinic", TODAY)
		assert covers(of_all, self.ACCOUNT, "Another clinic", TODAY)
		assert covers(of_all, self.ACCOUNT, "", TODAY)
		assert not covers(self.AGREEMENT, self.ACCOUNT, "", TODAY)

	def test_an_account_without_regions_asks_for_none(self) -> None:
		account, agreement = make_provider(), make_agreement()
		assert covers(agreement, account, "Clinic", TODAY)

	def test_one_that_counts_is_enough(self) -> None:
		useless = replace(self.AGREEMENT, state=State.SUPERSEDED)
		assert is_covered(self.ACCOUNT, [useless, self.AGREEMENT], "Clinic", TODAY)
		assert not is_covered(self.ACCOUNT, [useless, useless], "Clinic", TODAY)
		assert not is_covered(self.ACCOUNT, [], "Clinic", TODAY)

	def test_two_that_lack_different_things_are_not_one_that_counts(self) -> None:
		early, elsewhere = (replace(self.AGREEMENT, **c) for c in ({"file_pages": 0}, {"company": "Other"}))
		assert not is_covered(self.ACCOUNT, [early, elsewhere], "Clinic", TODAY)
