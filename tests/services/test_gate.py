"""The US PHI switch: turned off automatically, never on, with one notification."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from theranvio_telehealth.domain.entities import Settings
from theranvio_telehealth.domain.enums import AgreementState as State
from theranvio_telehealth.domain.enums import AgreementType
from theranvio_telehealth.services import phi_switch
from tools.harness.factories import Harness, make_agreement, make_harness, make_provider
from tools.harness.ports import NOON

TODAY = NOON.date()


@pytest.fixture
def harness() -> Harness:
	"""Covered, and the switch is on."""
	harness = make_harness()
	harness.store.put(Settings(default_provider="Video", us_phi_enabled=True))
	harness.agreements.put(make_agreement())
	return harness


def is_on(harness: Harness) -> bool:
	return bool(harness.store.settings().us_phi_enabled)


def test_stays_on_while_everything_is_covered(harness: Harness) -> None:
	assert phi_switch.review(harness.ports) is False
	assert is_on(harness)
	assert harness.log.announcements == []


@pytest.mark.parametrize("state", set(State) - {State.ACCEPTED}, ids=str)
def test_falls_when_an_agreement_counts_no_more(harness: Harness, state: State) -> None:
	harness.agreements.put(make_agreement(state=state))
	assert phi_switch.review(harness.ports) is True
	assert not is_on(harness)


def test_falls_on_the_day_after_an_agreements_last(harness: Harness) -> None:
	harness.agreements.put(make_agreement(expires_on=TODAY))
	assert phi_switch.review(harness.ports) is False
	harness.clock.advance(days=1)
	assert phi_switch.review(harness.ports) is True
	(agreement,) = harness.agreements.agreements()
	assert agreement.state is State.EXPIRED


@pytest.mark.parametrize("change", [{"account_id": "another"}, {"name": "Another"}], ids=str)
def test_falls_when_a_provider_is_not_the_one_agreed_on(harness: Harness, change: dict[str, str]) -> None:
	harness.store.put(make_provider(**change))
	assert phi_switch.review(harness.ports) is True


def test_a_disabled_provider_needs_no_agreement(harness: Harness) -> None:
	harness.store.put(make_provider(name="Another", enabled=False))
	assert phi_switch.review(harness.ports) is False


def test_says_so_once_and_names_no_clinical_thing(harness: Harness) -> None:
	harness.agreements.put(make_agreement(state=State.TERMINATED))
	for _ in range(3):
		phi_switch.review(harness.ports)
	((subject, text),) = harness.log.announcements
	assert subject == "Video"
	assert text.endswith(".")


def test_never_rises_by_itself(harness: Harness) -> None:
	harness.agreements.put(make_agreement(state=State.TERMINATED))
	phi_switch.review(harness.ports)
	harness.agreements.put(make_agreement())
	assert phi_switch.review(harness.ports) is False
	assert not is_on(harness)


def test_agreements_expire_with_the_switch_off_too(harness: Harness) -> None:
	harness.store.put(Settings(us_phi_enabled=False))
	harness.agreements.put(make_agreement(expires_on=TODAY - timedelta(days=1)))
	assert phi_switch.review(harness.ports) is False
	assert [a.state for a in harness.agreements.agreements()] == [State.EXPIRED]


def test_a_successor_in_force_keeps_it_on(harness: Harness) -> None:
	harness.agreements.put(make_agreement(expires_on=TODAY - timedelta(days=1)))
	harness.agreements.put(make_agreement(name="BAA-2", effective_on=TODAY))
	assert phi_switch.review(harness.ports) is False
	assert is_on(harness)


def test_an_agreement_of_a_clinic_elsewhere_keeps_nothing_on(harness: Harness) -> None:
	harness.appointment(company="Clinic", company_country="Puerto Rico")
	harness.appointment(name="APP-2", company="Northern clinic", company_country="Canada")
	harness.agreements.put(make_agreement(company="Clinic"))
	assert phi_switch.review(harness.ports) is False
	harness.agreements.put(make_agreement(company="Northern clinic"))
	assert phi_switch.review(harness.ports) is True


@pytest.mark.parametrize(
	"change", [{"agreement_type": AgreementType.DPA}, {"file_pages": 0}, {"attested_by": ""}], ids=str
)
def test_falls_where_what_is_recorded_does_not_count(harness: Harness, change: dict[str, Any]) -> None:
	harness.agreements.put(make_agreement(**change))
	assert phi_switch.review(harness.ports) is True
