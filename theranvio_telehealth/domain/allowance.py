"""What stays cost against a period's participant-minutes, and when an allowance says no."""

from __future__ import annotations

from theranvio_telehealth.domain.entities import Allowance, Participant
from theranvio_telehealth.domain.enums import OnExhaustion
from theranvio_telehealth.domain.errors import AllowanceExhausted

SECONDS_PER_TENTH = 6


def billed_tenths(seconds: int) -> int:
	"""Tenths of a minute, every one that was begun."""
	return -(-seconds // SECONDS_PER_TENTH)


def is_exhausted(allowance: Allowance) -> bool:
	return allowance.used_seconds + allowance.held_seconds >= allowance.included_minutes * 60


def is_low(allowance: Allowance) -> bool:
	"""Past the share at which administrators want to hear of it."""
	used = allowance.used_seconds + allowance.held_seconds
	return used * 100 >= allowance.included_minutes * 60 * allowance.warn_at_percent


def require_minutes(allowance: Allowance | None, participant: Participant) -> None:
	"""Raises `AllowanceExhausted` for a participant not yet admitted to this visit; a running visit is never cut."""
	if allowance is None or participant.admitted_on is not None:
		return
	if allowance.on_exhaustion is OnExhaustion.BLOCK and is_exhausted(allowance):
		raise AllowanceExhausted
