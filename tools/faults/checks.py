"""Invariants under any fault, read from the store and the emulator: each check returns its violations as sentences."""

from __future__ import annotations

from collections.abc import Iterator

from theranvio_telehealth.domain.entities import Allowance, Participant
from tools.chime_emulator.world import Attendee, Meeting
from tools.faults.clinic import PROVIDERS, Clinic
from tools.faults.oracle import Oracle, booked


def owes(clinic: Clinic) -> bool:
	"""Whether something is still to be destroyed at Amazon, as far as the room says."""
	room = clinic.room
	revoked = any(p.revoked_attendees for p in clinic.everyone)
	return bool(revoked or room.former_meetings or (room.is_over and room.meeting_token))


def unaccounted(clinic: Clinic) -> Iterator[str]:
	"""Meetings and attendees that are alive at Amazon, and that the room neither wants nor is about to destroy."""
	for meeting in clinic.amazon.live():
		if meeting.meeting_id in _former(clinic):
			continue
		if not _is_the_rooms(clinic, meeting):
			yield f"a meeting is alive that no room knows: {meeting.meeting_id}"
			continue
		if clinic.room.is_over:
			continue
		for attendee in meeting.attendees.values():
			if not any(_knows(person, attendee) for person in clinic.everyone):
				yield f"an attendee is alive that no participant knows: {attendee.attendee_id}"


def _former(clinic: Clinic) -> set[str]:
	"""Ids of meetings that the call has moved away from, by id or by the token they were made with."""
	former = clinic.room.former_meetings
	made = [_made_with(clinic, f.meeting_token, PROVIDERS[f.provider]) for f in former if f.meeting_token]
	return {f.meeting_id for f in former} | {meeting_id for meeting_id in made if meeting_id}


def _is_the_rooms(clinic: Clinic, meeting: Meeting) -> bool:
	room = clinic.room
	by_token = _made_with(clinic, room.meeting_token, PROVIDERS[room.provider]) if room.meeting_token else ""
	return meeting.meeting_id in (room.meeting_id, by_token)


def _made_with(clinic: Clinic, token: str, region: str) -> str:
	for (_, where, client_token), meeting in clinic.amazon.world.by_client_token.items():
		if (where, client_token) == (region, token):
			return meeting.meeting_id
	return ""


def _knows(person: Participant, attendee: Attendee) -> bool:
	"""Whether the room records the attendee: as the current join's, or for teardown."""
	names = (attendee.attendee_id, attendee.external_user_id)
	if any(name in person.revoked_attendees for name in names):
		return True
	is_in = person.state.value == "Admitted"
	return is_in and (person.attendee_id == names[0] or person.pseudonym == names[1])


def open_doors(clinic: Clinic, oracle: Oracle) -> Iterator[str]:
	"""Tokens that open a meeting and belong to no person who is admitted now. To be called when no teardown is due."""
	for attendee, ticket in oracle.tickets.items():
		held = clinic.amazon.world.holder(ticket.token)
		if held is None or held[0].ended:
			continue
		person = clinic.participant(ticket.user)
		is_in = ticket.user in clinic.admitted and not clinic.room.is_over
		if not is_in or person is None or person.attendee_id != attendee:
			yield f"a token of {ticket.user} still opens the meeting"


def left_over(clinic: Clinic) -> Iterator[str]:
	"""Meetings, attendees, teardowns and open stays that remain after the visit has ended."""
	for meeting in clinic.amazon.live():
		yield f"a meeting is left: {meeting.meeting_id}"
	if owes(clinic):
		yield "the room still owes something to be destroyed"
	if any(p.stay_started_on for p in clinic.everyone):
		yield "a stay is still open"


def miscounted(clinic: Clinic, oracle: Oracle) -> Iterator[str]:
	"""Stays that are missing, unfounded or counted twice."""
	room = clinic.room
	for join in clinic.store.joins(room.name):
		if join.credentials_revoked_on and join.attendee_id in oracle.tickets:
			oracle.tickets[join.attendee_id].credentials_revoked_on = round(
				join.credentials_revoked_on.timestamp()
			)
	entries = clinic.store.entries(room.name)
	bounds = oracle.ledger()
	for key in bounds.keys() | {(e.participant, e.provider) for e in entries}:
		had, twice = booked(e for e in entries if (e.participant, e.provider) == key)
		missing = bounds[key].least - had if key in bounds else set()
		extra = had - bounds[key].most if key in bounds else had
		if twice or missing or extra:
			yield f"{len(missing)} s lost, {len(extra)} s made up, {twice} s twice, of {len(had)} s of {key}"


def unbalanced(clinic: Clinic) -> Iterator[str]:
	"""The allowance against the entries and the holds."""
	spent = sum(entry.seconds for entry in clinic.store.entries(clinic.room.name))
	held = sum(person.held_seconds for person in clinic.everyone)
	for allowance in clinic.store.all(Allowance):
		if (allowance.used_seconds, allowance.held_seconds) != (spent, held):
			yield f"the allowance has {allowance.used_seconds} s used, {allowance.held_seconds} s held, not {spent} and {held}"
