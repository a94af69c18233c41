"""Amazon Chime SDK meetings. The only file that calls Amazon's API. Amazon learns tokens and pseudonyms, no person."""

from __future__ import annotations

import json
import logging
import secrets
from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

import boto3
from botocore import exceptions as refusals
from botocore.config import Config

from theranvio_telehealth.domain.enums import Role
from theranvio_telehealth.domain.provider_events import ProviderEvent
from theranvio_telehealth.domain.sentences import Sentence, _
from theranvio_telehealth.providers.base import (
	Capabilities,
	Credentials,
	Finding,
	Gone,
	MediaProvider,
	Meeting,
	MeetingRequest,
	ProviderError,
	Quotas,
	Rejected,
	Unavailable,
)
from theranvio_telehealth.providers.chime import events, names
from theranvio_telehealth.providers.chime.config import ChimeConfig

MAX_PEOPLE = 8
ATTEMPTS = 3
NOT_FOUND, CONFLICT, THROTTLED = 404, 409, 429
#: What a browser needs of a MediaPlacement. Without EventIngestionUrl its SDK has nowhere to report to.
PLACEMENT = ("AudioHostUrl", "SignalingUrl", "TurnControlUrl")
MEETING = ("MeetingId", "ExternalMeetingId", "MediaRegion", "MediaPlacement", "MeetingFeatures")
ATTENDEE = ("AttendeeId", "ExternalUserId", "JoinToken")

# At DEBUG botocore logs whole requests and answers, join tokens included.
logging.getLogger("botocore").setLevel(logging.INFO)


class ApiRefusal(NamedTuple):
	"""Amazon's refusal, and nothing of what was asked: safe to log."""

	act: str
	status: int
	code: str

	def __str__(self) -> str:
		return f"{self.act}: {self.status} {self.code}"


