"""The life of a business associate agreement (BAA), and when it counts. Not what it must contain."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from theranvio_telehealth.domain.entities import Agreement, ProviderAccount
from theranvio_telehealth.domain.enums import AgreementState as State
from theranvio_telehealth.domain.enums import AgreementType, StrEnum
from theranvio_telehealth.domain.errors import WrongMove

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

#: The types of agreement that count.
ASSOCIATES = frozenset({AgreementType.BAA, AgreementType.SUBCONTRACTOR_BAA})


class Lack(StrEnum):
	"""Why an agreement does not count for an account and a company."""

	STATE = "state"
	DATE = "date"
	PROVIDER = "provider"
	ACCOUNT = "account"
	TYPE = "type"
	COMPANY = "company"
	SERVICE = "service"
	REGION = "region"
	FILE = "file"
	ATTESTATION = "attestation"


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


def lacks(agreement: Agreement, account: ProviderAccount, company: str, today: date) -> tuple[Lack, ...]:
	"""What keeps it from counting today for this account's media in visits of the company. Empty: it counts.

	`company`: empty for the whole site, which only an agreement of the whole site covers."""
	met = {
		Lack.STATE: agreement.state is State.ACCEPTED,
		Lack.DATE: is_in_date(agreement, today),
		Lack.PROVIDER: agreement.provider == account.name,
		Lack.ACCOUNT: agreement.provider_account_id == account.account_id,
		Lack.TYPE: agreement.agreement_type in ASSOCIATES,
		Lack.COMPANY: agreement.company in ("", company),
		Lack.SERVICE: _folded(account.adapter) in map(_folded, agreement.services.splitlines()),
		Lack.REGION: _regions(account) <= {_folded(region) for region in agreement.regions},
		Lack.FILE: agreement.file_pages > 0,
		Lack.ATTESTATION: is_attested(agreement),
	}
	return tuple(lack for lack, is_met in met.items() if not is_met)


def is_attested(agreement: Agreement) -> bool:
	"""Whether two people stand behind it: one who accepted it, and another who attested it."""
	return agreement.attested_by not in ("", agreement.accepted_by) and bool(agreement.accepted_by)


def covers(agreement: Agreement, account: ProviderAccount, company: str, today: date) -> bool:
	return not lacks(agreement, account, company, today)


def is_covered(account: ProviderAccount, agreements: Iterable[Agreement], company: str, today: date) -> bool:
	return any(covers(agreement, account, company, today) for agreement in agreements)


def _folded(text: str) -> str:
	return " ".join(text.strip(" ,;").split()).casefold()


def _regions(account: ProviderAccount) -> set[str]:
	return {_folded(region) for region in (account.control_region, account.media_region) if region}
