"""Debian's WebKitGTK on a display of its own, driven over WebDriver. It has no WebRTC and gives no camera."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from glob import glob
from typing import Any

import requests

from tools.harness.visit_driver import wait_for
from tools.network import free_port

BROWSER = next(iter(sorted(glob("/usr/lib/*/webkit2gtk-4.*/MiniBrowser"))), "")
DISPLAY_SIZE = "1280x1024x24"
#: Software drawing, and the display that is started here whatever else the machine has.
PLAIN = {"GDK_BACKEND": "x11", "LIBGL_ALWAYS_SOFTWARE": "1", "WEBKIT_DISABLE_DMABUF_RENDERER": "1"}
PATIENCE = 60.0  # seconds

#: Keeps what goes wrong in a page from its first script on. WebKitGTK's WebDriver tells of no console.
WATCH = b"""
window.troubles = [];
addEventListener("error", (event) => window.troubles.push(event.message || `not loaded: ${event.target.src || event.target.href}`), true);
addEventListener("unhandledrejection", (event) => window.troubles.push(String(event.reason)));
addEventListener("securitypolicyviolation", (event) => window.troubles.push(`policy: ${event.blockedURI}`));
const complain = console.error.bind(console);
console.error = (...words) => (window.troubles.push(words.join(" ")), complain(...words));
"""
WATCH_PATH = "/watch.js"
Wsgi = Callable[[dict[str, Any], Any], Iterable[bytes]]


def missing() -> str:
	"""What is not installed, or nothing."""
	wanted = {
		"Xvfb": shutil.which("Xvfb"),
		"WebKitWebDriver": shutil.which("WebKitWebDriver"),
		"MiniBrowser": BROWSER,
	}
	return ", ".join(name for name, found in wanted.items() if not found)


def watched(app: Wsgi) -> Wsgi:
	"""The same application, whose pages load `WATCH` first."""

	def answer(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
		if environ["PATH_INFO"] == WATCH_PATH:
			start_response(
				"200 OK", [("Content-Type", "text/javascript"), ("Content-Length", str(len(WATCH)))]
			)
			return [WATCH]
		started: dict[str, Any] = {}
		body = app(environ, lambda status, headers, *_: started.update(status=status, headers=headers))
		if "text/html" in dict(started["headers"]).get("Content-Type", ""):
			tag = f'<head><script src="{WATCH_PATH}"></script>'.encode()
			body = [b"".join(body).replace(b"<head>", tag, 1)]
			started["headers"] = [(n, v) for n, v in started["headers"] if n != "Content-Length"]
		start_response(started["status"], started["headers"])
		return body

	return answer


class WebKit:
	"""One window of the browser."""

	def __init__(self, address: str, session: str) -> None:
		self._session = f"{address}/session/{session}"

	def _do(self, command: str, **body: Any) -> Any:
		answer = requests.post(f"{self._session}/{command}", json=body, timeout=PATIENCE)
		assert answer.ok, answer.text
		return answer.json()["value"]

	def open(self, address: str) -> None:
		self._do("url", url=address)

	def run(self, script: str, *arguments: Any) -> Any:
		"""What the script returns in the page."""
		return self._do("execute/sync", script=script, args=list(arguments))

	def resize(self, width: int, height: int) -> None:
		self._do("window/rect", width=width, height=height)

	def has(self, what: str) -> bool:
		return bool(self.run("return document.querySelector(arguments[0])?.getClientRects().length", what))

	def shows(self, what: str) -> None:
		"""Wait until the page shows an element that the selector finds."""
		wait_for(f"{what} in WebKit, troubles {self.troubles}", lambda: self.has(what))

	def press(self, act: str) -> None:
		self.shows(f"[data-action={act}]")
		self.run("document.querySelector(arguments[0]).click()", f"[data-action={act}]")

	@property
	def text(self) -> str:
		return str(self.run("return document.body.innerText"))

	@property
	def troubles(self) -> list[str]:
		return list(self.run("return window.troubles || ['the page was not watched']"))

	def close(self) -> None:
		requests.delete(self._session, timeout=PATIENCE)


@contextmanager
def _child(*command: str, **options: Any) -> Iterator[None]:
	child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **options)
	try:
		yield
	finally:
		child.terminate()
		child.wait(PATIENCE)


@contextmanager
def _display() -> Iterator[str]:
	"""The name of a display that is drawn nowhere."""
	reader, writer = os.pipe()
	options = ("-displayfd", str(writer), "-screen", "0", DISPLAY_SIZE, "-nolisten", "tcp")
	with _child("Xvfb", *options, pass_fds=[writer]), os.fdopen(reader) as report:
		os.close(writer)
		yield f":{report.readline().strip()}"


@contextmanager
def webkit() -> Iterator[WebKit]:
	"""A window, open until the end."""
	port = free_port()
	address = f"http://127.0.0.1:{port}"
	with (
		_display() as display,
		_child("WebKitWebDriver", f"--port={port}", env={**os.environ, **PLAIN, "DISPLAY": display}),
	):
		wait_for("WebKit's driver", lambda: _answers(address), PATIENCE)
		options = {"webkitgtk:browserOptions": {"binary": BROWSER, "args": ["--automation"]}}
		wanted = {"capabilities": {"alwaysMatch": options}}
		answer = requests.post(f"{address}/session", json=wanted, timeout=PATIENCE)
		assert answer.ok, answer.text
		window = WebKit(address, answer.json()["value"]["sessionId"])
		try:
			yield window
		finally:
			window.close()


def _answers(address: str) -> bool:
	try:
		return requests.get(f"{address}/status", timeout=PATIENCE).ok
	except requests.ConnectionError:
		return False
