"""The closed sets of words a visit is described with. Values are what the database and the browser see."""

from __future__ import annotations

from enum import Enum


class StrEnum(str, Enum):
	"""A string with a closed set of values; prints and formats as its value on every Python."""

	__str__ = str.__str__


class RoomStatus(StrEnum):
	SCHEDULED = "Scheduled"
	LIVE = "Live"
	ENDED = "Ended"
	EXPIRED = "Expired"
	REVOKED = "Revoked"


class ParticipantState(StrEnum):
	INVITED = "Invited"
	WAITING = "Waiting"
	ADMITTED = "Admitted"
	DECLINED = "Declined"
	LEFT = "Left"
	REMOVED = "Removed"


class Role(StrEnum):
	HOST = "Host"
	CLIENT = "Client"
	GUARDIAN = "Guardian"
	INTERPRETER = "Interpreter"
	GUEST = "Guest"


class Phase(StrEnum):
	"""Where a moment lies against a room's window."""

	EARLY = "early"
	OPEN = "open"
	CLOSED = "closed"


class Adapter(StrEnum):
	CHIME = "Amazon Chime SDK"
	PEER_TO_PEER = "Peer-to-Peer"
	EXTERNAL_LINK = "External Link"
	FAKE = "Fake"


class RevokedReason(StrEnum):
	"""Cancelled and No Show are the platform's own words for an appointment's status."""

	CANCELLED = "Cancelled"
	NO_SHOW = "No Show"
	VIDEO_OFF = "Video Off"  # the appointment stands
	DELETED = "Deleted"


class OnExhaustion(StrEnum):
	WARN = "Warn"
	BLOCK = "Block New Admissions"


class FirstPeriod(StrEnum):
	WHOLE = "Whole"
	PRO_RATA = "Pro Rata"


class EntryKind(StrEnum):
	"""What an entry of the ledger is. `STAY` and `CORRECTION` count as used, the others as included."""

	STAY = "Stay"
	CORRECTION = "Correction"  # takes an earlier entry back
	TOP_UP = "Top-up"
	AMENDMENT = "Amendment"  # the plan has a new version within the period
	CARRY_OVER = "Carry-over"  # left from the period before


class StaySource(StrEnum):
	PROVIDER_EVENT = "Provider Event"
	HEARTBEAT = "Heartbeat"


class AgreementType(StrEnum):
	BAA = "BAA"
	SUBCONTRACTOR_BAA = "Subcontractor BAA"
	DPA = "DPA"
	OTHER = "Other"


class AgreementState(StrEnum):
	DRAFT = "Draft"
	SENT = "Sent"
	ACCEPTED = "Accepted"
	DECLINED = "Declined"
	EXPIRED = "Expired"
	TERMINATED = "Terminated"
	SUPERSEDED = "Superseded"
