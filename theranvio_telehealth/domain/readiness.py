"""Whether features for US protected health information (PHI) may be on, and whether a room's video may start.

An administrator sets the switch, and the sweep clears it. It makes no claim of compliance."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from theranvio_telehealth.domain.agreement import is_covered
from theranvio_telehealth.domain.entities import Agreement, ProviderAccount, Settings
from theranvio_telehealth.domain.errors import PhiNotPermitted

#: The United States and its territories, as the platform's list of countries spells them.
US_COUNTRIES = (
	"United States",
	"American Samoa",
	"Guam",
	"Northern Mariana Islands",
	"Puerto Rico",
	"United States Minor Outlying Islands",
	"Virgin Islands, U.S.",
)
_US = frozenset(country.casefold() for country in US_COUNTRIES)


def handles_us_phi(country: str) -> bool:
	"""Whether a company there handles US PHI. Where no country is entered, it is taken to."""
	named = " ".join(country.split()).casefold()
	return not named or named in _US


def us_companies(countries: Mapping[str, str]) -> tuple[str, ...]:
	"""Of companies and their countries, those for which agreements are asked; the whole site (an empty name) if there
	are none."""
	return tuple(name for name, country in countries.items() if handles_us_phi(country)) or ("",)


def blockers(
	accounts: Iterable[ProviderAccount],
	agreements: Iterable[Agreement],
	countries: Mapping[str, str],
	today: date,
) -> tuple[ProviderAccount, ...]:
	"""The enabled providers without an agreement that counts for any company that handles US PHI. Empty: the switch may
	be on. Which companies may start visits is asked for each at the door: `require_phi_permitted`."""
	known, companies = tuple(agreements), us_companies(countries)
	return tuple(
		a for a in accounts if a.enabled and not any(is_covered(a, known, c, today) for c in companies)
	)


def is_gated(company_country: str, *, embedded: bool) -> bool:
	"""Whether a room's video needs the switch and an agreement."""
	return embedded and handles_us_phi(company_country)


def require_phi_permitted(settings: Settings, company_country: str, *, embedded: bool, covered: bool) -> None:
	"""Raises `PhiNotPermitted` for embedded video where US PHI is handled, while the switch is off or no agreement
	counts for the room's provider. `covered`: whether one does, by the records as they are now."""
	if is_gated(company_country, embedded=embedded) and not (settings.us_phi_enabled and covered):
		raise PhiNotPermitted


def may_take_over(
	spare: ProviderAccount,
	own: ProviderAccount | None,
	settings: Settings,
	company_country: str,
	*,
	embedded: bool,
	covered: bool,
) -> bool:
	"""Whether a call may move from its own provider to the spare one: another one, switched on, where the clinic allows
	its media to be, and `covered` wherever US PHI is handled."""
	if not spare.enabled or own is None or spare.name == own.name or not _is_allowed(spare, own):
		return False
	try:
		require_phi_permitted(settings, company_country, embedded=embedded, covered=covered)
	except PhiNotPermitted:
		return False
	return covered or not (settings.us_phi_enabled or handles_us_phi(company_country))


def _is_allowed(spare: ProviderAccount, own: ProviderAccount) -> bool:
	regions = {region for region in (spare.control_region, spare.media_region) if region}
	return not own.allowed_regions or regions <= set(own.allowed_regions)
