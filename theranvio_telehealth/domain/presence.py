"""Who has the page open outside the call, by signs of life. For participants in the call see `stays.py`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from theranvio_telehealth.domain.entities import Participant
from theranvio_telehealth.domain.enums import ParticipantState, StrEnum
from theranvio_telehealth.domain.errors import Malformed

#: An open page gives a sign every 15 s at most. A browser lets a hidden one run once a minute: that is not away yet.
SILENCE = timedelta(seconds=75)

#: When each participant last gave a sign. None: not known now, so no participant is shown as away.
Signs = Mapping[str, datetime] | None


class Lack(StrEnum):
	"""What a person's browser lacks for a call."""

	HTTPS = "insecure"
	CALLS = "calls"
	DEVICES = "devices"


def lack_of(word: str) -> Lack | None:
	"""As a page says it; empty: nothing. Raises `Malformed`."""
	try:
		return Lack(word) if word else None
	except ValueError:
		raise Malformed from None


def has_page_open(participant: Participant, signs: Signs, now: datetime) -> bool:
	"""Entering the waiting room is a sign of life too."""
	if signs is None:
		return participant.state in (ParticipantState.WAITING, ParticipantState.ADMITTED)
	heard = [moment for moment in (signs.get(participant.name), participant.waiting_since) if moment]
	return bool(heard) and now - max(heard) <= SILENCE


def is_away(participant: Participant, signs: Signs, now: datetime) -> bool:
	"""Waiting, and silent."""
	return participant.state is ParticipantState.WAITING and not has_page_open(participant, signs, now)
