"""Who is in, who waits, who is out: the participant's state machine and the rules of letting in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from theranvio_telehealth.domain import errors, meetings
from theranvio_telehealth.domain.entities import Participant, Person, Room
from theranvio_telehealth.domain.enums import ParticipantState as State
from theranvio_telehealth.domain.enums import Role, StrEnum
from theranvio_telehealth.domain.stays import is_present


class Act(StrEnum):
	KNOCK = "knock"
	WALK_IN = "walk in"
	ADMIT = "admit"
	DECLINE = "decline"
	SEND_BACK = "send back"
	REMOVE = "remove"
	LEAVE = "leave"
	RESET = "reset"


#: (from, act) → to. What is not here cannot happen; a move to where one already is changes nothing.
EDGES: dict[tuple[State, Act], State] = {
	(State.INVITED, Act.KNOCK): State.WAITING,
	(State.LEFT, Act.KNOCK): State.WAITING,
	(State.INVITED, Act.WALK_IN): State.ADMITTED,
	(State.LEFT, Act.WALK_IN): State.ADMITTED,
	(State.WAITING, Act.WALK_IN): State.ADMITTED,
	(State.WAITING, Act.ADMIT): State.ADMITTED,
	(State.WAITING, Act.DECLINE): State.DECLINED,
	(State.ADMITTED, Act.SEND_BACK): State.WAITING,
	(State.DECLINED, Act.SEND_BACK): State.WAITING,
	(State.REMOVED, Act.SEND_BACK): State.WAITING,
	(State.WAITING, Act.REMOVE): State.REMOVED,
	(State.ADMITTED, Act.REMOVE): State.REMOVED,
	(State.WAITING, Act.LEAVE): State.LEFT,
	(State.ADMITTED, Act.LEAVE): State.LEFT,
	**{(state, Act.RESET): State.INVITED for state in State},
}

#: Where an act leads; doing it again from there is a repetition, not an error.
_LEADS_TO = {act: to for (_, act), to in EDGES.items()}


def _move(participant: Participant, act: Act) -> Participant:
	if participant.state is _LEADS_TO[act]:
		return participant
	try:
		return replace(participant, state=EDGES[participant.state, act])
	except KeyError:
		raise errors.WrongMove from None


def join_queue(room: Room, participant: Participant, now: datetime) -> Participant:
	"""A participant who is not a host joins the queue. An Admitted participant who reloads stays Admitted."""
	if participant.state is State.ADMITTED:
		return participant
	refuse_if_turned_away(participant)
	if room.locked and participant.state is not State.WAITING:
		raise errors.VisitLocked
	moved = _move(participant, Act.KNOCK)
	return moved if moved is participant else replace(moved, waiting_since=now, left_on=None)


def walk_in(participant: Participant, now: datetime) -> Participant:
	"""A host comes in without waiting."""
	moved = _move(participant, Act.WALK_IN)
	return moved if moved is participant else _admitted(moved, participant.user, now)


def admit(participant: Participant, by: str, now: datetime) -> Participant:
	moved = _move(participant, Act.ADMIT)
	return moved if moved is participant else _admitted(moved, by, now)


def _admitted(participant: Participant, by: str, now: datetime) -> Participant:
	return replace(participant, admitted_on=now, admitted_by=by, waiting_since=None, left_on=None)


def decline(participant: Participant, now: datetime) -> Participant:
	moved = _move(_client_only(participant), Act.DECLINE)
	return moved if moved is participant else replace(moved, waiting_since=None, left_on=now)


def send_back(participant: Participant, now: datetime) -> Participant:
	"""Back to waiting, from the call or from having been turned away."""
	moved = _move(_client_only(participant), Act.SEND_BACK)
	return (
		moved
		if moved is participant
		else replace(without_credentials(moved), waiting_since=now, left_on=None)
	)


def remove(participant: Participant, now: datetime) -> Participant:
	moved = _move(_client_only(participant), Act.REMOVE)
	return (
		moved
		if moved is participant
		else replace(without_credentials(moved), waiting_since=None, left_on=now)
	)


def leave(participant: Participant, now: datetime) -> Participant:
	"""Hang up, or stop waiting. Leaving when one is not in is no error."""
	if participant.state not in (State.WAITING, State.ADMITTED):
		return participant
	return replace(without_credentials(_move(participant, Act.LEAVE)), waiting_since=None, left_on=now)


def reset(participant: Participant) -> Participant:
	"""Back outside, as if never come: the visit was moved, cancelled or is over."""
	moved = _move(participant, Act.RESET)
	if moved is participant:
		return participant
	outside = without_credentials(moved)
	return replace(outside, waiting_since=None, admitted_on=None, admitted_by="", left_on=None)


def outside(participant: Participant, now: datetime, *, over: bool) -> Participant:
	"""Put out because the visit is over, or because it will be held at another time."""
	return leave(participant, now) if over else reset(participant)


def without_credentials(participant: Participant) -> Participant:
	"""No join of theirs is current any more; the provider's side of it is still to be destroyed."""
	given = participant.attendee_id or participant.pseudonym
	if not given:
		return participant
	return meetings.revoke(replace(participant, pseudonym="", attendee_id=""), given)


def joining(participant: Participant, pseudonym: str) -> Participant:
	"""About to be given credentials, under a name that no earlier join had."""
	return replace(without_credentials(participant), pseudonym=pseudonym)


def joined(participant: Participant, pseudonym: str, attendee_id: str) -> Participant:
	"""Given credentials. Raises `Superseded` when another join of the same person began meanwhile."""
	if require_admitted(participant).pseudonym != pseudonym:
		raise errors.Superseded
	return replace(participant, attendee_id=attendee_id)


def refuse_if_turned_away(participant: Participant) -> None:
	if participant.state is State.DECLINED:
		raise errors.Declined
	if participant.state is State.REMOVED:
		raise errors.Removed


def require_admitted(participant: Participant | None) -> Participant:
	if participant is None:
		raise errors.NotAdmitted
	refuse_if_turned_away(participant)
	if participant.state is not State.ADMITTED:
		raise errors.NotAdmitted
	return participant


def require_current(participant: Participant | None, attendee_id: str) -> Participant:
	"""The Admitted person whose latest join this is; raises `Superseded` for an earlier one."""
	admitted = require_admitted(participant)
	if not admitted.attendee_id or admitted.attendee_id != attendee_id:
		raise errors.Superseded
	return admitted


def require_host(person: Person) -> None:
	if not is_host(person):
		raise errors.HostOnly


def is_host(person: Person) -> bool:
	return person.role is Role.HOST


def require_place(
	participant: Participant, everyone: Iterable[Participant], max_people: int, now: datetime
) -> None:
	"""Raises `RoomFull` when the others in the call leave no place. A participant in the call gives way only to those who
	came before; one outside the call, or silent, to all."""
	others = [p for p in everyone if p.name != participant.name and p.attendee_id and is_present(p, now)]
	if is_present(participant, now):
		others = [p for p in others if _seniority(p) < _seniority(participant)]
	if len(others) >= max_people:
		raise errors.RoomFull


def _seniority(participant: Participant) -> tuple[datetime | None, str]:
	return participant.stay_started_on, participant.name


def host_is_present(everyone: Iterable[Participant], now: datetime) -> bool:
	return any(p.is_host and is_present(p, now) for p in everyone)


def _client_only(participant: Participant) -> Participant:
	if participant.is_host:
		raise errors.WrongMove
	return participant
