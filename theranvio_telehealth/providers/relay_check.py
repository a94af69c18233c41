"""Asks STUN and TURN servers as a browser would: for the own address, and for a relay with credentials. It keeps nothing."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable, Sequence

from aioice import stun, turn

from theranvio_telehealth.domain.addresses import IceServer
from theranvio_telehealth.domain.sentences import Sentence, _
from theranvio_telehealth.providers.base import Finding

#: For each server; all are asked at once.
SECONDS = 5.0
#: Error codes of RFC 8656 by which a server turns credentials down.
UNAUTHORIZED = (401, 431, 438, 441)

_GIVEN = _("The server {0} gives a relay.")
_ANSWERS = _("The server {0} answers.")
_SILENT = _(
	"{0} does not answer within {1} seconds. Check the address, the port, and the firewalls in between."
)
_CLOSED = _("The server {0} takes no connection. Check the port, and whether the server runs.")
_UNKNOWN = _("The server {0} has a name that this server cannot find. Check the address.")
_REFUSES = _(
	"The server {0} refuses the secret. Enter the relay's own, which coturn calls static-auth-secret."
)
_ERROR = _("The server {0} answers with the error {1}. Look it up in the relay's log.")
_CERTIFICATE = _(
	"The server {0} has no certificate that this server trusts, so browsers will not trust it either."
)


def check(servers: Sequence[IceServer], username: str, password: str) -> tuple[Finding, ...]:
	"""One finding for each server, in their order, within about `SECONDS`. The credentials are for TURN only."""
	return tuple(asyncio.run(_all(servers, username, password)))


async def _all(servers: Sequence[IceServer], username: str, password: str) -> list[Finding]:
	return await asyncio.gather(*(_found(server, username, password) for server in servers))


async def _found(server: IceServer, username: str, password: str) -> Finding:
	ask = _bind(server) if server.scheme == "stun" else _allocate(server, username, password)
	return await _finding(server, ask, _ANSWERS if server.scheme == "stun" else _GIVEN)


async def _finding(server: IceServer, ask: Awaitable[None], success: str) -> Finding:
	name = server.address
	try:
		await asyncio.wait_for(ask, SECONDS)
	except stun.TransactionFailed as error:
		code = int(error.response.attributes.get("ERROR-CODE", (0, ""))[0])
		text = Sentence(_REFUSES, name) if code in UNAUTHORIZED else Sentence(_ERROR, name, code)
		return Finding(False, text)
	except (asyncio.TimeoutError, stun.TransactionTimeout):
		return Finding(False, Sentence(_SILENT, name, int(SECONDS)))
	except ssl.SSLError:
		return Finding(False, Sentence(_CERTIFICATE, name))
	except socket.gaierror:
		return Finding(False, Sentence(_UNKNOWN, name))
	except (OSError, ValueError):
		return Finding(False, Sentence(_CLOSED, name))
	return Finding(True, Sentence(success, name))


async def _allocate(server: IceServer, username: str, password: str) -> None:
	"""A relay is given and given back."""
	ended = asyncio.get_running_loop().create_future()
	transport, _protocol = await turn.create_turn_endpoint(
		lambda: _Ended(ended),
		server_addr=(server.host, server.port),
		username=username,
		password=password,
		ssl=True if server.scheme == "turns" else None,
		transport=server.transport,
	)
	transport.close()
	await ended


class _Ended(asyncio.DatagramProtocol):
	def __init__(self, ended: asyncio.Future[None]) -> None:
		self._ended = ended

	def connection_lost(self, error: Exception | None) -> None:
		if not self._ended.done():
			self._ended.set_result(None)


async def _bind(server: IceServer) -> None:
	loop = asyncio.get_running_loop()
	answered: asyncio.Future[None] = loop.create_future()
	request = stun.Message(message_method=stun.Method.BINDING, message_class=stun.Class.REQUEST)
	transport, _protocol = await loop.create_datagram_endpoint(
		lambda: _Answer(request.transaction_id, answered.set_result, answered.set_exception),
		remote_addr=(server.host, server.port),
	)
	try:
		while not answered.done():
			transport.sendto(bytes(request))
			await asyncio.wait([answered], timeout=0.5)
		await answered
	finally:
		transport.close()


class _Answer(asyncio.DatagramProtocol):
	"""Waits for the response to one request, and hears of a port that is closed."""

	def __init__(
		self, number: bytes, on_answer: Callable[[None], None], on_error: Callable[[Exception], None]
	) -> None:
		self._number = number
		self._on_answer: Callable[[None], None] | None = on_answer
		self._on_error = on_error

	def datagram_received(self, data: bytes, address: tuple[str, int]) -> None:
		try:
			message = stun.parse_message(data)
		except ValueError:
			return
		if message.transaction_id == self._number and self._on_answer:
			self._on_answer(None)
			self._on_answer = None

	def error_received(self, error: Exception) -> None:
		if self._on_answer:
			self._on_error(error)
			self._on_answer = None
