"""Six people in one room, emulator and browser on one machine: everybody is heard, four are seen, and what it costs."""

from __future__ import annotations

import re
import subprocess
import sys
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.chime_emulator.conftest import Person, eventually
from tools.chime_emulator import EmulatorClient

_ROOT = Path(__file__).parents[2]
_PEOPLE, _SEEN = 6, 4
_SIZE = [320, 180, 10, 150]
#: Packets of audio that everybody together gets in four seconds.
_MEASURED = 4 * _PEOPLE * 50


class Process(EmulatorClient):
	"""The emulator as its own process, as `python -m` starts it, so that its cost is measured apart from ours."""

	def __init__(self) -> None:
		command = [sys.executable, "-m", "tools.chime_emulator", "--port", "0"]
		self.process = subprocess.Popen(command, cwd=_ROOT, stdout=subprocess.PIPE, text=True)
		assert self.process.stdout is not None
		line = self.process.stdout.readline()
		found = re.search(r"http://\S+", line)
		assert found, line
		super().__init__(found[0])

	def cpu_seconds(self) -> float:
		fields = Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
		return (int(fields[11]) + int(fields[12])) / 100


@pytest.fixture
def process() -> Iterator[Process]:
	running = Process()
	yield running
	running.process.terminate()
	assert running.process.wait(10) is not None


@pytest.fixture
def group(process: Process, person: Callable[[], Person]) -> list[Person]:
	chime = process.boto()
	people = [{"ExternalUserId": uuid.uuid4().hex} for _ in range(_PEOPLE)]
	made = chime.create_meeting_with_attendees(
		ClientRequestToken=uuid.uuid4().hex,
		MediaRegion="us-east-1",
		ExternalMeetingId="group",
		MeetingFeatures={"Attendee": {"MaxCount": _PEOPLE}},
		Attendees=people,
	)
	joined = []
	for number, attendee in enumerate(made["Attendees"]):
		options: dict[str, Any] = {"video": number < _SEEN, "size": _SIZE}
		joined.append(person().join(made["Meeting"], attendee, **options))
	for one in joined:
		one.until_started()
	return joined


def test_six_hear_everybody_and_see_four(process: Process, group: list[Person]) -> None:
	for one in group:
		for other in group[:_SEEN]:
			if other is not one:
				one.until_sees(other.id)
		one.until_hears()
		for other in group:
			one.until(f"room.seen.present[{other.id!r}] === 'here'")
			one.until(f"room.seen.volumes[{other.id!r}] > 0.1")
	cost, carried = _measured(process)
	print(
		f"\nsix people, four cameras: {cost:.2f} s of a core per second of the meeting; carried: {dict(carried)}"
	)
	assert cost < 0.8
	assert carried["video_out"] > carried["video_in"] * (_PEOPLE - 2)
	assert all(one.seen("stops") == [] for one in group)


def _measured(process: Process) -> tuple[float, Counter[str]]:
	"""What a second of the meeting costs the emulator, and what it carried.

	A second of the meeting is fifty packets of audio to each: on a busy machine it can take longer than a second.
	"""
	before, cpu = _packets(process), process.cpu_seconds()
	eventually(lambda: _packets(process)["audio_out"] - before["audio_out"] >= _MEASURED)
	spent, carried = process.cpu_seconds() - cpu, _packets(process) - before
	return spent / (carried["audio_out"] / (_PEOPLE * 50)), carried


def _packets(process: Process) -> Counter[str]:
	total: Counter[str] = Counter()
	for person in process.state()["meetings"][0]["connected"]:
		total.update(person["packets"])
	return total
