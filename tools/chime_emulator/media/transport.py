"""One browser's peer connection, on loopback: ICE and DTLS from aiortc, and raw RTP in and out. No codecs."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import aioice.ice
from aiortc import RTCCertificate, RTCDtlsFingerprint, RTCDtlsParameters, RTCIceGatherer, RTCIceParameters
from aiortc.rtcdtlstransport import RTCDtlsTransport, State
from aiortc.rtcicetransport import RTCIceTransport

from tools.chime_emulator.media import sdp

_HOST = "127.0.0.1"
# Nothing listens there: it keeps a check list with no usable candidate open until the browser's own check arrives.
_PLACEHOLDER = "1 1 udp 1 127.0.0.1 9 typ host"

aioice.ice.get_host_addresses = lambda use_ipv4, use_ipv6: [_HOST]


class _RawDtls(RTCDtlsTransport):
	"""aiortc's DTLS with its RTP machinery left out."""

	on_rtp: Callable[[bytes], None]
	on_rtcp: Callable[[bytes], None]

	async def _handle_rtp_data(self, data: bytes, arrival_time_ms: int) -> None:
		self.on_rtp(data)

	async def _handle_rtcp_data(self, data: bytes) -> None:
		self.on_rtcp(data)

	def post(self, data: bytes, rtcp: bool) -> None:
		pair = self.transport._connection._nominated.get(1)
		if self._state != State.CONNECTED or pair is None or pair.protocol.transport is None:
			return
		protect = self._tx_srtp.protect_rtcp if rtcp else self._tx_srtp.protect
		pair.protocol.transport.sendto(protect(data), pair.remote_addr)


class MediaTransport:
	"""Answers offers of one peer connection; `ufrag` tells whether an offer belongs to it."""

	def __init__(
		self,
		certificate: RTCCertificate,
		on_rtp: Callable[[bytes], None],
		on_rtcp: Callable[[bytes], None],
		on_state: Callable[[bool], None],
	) -> None:
		self._gatherer = RTCIceGatherer(iceServers=[])
		self._ice = RTCIceTransport(self._gatherer)
		self._dtls = _RawDtls(self._ice, [certificate])
		self._dtls._set_role("client")
		self._dtls.on_rtp = on_rtp
		self._dtls.on_rtcp = on_rtcp
		self._dtls.on("statechange", self._changed)
		self._on_state = on_state
		self._connecting: asyncio.Task[None] | None = None
		self._version = 1
		self.ufrag = ""

	async def answer(self, offer: sdp.Offer, outgoing: dict[str, sdp.Outgoing]) -> str:
		if self._connecting is None:
			self.ufrag = offer.ufrag
			await self._gatherer.gather()
			self._connecting = asyncio.get_running_loop().create_task(self._connect(offer))
		self._version += 1
		return sdp.answer(offer, self._described(), outgoing, self._version)

	def send(self, data: bytes) -> None:
		self._dtls.post(data, rtcp=False)

	def send_rtcp(self, data: bytes) -> None:
		self._dtls.post(data, rtcp=True)

	@property
	def connected(self) -> bool:
		return self._dtls.state == "connected"

	async def close(self) -> None:
		if self._connecting:
			self._connecting.cancel()
		await self._dtls.stop()
		await self._ice.stop()

	def _changed(self) -> None:
		if self._dtls.state in ("connected", "closed", "failed"):
			self._on_state(self._dtls.state == "connected")

	async def _connect(self, offer: sdp.Offer) -> None:
		for line in _usable(offer.candidates):
			await self._gatherer._connection.add_remote_candidate(aioice.Candidate.from_sdp(line))
		await self._ice.start(RTCIceParameters(usernameFragment=offer.ufrag, password=offer.pwd))
		if self._ice.state == "completed":
			fingerprint = RTCDtlsFingerprint(algorithm="sha-256", value=offer.fingerprint)
			await self._dtls.start(RTCDtlsParameters(fingerprints=[fingerprint]))

	def _described(self) -> sdp.Transport:
		own = self._gatherer.getLocalParameters()
		fingerprints = self._dtls.getLocalParameters().fingerprints
		candidates = [candidate.to_sdp() for candidate in self._gatherer._connection.local_candidates]
		fingerprint = next(f.value for f in fingerprints if f.algorithm == "sha-256")
		return sdp.Transport(str(own.usernameFragment), str(own.password), fingerprint, candidates)


def _usable(candidates: list[str]) -> list[str]:
	"""IPv4 over UDP with an address: what a socket on loopback can answer."""
	fields = [(line, line.split()) for line in candidates]
	lines = [
		line
		for line, f in fields
		if f[2].lower() == "udp" and f[4].replace(".", "").isdigit() and f[7] == "host"
	]
	return list(dict.fromkeys(lines)) or [_PLACEHOLDER]
