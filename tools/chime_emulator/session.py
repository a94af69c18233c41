"""One signalling connection: a person (or their screen share) talking to the room they joined."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from aiohttp import WSMsgType, web
from aiortc import RTCCertificate

from tools.chime_emulator import frames
from tools.chime_emulator.media import sdp
from tools.chime_emulator.media.leg import Leg
from tools.chime_emulator.media.video import VideoSource
from tools.chime_emulator.world import CONTENT, Attendee

if TYPE_CHECKING:
	from tools.chime_emulator.room import Room

_CLOSE_GRACE = 2.0
_MESSAGES_PER_SECOND = 200


class Session:
	"""`key` is the attendee's id, with `#content` for a screen share. `present` once media flows."""

	def __init__(self, socket: web.WebSocketResponse, attendee: Attendee, content: bool, client: int) -> None:
		self._socket = socket
		self._outgoing: asyncio.Queue[bytes | int] = asyncio.Queue()
		self._sent_on: deque[float] = deque()
		self.attendee = attendee
		self.content = content
		self.client = client
		self.key = attendee.attendee_id + (CONTENT if content else "")
		self.leg: Leg | None = None
		self.audio_stream_id = 0
		self.muted = False
		self.present = False
		self.gone = False
		self.left = False

	@property
	def medium(self) -> str:
		return "Content" if self.content else "Video"

	@property
	def source(self) -> VideoSource | None:
		return self.leg.source if self.leg else None

	def send(self, data: bytes) -> None:
		self._outgoing.put_nowait(data)

	def finish(self, status: int) -> None:
		"""Send the client a final audio status, and close the connection if it does not."""
		self.send(frames.encode(frames.AUDIO_STATUS, audio_status={"audio_status": status}))
		loop = asyncio.get_running_loop()
		loop.call_later(_CLOSE_GRACE, self._outgoing.put_nowait, 1000)

	def drop(self) -> None:
		"""Cut the connection as a network would."""
		if self._socket._req is not None and self._socket._req.transport is not None:
			self._socket._req.transport.abort()

	async def serve(self, room: Room) -> None:
		"""Handle frames until the connection ends."""
		writer = asyncio.get_running_loop().create_task(self._write())
		handlers = _handlers(room, self)
		try:
			async for message in self._socket:
				if message.type != WSMsgType.BINARY:
					continue
				frame = frames.decode(message.data)
				if frame is None or (self.gone and frame.type != frames.LEAVE):
					continue
				if handler := handlers.get(frame.type):
					await _called(handler, frame)
		finally:
			writer.cancel()

	async def _write(self) -> None:
		with contextlib.suppress(ConnectionError):
			while True:
				item = await self._outgoing.get()
				if isinstance(item, int):
					await self._socket.close(code=item)
					return
				await self._socket.send_bytes(item)

	async def negotiate(self, room: Room, subscribe: Any, certificate: RTCCertificate) -> dict[str, Any]:
		"""The acknowledgement of a subscription; opens or continues the peer connection."""
		offer = sdp.parse(subscribe.sdp_offer)
		if self.leg and not self.leg.continues(offer):
			await self.leg.close()
			self.leg = None
		if self.leg is None:
			bitrate = room.world.settings.video_bitrate
			self.leg = Leg(certificate, bitrate, lambda connected: room.media(self, connected))
		room.publish(self, publishes_video(subscribe))
		wishes = [room.source(self, stream_id) for stream_id in subscribe.receive_stream_ids]
		answer, tracks = await self.leg.negotiate(offer, wishes)
		return {
			"duplex": subscribe.duplex,
			"sdp_answer": answer,
			"allocations": self._allocations(subscribe),
			"tracks": [{"stream_id": t.stream_id, "ssrc": t.ssrc, "track_label": t.label} for t in tracks],
		}

	def _allocations(self, subscribe: Any) -> list[dict[str, Any]]:
		if self.source is None:
			return []
		ids = {"stream_id": self.source.stream_id, "group_id": self.source.group_id}
		labels = [s.track_label for s in subscribe.send_streams if s.media_type == frames.VIDEO]
		return [{"track_label": label, **ids} for label in labels]

	def too_fast(self) -> bool:
		"""Whether this data message is one too many for a second."""
		now = time.monotonic()
		while self._sent_on and now - self._sent_on[0] > 1:
			self._sent_on.popleft()
		self._sent_on.append(now)
		return len(self._sent_on) > _MESSAGES_PER_SECOND


def publishes_video(subscribe: Any) -> bool:
	"""Whether a subscription sends video as well as receiving."""
	sends = any(stream.media_type == frames.VIDEO for stream in subscribe.send_streams)
	return sends and subscribe.duplex != frames.RECEIVE_ONLY


async def _called(handler: Callable[[Any], Any], frame: Any) -> None:
	result = handler(frame)
	if result is not None:
		await result


def _handlers(room: Room, session: Session) -> dict[int, Callable[[Any], Any]]:
	return {
		frames.SUBSCRIBE: lambda frame: room.subscribe(session, frame.sub),
		frames.PING_PONG: lambda frame: _pong(session, frame.ping_pong),
		frames.AUDIO_CONTROL: lambda frame: room.mute(session, frame.audio_control.muted),
		frames.DATA_MESSAGE: lambda frame: room.relay(session, frame.data_message.messages),
		frames.PAUSE: lambda frame: room.pause(session, frame.pause.stream_ids, True),
		frames.RESUME: lambda frame: room.pause(session, frame.pause.stream_ids, False),
		frames.REMOTE_VIDEO_UPDATE: lambda frame: room.switch(session, frame.remote_video_update),
		frames.LEAVE: lambda frame: room.leave(session),
	}


def _pong(session: Session, ping: Any) -> None:
	if ping.type == frames.PING:
		session.send(
			frames.encode(frames.PING_PONG, ping_pong={"type": frames.PONG, "ping_id": ping.ping_id})
		)
