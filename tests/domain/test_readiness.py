"""What keeps US PHI features off, and which rooms may not start while they are."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from theranvio_telehealth.domain.entities import Settings
from theranvio_telehealth.domain.enums import Adapter, AgreementState
from theranvio_telehealth.domain.errors import PhiNotPermitted
from theranvio_telehealth.domain.readiness import (
	US_COUNTRIES,
	blockers,
	handles_us_phi,
	may_take_over,
	require_phi_permitted,
	us_companies,
)
from tools.harness.factories import make_agreement, make_provider

TODAY = date(2027, 3, 3)
UNITED_STATES = "United States"


CLINICS = {"Clinic": UNITED_STATES, "Northern clinic": "Canada"}


class TestCountries:
	@pytest.mark.parametrize("country", [*US_COUNTRIES, "", "  ", "united states", " Puerto  Rico "])
	def test_us_phi_is_handled_there(self, country: str) -> None:
		assert handles_us_phi(country)

	@pytest.mark.parametrize(
		"country", ["Canada", "United Kingdom", "Samoa", "Virgin Islands, British", "Palau", "Mexico"]
	)
	def test_and_nowhere_else(self, country: str) -> None:
		assert not handles_us_phi(country)

	def test_the_companies_for_which_agreements_are_asked(self) -> None:
		assert us_companies({**CLINICS, "Unsaid": ""}) == ("Clinic", "Unsaid")
		assert us_companies({"Northern clinic": "Canada"}) == ("",)
		assert us_companies({}) == ("",)


class TestBlockers:
	def test_none_without_providers(self) -> None:
		assert blockers([], [], CLINICS, TODAY) == ()

	def test_none_when_every_enabled_provider_is_covered(self) -> None:
		accounts = [make_provider(), make_provider(name="Other", account_id="1")]
		agreements = [make_agreement(), make_agreement(name="2", provider="Other", provider_account_id="1")]
		assert blockers(accounts, agreements, CLINICS, TODAY) == ()

	def test_each_enabled_provider_that_is_not(self) -> None:
		covered, bare, unsure = (make_provider(name=n) for n in ("Video", "Bare", "Unsure"))
		unsigned = make_agreement(name="2", provider="Unsure", state=AgreementState.SENT)
		found = blockers([covered, bare, unsure], [make_agreement(), unsigned], CLINICS, TODAY)
		assert found == (bare, unsure)

	@pytest.mark.parametrize("adapter", Adapter, ids=str)
	def test_whatever_its_adapter(self, adapter: Adapter) -> None:
		account = make_provider(adapter=adapter)
		assert blockers([account], [], CLINICS, TODAY) == (account,)

	def test_a_disabled_provider_blocks_nothing(self) -> None:
		assert blockers([make_provider(enabled=False)], [], CLINICS, TODAY) == ()

	def test_the_agreements_may_be_read_once_only(self) -> None:
		accounts = [make_provider(), make_provider(name="Other")]
		agreements = (make_agreement(name=n, provider=n) for n in ("Other", "Video"))
		assert blockers(accounts, agreements, CLINICS, TODAY) == ()

	def test_from_the_day_after_the_last(self) -> None:
		account, agreement = make_provider(), make_agreement(expires_on=TODAY)
		assert blockers([account], [agreement], CLINICS, TODAY) == ()
		assert blockers([account], [agreement], CLINICS, TODAY + timedelta(days=1)) == (account,)

	def test_an_agreement_of_a_company_that_handles_no_us_phi_is_none(self) -> None:
		account = make_provider()
		northern, own = (make_agreement(company=name) for name in ("Northern clinic", "Clinic"))
		assert blockers([account], [northern], CLINICS, TODAY) == (account,)
		assert blockers([account], [own], CLINICS, TODAY) == ()

	def test_without_a_company_that_does_it_has_to_be_the_whole_sites(self) -> None:
		account = make_provider()
		assert blockers([account], [make_agreement(company="Clinic")], {}, TODAY) == (account,)
		assert blockers([account], [make_agreement()], {}, TODAY) == ()


class TestRequirePhiPermitted:
	@pytest.mark.parametrize("country", [*US_COUNTRIES, ""])
	@pytest.mark.parametrize(("on", "covered"), [(False, False), (False, True), (True, False)])
	def test_refuses_embedded_video_without_both_switch_and_agreement(
		self, country: str, on: bool, covered: bool
	) -> None:
		with pytest.raises(PhiNotPermitted):
			require_phi_permitted(Settings(us_phi_enabled=on), country, embedded=True, covered=covered)

	@pytest.mark.parametrize(
		("on", "country", "embedded", "covered"),
		[
			(True, UNITED_STATES, True, True),
			(True, "", True, True),
			(False, UNITED_STATES, False, False),
			(False, "Canada", True, False),
			(True, "Canada", True, False),
			(True, "Canada", False, False),
		],
	)
	def test_refuses_nothing_else(self, on: bool, country: str, embedded: bool, covered: bool) -> None:
		require_phi_permitted(Settings(us_phi_enabled=on), country, embedded=embedded, covered=covered)

	def test_the_switch_is_off_unless_a_person_turned_it_on(self) -> None:
		assert not Settings().us_phi_enabled


class TestTakingOver:
	OWN = make_provider(name="Own", adapter=Adapter.CHIME, allowed_regions=("ca-central-1", "us-east-1"))
	SPARE = make_provider(name="Spare", media_region="us-east-1")
	PHI = Settings(us_phi_enabled=True)

	def may(self, **changes: Any) -> bool:
		asked: dict[str, Any] = {
			"spare": self.SPARE,
			"own": self.OWN,
			"settings": Settings(),
			"company_country": "Canada",
			"embedded": True,
			"covered": False,
		}
		return may_take_over(**(asked | changes))

	def test_another_provider_that_is_on_may(self) -> None:
		assert self.may()
		assert not self.may(spare=replace(self.SPARE, enabled=False))
		assert not self.may(spare=self.OWN)
		assert not self.may(own=None)

	@pytest.mark.parametrize(
		("regions", "may"),
		[
			({}, True),
			({"media_region": ""}, True),
			({"media_region": "eu-west-2"}, False),
			({"control_region": "ca-central-1"}, True),
			({"control_region": "eu-central-1"}, False),
		],
	)
	def test_only_where_the_clinic_allows_its_media_to_be(self, regions: dict[str, str], may: bool) -> None:
		assert self.may(spare=replace(self.SPARE, **regions)) is may

	def test_anywhere_where_it_names_no_regions(self) -> None:
		spare = replace(self.SPARE, media_region="eu-west-2")
		assert self.may(spare=spare, own=replace(self.OWN, allowed_regions=()))

	@pytest.mark.parametrize("country", ["Canada", UNITED_STATES, "Guam", ""])
	def test_us_phi_needs_its_baa(self, country: str) -> None:
		assert not self.may(settings=self.PHI, company_country=country)
		assert self.may(settings=self.PHI, company_country=country, covered=True)

	@pytest.mark.parametrize("country", [UNITED_STATES, "Guam", ""])
	def test_a_clinic_in_the_states_without_the_switch_has_only_links_and_those_with_a_baa(
		self, country: str
	) -> None:
		assert not self.may(company_country=country, covered=True)
		assert self.may(company_country=country, covered=True, embedded=False)
		assert not self.may(company_country=country, embedded=False)
