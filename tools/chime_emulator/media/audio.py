"""The one audio track each person hears: silence, the single speaker's own packets, or a mix when several speak."""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Callable, Iterable
from fractions import Fraction
from typing import Any, Literal

import numpy as np
from av import AudioFrame, CodecContext
from av.packet import Packet

from tools.chime_emulator.media import rtp
from tools.chime_emulator.media.sdp import Outgoing

SAMPLES = 960
_RATE = 48000
_SILENCE = b"\xf8\xff\xfe"
_LOUD_ENOUGH = 70
_HANGOVER = 20
_BACKLOG = 6
_KEEP = 2
_ENCODERS = 16


class AudioIn:
	"""What one person sends, a packet each 20 ms; `speaking` until a while after the last loud one."""

	def __init__(self) -> None:
		self._queue: deque[rtp.Packet] = deque()
		self._hangover = 0
		self._decoder: Any = None
		self.extension_id = 0
		self.level = rtp.SILENT_LEVEL
		self._loudest = rtp.SILENT_LEVEL
		self.current: bytes | None = None
		self.packets = 0

	@property
	def speaking(self) -> bool:
		return self._hangover > 0

	def push(self, packet: rtp.Packet) -> None:
		self.packets += 1
		self._queue.append(packet)
		if len(self._queue) > _BACKLOG:
			while len(self._queue) > _KEEP:
				self._queue.popleft()

	def advance(self, heard: bool) -> None:
		"""Move on by 20 ms. What is not `heard` (muted, not allowed) is thrown away."""
		packet = self._queue.popleft() if self._queue else None
		self.level = packet.audio_level(self.extension_id) if packet and heard else rtp.SILENT_LEVEL
		self._loudest = min(self._loudest, self.level)
		self._hangover = _HANGOVER if self.level < _LOUD_ENOUGH else max(0, self._hangover - 1)
		self._hangover = self._hangover if heard else 0
		self.current = packet.payload if packet and heard else None

	def take_loudest(self) -> int:
		"""The loudest level since this was last called: a short sound between two reports is reported."""
		loudest, self._loudest = self._loudest, rtp.SILENT_LEVEL
		return loudest

	def decode(self) -> np.ndarray[Any, Any]:
		"""The current 20 ms as samples (stereo, interleaved)."""
		if self._decoder is None:
			self._decoder = _codec("r")
		samples = np.zeros(SAMPLES * 2, dtype=np.int32)
		if self.current:
			for frame in self._decoder.decode(Packet(self.current)):
				decoded = frame.to_ndarray().reshape(-1)[: SAMPLES * 2]
				samples[: len(decoded)] = decoded
		return samples


class AudioOut:
	"""What one person hears. Time goes on by 20 ms at each `send`, whether or not there is a packet."""

	def __init__(self, label: str, send: Callable[[bytes], None]) -> None:
		self.outgoing = Outgoing(random.getrandbits(32), label)
		self.payload_type: int | None = None
		self.packets = 0
		self._send = send
		self._sequence = random.getrandbits(15)
		self._timestamp = random.getrandbits(31)

	def send(self, payload: bytes | None) -> None:
		self._timestamp = (self._timestamp + SAMPLES) & 0xFFFFFFFF
		if payload is None or self.payload_type is None:
			return
		self._sequence = (self._sequence + 1) & 0xFFFF
		self.packets += 1
		ssrc = self.outgoing.ssrc
		self._send(rtp.pack_audio(self.payload_type, self._sequence, self._timestamp, ssrc, payload))


class Mixer:
	"""Chooses what is heard by whom. Those who hear the same people share one encoded mix."""

	def __init__(self) -> None:
		self._encoders: dict[frozenset[AudioIn], _Encoder] = {}
		self._mixed: dict[frozenset[AudioIn], bytes | None] = {}
		self._decoded: dict[AudioIn, np.ndarray[Any, Any]] = {}

	def begin(self) -> None:
		self._mixed.clear()
		self._decoded.clear()

	def payload(self, heard: Iterable[AudioIn]) -> bytes | None:
		speakers = frozenset(heard)
		if not speakers:
			return _SILENCE
		if len(speakers) == 1:
			return next(iter(speakers)).current
		if speakers not in self._mixed:
			self._mixed[speakers] = self._mix(speakers)
		return self._mixed[speakers]

	def _mix(self, speakers: frozenset[AudioIn]) -> bytes | None:
		for speaker in speakers - self._decoded.keys():
			self._decoded[speaker] = speaker.decode()
		if speakers not in self._encoders:
			while len(self._encoders) >= _ENCODERS:
				self._encoders.pop(next(iter(self._encoders)))
			self._encoders[speakers] = _Encoder()
		total = np.sum([self._decoded[speaker] for speaker in speakers], axis=0)
		return self._encoders[speakers].encode(np.clip(total, -32768, 32767).astype(np.int16))


class _Encoder:
	def __init__(self) -> None:
		self._codec = _codec("w")
		self._pts = 0

	def encode(self, samples: np.ndarray[Any, Any]) -> bytes | None:
		frame = AudioFrame.from_ndarray(samples.reshape(1, -1), format="s16", layout="stereo")
		frame.sample_rate = _RATE
		frame.time_base = Fraction(1, _RATE)
		frame.pts = self._pts
		self._pts += SAMPLES
		packets = self._codec.encode(frame)
		return bytes(packets[0]) if packets else None


def _codec(mode: Literal["r", "w"]) -> Any:
	codec: Any = CodecContext.create("libopus", mode)
	codec.format, codec.layout, codec.sample_rate = "s16", "stereo", _RATE
	if mode == "w":
		codec.bit_rate = 48000
		codec.options = {"application": "voip", "compression_level": "3"}
		codec.time_base = Fraction(1, _RATE)
	return codec
