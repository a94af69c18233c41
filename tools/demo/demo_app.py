"""Puts the demo together: its ports, its background thread, and the rows a demo clinic begins with."""

from __future__ import annotations

import queue
import secrets
import threading
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import cached_property, partial
from pathlib import Path

from theranvio_telehealth.domain.entities import Allowance, ProviderAccount, Settings
from theranvio_telehealth.domain.enums import Adapter
from theranvio_telehealth.providers import registry
from theranvio_telehealth.providers.base import MediaProvider
from theranvio_telehealth.providers.breaker import CircuitBreakerProvider
from theranvio_telehealth.services.ports import Clock, Ports
from theranvio_telehealth.services.sweep import sweep
from theranvio_telehealth.services.teardown import tear_down
from tools.demo.adapters import Background, Bell, Circuits, Log, Mailbox, NoAgreements, Nudges
from tools.demo.emulated import NAME, Emulator
from tools.demo.people import Directory
from tools.demo.presence import Presence
from tools.demo.store import SqliteStore

PEER_TO_PEER = "Peer-to-Peer"
COMPANY = "Harbour Clinic"
COUNTRY = "Canada"
SWEEP_SECONDS = 2.0

#: On whose behalf the current request acts; empty in the background.
acting: ContextVar[str] = ContextVar("acting", default="")


@dataclass
class DemoApp:
	"""One demo, with Amazon Chime beside peer-to-peer where there is an emulator of it.

	`relay`: what a Media Provider's form would hold of STUN and TURN."""

	path: Path
	clock: Clock
	emulator: Emulator | None = None
	relay: Mapping[str, str | bool] = field(default_factory=dict, repr=False)

	def __post_init__(self) -> None:
		self.directory = Directory()
		self.store = SqliteStore(self.path, self.clock, self.directory.patients_of, acting.get)
		self.nudges = Nudges(self.store.after_commit)
		self.background = Background(self.store.after_commit)
		self._circuits = Circuits()
		self._media: dict[ProviderAccount, MediaProvider] = {}

	@cached_property
	def ports(self) -> Ports:
		return Ports(
			store=self.store,
			agreements=NoAgreements(),
			directory=self.directory,
			mailbox=Mailbox(self.clock),
			presence=Presence(),
			nudge=self.nudges,
			bell=Bell(),
			clock=self.clock,
			new_token=partial(secrets.token_hex, 16),
			background=self.background,
			log=Log(),
			media=self.media,
		)

	def media(self, account: ProviderAccount) -> MediaProvider:
		if account not in self._media:
			made = registry.make(account.adapter, self._config(account))
			self._media[account] = CircuitBreakerProvider(made, account.name, self._circuits, self.clock.now)
		return self._media[account]

	def _config(self, account: ProviderAccount) -> Mapping[str, str | bool]:
		if self.emulator and account.name == NAME:
			return self.emulator.config
		return self.relay if account.name == PEER_TO_PEER else {}

	def choose_provider(self, name: str) -> None:
		"""New visits use it; those booked already keep theirs."""
		self.store.put(replace(self.store.settings(), default_provider=name))

	def seed(self) -> None:
		"""Give an empty database its rows, and any database the emulator for as long as there is one."""
		if not self.store.providers():
			self._seed_empty()
		if self.emulator:
			self.store.put(self.emulator.account)
		elif left := self.store.provider(NAME):
			self.store.put(replace(left, enabled=False))
			self.choose_provider(PEER_TO_PEER)

	def _seed_empty(self) -> None:
		self.store.put(ProviderAccount(PEER_TO_PEER, Adapter.PEER_TO_PEER))
		self.store.put(Settings(default_provider=PEER_TO_PEER))
		today = self.clock.today()
		first = today.replace(day=1)
		last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
		self.store.put(Allowance(f"{first:%Y-%m}", COMPANY, "", first, last, included_minutes=2000))


class Worker:
	"""One thread that releases what is due at once and sweeps every two seconds."""

	def __init__(self, demo_app: DemoApp, wait: float) -> None:
		self._demo_app = demo_app
		self._wait = wait
		self._stopping = False
		self._thread = threading.Thread(target=self._run, name="background", daemon=True)

	def start(self) -> None:
		self._thread.start()

	def stop(self) -> None:
		self._stopping = True
		self._demo_app.background.rooms.put("")
		self._thread.join()

	def _run(self) -> None:
		while not self._stopping:
			try:
				room = self._demo_app.background.rooms.get(timeout=self._wait)
				self._try("teardown", room, partial(tear_down, self._demo_app.ports, room))
			except queue.Empty:
				self._try("sweep", "", partial(sweep, self._demo_app.ports))

	def _try(self, what: str, subject: str, act: Callable[[], object]) -> None:
		try:
			act()
		except Exception as error:
			self._demo_app.ports.log.failure(what, subject, error)
