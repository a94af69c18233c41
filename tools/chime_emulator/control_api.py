"""The control plane over HTTP, with injected delays, timeouts and closed connections."""

from __future__ import annotations

import asyncio

from aiohttp import web

from tools.chime_emulator.plane import Asked, Plane


class ControlApi:
	def __init__(self, plane: Plane) -> None:
		self._plane = plane

	async def handle(self, request: web.Request) -> web.StreamResponse:
		body = await request.read()
		asked = Asked(request.method, request.path, request.query, request.headers, body)
		begun = self._plane.begin(asked)
		await asyncio.sleep(begun.delay)
		if begun.cut == "before":
			await break_off(request, begun.silence)
		answer = self._plane.finish(begun)
		if begun.cut == "after" and answer.is_done:
			await break_off(request, begun.silence)
		return web.Response(
			status=answer.status, text=answer.text, headers=answer.headers, content_type="application/json"
		)


async def break_off(request: web.Request, silence: float) -> None:
	"""Wait for `silence` seconds, then close the connection without an answer."""
	await asyncio.sleep(silence)
	if request.transport:
		request.transport.abort()
	raise asyncio.CancelledError
