"""Debian's Firefox for the tests: a person's visit page in it, with the verbs of `visit_driver.Side`."""

from __future__ import annotations

import itertools
import json
import os
import queue
import re
import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from tools.harness.visit_driver import API, PATIENCE, SIGNAL, WATCH_CONNECTIONS, Side, act_of, wait_for

PROGRAM = Path(__file__).with_suffix(".mjs")

#: Of all that fit a selector: whether one is visible, and their texts.
VISIBLE = (
	"""(selector) => [...document.querySelectorAll(selector)].some((element) => element.checkVisibility())"""
)
TEXTS = """(selector) => [...document.querySelectorAll(selector)].map(
	(element) => element.textContent.replace(/\\s+/g, " ").trim()
)"""


#: What Firefox says of Amazon's client: its `long` tries WebAssembly, which our policy refuses, and counts without it.
NO_WASM = ("Content Security Policy script-src wasm-eval", "blocked WebAssembly (script-src)")


class FirefoxError(Exception):
	"""What Firefox or its driver could not do."""


class Firefox:
	"""One Firefox. A thread of its own stores everything that happens in its pages, whatever the test does."""

	def __init__(self) -> None:
		program = os.environ.get("FIREFOX") or shutil.which("firefox-esr")
		assert program, "firefox-esr is missing; scripts/setup.sh tests installs it"
		self._process = subprocess.Popen(
			["node", str(PROGRAM), program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
		)
		self._numbers = itertools.count(1)
		self._answers: queue.Queue[dict[str, Any]] = queue.Queue()
		self._pages: dict[int, Callable[[dict[str, Any]], None]] = {}
		threading.Thread(target=self._listen, daemon=True).start()

	def ask(self, verb: str, **more: Any) -> Any:
		number = next(self._numbers)
		assert self._process.stdin is not None
		self._process.stdin.write(json.dumps({"id": number, "verb": verb, **more}) + "\n")
		self._process.stdin.flush()
		answer = self._answers.get(timeout=PATIENCE / 1000)
		assert answer.get("id") == number, f"no answer to {verb}: {answer}"
		if "error" in answer:
			raise FirefoxError(answer["error"])
		return answer["value"]

	@contextmanager
	def page(self) -> Iterator[FirefoxPage]:
		"""With cookies of its own."""
		page = FirefoxPage(self, next(self._numbers))
		self._pages[page.number] = lambda event: page.hears(event)
		self.ask("open", page=page.number, script=WATCH_CONNECTIONS)
		try:
			yield page
		finally:
			self.ask("close", page=page.number)

	def quit(self) -> None:
		assert self._process.stdin is not None
		self._process.stdin.close()
		self._process.wait(30)

	def _listen(self) -> None:
		assert self._process.stdout is not None
		for line in self._process.stdout:
			message = json.loads(line)
			if "id" in message:
				self._answers.put(message)
			else:
				self._pages[message["page"]](message)
		self._answers.put({"error": "Firefox's driver ended"})


class FirefoxPage:
	"""As much of Playwright's page as a Side and its tests use."""

	def __init__(self, firefox: Firefox, number: int) -> None:
		self.number = number
		self.hears: Callable[[dict[str, Any]], None] = lambda event: None
		self._firefox = firefox

	def ask(self, verb: str, **more: Any) -> Any:
		return self._firefox.ask(verb, page=self.number, **more)

	def goto(self, url: str) -> None:
		self.ask("goto", url=url)

	def reload(self) -> None:
		self.ask("reload")

	def wait_for_url(self, url: re.Pattern[str]) -> None:
		wait_for(f"{url.pattern}", lambda: url.search(self.evaluate("() => location.href")))

	def wait_for_timeout(self, milliseconds: float) -> None:
		time.sleep(milliseconds / 1000)

	def evaluate(self, source: str, argument: Any = None) -> Any:
		return self.ask("evaluate", source=source, argument=argument)


class FirefoxSide(Side):
	"""One person's visit page in Firefox."""

	page: FirefoxPage  # type: ignore[assignment]

	def _watch(self) -> None:
		self._acts: list[tuple[str, dict[str, Any], datetime]] = []
		self.page.hears = self._hears

	def _hears(self, event: dict[str, Any]) -> None:
		if event["kind"] == "trouble":
			if not any(words in event["text"] for words in NO_WASM):
				self.troubles.append(event["text"])
		elif API in event["url"] and not event["url"].endswith(SIGNAL):
			self.token = event["token"] or self.token
			sent = datetime.fromtimestamp(event["sent"] / 1000, timezone.utc)
			self._keep(event["url"].partition(API)[2], (event["body"] or {}).get("message"), sent)

	def _keep(self, name: str, message: dict[str, Any] | None, sent: datetime) -> None:
		super()._keep(name, message, sent)
		if message is not None:
			self._acts.append((name, message, sent))

	def shows(self, selector: str, seconds: float = PATIENCE / 1000) -> None:
		wait_for(f"{selector} visible", lambda: self._try(VISIBLE, selector), seconds)

	def reads(self, selector: str, text: str) -> None:
		wait_for(f"{text} in {selector}", lambda: text in (self._try(TEXTS, selector) or [""])[-1])

	def has_none(self, selector: str) -> None:
		wait_for(f"no {selector}", lambda: self._try(TEXTS, selector) == [])

	def texts(self, selector: str) -> list[str]:
		return self.page.evaluate(TEXTS, selector)

	def can_see(self, selector: str) -> bool:
		return self.page.evaluate(VISIBLE, selector)

	def click(self, selector: str) -> None:
		wait_for(f"a press of {selector}", lambda: self._did("click", selector=selector))

	def fill(self, selector: str, text: str) -> None:
		wait_for(f"{selector} filled", lambda: self._did("type", selector=selector, text=text))

	def press_for(self, act: str, name: str, *, confirm: bool = False) -> dict[str, Any]:
		before = len(self._acts)
		self.press(act)
		if confirm:
			self.confirm()
		return wait_for(f"the answer of {name}", lambda: self._answer(name, before))

	def _answer(self, name: str, before: int) -> dict[str, Any] | None:
		for stored, message, sent in self._acts[before:]:
			if stored == name:
				self.last = act_of(sent, message)
				return message
		return None

	def _try(self, source: str, selector: str) -> Any:
		"""None while the page is being replaced by the next."""
		try:
			return self.page.evaluate(source, selector)
		except FirefoxError:
			return None

	def _did(self, verb: str, **more: Any) -> bool:
		"""False while what it is about is not there, or is covered."""
		try:
			self.page.ask(verb, **more)
		except FirefoxError:
			return False
		return True
