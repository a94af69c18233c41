"""What a visit is made of, as frozen values. Field names are those of the DocTypes; instants are aware UTC.

`repr` shows no person and no secret: it is what a log quotes."""

from __future__ import annotations

from dataclasses import astuple, dataclass, field
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from typing import NewType
from urllib.parse import quote, unquote

from theranvio_telehealth.domain.enums import (
	Adapter,
	AgreementState,
	AgreementType,
	EntryKind,
	OnExhaustion,
	ParticipantState,
	RevokedReason,
	Role,
	RoomStatus,
	StaySource,
)

EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
MILLISECOND = timedelta(milliseconds=1)
MINUTE = timedelta(minutes=1)

#: The statuses of a room that is not over.
RUNNING = (RoomStatus.SCHEDULED, RoomStatus.LIVE)

#: The kinds of entries whose seconds count as used.
USAGE = (EntryKind.STAY, EntryKind.CORRECTION)

#: What a provider still has to destroy: an attendee's id or, where the answer of the call that made the attendee was lost,
#: the pseudonym it was made for.
RevokedCredential = NewType("RevokedCredential", str)


@dataclass(frozen=True, slots=True)
class Policy:
	"""The clinic's choices about windows. Lengths are timedeltas."""

	lead: timedelta = timedelta(minutes=15)
	grace: timedelta = timedelta(minutes=30)
	overrun: timedelta = timedelta(minutes=60)
	default_duration: timedelta = timedelta(minutes=50)


@dataclass(frozen=True, slots=True)
class Settings:
	"""What the clinic has set for the whole site."""

	policy: Policy = Policy()
	default_provider: str = ""
	failover_provider: str = ""  # takes over a call whose own provider does not answer; empty: none does
	us_phi_enabled: bool = False
	zone: str = ""  # the clinic's, as IANA names it; empty: the same as the reader's


@dataclass(frozen=True, slots=True)
class Appointment:
	"""The platform's Patient Appointment as it stands now, and nothing more of it than a visit needs."""

	name: str
	key: str  # name and creation time: the platform reuses names, never keys
	company: str
	company_country: str
	practitioner: str = field(repr=False)
	patient: str = field(repr=False)
	starts_on: datetime
	minutes: int  # as booked; 0 means the policy's default duration
	status: str  # the platform's own word: an open set
	video: bool
	fallback_url: str = field(default="", repr=False)
	day_ends_on: datetime | None = (
		None  # the clinic's midnight after it; None: no status comes by the date alone
	)
	practitioner_name: str = field(default="", repr=False)
	patient_name: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, order=True)
class Span:
	"""A stretch of time."""

	started_on: datetime
	ended_on: datetime

	@property
	def seconds(self) -> int:
		return round((self.ended_on - self.started_on).total_seconds())

	def __str__(self) -> str:
		"""As it is stored with a join: two instants in milliseconds."""
		return f"{(self.started_on - EPOCH) // MILLISECOND}-{(self.ended_on - EPOCH) // MILLISECOND}"

	@classmethod
	def read(cls, stored: str) -> Span:
		started, _, ended = stored.partition("-")
		return cls(EPOCH + MILLISECOND * int(started), EPOCH + MILLISECOND * int(ended))


@dataclass(frozen=True, slots=True)
class FormerMeeting:
	"""A meeting at a provider that a room's call was moved away from: what is needed to close it there."""

	provider: str
	media_region: str
	meeting_id: str
	meeting_token: str = field(repr=False)

	def __str__(self) -> str:
		"""As it is stored with a room: one word."""
		return "/".join(quote(part, safe="") for part in astuple(self))

	@classmethod
	def read(cls, stored: str) -> FormerMeeting:
		"""A damaged value is a meeting at a provider that is not there: it must not stop the room."""
		provider, region, meeting, token = (*map(unquote, stored.split("/")), "", "", "")[:4]
		return cls(provider, region, meeting, token)


