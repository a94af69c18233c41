"""The shape of what a participant's browser gets of a visit: `docs/visit-protocol.md`. `public/js/visit/visit_state.d.ts` is made
of it by `scripts/state_types.py`; an instant is ISO 8601 in UTC with milliseconds and `Z`."""

from __future__ import annotations

from typing import Any, Literal, TypedDict

from theranvio_telehealth.domain.endings import Why
from theranvio_telehealth.domain.enums import Adapter, ParticipantState, Phase, Role, RoomStatus
from theranvio_telehealth.domain.presence import Lack


class VisitState(TypedDict):
	room: str
	status: RoomStatus
	phase: Phase
	now: str
	opens_on: str
	starts_on: str
	ends_on: str
	closes_on: str
	extends_to: str | None
	locked: bool
	provider: ProviderState
	blocked: BlockedState | None
	fallback: FallbackState | None
	about: AboutState
	over: EndingState | None
	me: OwnState
	people: list[ParticipantEntry]


class ProviderState(TypedDict):
	adapter: Adapter | Literal[""]
	embedded: bool
	end_to_end_encrypted: bool
	carrier: str
	call: str


class BlockedState(TypedDict):
	code: str


class FallbackState(TypedDict):
	url: str
	active: bool


class AboutState(TypedDict):
	clinic: str
	clinician: str
	patient: str
	zone: str


class EndingState(TypedDict):
	why: Why
	by_me: bool


class OwnState(TypedDict):
	role: Role
	display_name: str
	participant: str | None
	state: ParticipantState
	waiting_since: str | None
	was_admitted: bool
	attendee: bool


class ParticipantEntry(TypedDict):
	participant: str
	role: Role
	display_name: str
	state: ParticipantState
	present: bool
	seen: bool
	lack: Lack | Literal[""]
	waiting_since: str | None
	pseudonym: str


class JoinAnswer(TypedDict):
	state: VisitState
	attendee: str
	adapter: Adapter | Literal[""]
	credentials: dict[str, Any]


class SignalAnswer(TypedDict):
	messages: list[dict[str, Any]]


class WaitingAnswer(TypedDict):
	waiting: list[WaitingLine]


class WaitingLine(TypedDict):
	room: str
	participant: str
	display_name: str
	waiting_since: str | None
