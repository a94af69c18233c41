"""Whether features for US protected health information (PHI) may be on, and whether a room's video may start.

The switch rises only by an administrator's act and falls by itself. It makes no claim of compliance."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from theranvio_telehealth.domain.agreement import is_covered
from theranvio_telehealth.domain.entities import Agreement, ProviderAccount, Settings
from theranvio_telehealth.domain.errors import PhiNotPermitted

UNITED_STATES = "United States"


def blockers(
	accounts: Iterable[ProviderAccount], agreements: Iterable[Agreement], today: date
) -> tuple[ProviderAccount, ...]:
	"""The enabled providers that lack an accepted, in-date BAA for their account. Empty: the switch may be on."""
	known = tuple(agreements)
	return tuple(a for a in accounts if a.enabled and not is_covered(a, known, today))


def require_phi_permitted(settings: Settings, company_country: str, *, embedded: bool) -> None:
	"""Raises `PhiNotPermitted` for embedded video of a United States company while the switch is off."""
	if embedded and company_country == UNITED_STATES and not settings.us_phi_enabled:
		raise PhiNotPermitted
