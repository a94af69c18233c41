"""Who is who on the test site. Names only, so that tests can import them without a site."""

from __future__ import annotations

from dataclasses import dataclass

PASSWORD = "Visit-test-pass-77"
COMPANY = "Theranvio Clinic"
US_COMPANY = "Theranvio US Clinic"
DEPARTMENT = "Cardiology"
APPOINTMENT_TYPE = "Video consultation"

HOST = "host@clinic.test"
OTHER_HOST = "other.host@clinic.test"
CLIENT = "client@home.test"
OTHER_CLIENT = "other.client@home.test"
THIRD_CLIENT = "third.client@home.test"
FRONT_DESK = "desk@clinic.test"
ROLELESS = "roleless@clinic.test"
OFFICE = "office@clinic.test"
SYSTEM = "system@clinic.test"

#: They may see one company only: User Permissions of the platform say so.
US_HOST = "us.host@clinic.test"
US_NURSE = "us.nurse@clinic.test"
US_DESK = "us.desk@clinic.test"
US_OFFICE = "us.office@clinic.test"
HOME_DESK = "home.desk@clinic.test"
HOME_OFFICE = "home.office@clinic.test"
#: Whose appointments are at the second company. Patients belong to no company.
US_CLIENT = "us.client@home.test"

OFFICE_ROLE = "Telehealth Administrator"


@dataclass(frozen=True)
class Login:
	"""One user. `first_name` is also the practitioner's or the patient's."""

	user: str
	first_name: str
	role: str
	is_desk: bool = True
	company: str = ""  # the only one they may see; empty: all


STAFF = (
	Login(HOST, "Hanna Host", "Physician"),
	Login(OTHER_HOST, "Otto Other", "Physician"),
	Login(US_HOST, "Ulla Ushost", "Physician", company=US_COMPANY),
)
CLIENTS = (
	Login(CLIENT, "Cleo Client", "Patient", is_desk=False),
	Login(OTHER_CLIENT, "Odin Other", "Patient", is_desk=False),
	Login(THIRD_CLIENT, "Thea Third", "Patient", is_desk=False),
	Login(US_CLIENT, "Ursa Usclient", "Patient", is_desk=False),
)
OTHERS = (
	Login(FRONT_DESK, "Fred Desk", "Healthcare Administrator"),
	Login(HOME_DESK, "Hilda Homedesk", "Healthcare Administrator", company=COMPANY),
	Login(US_DESK, "Udo Usdesk", "Healthcare Administrator", company=US_COMPANY),
	Login(US_NURSE, "Una Usnurse", "Nursing User", company=US_COMPANY),
	Login(SYSTEM, "Sven System", "System Manager"),
	Login(ROLELESS, "Rolf Less", "", is_desk=False),
)
#: Their role comes with the app: they get it once the app is installed.
OFFICE_STAFF = (
	Login(OFFICE, "Olga Office", OFFICE_ROLE),
	Login(HOME_OFFICE, "Horst Homeoffice", OFFICE_ROLE, company=COMPANY),
	Login(US_OFFICE, "Uma Usoffice", OFFICE_ROLE, company=US_COMPANY),
)
LOGINS = {login.user: login for login in (*STAFF, *CLIENTS, *OTHERS, *OFFICE_STAFF)}
