"""The US PHI switch: it falls by itself, rises never, and says so once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.factories import House, make_agreement, make_house, make_provider
from tests.memory import NOON
from theranvio_telehealth.domain.entities import Settings
from theranvio_telehealth.domain.enums import AgreementState as State
from theranvio_telehealth.domain.enums import AgreementType
from theranvio_telehealth.services import phi_switch

TODAY = NOON.date()


@pytest.fixture
def house() -> House:
	"""Covered, and the switch is on."""
	house = make_house()
	house.store.put(Settings(default_provider="Video", us_phi_enabled=True))
	house.store.put(make_agreement())
	return house


def is_on(house: House) -> bool:
	return bool(house.store.settings().us_phi_enabled)


def test_stays_on_while_everything_is_covered(house: House) -> None:
	assert phi_switch.review(house.ports) is False
	assert is_on(house)
	assert house.log.announcements == []


@pytest.mark.parametrize("state", set(State) - {State.ACCEPTED}, ids=str)
def test_falls_when_an_agreement_counts_no_more(house: House, state: State) -> None:
	house.store.put(make_agreement(state=state))
	assert phi_switch.review(house.ports) is True
	assert not is_on(house)


def test_falls_on_the_day_after_an_agreements_last(house: House) -> None:
	house.store.put(make_agreement(expires_on=TODAY))
	assert phi_switch.review(house.ports) is False
	house.clock.advance(days=1)
	assert phi_switch.review(house.ports) is True
	(agreement,) = house.store.agreements()
	assert agreement.state is State.EXPIRED


@pytest.mark.parametrize("change", [{"account_id": "another"}, {"name": "Another"}], ids=str)
def test_falls_when_a_provider_is_not_the_one_agreed_on(house: House, change: dict[str, str]) -> None:
	house.store.put(make_provider(**change))
	assert phi_switch.review(house.ports) is True


def test_a_disabled_provider_needs_no_agreement(house: House) -> None:
	house.store.put(make_provider(name="Another", enabled=False))
	assert phi_switch.review(house.ports) is False


def test_says_so_once_and_names_no_clinical_thing(house: House) -> None:
	house.store.put(make_agreement(state=State.TERMINATED))
	for _ in range(3):
		phi_switch.review(house.ports)
	((subject, text),) = house.log.announcements
	assert subject == "Video"
	assert text.endswith(".")


def test_never_rises_by_itself(house: House) -> None:
	house.store.put(make_agreement(state=State.TERMINATED))
	phi_switch.review(house.ports)
	house.store.put(make_agreement())
	assert phi_switch.review(house.ports) is False
	assert not is_on(house)


def test_agreements_expire_with_the_switch_off_too(house: House) -> None:
	house.store.put(Settings(us_phi_enabled=False))
	house.store.put(make_agreement(expires_on=TODAY - timedelta(days=1)))
	assert phi_switch.review(house.ports) is False
	assert [a.state for a in house.store.agreements()] == [State.EXPIRED]


def test_a_successor_in_force_keeps_it_on(house: House) -> None:
	house.store.put(make_agreement(expires_on=TODAY - timedelta(days=1)))
	house.store.put(make_agreement(name="BAA-2", effective_on=TODAY))
	assert phi_switch.review(house.ports) is False
	assert is_on(house)


def test_an_agreement_of_a_clinic_elsewhere_keeps_nothing_on(house: House) -> None:
	house.appointment(company="Clinic", company_country="Puerto Rico")
	house.appointment(name="APP-2", company="Northern clinic", company_country="Canada")
	house.store.put(make_agreement(company="Clinic"))
	assert phi_switch.review(house.ports) is False
	house.store.put(make_agreement(company="Northern clinic"))
	assert phi_switch.review(house.ports) is True


@pytest.mark.parametrize(
	"change", [{"agreement_type": AgreementType.DPA}, {"file_pages": 0}, {"attested_by": ""}], ids=str
)
def test_falls_where_what_is_recorded_does_not_count(house: House, change: dict[str, Any]) -> None:
	house.store.put(make_agreement(**change))
	assert phi_switch.review(house.ports) is True
