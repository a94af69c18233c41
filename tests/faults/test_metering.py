"""Billed seconds against the emulator's own record of connections, over 500 visits with drops, reloads, second tabs, lost
heartbeats and events that come late, twice and in another order, or never."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial

from theranvio_telehealth.services import teardown
from tools.faults.amazon import connected
from tools.faults.clinic import PROVIDERS, Browser
from tools.faults.environment import SILENCE
from tools.faults.oracle import booked
from tools.faults.schedule import STEPS, Schedule

#: Of each kind. 250 take some minutes: `THERANVIO_VISITS=250`.
VISITS = int(os.environ.get("THERANVIO_VISITS", "40"))
LATE = [
	{"on": "event:*", "kind": kind, "probability": 0.3, "times": None, "seconds": 600}
	for kind in ("duplicated", "reordered", "late")
]
#: Seconds that a stay may be off where nothing but heartbeats tells of it: two of them, of which one may come two seconds late,
#: as a beat waits here for another one's end.
MOST_OFF = 22
DRAWN = {
	"time_passes": 14,
	"enters": 6,
	"admits": 8,
	"joins": 10,
	"leaves": 4,
	"sends_back": 2,
	"loses_connection": 5,
	"comes_back": 5,
	"sweeps": 4,
	"post_comes": 5,
	"post_is_held": 1,
}


@dataclass(frozen=True)
class Measured:
	"""True and billed seconds; how many stays there were; how long each stretch was that was billed and not true, or true and
	not billed."""

	true: int
	billed: int
	stays: int
	off: list[int]


class Metered(Schedule):
	"""`silent`: no event ever comes; people in the call send heartbeats, of which no two in a row are lost."""

	def __init__(self, seed: int, *, silent: bool) -> None:
		self.silent = silent
		super().__init__(seed)
		self._silence = [SILENCE] if silent else LATE
		self._lost_one: dict[str, bool] = {}
		self._fails([])

	def play(self) -> None:
		self.gets_going()
		for _ in range(self.chance.randint(*STEPS)):
			self.does(*self.chance.choices(list(DRAWN), list(DRAWN.values())))

	def calm(self) -> None:
		"""Silence goes on."""
		super().calm()
		self._fails([])

	def worker_changes(self) -> None:
		"""Without events no record tells of a connection that goes on after its page has gone: it is ended at once."""
		super().worker_changes()
		if self.silent:
			self._worker = "prompt"
			self.clinic.harness.background.at_once = lambda room: teardown.tear_down(self.clinic.ports, room)

	def browse(self, user: str) -> Browser:
		browser = super().browse(user)
		browser.every = 10
		return browser

	def join(self, browser: Browser) -> None:
		if self.silent and browser.attendee:
			self.departs(browser)
		super().join(browser)
		if browser.attendee and not self.clinic.amazon.ghosts.has(browser.attendee):
			self.connects(browser)

	def loses_connection(self) -> None:
		"""Without events it is the page that goes."""
		if not self.silent:
			super().loses_connection()
		elif there := [b for b in self.clinic.browsers if b.attendee]:
			self.closes(self.chance.choice(there))

	def comes_back(self) -> None:
		if not self.silent:
			super().comes_back()

	def beats(self, browser: Browser) -> None:
		is_lost = not self._lost_one.get(browser.attendee) and self.chance.random() < 0.08
		self._lost_one[browser.attendee] = is_lost
		if browser.attendee and not is_lost:
			attendee = browser.attendee
			if self.act("heartbeat", partial(self._beat, browser, attendee)) is None:
				self.closes(browser)

	def measured(self) -> Measured:
		true: dict[tuple[str, str], set[int]] = {}
		for attendee, ticket in self.oracle.tickets.items():
			region = self.clinic.amazon.world.meetings[ticket.meeting_id].region
			provider = next(name for name, where in PROVIDERS.items() if where == region)
			seconds = true.setdefault((ticket.participant, provider), set())
			for connection in self.oracle.connections(attendee):
				seconds |= set(range(round(connection.began), round(connection.ended or connection.began)))
		entries = self.clinic.store.entries(self.clinic.room.name)
		billed, stays, off = 0, 0, []
		for key, seconds in true.items():
			had, twice = booked(e for e in entries if (e.participant, e.provider) == key)
			assert not twice
			billed += len(had)
			off += map(len, _stretches(had ^ seconds))
			stays += len(list(_stretches(seconds)))
		return Measured(sum(map(len, true.values())), billed, stays, off)


def _stretches(seconds: Iterable[int]) -> Iterator[set[int]]:
	stretch: set[int] = set()
	for second in sorted(seconds):
		if stretch and second - 1 not in stretch:
			yield stretch
			stretch = set()
		stretch.add(second)
	if stretch:
		yield stretch


def measure(seed: int, *, silent: bool) -> Measured:
	schedule = Metered(seed, silent=silent)
	with connected(schedule.clinic.amazon, *PROVIDERS.values()):
		schedule.play()
		schedule.settle()
	return schedule.measured()


def measure_all(*, silent: bool) -> Measured:
	with ProcessPoolExecutor(len(os.sched_getaffinity(0))) as pool:
		visits = list(pool.map(partial(measure, silent=silent), range(VISITS), chunksize=5))
	off = [seconds for visit in visits for seconds in visit.off]
	return Measured(
		*(sum(getattr(visit, what) for visit in visits) for what in ("true", "billed", "stays")), off
	)


def test_with_the_providers_events() -> None:
	measured = measure_all(silent=False)
	assert measured.stays > 2 * VISITS
	assert abs(measured.billed - measured.true) <= measured.true / 1000
	assert max(measured.off, default=0) <= 2


def test_with_heartbeats_only() -> None:
	measured = measure_all(silent=True)
	assert measured.stays > 2 * VISITS
	assert max(measured.off) <= MOST_OFF
