"""Attendees without media: they join with a token and leave, with the same events as a browser."""

from __future__ import annotations

from typing import Any

from tools.chime_emulator.world import Attendee, Meeting, World


class Refused(Exception):
	"""The join token is invalid, or the meeting is full."""


class Ghosts:
	def __init__(self, world: World) -> None:
		self._world = world
		self._here: dict[str, tuple[Meeting, Attendee]] = {}

	def enter(self, join_token: str) -> str:
		"""The attendee's id. Joining again, as from another device, disconnects the first connection."""
		self._world.sweep()
		held = self._world.holder(join_token)
		if held is None or held[0].ended:
			raise Refused("The join token is worth nothing.")
		meeting, attendee = held
		self.depart(attendee.attendee_id)
		if len(meeting.connected) >= meeting.max_count:
			raise Refused("The meeting is full.")
		self._here[attendee.attendee_id] = held
		self._world.emit_attendee(meeting, attendee, "AttendeeAuthorized")
		self._world.connect(meeting, attendee.attendee_id)
		self._world.emit_attendee(meeting, attendee, "AttendeeJoined", networkType="Voip")
		return attendee.attendee_id

	def depart(self, attendee_id: str, dropped: bool = False) -> bool:
		"""False if the attendee was not connected."""
		held = self._here.pop(attendee_id, None)
		if held is None:
			return False
		meeting, attendee = held
		self._world.disconnect(meeting, attendee_id)
		event = "AttendeeDropped" if dropped else "AttendeeLeft"
		self._world.emit_attendee(meeting, attendee, event, networkType="Voip")
		return True

	def has(self, attendee_id: str) -> bool:
		return attendee_id in self._here

	def of(self, meeting: Meeting) -> list[dict[str, Any]]:
		here = (attendee for where, attendee in self._here.values() if where is meeting)
		return [{"attendee_id": a.attendee_id, "external_user_id": a.external_user_id} for a in here]

	def attendee_removed(self, meeting: Meeting, attendee: Attendee) -> None:
		self.depart(attendee.attendee_id)

	def meeting_ended(self, meeting: Meeting) -> None:
		for attendee_id in [key for key, (where, _) in self._here.items() if where is meeting]:
			self.depart(attendee_id)