@dataclass(frozen=True, slots=True)
class FormerVisit:
	"""A visit that took place in a room whose appointment was moved to a later time afterwards. `ended_by` is who ended
	it or, while it was running, moved it; empty: its window closed."""

	starts_on: datetime
	ended_on: datetime
	ended_by: str

	def __str__(self) -> str:
		"""As it is stored with a room: one word."""
		return f"{self.starts_on.isoformat()}/{self.ended_on.isoformat()}/{quote(self.ended_by, safe='@')}"

	@classmethod
	def read(cls, stored: str) -> FormerVisit:
		starts_on, ended_on, ended_by = stored.split("/")
		return cls(datetime.fromisoformat(starts_on), datetime.fromisoformat(ended_on), unquote(ended_by))


@dataclass(frozen=True, slots=True)
class Room:
	"""One video appointment's room."""

	name: str
	appointment: str
	appointment_key: str
	company: str
	practitioner: str = field(repr=False)
	patient: str = field(repr=False)
	status: RoomStatus
	starts_on: datetime
	ends_on: datetime
	opens_on: datetime
	closes_on: datetime  # extensions included
	extended_minutes: int = 0
	provider: str = ""
	media_region: str = ""
	meeting_id: str = field(default="", repr=False)
	meeting_token: str = field(default="", repr=False)
	meeting_details: str = field(default="", repr=False)  # the provider's own, opaque to us
	former_meetings: tuple[FormerMeeting, ...] = field(default=(), repr=False)  # to be closed
	fallback_url: str = field(default="", repr=False)
	fallback_active: bool = False
	link_version: int = 1
	locked: bool = False
	ended_on: datetime | None = None
	ended_by: str = field(default="", repr=False)
	revoked_on: datetime | None = None
	revoked_by: str = field(default="", repr=False)
	revoked_reason: RevokedReason | None = None
	former_visits: tuple[FormerVisit, ...] = field(default=(), repr=False)
	over_limit_by: str = field(
		default="", repr=False
	)  # who let this visit in although its allowance is used up
	over_limit_reason: str = field(default="", repr=False)

	@property
	def is_over(self) -> bool:
		return self.status not in RUNNING


@dataclass(frozen=True, slots=True)
class Participant:
	"""One person in one room. A stay is open while `stay_started_on` is set."""

	name: str
	room: str
	role: Role
	user: str = field(repr=False)
	display_name: str = field(default="", repr=False)
	contact: str = field(default="", repr=False)
	stand_in: bool = False
	state: ParticipantState = ParticipantState.INVITED
	pseudonym: str = field(default="", repr=False)
	attendee_id: str = field(default="", repr=False)  # the latest join's; no other is current
	revoked_attendees: tuple[RevokedCredential, ...] = field(default=(), repr=False)
	waiting_since: datetime | None = None
	admitted_on: datetime | None = None
	admitted_by: str = field(default="", repr=False)
	left_on: datetime | None = None
	link_hash: str = field(default="", repr=False)
	stay_started_on: datetime | None = None
	stay_seen_on: datetime | None = None
	held_seconds: int = 0
	held_allowances: tuple[str, ...] = ()
	hold_expires_on: datetime | None = None  # set while admitted and in no stay

	@property
	def is_host(self) -> bool:
		return self.role is Role.HOST


@dataclass(frozen=True, slots=True)
class Join:
	"""One attendee that a provider made for a participant: stored for good, so that its late events find them."""

	attendee_id: str
	room: str
	participant: str
	provider: str
	meeting_id: str = field(repr=False)
	heartbeat_spans: tuple[Span, ...] = ()  # the stretches in which it was heard of
	credentials_revoked_on: datetime | None = None  # since when its credentials are destroyed for certain

	@property
	def name(self) -> str:
		return self.attendee_id


@dataclass(frozen=True, slots=True)
class Caller:
	"""Who sends a request: a signed-in user, or a guest who holds an invitation's cookie. One of the two is set."""

	user: str = field(default="", repr=False)
	link_hash: str = field(default="", repr=False)  # of the invitation's token: `invitations.link_hash`

	def is_participant(self, participant: Participant) -> bool:
		"""Two guests have no user and are still two. A guest is never the host."""
		if self.user or participant.user:
			return self.user == participant.user
		is_invited = bool(self.link_hash) and self.link_hash == participant.link_hash
		return is_invited and not participant.is_host


