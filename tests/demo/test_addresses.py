"""What the rules take for a STUN or TURN server, a real browser takes as well; what only the browser knows it refuses."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, sync_playwright

from tests.domain.test_addresses import NO_SERVERS, SERVERS
from tools.harness import visit_driver

TAKES = """url => {
	try { new RTCPeerConnection({iceServers: [{urls: [url], username: "u", credential: "c"}]}).close(); }
	catch { return false; }
	return true;
}"""


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
	with sync_playwright() as playwright:
		browser = visit_driver.launch(playwright)
		yield browser.new_page()
		browser.close()


def test_chromium_takes_every_server(page: Page) -> None:
	assert [url for url in SERVERS if not page.evaluate(TAKES, url)] == []


def test_and_refuses_most_of_what_is_none(page: Page) -> None:
	"""Or the test above would prove nothing."""
	refused = [url for url in NO_SERVERS if not page.evaluate(TAKES, url)]
	assert len(refused) > len(NO_SERVERS) / 2
	assert "stun:a,b" in NO_SERVERS
	assert "http://relay.example.org" in refused
