"""Video forwarding: a source's packets go to those who watch it, renumbered, never decoded."""

from __future__ import annotations

import random
import time
from collections import OrderedDict
from collections.abc import Callable

from tools.chime_emulator.media import rtp
from tools.chime_emulator.media.sdp import Outgoing

_HISTORY = 512
_KEY_FRAME_EVERY = 0.3
_FRAME_TICKS = 3000


class VideoSource:
	"""One published stream. `ask` requests a key frame from its publisher; `allowed` is asked for every packet."""

	def __init__(
		self, stream_id: int, group_id: int, ask: Callable[[], None], allowed: Callable[[], bool]
	) -> None:
		self.stream_id = stream_id
		self.group_id = group_id
		self._ask = ask
		self._allowed = allowed
		self._asked_on = 0.0
		self.viewers: list[VideoOut] = []

	def forward(self, packet: rtp.Packet) -> None:
		if self._allowed():
			for viewer in self.viewers:
				viewer.forward(packet)

	def request_key_frame(self) -> None:
		now = time.monotonic()
		if now - self._asked_on >= _KEY_FRAME_EVERY:
			self._asked_on = now
			self._ask()


class VideoOut:
	"""One m-line on which a browser receives video: a stable identity for whatever it is showing."""

	def __init__(self, mid: str, send: Callable[[bytes], None]) -> None:
		self._mid = mid
		self.outgoing = Outgoing(random.getrandbits(32), f"video-{mid}")
		self.payload_type = 0
		self.source: VideoSource | None = None
		self.paused = False
		self.packets = 0
		self._send = send
		self._waiting_for_key = True
		self._sequence_shift = 0
		self._timestamp_shift = 0
		self._last_sequence = random.getrandbits(15)
		self._last_timestamp = random.getrandbits(31)
		self._history: OrderedDict[int, bytes] = OrderedDict()

	def watch(self, source: VideoSource | None) -> None:
		if source is self.source:
			return
		if self.source and self in self.source.viewers:
			self.source.viewers.remove(self)
		self.source = source
		self._waiting_for_key = True
		if source:
			# Another label for another source: browsers announce a track only when its label is new.
			self.outgoing = Outgoing(self.outgoing.ssrc, f"video-{self._mid}-{source.stream_id}")
			source.viewers.append(self)
			source.request_key_frame()

	def pause(self, paused: bool) -> None:
		if self.paused and not paused:
			self._waiting_for_key = True
			self._request_key_frame()
		self.paused = paused

	def forward(self, packet: rtp.Packet) -> None:
		if self.paused or (self._waiting_for_key and not self._restart(packet)):
			return
		sequence = (packet.sequence + self._sequence_shift) & 0xFFFF
		timestamp = (packet.timestamp + self._timestamp_shift) & 0xFFFFFFFF
		data = rtp.pack(packet, self.payload_type, sequence, timestamp, self.outgoing.ssrc)
		self._last_sequence, self._last_timestamp = sequence, timestamp
		self._history[sequence] = data
		if len(self._history) > _HISTORY:
			self._history.popitem(last=False)
		self.packets += 1
		self._send(data)

	def lost(self, sequences: list[int]) -> None:
		"""Resend buffered packets; if they are gone, request a key frame."""
		for sequence in sequences:
			if data := self._history.get(sequence):
				self._send(data)
			else:
				self._request_key_frame()

	def picture_lost(self) -> None:
		self._request_key_frame()

	def _restart(self, packet: rtp.Packet) -> bool:
		if not packet.starts_key_frame:
			self._request_key_frame()
			return False
		self._waiting_for_key = False
		self._sequence_shift = self._last_sequence + 1 - packet.sequence
		self._timestamp_shift = self._last_timestamp + _FRAME_TICKS - packet.timestamp
		return True

	def _request_key_frame(self) -> None:
		if self.source:
			self.source.request_key_frame()
