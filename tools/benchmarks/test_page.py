"""What a browser has to fetch for the visit page, and how long it takes from *Join* to the other's first picture.

Sizes are what nginx sends to a browser that takes gzip. The picture: two Chromium pages on loopback, the demo behind
them; both have been admitted; 20 times the client comes to the page anew and presses the button."""

from __future__ import annotations

import re
import statistics
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import requests
from playwright.sync_api import Browser, Page

from tools.benchmarks.report import Report, Row
from tools.demo.demo_app import DemoApp
from tools.demo.server import running
from tools.harness.site.people import CLIENT
from tools.harness.visit_driver import Side, admit, person

RUNS = 20
PARTS = re.compile(r'(?:src|href)="(/assets/[^"]+)"')

#: A browser in which the user has not decided yet whether the page may use the camera: only then is there a button to press.
UNDECIDED = "navigator.permissions.query = async () => Object.assign(new EventTarget(), { state: 'prompt' });"

JOIN = """async () => {
	const decoded = async () => {
		for (const connection of window.connections)
			for (const entry of (await connection.getStats()).values())
				if (entry.type === "inbound-rtp" && entry.kind === "video" && entry.framesDecoded) return true;
		return false;
	};
	const began = performance.now();
	document.querySelector("[data-action=join]").click();
	while (!(await decoded())) await new Promise((resume) => setTimeout(resume, 5));
	return performance.now() - began;
}"""


def sent(session: requests.Session, url: str) -> tuple[int, str]:
	"""Compressed size in bytes, and the decompressed text."""
	with session.get(url, headers={"Accept-Encoding": "gzip"}, stream=True) as answer:
		answer.raise_for_status()
		size = len(answer.raw.read(decode_content=False))
	return size, session.get(url).text


def test_size_of_the_page(
	http: Callable[..., Any], make_appointment: Callable[..., Any], report: Report
) -> None:
	client = http(CLIENT)
	size, html = sent(client.session, f"{client.base_url}/visit/{make_appointment().theranvio_room}")
	parts = {"HTML": size}
	for path in PARTS.findall(html):
		parts[Path(path).name.split(".")[-1]], _ = sent(client.session, client.base_url + path)
	assert set(parts) == {"HTML", "js", "css", "svg"}
	detail = " + ".join(f"{bytes_ / 1000:.1f} kB {part}" for part, bytes_ in parts.items())
	report.claim(Row("Visit page, peer-to-peer, gzip", detail, "", sum(parts.values()) / 1000, 45, "kB"))


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[tuple[str, DemoApp]]:
	with running("127.0.0.1", 0, tmp_path / "clinic.db") as server:
		thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
		thread.start()
		yield f"http://localhost:{server.port}", server.app.extensions["demo"]
		server.shutdown()
		thread.join()


def arrive(browser: Browser, stack: ExitStack, address: str, user: str, **options: Any) -> Page:
	page = stack.enter_context(person(browser, **options)).new_page()
	page.goto(f"{address}/sign-in?as={user}")
	return page


def test_from_join_to_the_first_picture(browser: Browser, demo: tuple[str, DemoApp], report: Report) -> None:
	address, demo_app = demo
	visit = f"{address}/visit/{demo_app.store.shown('APP-0001')}"
	with ExitStack() as stack:
		host, client = (Side(arrive(browser, stack, address, user)) for user in ("okafor", "amara"))
		for side in (host, client):
			side.open(visit)
			side.press("enter")
		admit(host)
		client.is_at("call")
		client.page.add_init_script(UNDECIDED)
		times = [run(client.page, visit) for _ in range(RUNS)]
	median, slowest = statistics.median(times) / 1000, max(times) / 1000
	detail = f"median of {RUNS}; slowest {slowest:.2f} s"
	report.claim(Row("From *Join* to the other's first decoded frame", detail, "", median, 1.5, "s"))


def run(page: Page, visit: str) -> float:
	page.goto("about:blank")
	page.goto(visit)
	page.locator("[data-action=join]").wait_for()
	return page.evaluate(JOIN)
