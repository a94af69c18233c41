"""Who is in, who waits, who is out: the participant's state machine and the rules of letting in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from theranvio_telehealth.domain import errors
from theranvio_telehealth.domain.entities import Participant, Person, Room
from theranvio_telehealth.domain.enums import ParticipantState as State
from theranvio_telehealth.domain.enums import Role, StrEnum
from theranvio_telehealth.domain.metering import is_present


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


def _move(person: Participant, act: Act) -> Participant:
	if person.state is _LEADS_TO[act]:
		return person
	try:
		return replace(person, state=EDGES[person.state, act])
	except KeyError:
		raise errors.WrongMove from None


def join_queue(room: Room, person: Participant, now: datetime) -> Participant:
	"""Somebody who is not a host asks to be let in. An Admitted person who reloads stays Admitted."""
	if person.state is State.ADMITTED:
		return person
	refuse_if_turned_away(person)
	if room.locked and person.state is not State.WAITING:
		raise errors.VisitLocked
	moved = _move(person, Act.KNOCK)
	return moved if moved is person else replace(moved, waiting_since=now, left_on=None)


def walk_in(person: Participant, now: datetime) -> Participant:
	"""A host comes in without waiting."""
	moved = _move(person, Act.WALK_IN)
	return moved if moved is person else _admitted(moved, person.user, now)


def admit(person: Participant, by: str, now: datetime) -> Participant:
	moved = _move(person, Act.ADMIT)
	return moved if moved is person else _admitted(moved, by, now)


def _admitted(person: Participant, by: str, now: datetime) -> Participant:
	return replace(person, admitted_on=now, admitted_by=by, waiting_since=None, left_on=None)


def decline(person: Participant, now: datetime) -> Participant:
	moved = _move(_client_only(person), Act.DECLINE)
	return moved if moved is person else replace(moved, waiting_since=None, left_on=now)


def send_back(person: Participant, now: datetime) -> Participant:
	"""Back to waiting, from the call or from having been turned away."""
	moved = _move(_client_only(person), Act.SEND_BACK)
	return moved if moved is person else replace(without_credentials(moved), waiting_since=now, left_on=None)


def remove(person: Participant, now: datetime) -> Participant:
	moved = _move(_client_only(person), Act.REMOVE)
	return moved if moved is person else replace(without_credentials(moved), waiting_since=None, left_on=now)


def leave(person: Participant, now: datetime) -> Participant:
	"""Hang up, or stop waiting. Leaving when one is not in is no error."""
	if person.state not in (State.WAITING, State.ADMITTED):
		return person
	return replace(without_credentials(_move(person, Act.LEAVE)), waiting_since=None, left_on=now)


def reset(person: Participant) -> Participant:
	"""Back outside, as if never come: the visit was moved, cancelled or is over."""
	moved = _move(person, Act.RESET)
	if moved is person:
		return person
	outside = without_credentials(moved)
	return replace(outside, waiting_since=None, admitted_on=None, admitted_by="", left_on=None)


def outside(person: Participant, now: datetime, *, over: bool) -> Participant:
	"""Put out because the visit is over, or because it will be held at another time."""
	return leave(person, now) if over else reset(person)


def without_credentials(person: Participant) -> Participant:
	"""No join of theirs is current any more; the provider's side of it is still to be destroyed."""
	given = (
		person.attendee_id or person.pseudonym
	)  # whose answer never came: the provider may know the pseudonym
	if not given:
		return person
	return replace(person, pseudonym="", attendee_id="", revoked_attendees=(*person.revoked_attendees, given))


def joining(person: Participant, pseudonym: str) -> Participant:
	"""About to be given credentials, under a name that no earlier join had."""
	return replace(without_credentials(person), pseudonym=pseudonym)


def joined(person: Participant, pseudonym: str, attendee_id: str) -> Participant:
	"""Given credentials. Raises `Superseded` when another join of the same person began meanwhile."""
	if require_admitted(person).pseudonym != pseudonym:
		raise errors.Superseded
	return replace(person, attendee_id=attendee_id)


def refuse_if_turned_away(person: Participant) -> None:
	if person.state is State.DECLINED:
		raise errors.Declined
	if person.state is State.REMOVED:
		raise errors.Removed


def require_admitted(person: Participant | None) -> Participant:
	if person is None:
		raise errors.NotAdmitted
	refuse_if_turned_away(person)
	if person.state is not State.ADMITTED:
		raise errors.NotAdmitted
	return person


def require_current(person: Participant | None, attendee_id: str) -> Participant:
	"""The Admitted person whose latest join this is; raises `Superseded` for an earlier one."""
	admitted = require_admitted(person)
	if not admitted.attendee_id or admitted.attendee_id != attendee_id:
		raise errors.Superseded
	return admitted


def require_host(person: Person) -> None:
	if not is_host(person):
		raise errors.HostOnly


def is_host(person: Person) -> bool:
	return person.role is Role.HOST


def require_place(
	person: Participant, everyone: Iterable[Participant], max_people: int, now: datetime
) -> None:
	"""Raises `RoomFull` when the others in the call leave no place. Whoever is in the call gives way only to those who
	came before; whoever is not, or fell silent, to all."""
	others = [p for p in everyone if p.name != person.name and p.attendee_id and is_present(p, now)]
	if is_present(person, now):
		others = [p for p in others if _seniority(p) < _seniority(person)]
	if len(others) >= max_people:
		raise errors.RoomFull


def _seniority(person: Participant) -> tuple[datetime | None, str]:
	return person.stay_started_on, person.name


def host_is_present(everyone: Iterable[Participant], now: datetime) -> bool:
	return any(p.is_host and is_present(p, now) for p in everyone)


def _client_only(person: Participant) -> Participant:
	if person.is_host:
		raise errors.WrongMove
	return person
