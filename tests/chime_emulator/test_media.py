"""The media plane without a browser: what is mixed, what is only passed on, how video streams are joined."""

from __future__ import annotations

import struct
from typing import Any

import numpy as np
import pytest

from tools.chime_emulator import frames
from tools.chime_emulator.media import rtp, sdp
from tools.chime_emulator.media.audio import SAMPLES, AudioIn, AudioOut, Mixer, _codec, _Encoder
from tools.chime_emulator.media.video import VideoOut, VideoSource

LEVEL_ID = 1
SILENCE = b"\xf8\xff\xfe"


def spoken(payload: bytes, level: int = 20, sequence: int = 0) -> rtp.Packet:
	extensions = bytes([LEVEL_ID << 4, level, 0, 0])
	return rtp.Packet(111, 0, 0, sequence, 0, 7, payload, extensions)


class Voice:
	"""A sender of one tone."""

	def __init__(self, frequency: float) -> None:
		self.audio = AudioIn()
		self.audio.extension_id = LEVEL_ID
		self._encoder = _Encoder()
		self._frequency = frequency
		self._phase = 0

	def speak(self) -> bytes:
		times = (np.arange(SAMPLES) + self._phase) / 48000
		self._phase += SAMPLES
		wave = (8000 * np.sin(2 * np.pi * self._frequency * times)).astype(np.int16)
		payload = self._encoder.encode(np.repeat(wave, 2))
		assert payload is not None
		self.audio.push(spoken(payload))
		self.audio.advance(heard=True)
		return payload


