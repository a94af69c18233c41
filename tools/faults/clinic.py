"""A clinic with two accounts at Amazon, one visit, and one clock for all. Browsers beat while time passes."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from theranvio_telehealth.domain.entities import (
	Appointment,
	Participant,
	Person,
	ProviderAccount,
	Room,
	Settings,
)
from theranvio_telehealth.domain.enums import Adapter, Role
from theranvio_telehealth.providers.breaker import Circuit, CircuitBreakerProvider
from theranvio_telehealth.providers.chime.provider import ChimeProvider
from theranvio_telehealth.services import booking
from tools.demo.store import SqliteStore
from tools.faults.amazon import Amazon, account
from tools.harness.factories import CLIENT, HOST, Harness, make_allowance, make_harness
from tools.harness.ports import NOON, FixedClock

GUARDIAN = "guardian@home.test"
GUESTS = (CLIENT, GUARDIAN)
EVERYBODY = (HOST, *GUESTS)
APPOINTMENT = "APP-1"
#: Media Provider → region. The second one takes over where the settings say so.
PROVIDERS = {"Chime": "ca-central-1", "Spare": "us-east-1"}
OPENS = NOON - timedelta(minutes=15)
BEAT = 10
SWEEP = timedelta(seconds=60)


class Crash(BaseException):
	"""Raised where a process dies."""


class FragileStore(SqliteStore):
	"""A store that can raise `Crash` between a commit and its effects."""

	dies: Callable[[], bool] = staticmethod(lambda: False)

	@property
	def is_idle(self) -> bool:
		"""No transaction is open, so no row is locked."""
		return not self.database.in_transaction

	def after_commit(self, effect: Callable[[], None]) -> None:
		super().after_commit(lambda: self._unless_it_dies(effect))

	def _unless_it_dies(self, effect: Callable[[], None]) -> None:
		if self.dies():
			raise Crash
		effect()


class Circuits:
	def __init__(self) -> None:
		self.stored: dict[str, Circuit] = {}

	def load(self, provider: str) -> Circuit:
		return self.stored.get(provider, Circuit())

	def save(self, provider: str, circuit: Circuit) -> None:
		self.stored[provider] = circuit


@dataclass
class Browser:
	"""An open page. `attendee` and `token` are of its latest join."""

	user: str
	attendee: str = ""
	token: str = ""
	every: int = BEAT
	beats_on: datetime | None = None

	def close(self) -> None:
		self.attendee = self.token = ""
		self.beats_on = None


@dataclass
class Clinic:
	seed: int
	fails_over: bool
	amazon: Amazon = field(init=False)
	harness: Harness = field(init=False)
	browsers: list[Browser] = field(default_factory=list)
	#: What a browser does when its time has come; set by the schedule.
	beat: Callable[[Browser], None] = lambda browser: None
	_passing: bool = False

	def __post_init__(self) -> None:
		clock = FixedClock(OPENS + timedelta(minutes=5))
		self.amazon = Amazon(self.seed, clock.at.timestamp())
		self.harness = make_harness(FragileStore(None, clock), clock)
		circuits = Circuits()
		for name, region in PROVIDERS.items():
			self.store.put(ProviderAccount(name, Adapter.CHIME, control_region=region, media_region=region))
			chime = ChimeProvider.configured(account(region))
			self.harness.media[name] = CircuitBreakerProvider(chime, name, circuits, clock.now)
		self.store.put(
			Settings(default_provider="Chime", failover_provider="Spare" if self.fails_over else "")
		)
		self.store.put(make_allowance(included_minutes=100_000))
		self.harness.appointment()
		self.harness.directory.add(GUARDIAN, Person(Role.GUARDIAN, "Guardian"), APPOINTMENT)
		booking.sync_rooms(self.ports, APPOINTMENT, HOST)
		self.amazon.pass_time = self.pass_time

	@property
	def store(self) -> FragileStore:
		store: FragileStore = self.harness.store
		return store

	@property
	def ports(self) -> Any:
		return self.harness.ports

	@property
	def now(self) -> datetime:
		return self.harness.clock.now()

	@property
	def room(self) -> Room:
		(room,) = self.store.rooms_of(APPOINTMENT)
		return room

	@property
	def everyone(self) -> list[Participant]:
		return list(self.store.participants(self.room.name))

	@property
	def admitted(self) -> set[str]:
		return {p.user for p in self.everyone if p.state.value == "Admitted"}

	def participant(self, user: str) -> Participant | None:
		return next((p for p in self.everyone if p.user == user), None)

	def chosen(self, chance: random.Random) -> str:
		"""One of the participants, or a name that none has."""
		return chance.choice([p.name for p in self.everyone] or ["nobody"])

	def rewrite(self, **changes: Any) -> Appointment:
		found = self.store.appointment(APPOINTMENT)
		assert found is not None
		changed: Appointment = replace(found, **changes)
		self.store.put(changed)
		return changed

	def pass_time(self, seconds: int) -> None:
		"""Browsers beat meanwhile; not those whose beat would fall into another one's."""
		until = self.now + timedelta(seconds=seconds)
		while not self._passing and (browser := self._next(until)):
			assert browser.beats_on
			self._to(max(browser.beats_on, self.now))
			browser.beats_on = self.now + timedelta(seconds=browser.every)
			self._passing = True
			try:
				self.beat(browser)
			finally:
				self._passing = False
		self._to(max(until, self.now))

	def _next(self, until: datetime) -> Browser | None:
		due = [b for b in self.browsers if b.beats_on and b.beats_on <= until]
		return min(due, key=lambda b: b.beats_on or until, default=None)

	def _to(self, moment: datetime) -> None:
		self.amazon.advance((moment - self.now).total_seconds())
		self.harness.clock.at = moment
