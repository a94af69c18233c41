"""People calling the running demo over HTTP, and a look inside it. No fixtures: those are in `conftest.py`."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any

import requests

from tools.demo.demo_app import DemoApp
from tools.harness.ports import FixedClock
from tools.harness.visit_driver import wait_for

READS = ("visit.state", "host.queue")
BOOT = re.compile(r'<script type="application/json" id="boot">(.*?)</script>', re.DOTALL)
TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


@dataclass
class Caller:
	"""One person with one cookie jar."""

	address: str
	http: requests.Session = field(default_factory=requests.Session)
	csrf_token: str = ""

	def sign_in(self, user: str) -> Caller:
		sent = {"data": {"person": user}, "timeout": 5, "allow_redirects": False}
		self.http.post(f"{self.address}/sign-in", **sent).raise_for_status()
		self.csrf_token = self.boot("any")["csrf_token"]
		return self

	def boot(self, room: str) -> dict[str, Any]:
		page = self.http.get(f"{self.address}/visit/{room}", timeout=5)
		return json.loads(BOOT.search(page.text).group(1))

	def get(self, path: str, **options: Any) -> requests.Response:
		return self.http.get(self.address + path, timeout=5, **options)

	def post(self, path: str, **form: str) -> requests.Response:
		form = {"csrf_token": self.csrf_token, **form}
		return self.http.post(self.address + path, data=form, timeout=5, allow_redirects=False)

	def call(self, name: str, *, v2: bool = False, **arguments: Any) -> requests.Response:
		"""The endpoint as the visit page calls it."""
		address = self.method(name, v2=v2)
		if name in READS:
			return self.http.get(address, params=arguments, timeout=5)
		headers = {"X-Frappe-CSRF-Token": self.csrf_token}
		return self.http.post(address, json=arguments, headers=headers, timeout=5)

	def act(self, name: str, **arguments: Any) -> dict[str, Any]:
		"""The endpoint's answer where nothing but success will do."""
		answer = self.call(name, **arguments)
		assert answer.status_code == 200, answer.text
		return answer.json()["message"]

	def method(self, name: str, *, v2: bool = False) -> str:
		return f"{self.address}/api/{'v2/' if v2 else ''}method/theranvio_telehealth.api.{name}"


@dataclass
class Running:
	"""The demo, seen from outside by its address and from inside by its demo_app."""

	address: str
	demo_app: DemoApp
	clock: FixedClock

	def caller(self) -> Caller:
		return Caller(self.address)

	def person(self, user: str) -> Caller:
		return self.caller().sign_in(user)

	def everything(self, room: str) -> tuple[Any, ...]:
		"""All that a refusal must leave as it was, once what is released after the answer is."""
		store = self.demo_app.store
		wait_for("the release", lambda: not any(p.revoked_attendees for p in store.participants(room)))
		return store.room(room), tuple(store.participants(room)), tuple(store.entries(room))


@dataclass
class Visit:
	"""Dr. Okafor's and Amara's visit, open now, with both signed in."""

	running: Running
	room: str
	appointment: str
	clinician: Caller
	client: Caller

	def enter(self) -> str:
		"""Both come in; the participant that is the waiting client."""
		self.clinician.act("visit.enter", room=self.room)
		return self.client.act("visit.enter", room=self.room)["me"]["participant"]

	def admit(self) -> str:
		participant = self.enter()
		self.clinician.act("host.admit", room=self.room, participant=participant)
		return participant