class ChimeProvider(MediaProvider):
	capabilities = Capabilities(
		max_people=MAX_PEOPLE,
		embedded=True,
		end_to_end_encrypted=False,
		carrier="Amazon",
		quotas=Quotas(meetings=250, calls_a_second=10, burst=20),
	)
	browser_script = "built/chime.js"
	sends_events = True

	def __init__(self, config: ChimeConfig) -> None:
		self.config = config
		self.origins = config.origins()

	@classmethod
	def configured(cls, config: Mapping[str, Any]) -> ChimeProvider:
		return cls(ChimeConfig.from_fields(config))

	@classmethod
	def check_form(cls, fields: Mapping[str, Any]) -> tuple[Finding, ...]:
		return tuple(Finding(False, fault) for fault in ChimeConfig.from_fields(fields).faults())

	@classmethod
	def read_event(cls, envelope: Any, accounts: Collection[str]) -> ProviderEvent | None:
		return events.read(envelope, accounts)

	def open_meeting(self, request: MeetingRequest) -> Meeting:
		asked = self._meeting_asked(request)
		try:
			made = self._call("CreateMeeting", asked)
		except Unavailable as error:
			if _refusal_of(error).status != CONFLICT:
				raise
			made = self._call("CreateMeeting", asked)
		return _meeting(made, request.address)

	def add_attendee(self, meeting: Meeting, pseudonym: str, role: Role, until: datetime) -> Credentials:
		if not names.is_guid(meeting.meeting_id):
			raise Gone(ApiRefusal("CreateAttendee", 0, "NoMeetingOfAmazons"))
		if not names.is_token(pseudonym) or self.config.faults():
			raise Rejected(ApiRefusal("CreateAttendee", 0, "PseudonymOrSettingsWrong"))
		details = _read(meeting) or _read(self._look_up(meeting))
		attendee = self._make_attendee(meeting, pseudonym, role)
		payload = {"meeting": details, "attendee": attendee, "may_share": self.config.may_share(role)}
		return Credentials(attendee["AttendeeId"], payload)

	def remove_attendee(self, meeting: Meeting, attendee_id: str) -> None:
		if not names.is_guid(meeting.meeting_id):
			return
		found = [attendee_id] if names.is_guid(attendee_id) else self._named(meeting, attendee_id)
		for attendee in found:
			self._end("DeleteAttendee", {"MeetingId": meeting.meeting_id, "AttendeeId": attendee})

	def close_meeting(self, meeting: Meeting) -> None:
		if names.is_guid(meeting.meeting_id):
			self._end("DeleteMeeting", {"MeetingId": meeting.meeting_id})

	def confirm_subscription(self, topic_arn: str, token: str) -> None:
		"""Take up an SNS subscription by asking Amazon. The address in the message is never fetched."""
		asked = {"TopicArn": topic_arn, "Token": token, "AuthenticateOnUnsubscribe": "true"}
		if topic_arn != self.config.sns_topic_arn or not topic_arn:
			raise Rejected(ApiRefusal("ConfirmSubscription", 0, "NotOurTopic"))
		self._call("ConfirmSubscription", asked, "sns")

	def check(self) -> tuple[Finding, ...]:
		faults = self.config.faults()
		if faults:
			return tuple(Finding(False, fault) for fault in faults)
		account = self._check_account()
		return (account, self._check_meetings()) if account.ok else (account,)

	def _meeting_asked(self, request: MeetingRequest) -> dict[str, Any]:
		region = request.media_region or self.config.media_region
		if not names.is_token(request.token) or not self.config.allows(region) or self.config.faults():
			raise Rejected(ApiRefusal("CreateMeeting", 0, "RegionOrSettingsWrong"))
		asked = {
			"ClientRequestToken": request.token,
			"MediaRegion": region,
			"ExternalMeetingId": names.external_meeting_id(request.token),
			"MeetingFeatures": self.config.features(min(request.max_people, MAX_PEOPLE)),
		}
		if self.config.sns_topic_arn:
			asked["NotificationsConfiguration"] = {"SnsTopicArn": self.config.sns_topic_arn}
		return asked

	def _look_up(self, meeting: Meeting) -> Meeting:
		"""The meeting with its details asked for again, where the room has lost them."""
		return _meeting(self._call("GetMeeting", {"MeetingId": meeting.meeting_id}), meeting.address)

	def _make_attendee(self, meeting: Meeting, pseudonym: str, role: Role) -> dict[str, str]:
		asked = {
			"MeetingId": meeting.meeting_id,
			"ExternalUserId": pseudonym,
			"Capabilities": self.config.attendee_capabilities(role),
		}
		return _fields(self._call("CreateAttendee", asked), "Attendee", ATTENDEE)

	def _named(self, meeting: Meeting, pseudonym: str) -> list[str]:
		"""Attendees made for a pseudonym by a call whose answer was lost."""
		found: list[str] = []
		asked: dict[str, Any] = {"MeetingId": meeting.meeting_id, "MaxResults": 100}
		while names.is_token(pseudonym):
			try:
				page = self._call("ListAttendees", asked)
			except Gone:
				return []
			listed = page.get("Attendees", [])
			found += [a["AttendeeId"] for a in listed if a.get("ExternalUserId") == pseudonym]
			if not page.get("NextToken"):
				break
			asked["NextToken"] = page["NextToken"]
		return found

	def _end(self, act: str, asked: dict[str, Any]) -> None:
		try:
			self._call(act, asked)
		except Gone:
			return

	def _call(self, act: str, asked: dict[str, Any], service: str = "chime-sdk-meetings") -> Any:
		"""Amazon's answer. Its refusal is raised bare: with a cause it would carry requests and answers along."""
		if self.config.reach_faults():
			raise Rejected(ApiRefusal(act, 0, "SettingsWrong"))
		refusal: ProviderError
		try:
			call: Callable[..., Any] = getattr(_client(service, self.config), _METHODS[act])
			return call(**asked)
		except refusals.ClientError as error:
			refusal = _refusal(act, error.response)
		except refusals.BotoCoreError as error:
			refusal = _failure(act, error)
		raise refusal

	def _check_account(self) -> Finding:
		try:
			account = str(self._call("GetCallerIdentity", {}, "sts")["Account"])
		except Unavailable:
			return Finding(False, self._unreachable())
		except ProviderError:
			return Finding(False, Sentence(_NOT_ACCEPTED, self.config.control_region))
		if self.config.account_id and account != self.config.account_id:
			return Finding(False, Sentence(_WRONG_ACCOUNT, account, self.config.account_id))
		return Finding(True, Sentence(_ACCEPTED, account))

	def _check_meetings(self) -> Finding:
		"""Try every act on a meeting of its own, which has no attendee in it and which Amazon does not bill."""
		made: list[Meeting] = []
		try:
			self._try_acts(made)
		except ProviderError as error:
			self._drop(made)
			return Finding(False, self._wrong(error))
		return Finding(True, Sentence(_MADE, self.config.media_region))

	def _try_acts(self, made: list[Meeting]) -> None:
		request = MeetingRequest(secrets.token_hex(16), self.config.media_region, 2)
		made.append(self.open_meeting(request))
		(meeting,) = made
		self._look_up(meeting)
		pseudonym = secrets.token_hex(16)
		self._make_attendee(meeting, pseudonym, Role.HOST)
		self.remove_attendee(meeting, pseudonym)
		self.close_meeting(meeting)

	def _drop(self, made: list[Meeting]) -> None:
		for meeting in made:
			try:
				self.close_meeting(meeting)
			except ProviderError:
				continue

	def _wrong(self, error: ProviderError) -> str:
		refusal = _refusal_of(error)
		if isinstance(error, Unavailable):
			return self._unreachable()
		if refusal.status in (401, 403):
			return Sentence(_NOT_PERMITTED, refusal.act)
		if refusal.code == _FINAL["LimitExceededException"]:
			return Sentence(_QUOTA)
		return Sentence(_REFUSED, refusal.act, refusal.status, refusal.code)

	def _unreachable(self) -> str:
		return Sentence(_NO_WAY, self.config.control_region)


