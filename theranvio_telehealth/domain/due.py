"""What the sweep looks at. Stores find it by these values, and may name one too many."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

CHANGED_LATELY = timedelta(minutes=15)
LOOK_AHEAD = timedelta(hours=1)
LOOK_BACK = timedelta(days=1)
#: Rooms further off are not compared with their appointment: that is a look-up for each of them.
HORIZON = timedelta(days=40)
#: A portal's list goes back this far.
LISTED = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Doubtful:
	"""Appointments that may disagree with their room:
	- changed after `changed_after`, with video, or with a room that is not over;
	- of a room that is not over and opens by `opening_by`;
	- of a room that is not over and opens by `looked_for_by`, whose appointment is gone, or is another of the same name;
	- with video, not called off, starting after `starting_after`, without a room.
	"""

	changed_after: datetime
	opening_by: datetime
	looked_for_by: datetime
	starting_after: datetime


def doubtful(now: datetime) -> Doubtful:
	return Doubtful(
		changed_after=now - CHANGED_LATELY,
		opening_by=now + LOOK_AHEAD,
		looked_for_by=now + HORIZON,
		starting_after=now - LOOK_BACK,
	)
