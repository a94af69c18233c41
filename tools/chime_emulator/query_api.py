"""The two older services the product speaks to, on the same port: STS GetCallerIdentity and SNS subscriptions."""

from __future__ import annotations

import uuid
from collections.abc import Awaitable, Callable
from urllib.parse import parse_qsl

from aiohttp import web

from tools.chime_emulator import errors
from tools.chime_emulator.control import Caller
from tools.chime_emulator.control_api import break_off
from tools.chime_emulator.credentials import signer
from tools.chime_emulator.errors import AwsError
from tools.chime_emulator.faults import Faults
from tools.chime_emulator.outbox import Outbox
from tools.chime_emulator.world import World

Action = Callable[[Caller, dict[str, str]], Awaitable[str]]


class QueryApi:
	def __init__(self, world: World, outbox: Outbox, faults: Faults) -> None:
		self._world = world
		self._outbox = outbox
		self._faults = faults
		self._actions: dict[str, tuple[str, Action]] = {
			"GetCallerIdentity": ("sts", self._identity),
			"Subscribe": ("sns", self._subscribe),
			"ConfirmSubscription": ("sns", self._confirm),
		}

	async def handle(self, request: web.Request) -> web.StreamResponse:
		params = dict(parse_qsl((await request.read()).decode("utf-8", "replace")))
		name = params.get("Action", "")
		try:
			return await self._answer(request, name, params)
		except AwsError as error:
			self._world.refused[error.code] += 1
			return errors.xml_response(error)

	async def _answer(self, request: web.Request, name: str, params: dict[str, str]) -> web.Response:
		if name not in self._actions:
			raise AwsError("UnknownOperationException", "The emulator does not do this action.")
		self._world.calls[name] += 1
		fault = self._faults.pick(name)
		if fault and fault.error_code:
			raise AwsError(fault.error_code, "The emulator was told to fail.")
		if fault and fault.kind in ("reset", "timeout"):
			await break_off(request, fault.seconds)
		service, action = self._actions[name]
		result = await action(signer(request.headers, service, self._world.settings), params)
		text = (
			f"<{name}Response><{name}Result>{result}</{name}Result>"
			f"<ResponseMetadata><RequestId>{uuid.uuid4()}</RequestId></ResponseMetadata></{name}Response>"
		)
		return web.Response(text=text, content_type="text/xml")

	async def _identity(self, caller: Caller, _params: dict[str, str]) -> str:
		arn = f"arn:aws:iam::{caller.account}:user/emulated"
		return f"<Arn>{arn}</Arn><UserId>AIDAEMULATED</UserId><Account>{caller.account}</Account>"

	async def _subscribe(self, _caller: Caller, params: dict[str, str]) -> str:
		await self._outbox.subscribe(params["TopicArn"], params["Endpoint"])
		return "<SubscriptionArn>pending confirmation</SubscriptionArn>"

	async def _confirm(self, _caller: Caller, params: dict[str, str]) -> str:
		arn = self._outbox.confirm(params.get("TopicArn", ""), params.get("Token", ""))
		if arn is None:
			raise AwsError("InvalidParameter", "Invalid parameter: Token", 400)
		return f"<SubscriptionArn>{arn}</SubscriptionArn>"