_NOT_ACCEPTED = _(
	"Amazon does not accept the credentials in {0}. Enter valid keys, or give the server a role; some regions must first "
	"be enabled for the account."
)
_WRONG_ACCOUNT = _(
	"The credentials belong to account {0}, not to {1}. Enter keys of the account that the BAA Record names."
)
_ACCEPTED = _("Amazon accepts the credentials, for account {0}.")
_MADE = _("A meeting could be made in {0}, joined and ended. Nothing was billed.")
_NOT_PERMITTED = _("Amazon does not permit chime:{0}. Add it to the policy of these credentials.")
_QUOTA = _("The account has no meeting left to open. Have its quota of active meetings raised by Amazon.")
_REFUSED = _("Amazon refused chime:{0} with {1} {2}. Check the regions.")
_NO_WAY = _("Amazon did not answer in {0}. Check the server's way out to the internet, then try again.")

_METHODS = {
	"CreateMeeting": "create_meeting",
	"GetMeeting": "get_meeting",
	"DeleteMeeting": "delete_meeting",
	"CreateAttendee": "create_attendee",
	"ListAttendees": "list_attendees",
	"DeleteAttendee": "delete_attendee",
	"ConfirmSubscription": "confirm_subscription",
	"GetCallerIdentity": "get_caller_identity",
}
#: botocore would try again after these, in vain: a quota does not come back within seconds.
_FINAL = {"LimitExceededException": "QuotaUsedUp"}
#: Not Amazon's verdict on what was asked, but no verdict at all.
_NO_ANSWER = (
	refusals.HTTPClientError,
	refusals.ConnectionError,
	refusals.ResponseStreamingError,
	refusals.CredentialRetrievalError,
	refusals.MetadataRetrievalError,
)


@lru_cache(maxsize=16)
def _client(service: str, config: ChimeConfig) -> Any:
	"""One client for each way of configuring it; they may be shared by threads, and take long to make."""
	session = boto3.session.Session(
		aws_access_key_id=config.access_key_id or None,
		aws_secret_access_key=config.secret_access_key or None,
		region_name=config.control_region,
	)
	client = session.client(
		service,
		endpoint_url=config.endpoint_url or None,
		config=Config(
			connect_timeout=3,
			read_timeout=8,
			retries={"mode": "standard", "total_max_attempts": ATTEMPTS},
			ignore_configured_endpoint_urls=True,
		),
	)
	client.meta.events.register(f"response-received.{service}", _settle_code)
	return client


def _settle_code(response_dict: dict[str, Any] | None, parsed_response: Any, **_: Any) -> None:
	"""Before botocore decides whether to try again: any 429 is throttling, by whatever name; a quota is final."""
	if not response_dict or not parsed_response or "Error" not in parsed_response:
		return
	error = parsed_response["Error"]
	if response_dict["status_code"] == THROTTLED:
		error["Code"] = "ThrottlingException"
	error["Code"] = _FINAL.get(error.get("Code", ""), error.get("Code", ""))


def _refusal(act: str, response: Mapping[str, Any]) -> ProviderError:
	status = int(response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
	code = str(response.get("Error", {}).get("Code", ""))
	refusal = ApiRefusal(act, status, code if code.isalnum() and len(code) <= 64 else "")
	if status == NOT_FOUND:
		return Gone(refusal)
	if status in (CONFLICT, THROTTLED) or status >= 500:
		return Unavailable(refusal)
	return Rejected(refusal)


def _failure(act: str, error: refusals.BotoCoreError) -> ProviderError:
	kind = Unavailable if isinstance(error, _NO_ANSWER) else Rejected
	return kind(ApiRefusal(act, 0, type(error).__name__))


def _refusal_of(error: ProviderError) -> ApiRefusal:
	refusal = error.args[0] if error.args else None
	return refusal if isinstance(refusal, ApiRefusal) else ApiRefusal("", 0, "")


def _fields(answer: Mapping[str, Any], part: str, wanted: tuple[str, ...]) -> dict[str, Any]:
	"""What is wanted of one part of an answer. An answer without it is none."""
	found = answer.get(part) or {}
	if any(not found.get(name) for name in wanted):
		raise Unavailable(ApiRefusal(part, 0, "AnswerIncomplete"))
	return {name: found[name] for name in wanted}


def _meeting(answer: Mapping[str, Any], address: str) -> Meeting:
	"""What is stored of Amazon's meeting: enough for any number of joins, without its ARN, which names the account."""
	fields = _fields(answer, "Meeting", MEETING)
	fields["MediaPlacement"] = _fields(fields, "MediaPlacement", PLACEMENT)
	details = json.dumps(fields, sort_keys=True, separators=(",", ":"))
	return Meeting(fields["MeetingId"], fields["MediaRegion"], address, details)


def _read(meeting: Meeting) -> dict[str, Any]:
	"""The meeting as the browser's SDK wants it; empty when its details are lost or are another meeting's."""
	try:
		details = json.loads(meeting.details or "{}")
	except ValueError:
		return {}
	mine = isinstance(details, dict) and details.get("MeetingId") == meeting.meeting_id
	return details if mine else {}
