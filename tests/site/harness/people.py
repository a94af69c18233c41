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


@dataclass(frozen=True)
class Login:
	"""One user. `first_name` is also the practitioner's or the patient's."""

	user: str
	first_name: str
	role: str
	is_desk: bool = True


STAFF = (Login(HOST, "Hanna Host", "Physician"), Login(OTHER_HOST, "Otto Other", "Physician"))
CLIENTS = (
	Login(CLIENT, "Cleo Client", "Patient", is_desk=False),
	Login(OTHER_CLIENT, "Odin Other", "Patient", is_desk=False),
	Login(THIRD_CLIENT, "Thea Third", "Patient", is_desk=False),
)
OTHERS = (
	Login(FRONT_DESK, "Fred Desk", "Healthcare Administrator"),
	Login(ROLELESS, "Rolf Less", "", is_desk=False),
)
LOGINS = {login.user: login for login in (*STAFF, *CLIENTS, *OTHERS)}
