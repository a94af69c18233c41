"""The fixtures of the site tier; `tests/site/conftest.py` says what each is for."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from typing import Any

import frappe
import pytest
from playwright.sync_api import Browser, Page, TimeoutError, expect, sync_playwright

from tools.harness import visit_driver
from tools.harness.site import appointments
from tools.harness.site.http import Http
from tools.harness.site.people import PASSWORD
from tools.harness.site.running import RunningBench, running_bench

PAGE_LOAD = 60_000  # ms: the desk's first page, with nothing in any cache


@pytest.fixture(scope="session")
def bench() -> Iterator[RunningBench]:
	given = {key: Path(os.environ[f"THERANVIO_{key.upper()}"]) for key in ("root", "real", "data", "cache")}
	with running_bench(**given, site=os.environ["THERANVIO_SITE"]) as running:
		yield running


@pytest.fixture(autouse=True)
def _around_every_test(bench: RunningBench) -> Iterator[None]:
	bench.connect()
	yield
	bench.connect()
	bench.restore()


@pytest.fixture
def site() -> Iterator[Any]:
	yield frappe
	frappe.set_user("Administrator")
	frappe.db.rollback()


@pytest.fixture(scope="session")
def base_url(bench: RunningBench) -> str:
	return bench.bench.base_url


@pytest.fixture
def as_user() -> Callable[[str], AbstractContextManager[None]]:
	@contextmanager
	def acting(user: str) -> Iterator[None]:
		before = frappe.session.user
		frappe.set_user(user)
		try:
			yield
		finally:
			frappe.set_user(before)

	return acting


@pytest.fixture
def http(bench: RunningBench) -> Callable[..., Http]:
	def client(
		user: str = "Guest", *, direct: bool = False, fresh: bool = False, password: str = PASSWORD
	) -> Http:
		url = bench.bench.direct_url if direct else bench.bench.base_url
		if user == "Guest":
			return Http(url)
		if fresh:
			return Http(url, user).sign_in(password)
		if (user, url) not in bench.signed_in:
			bench.signed_in[user, url] = Http(url, user).sign_in(password)
		return bench.signed_in[user, url]

	return client


@pytest.fixture
def make_appointment() -> Callable[..., Any]:
	return appointments.make_appointment


@pytest.fixture
def run_jobs(bench: RunningBench) -> Callable[[], None]:
	return bench.run_jobs


@pytest.fixture
def run_scheduled(bench: RunningBench) -> Callable[[], None]:
	return bench.run_scheduled


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
	expect.set_options(timeout=visit_driver.PATIENCE)
	with sync_playwright() as playwright:
		browser = visit_driver.launch(playwright)
		yield browser
		browser.close()


@pytest.fixture
def visitor(browser: Browser, base_url: str) -> Iterator[Callable[[str, str], Page]]:
	with ExitStack() as contexts:

		def arrive(user: str, path: str) -> Page:
			context = contexts.enter_context(visit_driver.person(browser, base_url=base_url))
			context.set_default_navigation_timeout(PAGE_LOAD)
			page = context.new_page()
			page.on("pageerror", lambda error: print(f"{user}: {error}"))
			page.on("requestfailed", lambda request: print(f"{user}: {request.url} {request.failure}"))
			page.goto(path)
			sign_in(page, user)
			if path.startswith("/app"):
				start_desk(page)
			return page

		yield arrive


def start_desk(page: Page) -> None:
	"""The platform's desk stays at its splash screen once in some thousand loads (Frappe 15; not seen when looked for): loaded again,
	as a user would do."""
	body = page.locator("#body .page-container").first
	try:
		body.wait_for(state="attached", timeout=PAGE_LOAD)
	except TimeoutError:
		print(f"the desk did not start: {page.url}")
		page.reload()
		body.wait_for(state="attached", timeout=PAGE_LOAD)


def sign_in(page: Page, user: str) -> None:
	"""By the login form that the platform shows to a guest."""
	form = page.locator("form.form-login")
	form.locator("#login_email").fill(user)
	form.locator("#login_password").fill(PASSWORD)
	form.locator(".btn-login").click()
	expect(form).to_be_hidden(timeout=PAGE_LOAD)
