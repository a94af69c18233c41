"""The visit's endpoints over HTTP, at the addresses and with the answers of `docs/visit-protocol.md`."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.wrappers import Request, Response

from theranvio_telehealth.domain.entities import Caller
from theranvio_telehealth.domain.errors import (
	REFUSAL_STATUS,
	Csrf,
	Failed,
	Malformed,
	NotFound,
	SignIn,
	TelehealthError,
	TooLarge,
	WrongMethod,
	status_of,
)
from tools.demo.demo_app import DemoApp
from tools.demo.languages import language_of, translator
from tools.demo.methods import METHODS, Method, arguments
from tools.demo.sessions import Call

PREFIX = "theranvio_telehealth.api."
CSRF_HEADER = "X-Frappe-CSRF-Token"
LARGEST_DRAINED = 4 * 1024 * 1024


class Api:
	def __init__(self, demo_app: DemoApp) -> None:
		self.demo_app = demo_app

	def method(self, call: Call, name: str) -> Response:
		return self._answer(call, name, "message")

	def method_v2(self, call: Call, name: str) -> Response:
		return self._answer(call, name, "data")

	def nudges(self, call: Call) -> Response:
		if call.session is None:
			return refused(SignIn)
		return Response(self.demo_app.nudges.stream(call.session.user), mimetype="text/event-stream")

	def _answer(self, call: Call, name: str, key: str) -> Response:
		translate = translator(language_of(call.request))
		try:
			return as_json({key: self._called(call, name.removeprefix(PREFIX))})
		except RequestEntityTooLarge:
			drain(call.request)
			return refused(TooLarge, translate=translate)
		except TelehealthError as error:
			wished = call.request.headers.get(REFUSAL_STATUS, "")
			return refused(type(error), wished, translate)
		except Exception as error:
			self.demo_app.ports.log.failure("call", name.removeprefix(PREFIX), error)
			return refused(Failed, translate=translate)

	def _called(self, call: Call, name: str) -> dict[str, Any]:
		method = METHODS.get(name)
		if method is None:
			raise NotFound
		if call.request.method != method.verb:
			raise WrongMethod
		sent = call.request.get_data()
		if call.session is None:
			raise SignIn
		if method.verb == "POST" and not call.has_token(call.request.headers.get(CSRF_HEADER, "")):
			raise Csrf
		given = arguments(method.act, _given(call.request, method, sent))
		return method.act(self.demo_app.ports, Caller(call.session.user), **given)


def _given(request: Request, method: Method, sent: bytes) -> Mapping[str, Any]:
	"""The query's parameters, or the JSON object that was sent. Raises `Malformed`."""
	if method.verb == "GET":
		return request.args
	try:
		given = json.loads(sent)
	except (ValueError, RecursionError):
		raise Malformed from None
	if not isinstance(given, dict):
		raise Malformed
	return given


def drain(request: Request) -> None:
	"""Read what is still coming, within reason, so that the answer reaches whoever sent it."""
	stream = request.environ["wsgi.input"]
	left = min(request.content_length or 0, LARGEST_DRAINED)
	while left > 0:
		chunk = stream.read(min(left, 65536))
		if not chunk:
			return
		left -= len(chunk)


def refused(
	error: type[TelehealthError], wished: str = "", translate: Callable[[str], str] = str
) -> Response:
	body = {"error": {"code": error.code, "message": translate(error.text)}}
	return as_json(body, status_of(error, wished))


def as_json(body: dict[str, Any], status: int = 200) -> Response:
	return Response(json.dumps(body), status, mimetype="application/json")
