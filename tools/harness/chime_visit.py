"""A visit through Amazon's own client, on the demo or on a site: what there is beyond a peer-to-peer visit, and what the emulator saw
of it. Knows neither the site nor the demo behind it."""

from __future__ import annotations

import re
import subprocess
import sys
import urllib.error
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tools.chime_emulator import EmulatorClient
from tools.harness.visit_driver import (
	PIXELS,
	Side,
	admit,
	come_back,
	end,
	is_different,
	meet,
	refuses,
	see_each_other,
	wait_for,
)

ROOT = Path(__file__).parents[2]
ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+")

SCREEN = PIXELS.replace("data-tile=remote", "data-tile=screen")


@contextmanager
def emulator(
	*, eventbridge_url: str = "", eventbridge_key: str = "", sns: tuple[str, str] | None = None
) -> Iterator[EmulatorClient]:
	"""The emulator as a process of its own, so that its work does not wait for ours."""
	command = [sys.executable, "-u", "-m", "tools.chime_emulator"]
	if eventbridge_url:
		command += ["--eventbridge-url", eventbridge_url, "--eventbridge-key", eventbridge_key]
	if sns:
		command += ["--sns", *sns]
	process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
	assert process.stdout is not None
	try:
		line = process.stdout.readline()
		found = ADDRESS.search(line)
		assert found, line
		yield EmulatorClient(found[0])
	finally:
		process.terminate()
		process.wait(10)


def join_token(side: Side) -> str:
	"""What the page's latest join was given for Amazon, and no other page ever sees."""
	joins = [answer for name, answer in side.answers if name == "visit.join"]
	return str(joins[-1]["credentials"]["attendee"]["JoinToken"])


def is_refused(amazon: EmulatorClient, token: str) -> bool:
	"""Whether Amazon refuses this token."""
	try:
		amazon.enter(token)
	except urllib.error.HTTPError:
		return True
	return False


def connected(amazon: EmulatorClient) -> set[str]:
	"""Attendees whose clients Amazon has on the line."""
	return {p["attendee_id"] for m in amazon.state()["meetings"] for p in m["connected"]}


def living(amazon: EmulatorClient) -> list[str]:
	"""Meetings that have not ended."""
	return [m["meeting_id"] for m in amazon.state()["meetings"] if not m["ended"]]


def share_screen(sharer: Side, other: Side) -> None:
	sharer.press("share")
	sharer.announces("You are sharing your screen")
	other.shows("[data-tile=screen]")
	before = wait_for("the screen", lambda: other.page.evaluate(SCREEN))
	wait_for("a screen that changes", lambda: is_different(before, other.page.evaluate(SCREEN)))
	other.announces("is sharing their screen")


def stop_sharing(sharer: Side, other: Side) -> None:
	sharer.press("share")
	other.has_none("[data-tile=screen]")


def write(side: Side, text: str) -> None:
	if not side.can_see("#chat"):
		side.press("chat")
	side.fill("[data-action=write]", text)
	side.press("send")
	side.reads("[data-line=mine]", text)


def read(side: Side, text: str) -> None:
	side.announces(text)
	if not side.can_see("#chat"):
		wait_for("one unread line", lambda: side.texts(":has(> [data-action=chat]) > .badge") == ["1"])
		side.press("chat")
	side.reads("[data-line=theirs]", text)


def close_chat(side: Side) -> None:
	side.press("close-chat")


def talk(host: Side, client: Side) -> None:
	"""Both ways; what looks like markup is text."""
	write(client, "<b>Can you hear me?</b>")
	read(host, "<b>Can you hear me?</b>")
	write(host, "Very well.")
	read(client, "Very well.")
	assert client.texts("#chat b") == []


def send_back(host: Side, client: Side, amazon: EmulatorClient) -> None:
	"""The client is out at Amazon too: its client says so, and the old token opens nothing."""
	attendee, token = client.attendees[-1], join_token(client)
	state = host.press_for("send-back", "host.send_back")
	client.is_at("waiting")
	client.sees("The clinician asked you to wait again")
	client.sees_no_one()
	host.sees_no_one()
	refuses(client, attendee, state["room"], "not_admitted")
	wait_for("Amazon to refuse the old token", lambda: is_refused(amazon, token))


def whole_visit(
	host: Side,
	client: Side,
	amazon: EmulatorClient,
	*,
	pictures: str = "",
	sharing: Sequence[Side] | None = None,
) -> None:
	"""Wait, admit, see, share screens, chat, send back, admit again, reload on either side, end.

	`sharing`: who shares a screen; by default both."""
	meet(host, client, pictures=pictures)
	talk(host, client)
	if pictures:
		host.picture(f"{pictures}-host-chat")
	close_chat(host)
	host.press("people")
	close_chat(client)
	for side, other in ((host, client), (client, host)):
		if sharing is not None and side not in sharing:
			continue
		share_screen(side, other)
		if pictures and side is host:
			client.picture(f"{pictures}-client-screen")
		stop_sharing(side, other)
	send_back(host, client, amazon)
	admit(host)
	client.is_at("call")
	see_each_other(host, client)
	client.press("chat")
	assert client.texts("[data-line]") == [], "the chat outlived its call"
	come_back(client, host)
	come_back(host, client)
	last = [join_token(side) for side in (host, client)]
	end(host, client, pictures=pictures)
	for token in last:
		wait_for("Amazon to refuse the last tokens", lambda token=token: is_refused(amazon, token))
	assert living(amazon) == []
	assert host.troubles == []
	assert client.troubles == []


def seconds_at_amazon(amazon: EmulatorClient, attendees: list[str]) -> float:
	"""How long these attendees were connected, by Amazon's own account."""
	since: dict[str, float] = {}
	total = 0.0
	for event in amazon.events():
		detail: dict[str, Any] = event["detail"]
		attendee, kind = detail.get("attendeeId", ""), detail["eventType"]
		at = detail["timestamp"] / 1000
		if attendee not in attendees:
			continue
		if kind == "chime:AttendeeJoined":
			since[attendee] = at
		elif kind in ("chime:AttendeeLeft", "chime:AttendeeDropped") and attendee in since:
			total += at - since.pop(attendee)
	assert not since, "somebody is still connected"
	return total
