"""Untrusted texts of any length: the processing time grows linearly with them."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import frappe
import pytest

from theranvio_telehealth.site import appointments, jobs
from tools.harness.site.appointments import make_appointment

MARK, ROOM = "▶", "a" * 32
LINK = f"https://clinic.test/visit/{ROOM}"

#: How a text of about this many characters is made of each.
PIECES = {
	"blanks": " ",
	"line breaks": "\n",
	"marks": MARK,
	"blanks and marks": f"   {MARK}   ",
	"a mark, then blanks": f"{MARK}{' ' * 190}",
	"addresses": "https://",
	"marked addresses": f"{MARK}https://",
	"an address, then nothing": f"{MARK}https://{'x' * 900} ",
	"open links": f"{MARK}<a ",
	"open links that go on": f"{MARK}<a {'x' * 990}",
	"half a line": f"{MARK} Video visit: https://clinic.test/visit/",
	"our line": f"\n{MARK} Video visit: {LINK}",
	"our line, linked": f'{MARK} <a href="{LINK}">{LINK}</a>',
	"tags": "<p></p>",
}


def seconds(act: Callable[[], Any]) -> float:
	"""The best of a few, as other work on the machine only adds."""
	best = float("inf")
	for _ in range(5):
		began = time.process_time()
		act()
		best = min(best, time.process_time() - began)
	return best


@pytest.mark.parametrize("piece", PIECES.values(), ids=PIECES.keys())
@pytest.mark.parametrize("around", ["{}", f"{MARK}{{}}", f"{MARK}https://{{}}", f"{MARK}<a {{}}"])
def test_a_description_takes_time_in_proportion(site: Any, piece: str, around: str) -> None:
	def taken(length: int) -> float:
		text = around.format(piece * (length // len(piece)))
		return seconds(lambda: appointments._described(text, "b" * 32))

	short, long = taken(250_000), taken(1_000_000)
	assert long < 10 * max(short, 0.002), "four times the text, less than ten times the time"


def test_a_long_description_stops_neither_the_sweep_nor_its_link(site: Any) -> None:
	made = make_appointment()
	frappe.db.set_value("Event", made.event, "description", " " * 1_000_000, update_modified=False)
	frappe.db.set_value("Patient Appointment", made.name, "theranvio_room", "", update_modified=False)
	frappe.db.commit()
	jobs.sweep()
	frappe.db.rollback()
	assert made.theranvio_room in frappe.db.get_value("Event", made.event, "description")


def test_what_was_written_with_other_blanks_is_found_and_taken_out(site: Any) -> None:
	for before in ("", "\n", " \n\t ", "\u00a0"):
		text = f"Cleo with Hanna{before}{MARK} Video visit: {LINK} bring the form"
		assert appointments._described(text, ROOM) == text
		assert appointments._described(text, "") == "Cleo with Hanna bring the form"


def test_one_row_with_an_impossible_time_does_not_hide_the_others(site: Any) -> None:
	odd, other = make_appointment(), make_appointment(starts_in=frappe.utils.datetime.timedelta(hours=1))
	for made, closes_on in ((odd, "0001-01-01 00:00:00"), (other, "2020-01-01 00:00:00")):
		frappe.db.set_value("Appointment Room", made.theranvio_room, "closes_on", closes_on)
		frappe.db.set_value("Patient Appointment", made.name, "modified", "2020-01-01", update_modified=False)
	frappe.db.commit()
	jobs.sweep()
	frappe.db.rollback()
	assert frappe.db.get_value("Appointment Room", other.theranvio_room, "status") == "Expired"
