"""The demo clinic's people and who they are to an appointment. Signing in is choosing one of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from theranvio_telehealth.domain.entities import Appointment, Person
from theranvio_telehealth.domain.enums import Role, StrEnum


class StaffRole(StrEnum):
	"""What a member is in the clinic. The word is also the subdomain of localhost they use."""

	CLINICIAN = "clinician"
	CLIENT = "client"
	FRONT_DESK = "desk"


@dataclass(frozen=True, slots=True)
class Member:
	"""`record` is the name of their practitioner's or patient's record."""

	user: str
	display_name: str
	post: StaffRole
	record: str = ""

	@property
	def is_staff(self) -> bool:
		return self.post is not StaffRole.CLIENT


PEOPLE = (
	Member("okafor", "Dr. Ada Okafor", StaffRole.CLINICIAN, "PRAC-1"),
	Member("lindqvist", "Dr. Nils Lindqvist", StaffRole.CLINICIAN, "PRAC-2"),
	Member("amara", "Amara Bell", StaffRole.CLIENT, "PAT-1"),
	Member("jonas", "Jonas Weber", StaffRole.CLIENT, "PAT-2"),
	Member("mei", "Mei Tanaka", StaffRole.CLIENT, "PAT-3"),
	Member("desk", "Front desk", StaffRole.FRONT_DESK),
)


class Directory:
	"""The patient is the client, whatever else they are; the practitioner is the host, and the front desk may stand in for
	any host."""

	def __init__(self, people: Sequence[Member] = PEOPLE) -> None:
		self.people = people

	def member(self, user: str) -> Member | None:
		return next((m for m in self.people if m.user == user), None)

	def of_post(self, post: StaffRole) -> list[Member]:
		return [m for m in self.people if m.post is post]

	def name_of(self, record: str) -> str:
		return next((m.display_name for m in self.people if m.record == record), "")

	def person(self, user: str, appointment: Appointment) -> Person | None:
		member = self.member(user)
		if member is None:
			return None
		if member.record and member.record == appointment.patient:
			return Person(Role.CLIENT, member.display_name)
		if member.post is StaffRole.FRONT_DESK:
			return Person(Role.HOST, member.display_name, stand_in=True)
		if member.record == appointment.practitioner:
			return Person(Role.HOST, member.display_name)
		return None

	def hosts(self, appointment: Appointment) -> Sequence[str]:
		return [m.user for m in self.people if m.record == appointment.practitioner]

	def practitioners_of(self, user: str) -> Sequence[str]:
		return [m.record for m in self.people if m.user == user and m.post is StaffRole.CLINICIAN]

	def patients_of(self, user: str) -> Sequence[str]:
		"""The patients whose portal user this is."""
		return [m.record for m in self.people if m.user == user and m.post is StaffRole.CLIENT]
