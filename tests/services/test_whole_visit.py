"""The whole visit, in any order of acts, against an independent model.
`HYPOTHESIS_PROFILE=deep` looks much longer."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tests.services.acts import CLIENT, GUARDIAN, HOST, STAND_IN, STRANGER, Unavailable, Visit, outcome
from tests.services.store_contract import undone
from tests.services.whole_visit import HOSTS, Model
from theranvio_telehealth.domain.entities import Allowance, Caller, Participant, Person, Room, UsageEntry
from theranvio_telehealth.domain.enums import EntryKind, OnExhaustion, Role
from theranvio_telehealth.domain.errors import TelehealthError
from theranvio_telehealth.domain.ledger import time_given
from theranvio_telehealth.providers.fake import FakeProvider
from theranvio_telehealth.providers.peer_to_peer import PeerToPeerProvider
from theranvio_telehealth.services import booking, hosting, teardown
from theranvio_telehealth.services.sweep import sweep
from theranvio_telehealth.services.view import instant
from tools.harness.factories import make_allowance
from tools.harness.ports import NOON

NEWCOMER = "newcomer@home.test"
EVERYBODY = (HOST, STAND_IN, CLIENT, GUARDIAN, NEWCOMER)
guests = st.sampled_from([CLIENT, CLIENT, GUARDIAN, NEWCOMER])
hosts = st.sampled_from([HOST, HOST, STAND_IN])
anybody = st.sampled_from([*EVERYBODY, HOST, CLIENT])
by_hook = st.booleans()  # False: the platform fires no event
#: What the platform does to an appointment; some of its ways fire an event, and others do not.
changes = st.one_of(
	st.fixed_dictionaries(
		{"status": st.sampled_from(["Cancelled", "No Show", "Closed", "Confirmed", "Open"])}
	),
	st.fixed_dictionaries({"status": st.just("No Show"), "day_ends_on": st.just(NOON + timedelta(hours=1))}),
	st.fixed_dictionaries({"video": st.booleans()}),
	st.fixed_dictionaries({"patient": st.sampled_from(["PAT-1", "PAT-2"])}),
	st.fixed_dictionaries(
		{
			"minutes": st.sampled_from([20, 50]),
			"starts_on": st.sampled_from([NOON + timedelta(minutes=m) for m in (-60, 0, 0, 5, 60, 24 * 60)]),
		}
	),
)


DECISIONS = [hosting.admit, hosting.decline, hosting.send_back, hosting.send_back, hosting.remove]
MEANWHILE = ["joins again", "another joins", "sent back", "ends", "cancelled", "time passes"]


class WholeVisit(RuleBasedStateMachine):
	def __init__(self) -> None:
		super().__init__()
		self.models: dict[str, Model] = {}
		self.issued: list[tuple[str, str, str]] = []
		self.reuses = 0

	@initialize(pair=st.booleans(), blocking=st.booleans())
	def book(self, pair: bool, blocking: bool) -> None:
		self.visit = Visit(
			provider=PeerToPeerProvider() if pair else FakeProvider(), fallback_url="https://meet.test/x"
		)
		policy = OnExhaustion.BLOCK if blocking else OnExhaustion.WARN
		self.store.put(make_allowance(included_minutes=160 if blocking else 10_000, on_exhaustion=policy))
		self.store.put(
			make_allowance(name="OWN", practitioner=self.visit.room.practitioner, included_minutes=10_000)
		)
		self.given = 0
		self.models[self.visit.name] = Model(self.places)

	@rule(minutes=st.integers(-30, 60))
	def time_is_given(self, minutes: int) -> None:
		"""A top-up, or an amendment of the plan."""
		kind = EntryKind.TOP_UP if minutes > 0 else EntryKind.AMENDMENT
		now = self.visit.harness.clock.now()
		for name in ("ALLOW-1", "OWN"):
			key = f"{name}:{len(self.store.all(UsageEntry))}"
			assert self.store.book(time_given(name, kind, minutes * 60, key, now, "More visits", HOST))
		self.given += minutes * 60

	@property
	def store(self) -> Any:
		return self.visit.harness.store

	@property
	def model(self) -> Model:
		return self.models[self.visit.name]

	@property
	def now(self) -> datetime:
		return self.visit.harness.clock.now()

	def attempt(self, act: Callable[[], Any]) -> Any:
		"""The answer, or None when it is refused; the model sees what was stored of it."""
		try:
			return act()
		except TelehealthError:
			return None
		finally:
			self.observe()

	def observe(self) -> None:
		for name, model in self.models.items():
			model.observe(self.store.room(name), list(self.store.participants(name)), self.now)

	@property
	def places(self) -> int:
		return int(self.visit.media.capabilities.max_people)

	def is_enterable(self) -> bool:
		"""By the appointment as it stands now, whatever the room says."""
		appointment = self.store.appointment("APP-1")
		return appointment is not None and self.model.is_enterable(self.visit.room, appointment, self.now)

	# time and people

	@rule(seconds=st.sampled_from([1, 5, 10, 10, 25, 30, 31, 60, 240, 900, 1800]))
	def time_passes(self, seconds: int) -> None:
		self.visit.later(seconds=seconds)

	@rule(user=anybody)
	def enters(self, user: str) -> None:
		if self.attempt(lambda: self.visit.enter(user)):
			assert self.is_enterable()
			if user in HOSTS:
				self.model.let_in(user)

	@precondition(lambda self: not self.model.current)
	@rule(guest=guests, anew=st.sampled_from([True, True, False]), hook=by_hook)
	def a_visit_gets_going(self, guest: str, anew: bool, hook: bool) -> None:
		self.weather_changes(False, False)
		if anew:
			self.the_clinic_brings_it_back(1, hook)
		for user in (HOST, guest):
			self.enters(user)
		self.decides(guest, HOST, hosting.admit)
		for user in (HOST, guest):
			self.joins(user)

	@precondition(lambda self: not self.model.current)
	@rule()
	def a_visit_gets_going_after_all(self) -> None:
		self.a_visit_gets_going(NEWCOMER if self.reuses else CLIENT, True, True)

	@rule(user=anybody)
	def joins(self, user: str) -> None:
		before, asked = self.model.current.get(user), len(self.visit.media.asked)
		self.model.asked_on.setdefault(user, self.now)
		attendee = self.attempt(lambda: self.visit.join(user))
		if attendee:
			assert user in self.model.admitted
			assert self.is_enterable()
			self.issued.append((self.visit.name, user, attendee))
			self.model.joined(user, attendee, self.now)
		elif self.was_asked(asked) and self.model.current.get(user) == before:
			self.model.current.pop(user, None)
		self.observe()
		self.model.asked_on.pop(user, None)

	def was_asked(self, since: int) -> bool:
		"""For credentials, so that an earlier join had been given up."""
		return bool({"open_meeting", "add_attendee"} & set(self.visit.media.asked[since:]))

	@precondition(lambda self: self.model.admitted)
	@rule(chosen=st.integers(0, 9), other=anybody, what=st.sampled_from(MEANWHILE))
	def joins_and_meanwhile(self, chosen: int, other: str, what: str) -> None:
		"""While the provider is being asked, something else happens from end to end."""
		user = sorted(self.model.admitted)[chosen % len(self.model.admitted)]
		acts: dict[str, Callable[[], None]] = {
			"joins again": lambda: self.joins(user),
			"another joins": lambda: self.joins(other),
			"sent back": lambda: self.decides(user, HOST, hosting.send_back),
			"ends": lambda: self.ends(HOST),
			"cancelled": lambda: self.appointment_becomes(True, status="Cancelled"),
			"time passes": lambda: self.time_passes(7200),
		}
		self.visit.media.meanwhile = [acts[what]]
		self.joins(user)
		self.visit.media.meanwhile = []

	@precondition(lambda self: self.model.current)
	@rule(chosen=st.integers(0, 9), silence=st.sampled_from([0, 10, 30, 31, 90]))
	def beats_after_a_while(self, chosen: int, silence: int) -> None:
		self.time_passes(silence)
		self.beats(sorted(self.model.current)[chosen % len(self.model.current)])

	def beats(self, user: str) -> None:
		attendee = self.model.current.get(user, "")
		if self.attempt(lambda: self.visit.beat(attendee, user)):
			self.model.heard(user, self.now)

	@rule(seconds=st.sampled_from([10, 20, 30]), times=st.integers(1, 5))
	def everybody_goes_on_beating(self, seconds: int, times: int) -> None:
		for _ in range(times):
			self.time_passes(seconds)
			for user in list(self.model.current):
				self.beats(user)

	@precondition(lambda self: self.model.current)
	@rule(edge=st.sampled_from([30, 60]), after=st.sampled_from([-1, 0, 15]), swept=st.booleans())
	def everybody_beats_up_to_the_close(self, edge: int, after: int, swept: bool) -> None:
		close = self.visit.room.ends_on + timedelta(minutes=edge)
		while self.now < close - timedelta(seconds=20):
			self.visit.later(seconds=min(20, (close - self.now).total_seconds() - 10))
			for user in list(self.model.current):
				self.beats(user)
		self.visit.at(max(self.now, close + timedelta(seconds=after)))
		if swept:
			self.sweeps()

	@rule(user=anybody)
	def leaves(self, user: str) -> None:
		attendee = self.model.current.get(user, "")
		if self.attempt(lambda: self.visit.leave(attendee, user)):
			self.model.leaves(user, self.now)

	@precondition(lambda self: self.issued)
	@rule(back=st.integers(1, 5))
	def an_old_tab_closes(self, back: int) -> None:
		_, user, attendee = self.issued[-back % len(self.issued)]
		if attendee != self.model.current.get(user):
			self.attempt(lambda: self.visit.leave(attendee, user))

	# hosts

	def hosts_act(self, act: Callable[..., Any], user: str, by: str) -> Any:
		participant = next((p.name for p in self.visit.everyone() if p.user == user), "nobody")
		return self.attempt(lambda: act(self.visit.ports, Caller(by), self.visit.name, participant))

	@precondition(lambda self: self.who_has_come())
	@rule(
		chosen=st.integers(0, 9),
		by=st.sampled_from([HOST, HOST, STAND_IN, CLIENT]),
		act=st.sampled_from(DECISIONS),
	)
	def a_person_decides(self, chosen: int, by: str, act: Callable[..., Any]) -> None:
		come = self.who_has_come()
		self.decides(come[chosen % len(come)], by, act)

	def who_has_come(self) -> list[str]:
		return [p.user for p in self.visit.everyone() if p.user not in HOSTS]

	def decides(self, user: str, by: str, act: Callable[..., Any]) -> None:
		if self.hosts_act(act, user, by):
			assert by in HOSTS
			if act is hosting.admit:
				self.model.let_in(user)
			else:
				self.model.put_out(user, self.now)

	@rule(by=hosts)
	def extends(self, by: str) -> None:
		closes_on = str(instant(self.visit.room.closes_on))
		if self.attempt(lambda: hosting.extend(self.visit.ports, Caller(by), self.visit.name, closes_on)):
			assert self.is_enterable()

	@rule(by=hosts)
	def ends(self, by: str) -> None:
		self.attempt(lambda: hosting.end(self.visit.ports, Caller(by), self.visit.name))

	# the appointment

	def appointment_becomes(self, hook: bool, **changes: Any) -> None:
		appointment = self.store.appointment("APP-1")
		if appointment:
			self.store.put(replace(appointment, **changes))
		if hook:
			self.attempt(self.visit.sync_rooms)

	@rule(changes=changes, hook=by_hook)
	def the_clinic_changes_it(self, changes: dict[str, Any], hook: bool) -> None:
		self.appointment_becomes(hook, **changes)

	@rule(minutes=st.sampled_from([-10, 0, 1, 5]), hook=by_hook)
	def the_clinic_brings_it_back(self, minutes: int, hook: bool) -> None:
		starts_on = self.now + timedelta(minutes=minutes)
		self.appointment_becomes(hook, starts_on=starts_on, status="Open", video=True)

	@precondition(lambda self: self.reuses < 2 and self.store.appointment("APP-1"))
	@rule(hook=by_hook)
	def is_deleted(self, hook: bool) -> None:
		self.store.remove_appointment("APP-1")
		if hook:
			self.attempt(lambda: booking.revoke_rooms(self.visit.ports, "APP-1", HOST))

	@precondition(lambda self: self.store.appointment("APP-1") is None)
	@rule()
	def its_name_is_used_again(self) -> None:
		"""By another patient: the first one's people are strangers to it."""
		self.reuses += 1
		again = replace(
			self.visit.appointment, key=f"APP-1|{self.reuses}", patient="PAT-3", starts_on=self.now
		)
		people = self.visit.harness.directory
		for user in (CLIENT, GUARDIAN):
			people.people.pop((user, "APP-1"), None)
		people.add(NEWCOMER, Person(Role.CLIENT, "Newcomer"), "APP-1")
		self.store.put(again)
		self.visit.sync_rooms()
		self.observe()
		self.visit.name = self.visit.room_of(again.key).name
		self.models[self.visit.name] = Model(self.places)

	@precondition(lambda self: len(self.models) > 1)
	@rule(back=st.integers(0, 2))
	def a_person_turns_to_another_room(self, back: int) -> None:
		self.visit.name = sorted(self.models)[back % len(self.models)]

	# the world

	@rule()
	def sweeps(self) -> None:
		assert sweep(self.visit.ports).failed == 0
		self.observe()

	@rule(down=st.sampled_from([True, False, False]), locked=st.booleans())
	def weather_changes(self, down: bool, locked: bool) -> None:
		self.visit.media.fails = Unavailable if down else None
		self.attempt(lambda: hosting.lock(self.visit.ports, Caller(HOST), self.visit.name, locked))

	@precondition(lambda self: self.visit.room.meeting_id)
	@rule()
	def meeting_vanishes(self) -> None:
		self.visit.media.inner.close_meeting(teardown.meeting_of(self.visit.room))

	# promises

	@contextmanager
	def undone(self) -> Iterator[None]:
		"""Whatever is tried in here has not been."""
		harness = self.visit.harness
		boxes = {attendee: list(messages) for attendee, messages in harness.mailbox.boxes.items()}
		with undone(self.store):
			yield
		harness.mailbox.boxes = boxes

	def accepted(self, name: str) -> set[tuple[str, str]]:
		"""Every (user, attendee) of whom the server takes a heartbeat or a signal in that room."""
		here, self.visit.name = self.visit.name, name
		taken = set()
		for user, attendee in self.tries():
			acts = (lambda: self.visit.beat(attendee, user), lambda: self.visit.signal(attendee, user=user))  # noqa: B023
			for act in acts:
				with self.undone():
					if outcome(act) == "ok":
						taken.add((user, attendee))
		self.visit.name = here
		return taken

	def tries(self) -> set[tuple[str, str]]:
		"""Everybody's own, ever; everybody with the latest of others'; everybody with none."""
		own = {(user, attendee) for _, user, attendee in self.issued}
		latest = [attendee for _, _, attendee in self.issued[-2:]]
		return own | {(user, a) for user in (*EVERYBODY, STRANGER) for a in (*latest, "")}

	@invariant()
	def only_the_admitted_hold_a_credential_that_is_honoured_and_only_while_the_window_is_open(self) -> None:
		for name, model in self.models.items():
			expected = model.honoured(self.store.room(name), self.store.appointment("APP-1"), self.now)
			assert self.accepted(name) == expected

	@invariant()
	def every_credential_at_the_provider_is_current_or_down_for_destruction(self) -> None:
		if isinstance(self.visit.media.inner, FakeProvider):
			people = self.store.all(Participant)
			known = {p.attendee_id for p in people} | {a for p in people for a in p.revoked_attendees}
			assert self.visit.attendees() <= known

	@invariant()
	def every_second_of_presence_is_in_exactly_one_stay(self) -> None:
		for name, model in self.models.items():
			users = {p.name: p.user for p in self.store.participants(name)}
			entries = self.store.entries(name)
			assert all(e.seconds > 0 for e in entries)
			stored = Counter((users[e.participant], e.started_on, e.ended_on) for e in entries)
			assert stored == model.billed()
			rows = self.store.participants(name)
			assert {
				p.user: (p.stay_started_on, p.stay_seen_on) for p in rows if p.stay_started_on
			} == model.open

	@invariant()
	def the_allowance_has_paid_for_every_second(self) -> None:
		entries = [entry for entry in self.store.all(UsageEntry) if entry.is_usage]
		assert all(e.seconds == (e.ended_on - e.started_on).total_seconds() for e in entries)
		paid = sum(e.seconds for e in entries if e.allowance)
		held = sum(p.held_seconds for p in self.store.all(Participant))
		for allowance in self.store.all(Allowance):
			assert (allowance.used_seconds, allowance.held_seconds, allowance.added_seconds) == (
				paid,
				held,
				self.given,
			)
			assert allowance.left_seconds == allowance.included_minutes * 60 + self.given - paid - held

	@invariant()
	def strangers_find_nothing(self) -> None:
		strangers = [STRANGER, "Guest", *([NEWCOMER] if not self.reuses else [])]
		for name in self.models:
			here, self.visit.name = self.visit.name, name
			for user in strangers:
				for act in (self.visit.state, self.visit.enter, self.visit.join):
					assert outcome(lambda act=act, user=user: act(user)) == "not_found"
			self.visit.name = here

	@invariant()
	def no_one_comes_in_but_at_the_appointments_time(self) -> None:
		here = self.visit.name
		for name in self.models:
			self.visit.name = name
			for user in {HOST, *(p.user for p in self.visit.everyone())}:
				with self.undone():
					assert outcome(lambda user=user: self.visit.enter(user)) != "ok" or self.is_enterable()
		self.visit.name = here

	def teardown(self) -> None:
		"""After everything, three days and one sweep leave no participant in and nothing at the provider."""
		if not self.models:
			return
		self.visit.media.fails = None
		self.visit.later(days=3)
		self.sweeps()
		self.every_second_of_presence_is_in_exactly_one_stay()
		self.the_allowance_has_paid_for_every_second()
		assert not any(model.open for model in self.models.values())
		assert {allowance.held_seconds for allowance in self.store.all(Allowance)} == {0}
		assert all(room.is_over and not room.meeting_token for room in self.store.all(Room))
		if isinstance(self.visit.media.inner, FakeProvider):
			assert self.visit.attendees() == set()


DEEP = os.environ.get("HYPOTHESIS_PROFILE") == "deep"
TestWholeVisit = WholeVisit.TestCase
TestWholeVisit.settings = settings(
	max_examples=600 if DEEP else 60,
	stateful_step_count=80 if DEEP else 40,
	deadline=None,
	suppress_health_check=list(HealthCheck),
)
