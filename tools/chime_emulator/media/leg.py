"""One attendee's media: what their browser sends, and the m-lines on which it receives."""

from __future__ import annotations

import random
import struct
import time
from collections.abc import Callable
from dataclasses import dataclass

from aiortc import RTCCertificate

from tools.chime_emulator.media import rtp, sdp
from tools.chime_emulator.media.audio import AudioIn, AudioOut
from tools.chime_emulator.media.transport import MediaTransport
from tools.chime_emulator.media.video import VideoOut, VideoSource

_NTP_UNITS = 65536


@dataclass
class _Incoming:
	"""A stream that arrives: enough to report on it."""

	highest: int = 0
	packets: int = 0
	last_report: int = 0
	reported_on: float = 0.0


@dataclass(frozen=True)
class Track:
	"""What is received where: the answer to one wish of a subscription."""

	stream_id: int
	ssrc: int
	label: str


class Leg:
	"""`source`: the stream this leg publishes, if it does. `on_state(True)` once media can flow."""

	def __init__(self, certificate: RTCCertificate, bitrate: int, on_state: Callable[[bool], None]) -> None:
		self._transport = MediaTransport(certificate, self._rtp, self._rtcp, on_state)
		self._bitrate = bitrate
		self._ssrc = random.getrandbits(32)
		self._incoming: dict[int, _Incoming] = {}
		self._video_ssrc = 0
		self._audio_types: set[int] = set()
		self.source: VideoSource | None = None
		self.audio_in = AudioIn()
		self.audio_out = AudioOut("audio", self._transport.send)
		self.video_outs: dict[str, VideoOut] = {}
		self.video_packets = 0

	def continues(self, offer: sdp.Offer) -> bool:
		return self._transport.ufrag in ("", offer.ufrag)

	@property
	def connected(self) -> bool:
		return self._transport.connected

	async def negotiate(self, offer: sdp.Offer, wishes: list[VideoSource | None]) -> tuple[str, list[Track]]:
		"""`wishes`: one for each video m-line, None where the browser sends or nothing is wanted."""
		outgoing: dict[str, sdp.Outgoing] = {}
		tracks: list[Track] = []
		for section in offer.sections:
			if section.kind == "audio" and section.usable:
				self._accept_audio(section)
				outgoing[section.mid] = self.audio_out.outgoing
		lines = [section for section in offer.sections if section.kind == "video"]
		for section, source in zip(lines, wishes + [None] * len(lines), strict=False):
			out = self._receiving_line(section, source)
			if out and source:
				outgoing[section.mid] = out.outgoing
				tracks.append(Track(source.stream_id, out.outgoing.ssrc, out.outgoing.label))
		return await self._transport.answer(offer, outgoing), tracks

	def _accept_audio(self, section: sdp.Section) -> None:
		self.audio_out.payload_type = section.payload_type
		self.audio_in.extension_id = section.audio_level_id
		self._audio_types = {section.payload_type or 0}

	def _receiving_line(self, section: sdp.Section, source: VideoSource | None) -> VideoOut | None:
		if not section.receives or section.direction == "sendrecv":
			if out := self.video_outs.pop(section.mid, None):
				out.watch(None)
			return None
		out = self.video_outs.get(section.mid)
		if out is None:
			out = self.video_outs[section.mid] = VideoOut(section.mid, self._transport.send)
		out.payload_type = section.payload_type or 0
		out.watch(source)
		return out

	def request_key_frame(self) -> None:
		if self._video_ssrc:
			self._transport.send_rtcp(rtp.picture_loss(self._ssrc, self._video_ssrc))

	def report(self) -> None:
		"""The receiver report of each second, which the browser's congestion control needs."""
		for ssrc, stream in self._incoming.items():
			delay = int((time.monotonic() - stream.reported_on) * _NTP_UNITS) if stream.last_report else 0
			data = rtp.receiver_report(self._ssrc, ssrc, stream.highest, stream.last_report, delay)
			if ssrc == self._video_ssrc:
				data += rtp.bitrate_estimate(self._ssrc, ssrc, self._bitrate)
			self._transport.send_rtcp(data)

	async def close(self) -> None:
		for out in self.video_outs.values():
			out.watch(None)
		await self._transport.close()

	def _rtp(self, data: bytes) -> None:
		packet = rtp.parse(data)
		if packet is None:
			return
		stream = self._incoming.setdefault(packet.ssrc, _Incoming())
		stream.packets += 1
		stream.highest = packet.sequence
		if packet.payload_type in self._audio_types:
			self.audio_in.push(packet)
			return
		self._video_ssrc = packet.ssrc
		self.video_packets += 1
		if self.source:
			self.source.forward(packet)

	def _rtcp(self, data: bytes) -> None:
		for feedback in rtp.parse_rtcp(data):
			if feedback.kind[0] == rtp.SENDER_REPORT and len(feedback.body) >= 12:
				self._sender_report(feedback.body)
			elif feedback.kind in (rtp.PLI, rtp.FIR, rtp.NACK):
				self._video_feedback(feedback)

	def _sender_report(self, body: bytes) -> None:
		ssrc, seconds, fraction = struct.unpack_from("!III", body)
		if stream := self._incoming.get(ssrc):
			stream.last_report = (seconds & 0xFFFF) << 16 | fraction >> 16
			stream.reported_on = time.monotonic()

	def _video_feedback(self, feedback: rtp.Feedback) -> None:
		for out in self.video_outs.values():
			if out.outgoing.ssrc not in feedback.media_ssrcs:
				continue
			if feedback.kind == rtp.NACK:
				out.lost(list(feedback.lost()))
			else:
				out.picture_lost()
