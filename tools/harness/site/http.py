"""A signed-in person's HTTP client for the test site. It sends what a browser sends: cookies and the CSRF header."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

import requests

from tools.harness.site.people import PASSWORD

API = "theranvio_telehealth.api."
CSRF = re.compile(r"csrf_token\W{1,12}([0-9a-f]{32,})")


@dataclass
class Http:
	"""`visit.state` is short for `theranvio_telehealth.api.visit.state`. Nothing is raised for an error's status."""

	base_url: str
	user: str = "Guest"
	csrf: str = ""
	session: requests.Session = field(default_factory=requests.Session)
	prefix: str = "/api/method/"

	def sign_in(self, password: str = PASSWORD) -> Http:
		answer = self.session.post(
			f"{self.base_url}/login", data={"cmd": "login", "usr": self.user, "pwd": password}
		)
		answer.raise_for_status()
		self.csrf = self._csrf()
		return self

	def _csrf(self) -> str:
		"""From the visit page, as the browser gets it: the session is guarded from then on."""
		return CSRF.search(self.page(f"/visit/{'0' * 32}").text)[1]

	def get(self, method: str, **parameters: Any) -> requests.Response:
		return self.session.get(self.url(method), params=parameters, timeout=60)

	def post(self, method: str, headers: dict[str, str] | None = None, **body: Any) -> requests.Response:
		guard = {"X-Frappe-CSRF-Token": self.csrf} if self.csrf else {}
		return self.session.post(self.url(method), json=body, headers=guard | (headers or {}), timeout=60)

	def page(self, path: str) -> requests.Response:
		return self.session.get(self.base_url + path, timeout=60, allow_redirects=False)

	def url(self, method: str) -> str:
		return self.base_url + self.prefix + (method if method.count(".") > 1 else API + method)
