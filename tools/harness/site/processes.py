"""A child process that ends with its parent, and waiting until it is ready."""

from __future__ import annotations

import ctypes
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

PR_SET_PDEATHSIG = 1
libc = ctypes.CDLL(None)


class NotReady(RuntimeError):
	"""A service did not come up; the text is the end of its log."""


def wait_until(condition: Callable[[], object], timeout: float, what: str, interval: float = 0.05) -> None:
	deadline = time.monotonic() + timeout
	while not condition():
		if time.monotonic() > deadline:
			raise NotReady(f"waited {timeout:.0f} s in vain for {what}")
		time.sleep(interval)


def is_listening(port: int) -> bool:
	with socket.socket() as probe:
		probe.settimeout(0.2)
		return probe.connect_ex(("127.0.0.1", port)) == 0


def _die_with_parent() -> None:
	libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


@dataclass
class Process:
	"""Started once it listens on `port` (if it has one); its output goes to `log`."""

	name: str
	command: Sequence[str]
	cwd: Path
	env: Mapping[str, str]
	log: Path
	port: int | None = None
	stop_signal: int = signal.SIGTERM
	_running: subprocess.Popen[bytes] | None = None

	@property
	def is_running(self) -> bool:
		return self._running is not None and self._running.poll() is None

	@property
	def pid(self) -> int | None:
		return self._running.pid if self._running else None

	def start(self) -> None:
		if self.is_running:
			return
		with self.log.open("ab") as output:
			self._running = subprocess.Popen(
				self.command,
				cwd=self.cwd,
				env=dict(self.env),
				stdin=subprocess.DEVNULL,
				stdout=output,
				stderr=subprocess.STDOUT,
				start_new_session=True,
				preexec_fn=_die_with_parent,
			)
		self._await()

	def _await(self) -> None:
		def came_or_went() -> bool:
			return not self.is_running or self.port is None or is_listening(self.port)

		try:
			wait_until(came_or_went, 60, self.name)
		except NotReady:
			self.stop()
			raise
		if not self.is_running:
			raise NotReady(f"{self.name} ended at once:\n{self.log.read_text(errors='replace')[-3000:]}")

	def stop(self) -> None:
		"""Ask, wait, and then insist."""
		running, self._running = self._running, None
		if running is None or running.poll() is not None:
			return
		running.send_signal(self.stop_signal)
		try:
			running.wait(15)
		except subprocess.TimeoutExpired:
			os.killpg(running.pid, signal.SIGKILL)
			running.wait()
