"""What keeps US PHI features off, and which rooms may not start while they are."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from tests.factories import make_agreement, make_provider
from theranvio_telehealth.domain.entities import Settings
from theranvio_telehealth.domain.errors import PhiNotPermitted
from theranvio_telehealth.domain.readiness import UNITED_STATES, blockers, require_phi_permitted
from theranvio_telehealth.domain.words import Adapter, AgreementState

TODAY = date(2027, 3, 3)


class TestBlockers:
	def test_none_without_providers(self) -> None:
		assert blockers([], [], TODAY) == ()

	def test_none_when_every_enabled_provider_is_covered(self) -> None:
		accounts = [make_provider(), make_provider(name="Other", account_id="1")]
		agreements = [make_agreement(), make_agreement(name="2", provider="Other", provider_account_id="1")]
		assert blockers(accounts, agreements, TODAY) == ()

	def test_each_enabled_provider_that_is_not(self) -> None:
		covered, bare, unsure = (make_provider(name=n) for n in ("Video", "Bare", "Unsure"))
		unsigned = make_agreement(name="2", provider="Unsure", state=AgreementState.SENT)
		assert blockers([covered, bare, unsure], [make_agreement(), unsigned], TODAY) == (bare, unsure)

	@pytest.mark.parametrize("adapter", Adapter, ids=str)
	def test_whatever_its_adapter(self, adapter: Adapter) -> None:
		account = make_provider(adapter=adapter)
		assert blockers([account], [], TODAY) == (account,)

	def test_a_disabled_provider_blocks_nothing(self) -> None:
		assert blockers([make_provider(enabled=False)], [], TODAY) == ()

	def test_the_agreements_may_be_read_once_only(self) -> None:
		accounts = [make_provider(), make_provider(name="Other")]
		agreements = (make_agreement(name=n, provider=n) for n in ("Other", "Video"))
		assert blockers(accounts, agreements, TODAY) == ()

	def test_from_the_day_after_the_last(self) -> None:
		account, agreement = make_provider(), make_agreement(expires_on=TODAY)
		assert blockers([account], [agreement], TODAY) == ()
		assert blockers([account], [agreement], TODAY + timedelta(days=1)) == (account,)


class TestRequirePhiPermitted:
	def test_refuses_embedded_video_in_the_united_states_with_the_switch_off(self) -> None:
		with pytest.raises(PhiNotPermitted):
			require_phi_permitted(Settings(), UNITED_STATES, embedded=True)

	@pytest.mark.parametrize(
		("on", "country", "embedded"),
		[
			(True, UNITED_STATES, True),
			(False, UNITED_STATES, False),
			(False, "Canada", True),
			(False, "", True),
			(False, "united states", True),
			(True, "Canada", False),
		],
	)
	def test_refuses_nothing_else(self, on: bool, country: str, embedded: bool) -> None:
		require_phi_permitted(Settings(us_phi_enabled=on), country, embedded=embedded)

	def test_the_switch_is_off_unless_somebody_turned_it_on(self) -> None:
		assert not Settings().us_phi_enabled
