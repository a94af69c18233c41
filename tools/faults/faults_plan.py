"""What happens around the people of a schedule: time, the network, the clinic's own changes, workers, events, environment."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from theranvio_telehealth.domain.entities import Caller, Person
from theranvio_telehealth.domain.enums import Role
from theranvio_telehealth.providers.chime import events as chime_events
from theranvio_telehealth.services import booking, events, hosting, joining, teardown, visit
from theranvio_telehealth.services.sweep import sweep
from tools.faults.acts import BROKEN, IN, Acts
from tools.faults.amazon import DEFAULT_ACCOUNT
from tools.faults.clinic import APPOINTMENT, Browser, Clinic, Crash
from tools.faults.environment import SILENCE, Environment
from tools.harness.factories import CLIENT, HOST, STRANGER
from tools.harness.ports import NOON

MEANWHILE = ("joins", "sends_back", "removes", "leaves", "ends", "admits", "appointment_changes", "sweeps")


class FaultsPlan(Acts):
	def __init__(self, clinic: Clinic, environment: Environment, chance: random.Random) -> None:
		super().__init__(clinic, chance)
		self.environment = environment
		self._dies_after = 0  # so many more moments at which a process can die
		self._meanwhile = ""
		self._silence: list[dict[str, Any]] = []
		self._post: list[dict[str, Any]] = []
		self._collected = 0
		clinic.amazon.around = self._around
		clinic.store.dies = lambda: self._moment("commit")
		self.worker_changes()

	# time and the network

	def time_passes(self) -> None:
		self.clinic.pass_time(self.chance.choice((5, 10, 10, 20, 40, 60, 60, 120, 400)))

	def loses_connection(self) -> None:
		there = [b for b in self.clinic.browsers if self.clinic.amazon.ghosts.has(b.attendee)]
		if there:
			self.departs(self.chance.choice(there), dropped=self.chance.random() < 0.8)

	def comes_back(self) -> None:
		"""With the token that it has."""
		joined = [b for b in self.clinic.browsers if b.token]
		if joined:
			self.connects(self.chance.choice(joined))

	def tries_old_token(self) -> None:
		given = [(attendee, ticket) for attendee, ticket in self.oracle.tickets.items() if ticket.token]
		if not given:
			return
		attendee, ticket = self.chance.choice(given)
		browser = Browser(ticket.user, attendee, ticket.token)
		self.connects(browser)
		self.counts["tokens tried again"] += 1

	# those who may not

	def oversteps(self) -> None:
		room, ports = self.clinic.room.name, self.clinic.ports
		name = self.clinic.chosen(self.chance)
		attendee = self.chance.choice(sorted(self.oracle.tickets) or [""])
		tries: list[Callable[[], Any]] = [
			lambda: visit.enter(ports, Caller(STRANGER), room),
			lambda: joining.join(ports, Caller(STRANGER), room),
			lambda: visit.heartbeat(ports, Caller(STRANGER), room, attendee),
			lambda: hosting.admit(ports, Caller(CLIENT), room, name),
			lambda: hosting.end(ports, Caller(CLIENT), room),
		]
		if self.act("overstep", self.chance.choice(tries)) is not None:
			self.wrong(IN, "overstep", "somebody did what only others may")
		self.counts["overstepped"] += 1

	# the clinic

	def appointment_changes(self) -> None:
		started = self.chance.choice((0, 0, 5, 20))
		changes: dict[str, Any] = self.chance.choice(
			(
				{"status": "Cancelled"},
				{"status": "No Show"},
				{"status": "Scheduled"},
				{"status": "Scheduled"},
				{"video": False},
				{"video": True},
				{"starts_on": NOON + timedelta(minutes=started)},
			)
		)
		self.clinic.rewrite(**changes)
		if self.chance.random() < 0.7:
			self.sync_rooms()

	def people_change(self) -> None:
		"""The client is no longer part of the appointment, or is again."""
		people = self.clinic.harness.directory.people
		if people.pop((CLIENT, APPOINTMENT), None) is None:
			self.clinic.harness.directory.add(CLIENT, Person(Role.CLIENT, "Client"), APPOINTMENT)
		self.sync_rooms()

	def sync_rooms(self) -> None:
		self.act("sync_rooms", lambda: booking.sync_rooms(self.clinic.ports, APPOINTMENT, HOST))

	def details_are_lost(self) -> None:
		"""As with a room that was written before the provider's details were stored."""
		store = self.clinic.store
		store.put(replace(self.clinic.room, meeting_details=""))
		self.joins()

	def sweeps(self) -> None:
		self.sweep()

	def sweep(self) -> None:
		swept = self.act("sweep", lambda: sweep(self.clinic.ports))
		if swept and swept.failed:
			self.counts["failed in a sweep"] += swept.failed

	# what comes after the commit

	def worker_changes(self) -> None:
		"""Work after the commit is done at once, by and by, or lost."""
		self._worker = self.chance.choice(("prompt", "prompt", "prompt", "slow", "lost"))
		background, ports = self.clinic.harness.background, self.clinic.ports
		background.rooms.clear()
		background.at_once = {
			"prompt": lambda room: teardown.tear_down(ports, room),
			"slow": None,
			"lost": lambda room: None,
		}[self._worker]

	def worker_runs(self) -> None:
		rooms, self.clinic.harness.background.rooms = self.clinic.harness.background.rooms, []
		for room in rooms:
			self.act("teardown", lambda room=room: teardown.tear_down(self.clinic.ports, room))

	# events

	def post_comes(self) -> None:
		self.post()

	def post(self) -> None:
		"""Deliver what Amazon has sent; what a dying process was given comes again."""
		sent = self.clinic.amazon.outbox.sent
		self._post += sent[self._collected :]
		self._collected = len(sent)
		while self._post:
			event = chime_events.read(self._post[0], {DEFAULT_ACCOUNT})
			if event:
				crashes = self.counts["crashes"]
				self.act("event", lambda event=event: events.record_provider_event(self.clinic.ports, event))
				if crashes != self.counts["crashes"]:
					continue
			self._post.pop(0)
			self.counts["events taken"] += 1

	def post_is_held(self) -> None:
		outbox = self.clinic.amazon.outbox
		outbox.holding = not outbox.holding
		if not outbox.holding:
			outbox.release()

	# environment

	def weather_changes(self) -> None:
		self._fails(self.environment.drawn() if self.chance.random() < 0.75 else [])

	def bad_weather(self) -> None:
		self._fails(self.environment.drawn())

	def events_cease(self) -> None:
		self._silence = [SILENCE] if self.chance.random() < 0.7 else []
		self.weather_changes()

	def _fails(self, rules: list[dict[str, Any]]) -> None:
		self.clinic.amazon.faults.replace([*self._silence, *rules])

	def calm(self) -> None:
		self._dies_after, self._meanwhile, self._worker = 0, "", "prompt"
		amazon = self.clinic.amazon
		self._fails([])
		amazon.outbox.holding = False
		amazon.outbox.release()
		ports = self.clinic.ports
		self.clinic.harness.background.at_once = lambda room: teardown.tear_down(ports, room)
		self.clinic.pass_time(4 * 3600 if self.chance.random() < 0.2 else 120)

	def crash_is_due(self) -> None:
		self._dies_after = self.chance.randint(1, 6)

	def meanwhile_is_due(self) -> None:
		self._meanwhile = self.chance.choice(MEANWHILE)

	def _around(self, when: str, operation: str) -> None:
		if not self.clinic.store.is_idle:
			self.wrong(BROKEN, operation, "Amazon is asked while a row is locked")
		if self._meanwhile and self.chance.random() < 0.5:
			name, self._meanwhile = self._meanwhile, ""
			self.counts["meanwhile"] += 1
			getattr(self, name)()
		if self._moment(when):
			raise Crash

	def _moment(self, when: str) -> bool:
		"""A moment at which the process could die: does it?"""
		if not self._dies_after:
			return False
		self._dies_after -= 1
		return not self._dies_after
