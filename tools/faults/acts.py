"""What people do in a schedule, by their browsers. After each act what must always hold is checked."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

from theranvio_telehealth.domain.entities import Caller
from theranvio_telehealth.domain.errors import TelehealthError
from theranvio_telehealth.services import hosting, joining, visit
from tools.chime_emulator.ghosts import Refused
from tools.faults import checks
from tools.faults.clinic import EVERYBODY, GUESTS, Browser, Clinic, Crash
from tools.faults.oracle import Oracle, Ticket
from tools.harness.factories import HOST

T = TypeVar("T")
DECISIONS = {
	"admit": hosting.admit,
	"decline": hosting.decline,
	"send_back": hosting.send_back,
	"remove": hosting.remove,
}
#: What can be wrong: something is left at Amazon; a stay is lost or counted twice; a person got in who may not; anything else.
LEFT, COUNTED, IN, BROKEN = "left", "counted", "in", "broken"


@dataclass(frozen=True)
class Wrong:
	kind: str
	when: str
	sentence: str

	def __str__(self) -> str:
		return f"{self.kind}, {self.when}: {self.sentence}"


class Acts:
	def __init__(self, clinic: Clinic, chance: random.Random) -> None:
		self.clinic = clinic
		self.chance = chance
		self.oracle = Oracle(clinic.amazon)
		self.found: list[Wrong] = []
		self.counts: Counter[str] = Counter()
		self.let_in: set[str] = set()  # by a host, or as a host, since the last look
		self.were_in: set[str] = set()
		self._depth = 0
		self._worker = "prompt"
		clinic.beat = self.beats

	# judging

	def wrong(self, kind: str, when: str, sentence: str) -> None:
		wrong = Wrong(kind, when, sentence)
		if wrong not in self.found:
			self.found.append(wrong)

	def does(self, name: str) -> None:
		getattr(self, name)()
		self.clinic.pass_time(self.chance.randint(1, 3))

	def act(self, name: str, act: Callable[[], T]) -> T | None:
		"""The answer; None when it is refused, or when the process dies."""
		owed, bitten = checks.owes(self.clinic), self._failures
		self._depth += 1
		self.counts["acts"] += 1
		try:
			return act()
		except TelehealthError as refusal:
			self.counts[f"refused: {refusal.code}"] += 1
			return None
		except Crash:
			self.counts["crashes"] += 1
			return None
		finally:
			self._depth -= 1
			if not self._depth:
				self._observe(name, is_prompt=not owed and bitten == self._failures)

	@property
	def _failures(self) -> int:
		bitten = self.clinic.amazon.faults.bitten
		return self.counts["crashes"] + sum(n for (_, kind), n in bitten.items() if kind != "latency")

	def _observe(self, name: str, *, is_prompt: bool) -> None:
		admitted = self.clinic.admitted
		for user in admitted - self.were_in - self.let_in:
			self.wrong(IN, name, f"{user} is in, and nobody let them in")
		self.were_in, self.let_in = admitted, set()
		if name != "heartbeat":
			self.check(name)
		if is_prompt and self._worker == "prompt" and checks.owes(self.clinic):
			self.wrong(LEFT, name, "nothing failed, and access is not ended at once")

	def check(self, name: str) -> None:
		for sentence in checks.unaccounted(self.clinic):
			self.wrong(LEFT, name, sentence)
		for sentence in checks.unbalanced(self.clinic):
			self.wrong(COUNTED, name, sentence)

	# people

	def browse(self, user: str) -> Browser:
		"""Their page; a second one when the first is in use now and then."""
		found = [b for b in self.clinic.browsers if b.user == user]
		if not found or (len(found) < 2 and found[0].attendee and self.chance.random() < 0.3):
			every = self.chance.choice((10, 10, 10, 10, 45))
			found.append(Browser(user, every=every))
			self.clinic.browsers.append(found[-1])
		return found[-1]

	def enters(self) -> None:
		self.enter(self.chance.choice(EVERYBODY))

	def enter(self, user: str) -> None:
		if user == HOST:
			self.let_in.add(user)
		self.act("enter", lambda: visit.enter(self.clinic.ports, Caller(user), self.clinic.room.name))

	def decide(self, what: str, by: str, on: str) -> None:
		person = self.clinic.participant(on)
		if person is None:
			return
		if what == "admit" and by == HOST:
			self.let_in.add(on)
		room, name = self.clinic.room.name, person.name
		self.act(what, lambda: DECISIONS[what](self.clinic.ports, Caller(by), room, name))

	def admits(self) -> None:
		waiting = [p.user for p in self.clinic.everyone if p.state.value == "Waiting"]
		if waiting:
			self.decide("admit", HOST, self.chance.choice(waiting))
		else:
			self.enters()

	def sends_back(self) -> None:
		self.decide("send_back", HOST, self.chance.choice(GUESTS))

	def removes(self) -> None:
		self.decide("remove", HOST, self.chance.choice(GUESTS))

	def declines(self) -> None:
		self.decide("decline", HOST, self.chance.choice(GUESTS))

	def ends(self) -> None:
		self.act("end", lambda: hosting.end(self.clinic.ports, Caller(HOST), self.clinic.room.name))

	def joins(self) -> None:
		self.join(self.browse(self.chance.choice(sorted(self.clinic.admitted) or EVERYBODY)))

	def join(self, browser: Browser) -> None:
		"""An honest browser leaves the call it was in; then it connects with what it is given."""
		if browser.attendee and self.chance.random() < 0.8:
			self.departs(browser)
		may = browser.user in self.clinic.admitted
		self.act("join", lambda: self._joined(browser, may))
		self._note_unanswered()
		if browser.token and self.chance.random() < 0.9:
			self.connects(browser)

	def _joined(self, browser: Browser, may: bool) -> None:
		clinic = self.clinic
		answer = joining.join(clinic.ports, Caller(browser.user), clinic.room.name)
		if not may and browser.user not in self.let_in:
			self.wrong(IN, "join", f"{browser.user} was given credentials without having been let in")
		browser.attendee = answer["attendee"]
		browser.token = answer["credentials"]["attendee"]["JoinToken"]
		browser.beats_on = clinic.now + timedelta(seconds=browser.every)
		person = clinic.participant(browser.user)
		assert person is not None
		meeting = answer["credentials"]["meeting"]["MeetingId"]
		self.oracle.joined(
			browser.attendee, Ticket(browser.user, person.name, meeting, browser.token), clinic.now
		)

	def _note_unanswered(self) -> None:
		"""Joins that were stored, and whose answer was lost with the process."""
		clinic = self.clinic
		for join in clinic.store.joins(clinic.room.name):
			if join.attendee_id not in self.oracle.tickets:
				user = next(p.user for p in clinic.everyone if p.name == join.participant)
				self.oracle.joined(
					join.attendee_id, Ticket(user, join.participant, join.meeting_id), clinic.now
				)

	def connects(self, browser: Browser) -> None:
		"""A person who is there already, on another device, is removed first; no person joins and leaves in the same instant."""
		self.departs(browser)
		self.clinic.pass_time(1)
		try:
			self.clinic.amazon.ghosts.enter(browser.token)
			self.counts["connections"] += 1
		except Refused:
			self.counts["refused by Amazon"] += 1

	def beats(self, browser: Browser) -> None:
		if not browser.attendee or self.chance.random() < 0.08:
			return
		attendee = browser.attendee
		answer = self.act("heartbeat", lambda: self._beat(browser, attendee))
		if answer is None and self.chance.random() < 0.6:
			self.closes(browser)

	def _beat(self, browser: Browser, attendee: str) -> bool:
		clinic = self.clinic
		began = clinic.now
		visit.heartbeat(clinic.ports, Caller(browser.user), clinic.room.name, attendee)
		self.oracle.beat(attendee, began)
		return True

	def departs(self, browser: Browser, *, dropped: bool = False) -> None:
		self.clinic.pass_time(1)
		self.clinic.amazon.ghosts.depart(browser.attendee, dropped)

	def closes(self, browser: Browser) -> None:
		self.departs(browser)
		browser.close()

	def leaves(self) -> None:
		browser = self.chance.choice(self.clinic.browsers)
		attendee = browser.attendee
		self.closes(browser)
		room = self.clinic.room.name
		self.act("leave", lambda: visit.leave(self.clinic.ports, Caller(browser.user), room, attendee))
