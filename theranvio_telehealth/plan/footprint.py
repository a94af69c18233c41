"""What visits cost the site: the rows they write and the requests that browsers send. tests/site/test_plan.py counts the rows of
real visits, tests/demo/test_plan.py the requests of two browsers, and tests/plan reads the pauses in the browser's code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from theranvio_telehealth.plan.clinic import Habits


@dataclass(frozen=True, slots=True)
class Rates:
	"""How many there are for each visit, each client in it, each further join of anybody, and each visit with a client."""

	visit: float
	client: float
	rejoin: float
	held: float = 0

	def of(self, visits: float, clients: float, rejoins: float, held: float) -> float:
		return self.visit * visits + self.client * clients + self.rejoin * rejoins + self.held * held


ROWS: Mapping[str, Rates] = {
	"Appointment Room": Rates(1, 0, 0),
	"Room Meeting": Rates(1, 0, 0),
	"Room Participant": Rates(1, 1, 0),
	"Participant Access": Rates(1, 1, 0),
	"Room Join": Rates(1, 1, 1),
	"Usage Entry": Rates(1, 1, 1),
	"Provider Event": Rates(0, 0, 0),
	"Version": Rates(5, 4, 2),
	"Notification Log": Rates(0, 0, 0, 1),
}
#: Where the provider reports what it sees, a stay is booked as heard of, withdrawn, and booked as seen.
ROWS_WITH_EVENTS: Mapping[str, Rates] = {
	**ROWS,
	"Usage Entry": Rates(3, 3, 3),
	"Provider Event": Rates(3, 2, 3),
}

#: Seconds between two requests of a page: with nudges, and without.
BEAT = 10
POLL = {True: 15.0, False: 2.5}
LOOK_AT_OTHERS = {True: 60, False: 15}
#: Opening the page, entering, admitting, joining, ending, and asking again at every nudge meanwhile.
ACTS = Rates(9, 28, 6)
#: Until two browsers are connected to each other, both together.
SIGNALS = 15


def rows(habits: Habits, visits: float, held: float, clients: float) -> dict[str, float]:
	"""By table. `held`: those of the visits to which a client came."""
	rejoins = habits.rejoins * (visits + clients)
	rates = ROWS_WITH_EVENTS if habits.provider_class.sends_events else ROWS
	return {table: each.of(visits, clients, rejoins, held) for table, each in rates.items()}


def requests(
	habits: Habits, visits: float, clients: float, host_seconds: float, client_seconds: float
) -> dict[str, float]:
	"""By what they are for."""
	seconds, rejoins = host_seconds + client_seconds, habits.rejoins * (visits + clients)
	polls = seconds / POLL[habits.nudges]
	is_direct = not habits.capabilities.carrier
	asking = 0 if habits.nudges else polls
	return {
		"beats": seconds / BEAT,
		"polls": polls + clients * habits.waiting_minutes * 60 / POLL[habits.nudges],
		"other visits": host_seconds / LOOK_AT_OTHERS[habits.nudges],
		"acts": ACTS.of(visits, clients, rejoins, 0),
		"signals": (SIGNALS * (clients + rejoins) + asking) if is_direct else 0,
		"provider events": rows(habits, visits, 0, clients)["Provider Event"],
	}
