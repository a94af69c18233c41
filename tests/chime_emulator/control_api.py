"""The control plane over HTTP: sign-in, faults, validation, the operation, the answer."""

from __future__ import annotations

import asyncio
import json
import uuid
from dataclasses import replace

from aiohttp import web

from tests.chime_emulator import errors, validation
from tests.chime_emulator.control import Control
from tests.chime_emulator.credentials import signer
from tests.chime_emulator.errors import AwsError
from tests.chime_emulator.faults import Fault, Faults
from tests.chime_emulator.wire import Call, Router, load_model
from tests.chime_emulator.world import World

_HANG = 120.0


class ControlApi:
	def __init__(self, world: World, control: Control, faults: Faults) -> None:
		self._world = world
		self._control = control
		self._faults = faults
		self._router = Router(load_model())

	async def handle(self, request: web.Request) -> web.StreamResponse:
		try:
			call = self._router.call(request.method, request.path, request.query, await request.read())
			self._world.calls[call.operation] += 1
			return await self._answer(request, call)
		except AwsError as error:
			self._world.refused[error.code] += 1
			return errors.response(error)

	async def _answer(self, request: web.Request, call: Call) -> web.StreamResponse:
		fault = self._faults.pick(call.operation)
		if fault:
			await self._before(request, call, fault)
		caller = signer(request, "chime", self._world.settings)
		validation.check(call)
		self._world.sweep()
		answer = self._control.perform(replace(caller, partial=_is(fault, "partial")), call)
		if _is(fault, "reset_after") or _is(fault, "timeout_after"):
			await break_off(request, fault)
		return _success(call, answer)

	async def _before(self, request: web.Request, call: Call, fault: Fault) -> None:
		if fault.error_code:
			raise AwsError(fault.error_code, "The emulator was told to fail.")
		if fault.kind == "latency":
			await asyncio.sleep(fault.seconds)
		elif fault.kind in ("timeout", "reset"):
			await break_off(request, fault)
		elif fault.kind == "expired" and (
			meeting := self._world.meetings.get(call.params.get("MeetingId", ""))
		):
			self._world.end_meeting(meeting)


def _is(fault: Fault | None, kind: str) -> bool:
	return fault is not None and fault.kind == kind


async def break_off(request: web.Request, fault: Fault | None) -> None:
	"""Say nothing for as long as told, when it is a timeout; then cut the connection without an answer."""
	if fault and fault.kind.startswith("timeout"):
		await asyncio.sleep(fault.seconds or _HANG)
	if request.transport:
		request.transport.abort()
	raise asyncio.CancelledError


def _success(call: Call, answer: dict[str, object] | None) -> web.Response:
	status = call.model.http.get("responseCode", 200)
	text = "" if status == 204 else json.dumps(answer or {})
	headers = {"x-amzn-RequestId": str(uuid.uuid4())}
	return web.Response(status=status, text=text, content_type="application/json", headers=headers)
