"""The demo clinic of `make site`: its people, and video appointments for today. Run from a bench's sites directory.

`python scripts/demo_site.py <site> [--clinic]`, with the checkout on the PYTHONPATH; with `--clinic` the setup wizard is gone through first."""

from __future__ import annotations

import sys
from datetime import timedelta

import frappe

from tools.harness.site import clinic
from tools.harness.site.appointments import make_appointment
from tools.harness.site.people import CLIENT, FRONT_DESK, HOST, OTHER_CLIENT, PASSWORD

TODAY = ((CLIENT, timedelta(0)), (OTHER_CLIENT, timedelta(minutes=30)))


def main(site: str, *, with_clinic: bool) -> None:
	if with_clinic:
		clinic.main(site)
	frappe.init(site)
	frappe.connect()
	try:
		for client, starts_in in TODAY:
			try:
				make_appointment(client=client, starts_in=starts_in)
			except frappe.ValidationError:  # there is one at that time: it was made by an earlier run
				frappe.db.rollback()
	finally:
		frappe.destroy()
	for role, user in (("Clinician", HOST), ("Client", CLIENT), ("Front desk", FRONT_DESK)):
		print(f"{role + ':':<16}{user}    {PASSWORD}")


if __name__ == "__main__":
	main(sys.argv[1], with_clinic="--clinic" in sys.argv)
