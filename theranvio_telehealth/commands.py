"""`bench --site … telehealth …`. Frappe imports this file at every `bench` command, so it imports what a command needs inside of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
import frappe
from frappe.commands import get_site, pass_context

from theranvio_telehealth.plan.clinic import BadInput, habits, read_file
from theranvio_telehealth.plan.command import FILE, options, refusing


@click.group("telehealth")
def telehealth() -> None:
	"""Theranvio Telehealth."""


@telehealth.command("plan")
@click.argument("file", type=FILE, required=False)
@click.option("--days", type=click.IntRange(1, 366), default=30, help="How far to look ahead.")
@click.option("--company", default="", help="Only this company's visits.")
@options
@pass_context
@refusing
def plan(context: Any, **given: Any) -> None:
	"""What the visits that are booked will need: minutes, cost, peaks, rows and requests. FILE says how visits go."""
	frappe.init(get_site(context))
	frappe.connect()
	try:
		click.echo(_planned(**given))
	finally:
		frappe.destroy()


def _planned(file: Path | None, days: int, company: str, **given: Any) -> str:
	from theranvio_telehealth.plan.report import report_on
	from theranvio_telehealth.plan.simulation import days_booked
	from theranvio_telehealth.site import booked

	if "theranvio_telehealth" not in frappe.get_installed_apps():
		raise BadInput("This site has no Theranvio Telehealth.")
	visits = booked.booked(days, company)
	if not visits:
		raise BadInput(f"No video appointment is booked in the coming {days} days.")
	says = read_file(file) if file else {}
	known = {"name": company or frappe.local.site, **booked.provider(str(says.get("provider", "")))}
	return report_on(days_booked(visits), habits(known | says), **given)


commands = [telehealth]
