"""RTP headers and the RTCP feedback a forwarder needs, as bytes. No payload is decoded here."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

SILENT_LEVEL = 127
PLI = (206, 1)
FIR = (206, 4)
NACK = (205, 1)
SENDER_REPORT = 200


@dataclass(frozen=True)
class Packet:
	payload_type: int
	marker: int
	padding: int
	sequence: int
	timestamp: int
	ssrc: int
	payload: bytes
	extensions: bytes

	@property
	def starts_key_frame(self) -> bool:
		"""Whether this is the first packet of a VP8 key frame (RFC 7741, 4.2 and 4.3)."""
		head = self.payload[:1]
		if not head or not head[0] & 0x10 or head[0] & 0x07:
			return False
		offset = _descriptor_length(self.payload)
		return len(self.payload) > offset and not self.payload[offset] & 0x01

	def audio_level(self, extension_id: int) -> int:
		"""How loud, in -dBov: 0 is loudest, 127 silence; 0 when the browser does not say."""
		position = 0
		while extension_id and position < len(self.extensions):
			byte = self.extensions[position]
			if byte == 0:
				position += 1
				continue
			if byte >> 4 == extension_id:
				return self.extensions[position + 1] & 0x7F
			position += (byte & 0x0F) + 2
		return 0


def parse(data: bytes) -> Packet | None:
	if len(data) < 12:
		return None
	first, second, sequence, timestamp, ssrc = struct.unpack_from("!BBHII", data)
	offset = 12 + 4 * (first & 0x0F)
	extensions = b""
	if first & 0x10:
		length = 4 * struct.unpack_from("!H", data, offset + 2)[0]
		extensions = data[offset + 4 : offset + 4 + length]
		offset += 4 + length
	return Packet(
		second & 0x7F, second >> 7, first >> 5 & 1, sequence, timestamp, ssrc, data[offset:], extensions
	)


def pack(packet: Packet, payload_type: int, sequence: int, timestamp: int, ssrc: int) -> bytes:
	"""The packet under another identity, without header extensions."""
	first, second = 0x80 | packet.padding << 5, packet.marker << 7 | payload_type
	header = struct.pack("!BBHII", first, second, sequence & 0xFFFF, timestamp & 0xFFFFFFFF, ssrc)
	return header + packet.payload


def pack_audio(payload_type: int, sequence: int, timestamp: int, ssrc: int, payload: bytes) -> bytes:
	return struct.pack("!BBHII", 0x80, payload_type, sequence, timestamp, ssrc) + payload


def _descriptor_length(payload: bytes) -> int:
	if not payload[0] & 0x80 or len(payload) < 3:
		return 1
	flags, length = payload[1], 2
	if flags & 0x80:
		length += 2 if payload[2] & 0x80 else 1
	if flags & 0x40:
		length += 1
	return length + (1 if flags & 0x30 else 0)


@dataclass(frozen=True)
class Feedback:
	"""One RTCP packet: `kind` is (packet type, format or count); `body` starts with the sender's SSRC."""

	kind: tuple[int, int]
	body: bytes

	@property
	def media_ssrcs(self) -> list[int]:
		if self.kind == FIR:
			return [struct.unpack_from("!I", self.body, at)[0] for at in range(8, len(self.body) - 7, 8)]
		return [struct.unpack_from("!I", self.body, 4)[0]] if len(self.body) >= 8 else []

	def lost(self) -> Iterator[int]:
		"""The sequence numbers a NACK asks for."""
		for at in range(8, len(self.body) - 3, 4):
			first, mask = struct.unpack_from("!HH", self.body, at)
			yield first
			yield from ((first + bit + 1) & 0xFFFF for bit in range(16) if mask >> bit & 1)


def parse_rtcp(data: bytes) -> Iterator[Feedback]:
	position = 0
	while position + 4 <= len(data):
		first, kind, words = struct.unpack_from("!BBH", data, position)
		end = position + 4 + 4 * words
		yield Feedback((kind, first & 0x1F), data[position + 4 : end])
		position = end


def picture_loss(own_ssrc: int, media_ssrc: int) -> bytes:
	return struct.pack("!BBHII", 0x81, 206, 2, own_ssrc, media_ssrc)


def receiver_report(own_ssrc: int, media_ssrc: int, highest: int, last_report: int, delay: int) -> bytes:
	"""A report without loss or jitter. `last_report` and `delay` let the sender measure the round trip."""
	block = struct.pack("!IIIIII", media_ssrc, 0, highest, 0, last_report, delay)
	return struct.pack("!BBHI", 0x81, 201, 7, own_ssrc) + block


def bitrate_estimate(own_ssrc: int, media_ssrc: int, bitrate: int) -> bytes:
	exponent = max(0, bitrate.bit_length() - 18)
	packed = 1 << 24 | exponent << 18 | bitrate >> exponent
	return struct.pack("!BBHII4sII", 0x8F, 206, 5, own_ssrc, 0, b"REMB", packed, media_ssrc)
