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


def may_take_over(
	spare: ProviderAccount,
	own: ProviderAccount | None,
	settings: Settings,
	agreements: Iterable[Agreement],
	company_country: str,
	today: date,
	*,
	embedded: bool,
) -> bool:
	"""Whether a call may move from its own provider to the spare one: another one, switched on, where the clinic allows
	its media to be, and covered wherever US PHI is handled."""
	if not spare.enabled or own is None or spare.name == own.name or not _is_allowed(spare, own):
		return False
	try:
		require_phi_permitted(settings, company_country, embedded=embedded)
	except PhiNotPermitted:
		return False
	handles_phi = settings.us_phi_enabled or company_country == UNITED_STATES
	return not handles_phi or is_covered(spare, agreements, today)


def _is_allowed(spare: ProviderAccount, own: ProviderAccount) -> bool:
	regions = {region for region in (spare.control_region, spare.media_region) if region}
	return not own.allowed_regions or regions <= set(own.allowed_regions)
