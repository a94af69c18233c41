"""The signalling endpoint: who may open a connection, and the rooms behind it. It carries revocation to the rooms."""

from __future__ import annotations

import asyncio
from typing import Any

from aiohttp import WSMsgType, web
from aiortc import RTCCertificate

from tools.chime_emulator import frames
from tools.chime_emulator.faults import Faults
from tools.chime_emulator.ghosts import Ghosts
from tools.chime_emulator.room import ENDED, REMOVED, Room
from tools.chime_emulator.session import Session
from tools.chime_emulator.world import CONTENT, Attendee, Meeting, World

PROTOCOL = "_aws_wt_session"
_CLOSE_UNKNOWN, _CLOSE_ENDED, _CLOSE_MALFORMED = 4403, 4410, 4400
_JOIN_WITHIN = 20.0


class Hub:
	def __init__(self, world: World, faults: Faults) -> None:
		self._world = world
		self._faults = faults
		self._certificate = RTCCertificate.generateCertificate()
		self.rooms: dict[str, Room] = {}
		self.ghosts = Ghosts(world)

	def attendee_removed(self, meeting: Meeting, attendee: Attendee) -> None:
		if room := self.rooms.get(meeting.meeting_id):
			room.expel([attendee.attendee_id, attendee.attendee_id + CONTENT], REMOVED)
		self.ghosts.attendee_removed(meeting, attendee)

	def meeting_ended(self, meeting: Meeting) -> None:
		if room := self.rooms.get(meeting.meeting_id):
			room.expel(list(room.sessions), ENDED)
		self.ghosts.meeting_ended(meeting)

	def drop(self, attendee_id: str) -> bool:
		"""Cut an attendee's connection without a message; False when there is none."""
		sessions = [
			room.sessions[attendee_id] for room in self.rooms.values() if attendee_id in room.sessions
		]
		for session in sessions:
			session.drop()
		return self.ghosts.depart(attendee_id, dropped=True) or bool(sessions)

	async def close(self) -> None:
		for room in self.rooms.values():
			for session in list(room.sessions.values()):
				session.drop()
			await room.close()

	async def handle(self, request: web.Request) -> web.StreamResponse:
		offered = [p.strip() for p in request.headers.get("Sec-WebSocket-Protocol", "").split(",")]
		if PROTOCOL not in offered:
			raise web.HTTPBadRequest(text="The signalling protocol was not offered.")
		token = next((p for p in offered if p != PROTOCOL), "")
		socket = web.WebSocketResponse(protocols=(PROTOCOL,))
		await socket.prepare(request)
		self._world.calls["signalling"] += 1
		if not await self._faulty(request, socket):
			await self._join(request, socket, token)
		return socket

	async def _faulty(self, request: web.Request, socket: web.WebSocketResponse) -> bool:
		fault = self._faults.pick("signalling")
		if fault is None:
			return False
		if fault.kind in ("latency", "timeout"):
			await asyncio.sleep(fault.seconds)
		if fault.kind == "close":
			await socket.close(code=fault.status)
		elif fault.kind in ("reset", "timeout") and request.transport:
			request.transport.abort()
		return fault.kind != "latency"

	async def _join(self, request: web.Request, socket: web.WebSocketResponse, token: str) -> None:
		try:
			join = await asyncio.wait_for(_first_frame(socket), _JOIN_WITHIN)
		except asyncio.TimeoutError:
			join = None
		if join is None:
			await socket.close(code=_CLOSE_MALFORMED)
			return
		self._world.sweep()
		held = self._world.holder(token)
		if held is None or held[0].meeting_id != request.match_info["meeting"]:
			await socket.close(code=self._refusal(request.match_info["meeting"]))
			return
		meeting, attendee = held
		if meeting.ended:
			await socket.close(code=_CLOSE_ENDED)
			return
		room = self.rooms.setdefault(meeting.meeting_id, Room(self._world, meeting, self._certificate))
		session = Session(socket, attendee, token.endswith(CONTENT), join.audio_session_id)
		room.enter(session)
		try:
			await session.serve(room)
		finally:
			room.depart(session, dropped=not session.left)

	def _refusal(self, meeting_id: str) -> int:
		meeting = self._world.meetings.get(meeting_id)
		return _CLOSE_ENDED if meeting and meeting.ended else _CLOSE_UNKNOWN


async def _first_frame(socket: web.WebSocketResponse) -> Any | None:
	"""The join, which comes first; pings may precede it."""
	async for message in socket:
		frame = frames.decode(message.data) if message.type == WSMsgType.BINARY else None
		if frame is not None and frame.type == frames.JOIN:
			return frame.join
	return None
