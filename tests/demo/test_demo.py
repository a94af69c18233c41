"""`make demo`: the clinic with the emulator beside it, without it where it cannot run, and neither left behind."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from tests.demo.callers import Caller
from tools.demo.emulated import NAME

LOOPBACK = re.compile(r"http://127\.0\.0\.1:\d+")
CHECKOUT = Path(__file__).parents[2]


class Demo:
	"""The running script and what it has printed so far."""

	def __init__(self, child: subprocess.Popen[str]) -> None:
		self.child = child
		self.output = ""

	def hears(self, end: str) -> None:
		while not re.search(end, self.output):
			line = self.child.stdout.readline()
			assert line, self.output + self.child.stderr.read()
			self.output += line

	@property
	def desk(self) -> Caller:
		port = re.search(r"http://localhost:(\d+)/sign-in\?as=desk", self.output)[1]
		return Caller(f"http://127.0.0.1:{port}").sign_in("desk")


@contextmanager
def demo(**env: str) -> Iterator[Demo]:
	child = subprocess.Popen(
		[sys.executable, "-u", "-m", "tools.demo", "--port", "0"],
		cwd=CHECKOUT,
		stdout=subprocess.PIPE,
		stderr=subprocess.PIPE,
		text=True,
		env=os.environ | env,
	)
	try:
		yield Demo(child)
	finally:
		child.terminate()
		child.communicate(timeout=30)


def test_both_providers_are_offered_and_end_with_the_demo() -> None:
	pytest.importorskip("aiortc", reason="the emulator needs it")
	with demo() as running:
		running.hears(r"Peer-to-Peer or Amazon Chime \(emulated\)")
		desk = running.desk
		assert desk.post("/clinic/provider", name=NAME).status_code == 303
		booking = {"practitioner": "PRAC-1", "patient": "PAT-2", "minutes": "30", "video": "on"}
		assert desk.post("/clinic/book", **booking, at=_now(desk)).status_code == 303
		rooms = re.findall(r'href="/visit/(\w+)"', desk.get("/").text)
		policies = [desk.get(f"/visit/{room}").headers["Content-Security-Policy"] for room in rooms]
		(emulator,) = {address for policy in policies for address in LOOPBACK.findall(policy)}
		assert requests.get(f"{emulator}/_state", timeout=5).status_code == 200
	assert running.child.returncode == 0
	with pytest.raises(requests.ConnectionError):
		requests.get(f"{emulator}/_state", timeout=5)


def _now(desk: Caller) -> str:
	return re.search(r'name="at" value="([\d:]+)" required></label>\s*<label>Minutes', desk.get("/").text)[1]


def test_without_what_the_emulator_needs_the_demo_goes_on_and_says_so(tmp_path: Path) -> None:
	(tmp_path / "aiortc.py").write_text("raise ImportError('aiortc is not here')")
	with demo(PYTHONPATH=str(tmp_path)) as running:
		running.hears(r"Ctrl\+C stops the demo")
		assert "Amazon Chime (emulated) is not offered: ImportError: aiortc is not here." in running.output
		assert "New video visits use" not in running.desk.get("/").text
