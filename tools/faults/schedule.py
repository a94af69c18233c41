"""One visit in an order drawn from a seed, with failing calls, dying processes and lost events. `run(seed)` checks it."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta

from tools.faults import checks
from tools.faults.acts import BROKEN, COUNTED, IN, LEFT, Wrong
from tools.faults.amazon import connected
from tools.faults.clinic import EVERYBODY, GUARDIAN, PROVIDERS, Clinic
from tools.faults.environment import Environment
from tools.faults.faults_plan import FaultsPlan
from tools.harness.factories import CLIENT, HOST

STEPS = (20, 45)
#: Acts by how often they are drawn.
DRAWN: dict[str, int] = {
	"time_passes": 14,
	"enters": 8,
	"admits": 10,
	"joins": 14,
	"leaves": 3,
	"sends_back": 4,
	"removes": 2,
	"declines": 1,
	"ends": 1,
	"loses_connection": 4,
	"comes_back": 6,
	"tries_old_token": 4,
	"oversteps": 3,
	"sweeps": 4,
	"worker_runs": 3,
	"post_comes": 5,
	"post_is_held": 1,
	"weather_changes": 4,
	"events_cease": 1,
	"details_are_lost": 1,
	"appointment_changes": 2,
	"people_change": 1,
	"worker_changes": 2,
	"crash_is_due": 4,
	"meanwhile_is_due": 7,
}
#: What brings a seed's own operation or event about.
WANTED_BY = {
	"CreateMeeting": "starts_over",
	"DeleteAttendee": "sends_back",
	"DeleteMeeting": "ends",
	"ListAttendees": "joins",
	"GetMeeting": "details_are_lost",
	"event:AttendeeDropped": "loses_connection",
	"event:AttendeeDeleted": "sends_back",
	"event:AttendeeLeft": "leaves",
	"event:MeetingEnded": "ends",
}


@dataclass
class Outcome:
	"""What a schedule came to. `wrong` is empty when everything held."""

	seed: int
	wrong: list[Wrong] = field(default_factory=list)
	bitten: Counter[tuple[str, str]] = field(default_factory=Counter)
	counts: Counter[str] = field(default_factory=Counter)


def run(seed: int) -> Outcome:
	schedule = Schedule(seed)
	with connected(schedule.clinic.amazon, *PROVIDERS.values()):
		try:
			schedule.play()
			schedule.settle()
		except Exception as error:
			schedule.wrong(BROKEN, "somewhere", f"{type(error).__name__}: {error}")
	return schedule.outcome()


class Schedule(FaultsPlan):
	def __init__(self, seed: int) -> None:
		chance = random.Random(seed)
		environment = Environment(seed, chance)
		fails_over = chance.random() < 0.4 and environment.primary[0] != "ListAttendees"
		super().__init__(Clinic(seed, fails_over), environment, chance)
		self.seed = seed

	def play(self) -> None:
		if self.chance.random() < 0.4:
			self.weather_changes()
		self.gets_going()
		drawn = Counter(DRAWN)
		if self.environment.primary[0] in WANTED_BY:
			drawn[WANTED_BY[self.environment.primary[0]]] += 10
		names, weights = list(drawn), list(drawn.values())
		for step in range(self.chance.randint(*STEPS)):
			if step == 2:
				self.bad_weather()
			(name,) = self.chance.choices(names, weights)
			self.does("starts_over" if self.clinic.room.is_over and self.chance.random() < 0.4 else name)

	def gets_going(self) -> None:
		for user in EVERYBODY:
			self.browse(user)
			if user != GUARDIAN:
				self.enter(user)
		self.decide("admit", HOST, CLIENT)
		for user in (HOST, CLIENT):
			self.join(self.browse(user))

	def starts_over(self) -> None:
		"""The clinic brings the visit back, a little later."""
		starts_on = self.clinic.now + timedelta(minutes=self.chance.randint(1, 10))
		self.clinic.rewrite(status="Scheduled", video=True, starts_on=starts_on)
		self.sync_rooms()
		self.gets_going()

	def settle(self) -> None:
		"""All is well again: what is left now, and what is left once the visit is over for good."""
		self.calm()
		self.sweep()
		self.post()
		self.sweep()
		self.check("after the last fault")
		if checks.owes(self.clinic):
			self.wrong(LEFT, "after the last fault", "the room owes something although nothing fails")
		for sentence in checks.open_doors(self.clinic, self.oracle):
			self.wrong(IN, "after the last fault", sentence)
		for browser in list(self.clinic.browsers):
			self.closes(browser)
		for hours in (4, 26):
			self.clinic.pass_time(hours * 3600)
			self.sweep()
			self.post()
		self.sweep()
		for sentence in checks.left_over(self.clinic):
			self.wrong(LEFT, "at the end", sentence)
		for sentence in checks.miscounted(self.clinic, self.oracle):
			self.wrong(COUNTED, "at the end", sentence)
		self.check("at the end")

	def outcome(self) -> Outcome:
		amazon = self.clinic.amazon
		self.counts["exact stays"] = self.oracle.exact
		self.counts["bounded stays"] = self.oracle.bounded
		self.counts["calls"] = sum(amazon.world.calls.values())
		self.counts["meetings"] = len(amazon.world.meetings)
		self.counts["events"] = len(amazon.outbox.history)
		entries = self.clinic.store.entries(self.clinic.room.name)
		self.counts["seconds booked"] = sum(entry.seconds for entry in entries)
		return Outcome(self.seed, self.found, amazon.faults.bitten, self.counts)
