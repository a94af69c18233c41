"""Moves a call to the clinic's second provider where its own does not answer. Whether it may is decided in `domain`."""

from __future__ import annotations

from dataclasses import replace

from theranvio_telehealth.domain import admission, meetings, readiness
from theranvio_telehealth.domain.entities import Participant, ProviderAccount
from theranvio_telehealth.domain.enums import ParticipantState
from theranvio_telehealth.providers.base import Capabilities, ProviderError
from theranvio_telehealth.services import booking, phi_switch, usage
from theranvio_telehealth.services.ports import Ports
from theranvio_telehealth.services.visit_context import VisitContext, locked


def move(ports: Ports, context: VisitContext) -> VisitContext | None:
	"""The context at the provider that takes over, reserved for the caller there; None where none may.

	Everybody in the call is to join again: their pages see that it is another call."""
	spare = _spare(ports, context)
	if spare is None:
		return None
	account, capabilities = spare
	with locked(ports, context) as now:
		now.require_enterable()
		me = admission.require_admitted(now.current_participant)
		if now.room.provider not in (context.room.provider, account.name):
			return None
		room = (
			now.room
			if now.room.provider == account.name
			else meetings.moved(now.room, account, ports.new_token())
		)
		everyone = [_outside(ports, now, p) for p in now.everyone] if room != now.room else now.everyone
		joining = admission.joining(next(p for p in everyone if p.name == me.name), ports.new_token())
		usage.save_participant(ports, room, joining, now.now)
		if room != now.room:
			ports.store.save_room(room)
		ports.nudge.users(booking.audience(ports, room))
		ports.background.tear_down(room.name)
		people = [joining if p.name == me.name else p for p in everyone]
		return replace(now, room=room, everyone=people, account=account, capabilities=capabilities)


def _spare(ports: Ports, context: VisitContext) -> tuple[ProviderAccount, Capabilities] | None:
	account = ports.store.provider(context.settings.failover_provider)
	if account is None:
		return None
	try:
		capabilities = ports.media(account).capabilities
	except ProviderError:
		return None
	may = readiness.may_take_over(
		account,
		context.account,
		context.settings,
		context.appointment.company_country if context.appointment else "",
		embedded=capabilities.embedded,
		covered=phi_switch.is_covered(ports, account, context.room.company),
	)
	let_in = [p for p in context.everyone if p.state is ParticipantState.ADMITTED]
	return (account, capabilities) if may and len(let_in) <= capabilities.max_people else None


def _outside(ports: Ports, context: VisitContext, participant: Participant) -> Participant:
	"""Let in as before, with no credentials: closing the former meeting destroys those there were."""
	ended = usage.end_stay(ports, context.room, participant, context.now)
	out = meetings.left_behind(admission.without_credentials(ended))
	return out if out == participant else usage.save_participant(ports, context.room, out, context.now)
