"""What stays cost against a period's participant-minutes, what is set aside for people in a visit, and when an allowance
refuses an admission."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal

from theranvio_telehealth.domain.entities import MINUTE, Allowance, Participant, Price, Room
from theranvio_telehealth.domain.enums import OnExhaustion, ParticipantState
from theranvio_telehealth.domain.errors import AllowanceExhausted

SECONDS_PER_TENTH = 6
#: How long the hold of an admitted participant who is in no stay lasts.
IDLE_HOLD = timedelta(minutes=10)
#: Costs are stored to the millionth of a currency's unit.
MILLIONTH = Decimal("0.000001")


def billed_tenths(seconds: int) -> int:
	"""Tenths of a minute, every one that was begun."""
	return -(-seconds // SECONDS_PER_TENTH)


def cost(tenths: int, price: Price) -> Decimal:
	"""An estimate: providers bill by tenths of a minute, and round their sums in ways of their own."""
	return (price.per_minute * tenths / 10).quantize(MILLIONTH, ROUND_HALF_EVEN)


def expected_end(room: Room, now: datetime) -> datetime:
	"""Until when people in the visit are expected to stay: the appointment's end, extended; past that, the room's close."""
	planned = room.ends_on + room.extended_minutes * MINUTE
	return planned if now < planned else room.closes_on


def expected_seconds(room: Room, start: datetime, now: datetime) -> int:
	"""From the start to the expected end, as it is now."""
	return max(0, round((expected_end(room, now) - start).total_seconds()))


def with_hold(participant: Participant, room: Room, allowances: Sequence[str], now: datetime) -> Participant:
	"""The participant with the hold of their state: from the start of their open stay, whose seconds are not booked yet, or
	else from now, to the expected end. A hold without a stay expires."""
	if participant.state is not ParticipantState.ADMITTED or not allowances:
		return replace(participant, held_seconds=0, held_allowances=(), hold_expires_on=None)
	start, expires_on = participant.stay_started_on, None
	if start is None:
		start, expires_on = now, participant.hold_expires_on or now + IDLE_HOLD
	is_expired = expires_on is not None and expires_on <= now
	seconds = 0 if is_expired else expected_seconds(room, start, now)
	held = tuple(allowances) if seconds else ()
	return replace(participant, held_seconds=seconds, held_allowances=held, hold_expires_on=expires_on)


def fits(allowance: Allowance, seconds: int, price: Price) -> bool:
	"""Whether the seconds can be set aside on top of everything that is used and held, in time and in cost."""
	if allowance.left_seconds < seconds:
		return False
	if not allowance.price_cap or allowance.currency != price.currency:
		return True
	ahead = cost(billed_tenths(allowance.held_seconds + seconds), price)
	return allowance.cost + ahead <= allowance.price_cap


def require_minutes(
	allowances: Iterable[Allowance], participant: Participant, room: Room, price: Price, now: datetime
) -> None:
	"""Raises `AllowanceExhausted` for a participant not yet admitted to this visit, unless all allowances have room for them
	until the expected end. A running visit is never cut, and an administrator may have let the visit in over the limit."""
	if participant.admitted_on is not None or room.over_limit_by:
		return
	needed = expected_seconds(room, now, now)
	blocking = [a for a in allowances if a.on_exhaustion is OnExhaustion.BLOCK]
	if not all(fits(allowance, needed, price) for allowance in blocking):
		raise AllowanceExhausted


def counted_once(allowances: Iterable[Allowance]) -> list[Allowance]:
	"""Of a day's allowances those that count every minute once: each company's own or, where there is none, its practitioners'."""
	given = list(allowances)
	whole = {allowance.company for allowance in given if not allowance.practitioner}
	return [a for a in given if not a.practitioner or a.company not in whole]


def paying(allowances: Iterable[Allowance]) -> list[Allowance]:
	"""Of those whose days are the visit's, the first of its practitioner and the first of the company: more of them can be left
	where practitioners have become one."""
	given = list(allowances)
	firsts = (next((a for a in given if bool(a.practitioner) is own), None) for own in (True, False))
	return [first for first in firsts if first]


@dataclass(frozen=True, slots=True)
class Balance:
	"""What an allowance counts. Of a drift: what has to be added to each."""

	used_seconds: int = 0
	held_seconds: int = 0
	added_seconds: int = 0
	cost: Decimal = Decimal(0)


def drift(allowance: Allowance, recomputed: Balance) -> Balance:
	"""How far the allowance's own counters are from what its entries and the holds of its participants come to."""
	return Balance(
		recomputed.used_seconds - allowance.used_seconds,
		recomputed.held_seconds - allowance.held_seconds,
		recomputed.added_seconds - allowance.added_seconds,
		recomputed.cost - allowance.cost,
	)


def reached_percent(allowance: Allowance) -> int:
	"""The highest warning percentage that what is used has reached; 0: none."""
	used, included = allowance.used_seconds * 100, allowance.included_seconds
	return max((percent for percent in allowance.warning_percents if used >= included * percent), default=0)
