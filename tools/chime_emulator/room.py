"""One meeting's attendees: presence, subscriptions, data messages and the events of the meeting."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable
from typing import Any

from aiortc import RTCCertificate

from tools.chime_emulator import frames
from tools.chime_emulator.media.audio import Mixer
from tools.chime_emulator.media.rtp import SILENT_LEVEL
from tools.chime_emulator.media.video import VideoSource
from tools.chime_emulator.session import Session
from tools.chime_emulator.world import Meeting, World

REPLACED, FULL, ENDED, REMOVED = 301, 409, 410, 411
_CONTENT_FULL = 509
_MAX_SHARES = 2
_TICK = 0.02
_VOLUME_TICKS = 10
_REPORT_EVERY = 1.0
_MAX_MESSAGES = 1024
_MAX_LIFETIME_MS = 300_000


class Room:
	def __init__(self, world: World, meeting: Meeting, certificate: RTCCertificate) -> None:
		self.world = world
		self.meeting = meeting
		self.sessions: dict[str, Session] = {}
		self._certificate = certificate
		self._mixer = Mixer()
		self._audio_streams = 0
		self._streams = 1
		self._stored: list[tuple[float, dict[str, Any]]] = []
		self._ticker: asyncio.Task[None] | None = None
		self._closing: set[asyncio.Task[None]] = set()

	# Coming and going

	def enter(self, session: Session) -> None:
		"""Acknowledge an accepted join and send the list of video streams."""
		if known := self.sessions.get(session.key):
			if known.client != session.client:
				known.finish(REPLACED)
			self.depart(known, dropped=known.client == session.client)
		self.sessions[session.key] = session
		if not session.content:
			self.world.emit_attendee(self.meeting, session.attendee, "AttendeeAuthorized")
		ack = {"video_subscription_limit": 25, "wants_compressed_sdp": False, "default_network_adaption": 1}
		session.send(frames.encode(frames.JOIN_ACK, joinack=ack))
		session.send(self._index(session))

	async def subscribe(self, session: Session, subscribe: Any) -> None:
		if refusal := self._refusal(session):
			session.send(refusal)
			self.depart(session, dropped=False)
			return
		if not session.present:
			session.muted = subscribe.audio_muted
		ack = await session.negotiate(self, subscribe, self._certificate)
		session.send(frames.encode(frames.SUBSCRIBE_ACK, suback=ack))

	def _refusal(self, session: Session) -> bytes | None:
		others = [s for s in self.sessions.values() if s is not session and s.present]
		if session.content and sum(s.content for s in others) >= _MAX_SHARES:
			return frames.encode(frames.INDEX, error={"status": _CONTENT_FULL})
		counted = [s for s in others if self.world.settings.content_counts or not s.content]
		if not session.present and len(counted) >= self.meeting.max_count:
			return frames.encode(frames.AUDIO_STATUS, audio_status={"audio_status": FULL})
		return None

	def media(self, session: Session, connected: bool) -> None:
		"""The peer connection of `session` came up, or went down."""
		if not connected or session.gone or session.present:
			return
		session.present = True
		self._audio_streams += 1
		session.audio_stream_id = self._audio_streams
		self.world.connect(self.meeting, session.key)
		self._emit(session, "Joined", networkType="Voip")
		session.send(_presence(s for s in self.sessions.values() if s.present))
		self._tell_others(session, _presence([session]))
		self._deliver_stored(session)
		if session.source:
			self._emit(session, "VideoStarted")
		if self._ticker is None:
			self._ticker = asyncio.get_running_loop().create_task(self._tick())

	def leave(self, session: Session) -> None:
		session.left = True
		self.depart(session, dropped=False)
		session.send(frames.encode(frames.LEAVE_ACK, leave_ack={}))

	def depart(self, session: Session, dropped: bool) -> None:
		"""Remove `session`, for any reason. Idempotent."""
		if session.gone:
			return
		self.publish(session, False)
		session.gone = True
		if self.sessions.get(session.key) is session:
			del self.sessions[session.key]
		if session.leg:
			self._spawn(session.leg.close())
		if session.present:
			self.world.disconnect(self.meeting, session.key)
			self._emit(session, "Dropped" if dropped else "Left", networkType="Voip")
			gone = [{"audio_stream_id": session.audio_stream_id, "dropped": dropped}]
			self._tell_others(
				session, frames.encode(frames.AUDIO_STREAM_ID_INFO, audio_stream_id_info={"streams": gone})
			)

	def expel(self, keys: Iterable[str], status: int) -> None:
		for key in keys:
			if session := self.sessions.get(key):
				session.finish(status)
				self.depart(session, dropped=False)

	async def close(self) -> None:
		if self._ticker:
			self._ticker.cancel()
		for session in list(self.sessions.values()):
			self.depart(session, dropped=True)
		await asyncio.gather(*self._closing, return_exceptions=True)

	# Video

	def publish(self, session: Session, sending: bool) -> None:
		"""`session` starts or stops sending video; every session is sent the list of video streams."""
		leg = session.leg
		if leg is None or sending == (leg.source is not None):
			return
		if sending:
			self._streams += 1
			allowed = session.attendee.may
			medium = session.medium
			leg.source = VideoSource(
				self._streams, self._streams, leg.request_key_frame, lambda: allowed(medium, "Send")
			)
		elif leg.source:
			for viewer in list(leg.source.viewers):
				viewer.watch(None)
			leg.source = None
		if session.present:
			self._emit(session, "VideoStarted" if sending else "VideoStopped")
		for other in self.sessions.values():
			if other is not session:
				other.send(self._index(other))

	def source(self, viewer: Session, stream_id: int) -> VideoSource | None:
		for session in self.sessions.values():
			found = session.source
			if found and found.stream_id == stream_id and viewer.attendee.may(session.medium, "Receive"):
				return found
		return None

	def pause(self, session: Session, stream_ids: Iterable[int], paused: bool) -> None:
		wanted = set(stream_ids)
		for out in session.leg.video_outs.values() if session.leg else ():
			if out.source and out.source.stream_id in wanted:
				out.pause(paused)

	def switch(self, session: Session, update: Any) -> None:
		"""Another stream on a line that is there already."""
		outs = session.leg.video_outs if session.leg else {}
		for wish in update.added_or_updated:
			if out := outs.get(wish.mid):
				out.watch(self.source(session, wish.stream_id))
		for mid in update.removed_mids:
			if out := outs.get(mid):
				out.watch(None)

	def _index(self, viewer: Session) -> bytes:
		sources = [_described(s) for s in self.sessions.values() if s.source and s is not viewer]
		index = {"sources": sources, "num_participants": len(self.sessions)}
		return frames.encode(frames.INDEX, index=index)

	# Audio and words

	def mute(self, session: Session, muted: bool) -> None:
		session.muted = muted
		if session.present:
			stream = {"audio_stream_id": session.audio_stream_id, "muted": muted}
			self._tell_all(
				frames.encode(frames.AUDIO_STREAM_ID_INFO, audio_stream_id_info={"streams": [stream]})
			)

	def relay(self, session: Session, messages: Iterable[Any]) -> None:
		for message in messages:
			payload = {
				"topic": message.topic,
				"data": message.data,
				"sender_attendee_id": session.attendee.attendee_id,
				"sender_external_user_id": session.attendee.external_user_id,
				"ingest_time_ns": time.time_ns(),
			}
			if session.too_fast():
				session.send(_words({**payload, "ingest_time_ns": 0}))
				continue
			self._tell_others(session, _words(payload))
			if message.lifetime_ms:
				self._keep(payload, message.lifetime_ms)

	def _keep(self, payload: dict[str, Any], lifetime_ms: int) -> None:
		until = self.world.clock.now() + min(lifetime_ms, _MAX_LIFETIME_MS) / 1000
		self._stored = [*self._stored, (until, payload)][-_MAX_MESSAGES:]

	def _deliver_stored(self, session: Session) -> None:
		now = self.world.clock.now()
		for until, payload in self._stored:
			if until > now and not session.content:
				session.send(_words(payload))

	async def _tick(self) -> None:
		"""Every 20 ms: one audio packet to everybody; at times volumes and reports."""
		due = last_report = time.monotonic()
		count = 0
		while True:
			due = max(due + _TICK, time.monotonic() - 5 * _TICK)
			await asyncio.sleep(max(0.0, due - time.monotonic()))
			here = [s for s in self.sessions.values() if s.present and s.leg and s.leg.connected]
			self._mix(here)
			count += 1
			if count % _VOLUME_TICKS == 0:
				self._tell_volumes(here)
			if time.monotonic() - last_report >= _REPORT_EVERY:
				last_report = time.monotonic()
				for session in here:
					session.leg.report()  # type: ignore[union-attr]

	def _mix(self, here: list[Session]) -> None:
		legs = [(session, session.leg) for session in here if session.leg]
		for session, leg in legs:
			leg.audio_in.advance(heard=not session.muted and session.attendee.may("Audio", "Send"))
		speaking = [(session.attendee, leg.audio_in) for session, leg in legs if leg.audio_in.speaking]
		self._mixer.begin()
		for session, leg in legs:
			listens = not session.content and session.attendee.may("Audio", "Receive")
			heard = [audio for attendee, audio in speaking if listens and attendee is not session.attendee]
			leg.audio_out.send(self._mixer.payload(heard))

	def _tell_volumes(self, here: list[Session]) -> None:
		levels = {s.audio_stream_id: s.leg.audio_in.take_loudest() for s in here if s.leg}
		states = [
			{"audio_stream_id": stream, "volume": level, "signal_strength": 2}
			for stream, level in levels.items()
			if level < SILENT_LEVEL
		]
		data = frames.encode(frames.AUDIO_METADATA, audio_metadata={"attendee_states": states})
		for session in here:
			session.send(data)

	# Telling

	def _tell_all(self, data: bytes) -> None:
		for session in self.sessions.values():
			if session.present:
				session.send(data)

	def _tell_others(self, but: Session, data: bytes) -> None:
		for session in self.sessions.values():
			if session is not but and session.present and not session.content:
				session.send(data)

	def _emit(self, session: Session, what: str, **extra: str) -> None:
		prefix = "AttendeeContent" if session.content else "Attendee"
		self.world.emit_attendee(self.meeting, session.attendee, prefix + what, **extra)

	def _spawn(self, work: Any) -> None:
		task = asyncio.get_running_loop().create_task(work)
		self._closing.add(task)
		task.add_done_callback(self._closing.discard)


def _words(payload: dict[str, Any]) -> bytes:
	return frames.encode(frames.DATA_MESSAGE, data_message={"messages": [payload]})


def _presence(sessions: Iterable[Session]) -> bytes:
	streams = [
		{
			"audio_stream_id": s.audio_stream_id,
			"attendee_id": s.key,
			"external_user_id": s.attendee.external_user_id,
			"muted": s.muted,
		}
		for s in sessions
	]
	return frames.encode(frames.AUDIO_STREAM_ID_INFO, audio_stream_id_info={"streams": streams})


def _described(session: Session) -> dict[str, Any]:
	source = session.source
	assert source is not None
	return {
		"stream_id": source.stream_id,
		"group_id": source.group_id,
		"attendee_id": session.key,
		"external_user_id": session.attendee.external_user_id,
		"media_type": frames.VIDEO,
		"framerate": 15,
		"max_bitrate_kbps": 600,
		"avg_bitrate_bps": 400_000,
	}
