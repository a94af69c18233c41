"""What every port for agreements has to do. The fixtures `store`, `agreements` and `seed` come from the class that inherits it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from theranvio_telehealth.domain.enums import AgreementState


class AgreementsContract:
	def test_phi_switch(self, store: Any, agreements: Any, seed: Any) -> None:
		before = seed.settings()
		agreements.save_phi_switch(True)
		assert store.settings() == replace(before, us_phi_enabled=True)
		agreements.save_phi_switch(False)
		assert store.settings() == before

	def test_companies_and_their_countries(self, store: Any, agreements: Any, seed: Any) -> None:
		appointment = seed.appointment()
		assert appointment.company_country
		assert agreements.companies()[appointment.company] == appointment.company_country

	def test_agreement_round_trip(self, store: Any, agreements: Any, seed: Any) -> None:
		account = seed.provider()
		agreement = seed.agreement(provider=account.name)
		assert agreement in agreements.agreements()
		expired = replace(agreement, state=AgreementState.EXPIRED)
		agreements.save_agreement(expired)
		assert expired in agreements.agreements()
		assert agreement not in agreements.agreements()
