"""The operations of the control plane on the world. Parameters arrive validated; answers are the wire's JSON."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tools.chime_emulator.errors import AwsError, bad_request, not_found
from tools.chime_emulator.validation import capability_problems, resolution
from tools.chime_emulator.wire import Call
from tools.chime_emulator.world import Attendee, Meeting, World

_MAX_ATTENDEES = 250
_DEFAULT_PAGE = 20
Answer = dict[str, Any] | None


@dataclass(frozen=True)
class Caller:
	"""Who signed the request, for which control region, and whether a batch of theirs is to fail in part."""

	account: str
	region: str
	partial: bool = False


class Control:
	def __init__(self, world: World, media_placement: Callable[[Meeting], dict[str, str]]) -> None:
		self._world = world
		self._placement = media_placement
		self._operations: dict[str, Callable[[Caller, dict[str, Any]], Answer]] = {
			"CreateMeeting": self._create_meeting,
			"CreateMeetingWithAttendees": self._create_meeting_with_attendees,
			"GetMeeting": lambda caller, p: {"Meeting": self._described(self._meeting(caller, p))},
			"DeleteMeeting": self._delete_meeting,
			"CreateAttendee": self._create_attendee,
			"BatchCreateAttendee": self._batch_create_attendee,
			"GetAttendee": lambda caller, p: {"Attendee": _attendee_json(self._attendee(caller, p)[1])},
			"DeleteAttendee": self._delete_attendee,
			"ListAttendees": self._list_attendees,
			"UpdateAttendeeCapabilities": self._update_capabilities,
			"BatchUpdateAttendeeCapabilitiesExcept": self._update_capabilities_except,
		}

	def perform(self, caller: Caller, call: Call) -> Answer:
		operation = self._operations.get(call.operation)
		if operation is None:
			raise AwsError("UnknownOperationException", f"The emulator does not do {call.operation}.")
		return operation(caller, call.params)

	def _create_meeting(self, caller: Caller, params: dict[str, Any]) -> Answer:
		return {"Meeting": self._described(self._opened(caller, params))}

	def _opened(self, caller: Caller, params: dict[str, Any]) -> Meeting:
		key = (caller.account, caller.region, params["ClientRequestToken"])
		if known := self._world.by_client_token.get(key):
			return known
		if sum(1 for _ in self._world.live()) >= self._world.settings.max_meetings:
			raise AwsError("LimitExceededException", "The account has too many active meetings.")
		self._check_primary(caller, params)
		request = {name: value for name, value in params.items() if name != "Attendees"}
		return self._world.open_meeting(caller.account, caller.region, request)

	def _check_primary(self, caller: Caller, params: dict[str, Any]) -> None:
		if "PrimaryMeetingId" in params:
			self._meeting(caller, {"MeetingId": params["PrimaryMeetingId"]})

	def _create_meeting_with_attendees(self, caller: Caller, params: dict[str, Any]) -> Answer:
		meeting = self._opened(caller, params)
		return {"Meeting": self._described(meeting), **self._many(caller, meeting, params)}

	def _many(self, caller: Caller, meeting: Meeting, params: dict[str, Any]) -> dict[str, Any]:
		made: list[dict[str, Any]] = []
		errors: list[dict[str, str]] = []
		for index, item in enumerate(params["Attendees"]):
			try:
				if caller.partial and index == 0:
					raise AwsError("ServiceFailureException", "This attendee could not be created.")
				made.append(_attendee_json(self._added(meeting, item)))
			except AwsError as error:
				code = error.code.removesuffix("Exception")
				user = item["ExternalUserId"]
				errors.append({"ExternalUserId": user, "ErrorCode": code, "ErrorMessage": error.message})
		return {"Attendees": made, "Errors": errors}

	def _added(self, meeting: Meeting, item: dict[str, Any]) -> Attendee:
		if known := meeting.by_external_user(item["ExternalUserId"]):
			return known
		if meeting.ended:
			raise not_found("meeting")
		if len(meeting.attendees) >= _MAX_ATTENDEES:
			raise AwsError("LimitExceededException", "The meeting has too many attendees.")
		capabilities = item.get("Capabilities") or _default_capabilities(meeting.features)
		_check_capabilities(capabilities, meeting)
		return self._world.add_attendee(meeting, item["ExternalUserId"], capabilities)

	def _delete_meeting(self, caller: Caller, params: dict[str, Any]) -> Answer:
		self._world.end_meeting(self._meeting(caller, params))
		return None

	def _create_attendee(self, caller: Caller, params: dict[str, Any]) -> Answer:
		return {"Attendee": _attendee_json(self._added(self._meeting(caller, params), params))}

	def _batch_create_attendee(self, caller: Caller, params: dict[str, Any]) -> Answer:
		return self._many(caller, self._meeting(caller, params), params)

	def _delete_attendee(self, caller: Caller, params: dict[str, Any]) -> Answer:
		self._world.remove_attendee(*self._attendee(caller, params))
		return None

	def _list_attendees(self, caller: Caller, params: dict[str, Any]) -> Answer:
		attendees = list(self._meeting(caller, params).attendees.values())
		start = _page_start(params.get("NextToken", ""))
		end = start + params.get("MaxResults", _DEFAULT_PAGE)
		answer: dict[str, Any] = {"Attendees": [_attendee_json(a) for a in attendees[start:end]]}
		if end < len(attendees):
			answer["NextToken"] = base64.urlsafe_b64encode(str(end).encode()).decode()
		return answer

	def _update_capabilities(self, caller: Caller, params: dict[str, Any]) -> Answer:
		meeting, attendee = self._attendee(caller, params)
		_check_capabilities(params["Capabilities"], meeting)
		attendee.capabilities = params["Capabilities"]
		return {"Attendee": _attendee_json(attendee)}

	def _update_capabilities_except(self, caller: Caller, params: dict[str, Any]) -> Answer:
		meeting = self._meeting(caller, params)
		_check_capabilities(params["Capabilities"], meeting)
		spared = {item["AttendeeId"] for item in params["ExcludedAttendeeIds"]}
		for attendee in meeting.attendees.values():
			if attendee.attendee_id not in spared:
				attendee.capabilities = params["Capabilities"]
		return None

	def _meeting(self, caller: Caller, params: dict[str, Any]) -> Meeting:
		meeting = self._world.meetings.get(params["MeetingId"])
		if (
			meeting is None
			or meeting.ended
			or (meeting.account, meeting.region) != (caller.account, caller.region)
		):
			raise not_found("meeting")
		return meeting

	def _attendee(self, caller: Caller, params: dict[str, Any]) -> tuple[Meeting, Attendee]:
		meeting = self._meeting(caller, params)
		attendee = meeting.attendees.get(params["AttendeeId"])
		if attendee is None:
			raise not_found("attendee")
		return meeting, attendee

	def _described(self, meeting: Meeting) -> dict[str, Any]:
		stored = ("ExternalMeetingId", "MediaRegion", "MeetingHostId", "PrimaryMeetingId", "TenantIds")
		return {
			"MeetingId": meeting.meeting_id,
			"MeetingArn": f"arn:aws:chime:{meeting.region}:{meeting.account}:meeting/{meeting.meeting_id}",
			"MediaPlacement": self._placement(meeting),
			"MeetingFeatures": meeting.features,
			**{name: meeting.request[name] for name in stored if name in meeting.request},
		}


def _attendee_json(attendee: Attendee) -> dict[str, Any]:
	return {
		"ExternalUserId": attendee.external_user_id,
		"AttendeeId": attendee.attendee_id,
		"JoinToken": attendee.join_token,
		"Capabilities": attendee.capabilities,
	}


def _default_capabilities(features: dict[str, Any]) -> dict[str, str]:
	video_off = resolution(features, "Video") == "None"
	content_off = resolution(features, "Content") == "None"
	if video_off and not content_off:
		return {"Audio": "SendReceive", "Video": "Receive", "Content": "SendReceive"}
	video = "None" if video_off else "SendReceive"
	return {"Audio": "SendReceive", "Video": video, "Content": "None" if content_off else "SendReceive"}


def _check_capabilities(capabilities: dict[str, str], meeting: Meeting) -> None:
	if meeting.features and (
		problems := list(capability_problems(capabilities, _strict(meeting, capabilities)))
	):
		raise bad_request("; ".join(problems))


def _strict(meeting: Meeting, capabilities: dict[str, str]) -> dict[str, Any]:
	"""Amazon itself gives Video=Receive to a meeting with content but no video: that combination is allowed."""
	features = meeting.features
	if capabilities == _default_capabilities(features):
		return {**features, "Video": {}}
	return features


def _page_start(token: str) -> int:
	try:
		return int(base64.urlsafe_b64decode(token)) if token else 0
	except (ValueError, binascii.Error):
		raise bad_request("NextToken: not one of ours") from None
