"""The US PHI gate: computed from the BAA Records at each request; and the switch, which is cleared here and never set."""

from __future__ import annotations

from theranvio_telehealth.domain import agreement, readiness
from theranvio_telehealth.domain.entities import Appointment, ProviderAccount, Settings
from theranvio_telehealth.domain.sentences import _
from theranvio_telehealth.services.ports import Ports


def is_covered(ports: Ports, account: ProviderAccount, company: str) -> bool:
	"""Whether an agreement counts now for the account's media in visits of the company. The answer is not stored."""
	return agreement.is_covered(account, ports.agreements.agreements(), company, ports.clock.today())


def covers_start(
	ports: Ports,
	settings: Settings,
	appointment: Appointment | None,
	account: ProviderAccount,
	*,
	embedded: bool,
) -> bool:
	"""The same for the start of a visit. Agreements are read only where the answer depends on them: False elsewhere."""
	if appointment is None or not settings.us_phi_enabled:
		return False
	gated = readiness.is_gated(appointment.company_country, embedded=embedded)
	return gated and is_covered(ports, account, appointment.company)


def review(ports: Ports) -> bool:
	"""Expire agreements whose last day has passed, and turn the switch off where one is missing; say whether it was."""
	today = ports.clock.today()
	with ports.store.transaction():
		for held in ports.agreements.agreements():
			turned = agreement.expire(held, today)
			if turned != held:
				ports.agreements.save_agreement(turned)
		missing = readiness.blockers(
			ports.store.providers(), ports.agreements.agreements(), ports.agreements.companies(), today
		)
		if not missing or not ports.store.settings().us_phi_enabled:
			return False
		ports.agreements.save_phi_switch(False)
		ports.log.announce(
			missing[0].name,
			_(
				"US PHI features were switched off: an enabled media provider has no BAA Record that counts. "
				"Record one and switch them on again in Telehealth Settings."
			),
		)
	return True
