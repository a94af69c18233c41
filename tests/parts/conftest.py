"""Browsers as Debian has them, one of each for all tests, and the demo clinic for visits between any two of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from playwright.sync_api import Browser, sync_playwright

from tools.harness.chime_demo import Demo
from tools.harness.firefox import Firefox
from tools.harness.visit_driver import Side, launch

Sides = Callable[[Demo, str, str], tuple[Side, Side]]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
	with sync_playwright() as playwright:
		browser = launch(playwright)
		yield browser
		browser.close()


@pytest.fixture(scope="session")
def firefox() -> Iterator[Firefox]:
	firefox = Firefox()
	yield firefox
	firefox.quit()


@pytest.fixture
def sides(chromium: Browser, firefox: Firefox) -> Iterator[Sides]:
	"""Given a demo and two browsers' names: the clinician and the client of its latest visit, each at the door."""
	browsers: dict[str, Browser | Firefox] = {"chromium": chromium, "firefox": firefox}
	with ExitStack() as stack:
		yield lambda demo, host, client: (
			demo.side("okafor", stack, browsers[host]),
			demo.side("amara", stack, browsers[client]),
		)