def strengths(payloads: list[bytes], *frequencies: float) -> list[float]:
	"""How strong each frequency is in what a listener decodes."""
	listener = AudioIn()
	decoder = _codec("r")
	listener._decoder = decoder
	samples = []
	for payload in payloads:
		listener.current = payload
		samples.append(listener.decode()[::2])
	heard = np.concatenate(samples[len(samples) // 2 :])
	spectrum = np.abs(np.fft.rfft(heard * np.hanning(len(heard))))
	return [float(spectrum[round(f * len(heard) / 48000)] / spectrum.max()) for f in frequencies]


def test_no_one_speaks() -> None:
	mixer = Mixer()
	mixer.begin()
	assert mixer.payload([]) == SILENCE


def test_a_single_speaker_is_passed_on_untouched() -> None:
	mixer, ana = Mixer(), Voice(440)
	sent = ana.speak()
	mixer.begin()
	assert mixer.payload([ana.audio]) is sent


def test_several_speakers_are_mixed_and_the_mix_is_shared() -> None:
	mixer, ana, ben, cem = Mixer(), Voice(500), Voice(1200), Voice(3000)
	heard: list[bytes] = []
	for _ in range(50):
		for voice in (ana, ben, cem):
			voice.speak()
		mixer.begin()
		payload = mixer.payload([ana.audio, ben.audio])
		assert payload is not None
		assert mixer.payload([ben.audio, ana.audio]) is payload
		heard.append(payload)
	first, second, absent = strengths(heard, 500, 1200, 3000)
	assert first > 0.5
	assert second > 0.5
	assert absent < 0.05


def test_the_muted_are_not_heard_and_their_level_is_silence() -> None:
	ana = Voice(440)
	ana.audio.push(spoken(b"loud", level=10))
	ana.audio.advance(heard=False)
	assert (ana.audio.speaking, ana.audio.current, ana.audio.level) == (False, None, rtp.SILENT_LEVEL)


def test_a_short_sound_between_two_reports_is_reported_once() -> None:
	ana = Voice(440)
	for level in (127, 12, 127):
		ana.audio.push(spoken(b"beep", level=level))
		ana.audio.advance(heard=True)
	assert [ana.audio.take_loudest() for _ in range(2)] == [12, rtp.SILENT_LEVEL]


def test_speaking_ends_a_while_after_the_last_word() -> None:
	ana = Voice(440)
	ana.speak()
	for _ in range(19):
		ana.audio.push(spoken(b"hush", level=127))
		ana.audio.advance(heard=True)
	assert ana.audio.speaking
	ana.audio.advance(heard=True)
	assert not ana.audio.speaking


def test_a_backlog_is_thrown_away() -> None:
	audio = AudioIn()
	for number in range(7):
		audio.push(spoken(bytes([number])))
	audio.advance(heard=True)
	assert audio.current == b"\x05"


def test_time_goes_on_when_there_is_nothing_to_send() -> None:
	sent: list[bytes] = []
	out = AudioOut("audio", sent.append)
	out.payload_type = 111
	for payload in (b"a", None, b"b"):
		out.send(payload)
	first, second = (struct.unpack_from("!BBHI", data) for data in sent)
	assert second[2] - first[2] == 1
	assert (second[3] - first[3]) % 2**32 == 2 * SAMPLES


KEY, DELTA = b"\x10\x00", b"\x10\x01"


def picture(payload: bytes, sequence: int, timestamp: int = 0) -> rtp.Packet:
	return rtp.Packet(96, 1, 0, sequence & 0xFFFF, timestamp, 9, payload, b"")


class Screen:
	"""A viewer and two cameras they can watch."""

	def __init__(self) -> None:
		self.sent: list[bytes] = []
		self.asked: list[str] = []
		self.out = VideoOut("1", self.sent.append)
		self.out.payload_type = 100
		self.one = VideoSource(2, 2, lambda: self.asked.append("one"), lambda: True)
		self.two = VideoSource(3, 3, lambda: self.asked.append("two"), lambda: True)

	def sequences(self) -> list[int]:
		return [struct.unpack_from("!H", data, 2)[0] for data in self.sent]


@pytest.fixture
def screen() -> Screen:
	return Screen()


def test_a_viewer_starts_with_a_key_frame(screen: Screen) -> None:
	screen.out.watch(screen.one)
	screen.one.forward(picture(DELTA, 1))
	assert (screen.sent, screen.asked) == ([], ["one"])
	screen.one.forward(picture(KEY, 2))
	screen.one.forward(picture(DELTA, 3))
	assert len(screen.sent) == 2


def test_another_camera_continues_the_numbering_under_another_label(screen: Screen) -> None:
	screen.out.watch(screen.one)
	screen.one.forward(picture(KEY, 65535, 1000))
	screen.one.forward(picture(DELTA, 65536, 4000))
	label = screen.out.outgoing.label
	screen.out.watch(screen.two)
	screen.one.forward(picture(DELTA, 65537))
	screen.two.forward(picture(KEY, 500, 77))
	screen.two.forward(picture(DELTA, 502, 78))
	first, *rest = screen.sequences()
	assert [(n - first) % 65536 for n in rest] == [1, 2, 4]
	assert screen.out.outgoing.label != label


def test_what_was_lost_is_sent_again_or_begun_anew(screen: Screen) -> None:
	screen.out.watch(screen.one)
	screen.one._asked_on = 0.0
	screen.asked.clear()
	screen.one.forward(picture(KEY, 10))
	(sequence,) = screen.sequences()
	screen.out.lost([sequence])
	assert screen.sent[0] == screen.sent[1]
	assert screen.asked == []
	screen.out.lost([sequence - 1])
	assert screen.asked == ["one"]


def test_a_pause_ends_with_a_key_frame(screen: Screen) -> None:
	screen.out.watch(screen.one)
	screen.one.forward(picture(KEY, 1))
	screen.out.pause(True)
	screen.one.forward(picture(DELTA, 2))
	screen.out.pause(False)
	screen.one.forward(picture(DELTA, 3))
	assert len(screen.sent) == 1
	screen.one.forward(picture(KEY, 4))
	assert len(screen.sent) == 2


def test_who_may_not_send_is_not_forwarded(screen: Screen) -> None:
	barred = VideoSource(4, 4, lambda: None, lambda: False)
	screen.out.watch(barred)
	barred.forward(picture(KEY, 1))
	assert screen.sent == []


@pytest.mark.parametrize(
	("payload", "starts"),
	[
		(b"\x10\x00", True),
		(b"\x10\x01", False),
		(b"\x00\x00", False),
		(b"\x11\x00", False),
		(b"\x90\x80\x81\x23\x00", True),
		(b"\x90\xe0\x05\x00\x00\x01", False),
		(b"\x90\xe0\x05\x00\x00\x00", True),
		(b"", False),
	],
)
def test_key_frames_are_known_by_their_first_packet(payload: bytes, starts: bool) -> None:
	assert picture(payload, 1).starts_key_frame is starts


def test_packets_are_read_and_written() -> None:
	data = struct.pack("!BBHII", 0x90, 0x80 | 96, 5, 6, 7) + b"\xbe\xde\x00\x01\x10\x2a\x00\x00" + b"payload"
	packet = rtp.parse(data)
	assert packet == rtp.Packet(96, 1, 0, 5, 6, 7, b"payload", b"\x10\x2a\x00\x00")
	assert packet.audio_level(1) == 42
	assert packet.audio_level(2) == 0
	again = rtp.parse(rtp.pack(packet, 97, 65541, 8, 9))
	assert again == rtp.Packet(97, 1, 0, 5, 8, 9, b"payload", b"")
	assert rtp.parse(b"short") is None


def test_feedback_is_read() -> None:
	nack = struct.pack("!BBHIIHH", 0x81, 205, 3, 1, 2, 100, 0b101)
	pli, fir = rtp.picture_loss(1, 3), struct.pack("!BBHIIII", 0x84, 206, 4, 1, 0, 4, 0)
	found = list(rtp.parse_rtcp(nack + pli + fir))
	assert [f.kind for f in found] == [rtp.NACK, rtp.PLI, rtp.FIR]
	assert [f.media_ssrcs for f in found] == [[2], [3], [4]]
	assert list(found[0].lost()) == [100, 101, 103]


def test_the_bitrate_is_reported() -> None:
	(feedback,) = rtp.parse_rtcp(rtp.bitrate_estimate(1, 2, 600_000))
	packed = struct.unpack_from("!I", feedback.body, 12)[0]
	mantissa, exponent = packed & 0x3FFFF, packed >> 18 & 0x3F
	assert abs((mantissa << exponent) - 600_000) < 8
	assert packed >> 24 == 1


def test_frames_survive_the_wire_and_rubbish_is_no_frame() -> None:
	sent = frames.encode(frames.INDEX, index={"sources": [{"stream_id": 3, "attendee_id": "a"}]})
	frame: Any = frames.decode(sent)
	assert (frame.type, frame.index.sources[0].attendee_id) == (frames.INDEX, "a")
	for rubbish in (b"", b"\x02" + sent[1:], b"\x05\xff\xff", b"\x05"):
		assert frames.decode(rubbish) is None


OFFER = """v=0
a=group:BUNDLE 0 1 2
m=audio 9 UDP/TLS/RTP/SAVPF 111 63
a=ice-ufrag:abcd
a=ice-pwd:0123456789abcdef012345
a=fingerprint:sha-256 AA:BB
a=candidate:1 1 udp 2122194687 192.0.2.2 33035 typ host
a=mid:0
a=extmap:3 urn:ietf:params:rtp-hdrext:ssrc-audio-level
a=sendrecv
a=rtpmap:111 opus/48000/2
m=video 9 UDP/TLS/RTP/SAVPF 98 96
a=mid:1
a=sendonly
a=rtpmap:98 VP9/90000
a=rtpmap:96 VP8/90000
m=video 9 UDP/TLS/RTP/SAVPF 98
a=mid:2
a=recvonly
a=rtpmap:98 VP9/90000
"""


def test_an_offer_is_answered_line_by_line() -> None:
	offer = sdp.parse(OFFER)
	assert [(s.kind, s.payload_type, s.sends, s.receives) for s in offer.sections] == [
		("audio", 111, True, True),
		("video", 96, True, False),
		("video", None, False, False),
	]
	own = sdp.Transport("u", "p", "CC:DD", ["1 1 udp 1 127.0.0.1 5 typ host"])
	answer = sdp.answer(offer, own, {"0": sdp.Outgoing(42, "audio")}, 1)
	lines: list[Any] = answer.split("\r\n")
	assert "a=group:BUNDLE 0 1" in lines
	assert "m=video 0 UDP/TLS/RTP/SAVPF 0" in lines
	assert lines.count("a=setup:active") == 2
	assert "a=ssrc:42 cname:emulator" in lines
	assert "a=extmap:3 urn:ietf:params:rtp-hdrext:ssrc-audio-level" in lines
	assert answer.index("a=sendrecv") < answer.index("a=recvonly")


def test_an_offer_without_a_transport_is_no_offer() -> None:
	with pytest.raises(ValueError, match="transport"):
		sdp.parse("v=0\nm=audio 9 UDP/TLS/RTP/SAVPF 111\na=mid:0\n")
