"""Turns ended stays into Usage Entries. What a stay is and costs is decided in `domain`."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from theranvio_telehealth.domain import allowance as rules
from theranvio_telehealth.domain import metering as presence
from theranvio_telehealth.domain.entities import Allowance, Participant, Room, Stay
from theranvio_telehealth.services.ports import Ports


def end_stay(ports: Ports, room: Room, person: Participant, now: datetime) -> Participant:
	"""The participant with no stay open; the one that was is booked. Call it under the room's lock."""
	stopped, stay = presence.stop(person, now)
	book(ports, room, stay)
	return stopped


def book(ports: Ports, room: Room, stay: Stay | None) -> None:
	"""Append the stay's Usage Entry, once; a stay of no length leaves none."""
	if stay is None or stay.seconds == 0:
		return
	allowance = ports.store.allowance(room)
	if ports.store.book(rules.entry(room, stay, allowance)) and allowance:
		_warn(ports, allowance, stay.seconds)


def _warn(ports: Ports, before: Allowance, seconds: int) -> None:
	after = replace(before, used_seconds=before.used_seconds + seconds)
	if rules.is_low(after) and not rules.is_low(before):
		ports.log.announce(
			before.name, "A telehealth usage allowance is nearly used up. Open it to see how much is left."
		)
