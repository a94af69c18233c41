"""The life of a business associate agreement (BAA), and when it counts. Not what it must contain."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from theranvio_telehealth.domain.entities import Agreement, ProviderAccount
from theranvio_telehealth.domain.errors import WrongMove
from theranvio_telehealth.domain.words import AgreementState as State

#: (from, to). Accepted text is immutable: a change is a new record that supersedes. Nothing reopens.
EDGES = frozenset(
	{
		(State.DRAFT, State.SENT),
		(State.SENT, State.DRAFT),
		(State.SENT, State.DECLINED),
		(State.SENT, State.ACCEPTED),
		(State.ACCEPTED, State.EXPIRED),
		(State.ACCEPTED, State.TERMINATED),
		(State.ACCEPTED, State.SUPERSEDED),
	}
)


def require_edge(before: State, after: State) -> None:
	"""Raises `WrongMove` when an agreement cannot go from `before` to `after`; staying is always allowed."""
	if before is not after and (before, after) not in EDGES:
		raise WrongMove


def is_in_date(agreement: Agreement, today: date) -> bool:
	"""From its effective day to its expiry day, both included; without an effective day it never is."""
	if agreement.effective_on is None or today < agreement.effective_on:
		return False
	return agreement.expires_on is None or today <= agreement.expires_on


def expire(agreement: Agreement, today: date) -> Agreement:
	"""The agreement after the day's turn: an Accepted one past its expiry day is Expired."""
	past = agreement.expires_on is not None and today > agreement.expires_on
	if agreement.state is State.ACCEPTED and past:
		return replace(agreement, state=State.EXPIRED)
	return agreement


def covers(agreement: Agreement, account: ProviderAccount, today: date) -> bool:
	"""Whether it counts for this very provider and account today."""
	return (
		agreement.state is State.ACCEPTED
		and is_in_date(agreement, today)
		and agreement.provider == account.name
		and agreement.provider_account_id == account.account_id
	)


def is_covered(account: ProviderAccount, agreements: Iterable[Agreement], today: date) -> bool:
	return any(covers(agreement, account, today) for agreement in agreements)