@dataclass(frozen=True, slots=True)
class Person:
	"""What a caller is to one appointment."""

	role: Role
	display_name: str = field(default="", repr=False)
	stand_in: bool = False


@dataclass(frozen=True, slots=True)
class Stay:
	"""One closed stretch of presence."""

	participant: str
	started_on: datetime
	ended_on: datetime
	attendee_id: str = field(default="", repr=False)

	@property
	def seconds(self) -> int:
		return round((self.ended_on - self.started_on).total_seconds())


@dataclass(frozen=True, slots=True)
class Allowance:
	"""A period's included participant-minutes. `period_end` is its last day."""

	name: str
	company: str
	practitioner: str = field(repr=False)
	period_start: date
	period_end: date
	included_minutes: int
	on_exhaustion: OnExhaustion = OnExhaustion.WARN
	warning_percents: tuple[int, ...] = (80,)
	warned_percent: int = 0  # the highest of them that users were notified of
	used_seconds: int = 0
	held_seconds: int = 0
	added_seconds: int = 0  # by top-ups, amendments and what was carried over
	plan: str = ""
	price_cap: Decimal = Decimal(0)  # in `currency`; 0: none
	currency: str = ""
	cost: Decimal = Decimal(0)  # of what is used, as far as its price is in `currency`

	@property
	def included_seconds(self) -> int:
		return self.included_minutes * 60 + self.added_seconds

	@property
	def left_seconds(self) -> int:
		"""Negative where more is used and held than is included."""
		return self.included_seconds - self.used_seconds - self.held_seconds


@dataclass(frozen=True, slots=True)
class UsageEntry:
	"""One line of the ledger: a billed stay, its correction, or time that an allowance was given. `billed_tenths` are tenths
	of a minute. A correction has what it takes back as negative numbers."""

	room: str
	participant: str
	allowance: str  # the practitioner's own, if there is one, else the company's
	provider: str
	started_on: datetime
	ended_on: datetime
	seconds: int
	billed_tenths: int
	source: StaySource | None
	idempotency_key: str
	kind: EntryKind = EntryKind.STAY
	company_allowance: str = ""  # the company's, where `allowance` is a practitioner's
	cost: Decimal = Decimal(0)
	currency: str = ""
	price_per_minute: Decimal = Decimal(0)  # as it was when the stay was booked first
	corrects: str = ""  # the entry that a correction takes back
	reason: str = ""
	entered_by: str = field(default="", repr=False)  # who gave the time; empty for a visit

	@property
	def name(self) -> str:
		return self.idempotency_key

	@property
	def allowances(self) -> tuple[str, ...]:
		return tuple(name for name in (self.allowance, self.company_allowance) if name)

	@property
	def is_usage(self) -> bool:
		"""Whether its seconds count as used; otherwise they are added to what is included."""
		return self.kind in USAGE


@dataclass(frozen=True, slots=True)
class Price:
	"""What a provider takes for a participant-minute."""

	per_minute: Decimal = Decimal(0)
	currency: str = ""


@dataclass(frozen=True, slots=True)
class ProviderAccount:
	"""A Media Provider's row without its secrets."""

	name: str
	adapter: Adapter
	enabled: bool = True
	account_id: str = ""
	control_region: str = ""
	media_region: str = ""
	allowed_regions: tuple[str, ...] = ()
	price_per_minute: Decimal = Decimal(0)
	price_currency: str = ""
	modified: datetime | None = None  # when anything of the row last changed, secrets included

	@property
	def price(self) -> Price:
		return Price(self.price_per_minute, self.price_currency)


@dataclass(frozen=True, slots=True)
class Agreement:
	"""What the gates need to know of a BAA Record."""

	name: str
	state: AgreementState
	provider: str
	provider_account_id: str
	agreement_type: AgreementType = AgreementType.OTHER
	company: str = ""  # empty: every company of the site
	services: str = ""  # one to a line
	regions: tuple[str, ...] = ()
	effective_on: date | None = None
	expires_on: date | None = None
	file_pages: int = 0  # of its file as a PDF; 0: none that can be opened
	accepted_by: str = ""
	attested_by: str = ""  # a second person, who compared record and file
