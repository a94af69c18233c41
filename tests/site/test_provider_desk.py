"""«Test Connection» at a Media Provider's form, in a real browser, with the emulator answering for Amazon."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.site.amazon import configured
from tests.site.rows import put_provider
from tests.site.test_doctypes_desk import Desk, desk, form_of, office, shown
from tests.site.test_provider import FIELDS, KEYS, NAME, emulated
from tools.harness import visit_driver

__all__ = ["desk", "office"]


@pytest.fixture
def chime(bench: Any, site: Any) -> Iterator[Any]:
	put_provider(NAME, **FIELDS)
	site.db.commit()
	with (
		emulated.Emulator() as emulator,
		configured(bench, theranvio_chime_endpoint=emulator.url),
	):
		yield emulator


def dismiss(page: Page) -> None:
	"""A dialog that is still coming in takes no key, one that goes must not get a second, and the host's next message
	gets lost while one is going."""

	def is_gone() -> bool:
		if page.locator(".modal.show").count():
			page.keyboard.press("Escape")
		return page.locator(".modal:visible, .modal-backdrop").count() == 0

	visit_driver.wait_for("the dialog to go", is_gone)


def test_the_form_says_whether_amazon_can_be_used(site: Any, chime: Any, office: str, desk: Desk) -> None:
	page = desk(office, f"/app/media-provider/{NAME}")
	button = page.get_by_role("button", name="Test Connection")
	dialog = page.locator(".modal:visible")
	for label in ("Control Region", "Screen Sharing", "SNS Topic", "EventBridge Keys"):
		shown(form_of(page).get_by_text(label, exact=True).first)
	expect(form_of(page).get_by_text("TURN Addresses")).not_to_be_visible()
	button.click()
	shown(dialog.get_by_text("It can be used"))
	expect(dialog.locator(".indicator-pill.green", has_text="OK")).to_have_count(2)
	visit_driver.take_pictures(page, "desk-provider-good")
	dismiss(page)

	chime.fail({"on": "DeleteAttendee", "kind": "access_denied"})
	button.click()
	shown(dialog.get_by_text("It cannot be used yet"))
	shown(dialog.get_by_text("Amazon does not permit chime:DeleteAttendee."))
	expect(dialog.locator(".indicator-pill.red", has_text="Not OK")).to_have_count(1)
	visit_driver.take_pictures(page, "desk-provider-bad")
	dismiss(page)
	assert not [secret for secret in KEYS.values() if secret in page.content()]

	page.evaluate("cur_frm.set_value('media_region', '<img src=x onerror=window.hit=1>')")
	button.click()
	shown(dialog.get_by_text("Save your changes first"))
	dismiss(page)
	page.evaluate("cur_frm.save()")
	shown(dialog.get_by_text("no media region <img src=x"))
	assert page.evaluate("window.hit") is None
	site.db.rollback()
	assert site.db.get_value("Media Provider", NAME, "media_region") == FIELDS["media_region"]


def test_other_adapters_show_nothing_of_amazons(site: Any, office: str, desk: Desk) -> None:
	page = desk(office, "/app/media-provider/Peer-to-Peer")
	shown(form_of(page).get_by_text("TURN Addresses", exact=True))
	for label in ("Control Region", "Screen Sharing", "SNS Topic", "Access Key ID"):
		expect(form_of(page).get_by_text(label, exact=True)).not_to_be_visible()
	page.get_by_role("button", name="Test Connection").click()
	shown(page.locator(".modal:visible").get_by_text("Without a TURN relay"))
