"""Reads a browser's offer and writes the answer: one bundled transport, Opus and VP8, no retransmission streams."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

_AUDIO_LEVEL = "urn:ietf:params:rtp-hdrext:ssrc-audio-level"
_ANSWERED = {"sendrecv": "sendrecv", "sendonly": "recvonly", "recvonly": "sendonly", "inactive": "inactive"}


@dataclass
class Section:
	"""One m-line of an offer. `payload_type`: of the codec we speak, or None when it is not offered."""

	kind: str
	rejected: bool
	mid: str = ""
	direction: str = "sendrecv"
	payload_type: int | None = None
	audio_level_id: int = 0
	ssrcs: list[int] = field(default_factory=list)

	@property
	def sends(self) -> bool:
		return self.usable and self.direction in ("sendrecv", "sendonly")

	@property
	def receives(self) -> bool:
		return self.usable and self.direction in ("sendrecv", "recvonly")

	@property
	def usable(self) -> bool:
		return not self.rejected and self.payload_type is not None


@dataclass
class Offer:
	sections: list[Section]
	ufrag: str
	pwd: str
	fingerprint: str
	candidates: list[str]


@dataclass(frozen=True)
class Transport:
	"""Our side of the bundle."""

	ufrag: str
	pwd: str
	fingerprint: str
	candidates: list[str]


@dataclass(frozen=True)
class Outgoing:
	"""What we send on an m-line: its SSRC and the label by which the client knows it."""

	ssrc: int
	label: str


def parse(text: str) -> Offer:
	_head, *bodies = re.split(r"(?m)^(?=m=)", text.replace("\r\n", "\n"))
	return Offer(
		sections=[_section(body) for body in bodies],
		ufrag=_first(r"^a=ice-ufrag:(\S+)", text),
		pwd=_first(r"^a=ice-pwd:(\S+)", text),
		fingerprint=_first(r"^a=fingerprint:sha-256 (\S+)", text),
		candidates=re.findall(r"(?m)^a=candidate:(.+?)\r?$", text),
	)


def _first(pattern: str, text: str) -> str:
	match = re.search(pattern, text, re.MULTILINE)
	if match is None:
		raise ValueError("the offer lacks a transport parameter")
	return match[1]


def _section(body: str) -> Section:
	line = body.split("\n", 1)[0].split()
	section = Section(
		kind=line[0].removeprefix("m="), rejected=line[1] == "0" and "a=bundle-only" not in body
	)
	section.mid = _first(r"^a=mid:(\S+)", body)
	if direction := re.search(r"(?m)^a=(sendrecv|sendonly|recvonly|inactive)$", body):
		section.direction = direction[1]
	codec = "opus/48000" if section.kind == "audio" else "VP8/90000"
	if found := re.search(rf"(?mi)^a=rtpmap:(\d+) {codec}", body):
		section.payload_type = int(found[1])
	if level := re.search(rf"(?m)^a=extmap:(\d+)\S* {_AUDIO_LEVEL}$", body):
		section.audio_level_id = int(level[1])
	section.ssrcs = list(dict.fromkeys(int(ssrc) for ssrc in re.findall(r"(?m)^a=ssrc:(\d+)", body)))
	return section


def answer(offer: Offer, transport: Transport, outgoing: dict[str, Outgoing], version: int) -> str:
	"""`outgoing` by mid; an m-line we do not know how to serve is refused."""
	mids = " ".join(section.mid for section in offer.sections if section.usable)
	lines = ["v=0", f"o=- 4611731400430051336 {version} IN IP4 127.0.0.1", "s=-", "t=0 0"]
	lines += [f"a=group:BUNDLE {mids}", "a=msid-semantic: WMS *"]
	for section in offer.sections:
		lines += _answer_section(section, transport, outgoing.get(section.mid))
	return "\r\n".join(lines) + "\r\n"


def _answer_section(section: Section, transport: Transport, outgoing: Outgoing | None) -> list[str]:
	if not section.usable:
		return [
			f"m={section.kind} 0 UDP/TLS/RTP/SAVPF 0",
			"c=IN IP4 0.0.0.0",
			f"a=mid:{section.mid}",
			"a=inactive",
		]
	direction = _ANSWERED[section.direction]
	if outgoing is None:
		direction = {"sendrecv": "recvonly", "sendonly": "inactive"}.get(direction, direction)
	lines = [
		f"m={section.kind} 9 UDP/TLS/RTP/SAVPF {section.payload_type}",
		"c=IN IP4 0.0.0.0",
		f"a=mid:{section.mid}",
		f"a={direction}",
		"a=rtcp-mux",
		*_codec(section),
	]
	if outgoing and direction in ("sendrecv", "sendonly"):
		lines.append(f"a=msid:{outgoing.label} {outgoing.label}")
		lines.append(f"a=ssrc:{outgoing.ssrc} cname:emulator")
	lines += [f"a=ice-ufrag:{transport.ufrag}", f"a=ice-pwd:{transport.pwd}"]
	lines += [f"a=fingerprint:sha-256 {transport.fingerprint}", "a=setup:active"]
	return (
		lines + [f"a=candidate:{candidate}" for candidate in transport.candidates] + ["a=end-of-candidates"]
	)


def _codec(section: Section) -> list[str]:
	number = section.payload_type
	if section.kind == "audio":
		lines = [f"a=rtpmap:{number} opus/48000/2", f"a=fmtp:{number} minptime=10;useinbandfec=1"]
		return lines + (
			[f"a=extmap:{section.audio_level_id} {_AUDIO_LEVEL}"] if section.audio_level_id else []
		)
	feedback = [f"a=rtcp-fb:{number} {kind}" for kind in ("goog-remb", "ccm fir", "nack", "nack pli")]
	return [f"a=rtpmap:{number} VP8/90000", *feedback]
