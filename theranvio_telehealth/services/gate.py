"""The US PHI switch falls by itself as soon as an enabled provider is no longer covered. It never rises here."""

from __future__ import annotations

from theranvio_telehealth.domain import agreement, readiness
from theranvio_telehealth.services.ports import Ports


def review(ports: Ports) -> bool:
	"""Expire agreements whose last day has passed, and turn the switch off where one is missing; say whether it was."""
	today = ports.clock.today()
	with ports.store.transaction():
		for held in ports.store.agreements():
			turned = agreement.expire(held, today)
			if turned != held:
				ports.store.save_agreement(turned)
		missing = readiness.blockers(ports.store.providers(), ports.store.agreements(), today)
		if not missing or not ports.store.settings().us_phi_enabled:
			return False
		ports.store.save_phi_switch(False)
		ports.log.announce(
			missing[0].name,
			"US PHI features were switched off: an enabled media provider has no accepted, in-date BAA Record. "
			"Record one and switch them on again in Telehealth Settings.",
		)
	return True
