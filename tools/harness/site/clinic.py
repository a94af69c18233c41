"""Sets up a clinic on a bare site with ERPNext and Healthcare: `python -m tools.harness.site.clinic <site>`."""

from __future__ import annotations

import contextlib
import io
import sys
from datetime import date
from typing import Any

import frappe
from frappe.desk.page.setup_wizard.setup_wizard import setup_complete
from frappe.permissions import add_user_permission

from tools.harness.site.people import (
	APPOINTMENT_TYPE,
	CLIENTS,
	COMPANY,
	DEPARTMENT,
	LOGINS,
	OFFICE_ROLE,
	OFFICE_STAFF,
	PASSWORD,
	STAFF,
	US_COMPANY,
	Login,
)

TIME_ZONE = "America/Toronto"  # it has daylight saving time, and differs from most machines'


def wizard() -> None:
	year = date.today().year
	answers = {
		"currency": "CAD",
		"full_name": "Clinic Admin",
		"company_name": COMPANY,
		"company_abbr": "TC",
		"company_tagline": "Tests",
		"timezone": TIME_ZONE,
		"country": "Canada",
		"industry": "Healthcare",
		"language": "english",
		"fy_start_date": f"{year}-01-01",
		"fy_end_date": f"{year}-12-31",
		"email": "clinic.admin@clinic.test",
		"password": PASSWORD,
		"chart_of_accounts": "Standard",
		"domains": ["Healthcare"],
		"setup_demo": 0,
	}
	with contextlib.redirect_stdout(io.StringIO()):
		setup_complete(answers)
	frappe.db.set_single_value("System Settings", "enable_onboarding", 0)


def new(doctype: str, **values: Any) -> Any:
	return frappe.get_doc({"doctype": doctype, **values}).insert(ignore_permissions=True)


def us_company() -> None:
	new(
		"Company",
		company_name=US_COMPANY,
		abbr="TUC",
		default_currency="USD",
		country="United States",
		chart_of_accounts="Standard",
	)


def user(login: Login) -> None:
	doc = frappe.new_doc("User")
	doc.update(
		{
			"email": login.user,
			"first_name": login.first_name,
			"user_type": "System User" if login.is_desk else "Website User",
			"new_password": PASSWORD,
			"send_welcome_email": 0,
		}
	)
	if login.role and login.role != OFFICE_ROLE:
		doc.append("roles", {"role": login.role})
	doc.flags.ignore_password_policy = True
	doc.insert(ignore_permissions=True)
	if login.company:
		add_user_permission("Company", login.company, login.user, ignore_permissions=True)


def practitioner(login: Login) -> None:
	new(
		"Healthcare Practitioner",
		first_name=login.first_name,
		gender="Female",
		status="Active",
		department=DEPARTMENT,
		user_id=login.user,
		op_consulting_charge=100,
	)


def patient(login: Login, number: int) -> None:
	new(
		"Patient",
		first_name=login.first_name,
		sex="Female",
		email=login.user,
		mobile=f"+1 613 555 01{number:02}",
		user_id=login.user,
		invite_user=0,
	)


def people() -> None:
	for login in LOGINS.values():
		user(login)
	for login in STAFF:
		practitioner(login)
	for number, login in enumerate(CLIENTS, 1):
		patient(login, number)
	new(
		"Appointment Type",
		appointment_type=APPOINTMENT_TYPE,
		allow_booking_for="Practitioner",
		default_duration=20,
	)


def office() -> None:
	"""On a site that has the app: its role, for those who administer it."""
	for login in OFFICE_STAFF:
		frappe.get_doc("User", login.user).add_roles(OFFICE_ROLE)
	frappe.db.commit()  # other processes have to see it


def main(site: str) -> None:
	frappe.init(site)
	frappe.connect()
	try:
		wizard()
		us_company()
		people()
		frappe.db.commit()  # a script of its own commits itself
	finally:
		frappe.destroy()


if __name__ == "__main__":
	main(sys.argv[1])
