"""The visit's endpoints over HTTP, at the addresses and with the answers of `docs/visit-protocol.md`."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, g, request

from theranvio_telehealth.domain.entities import Caller
from theranvio_telehealth.domain.errors import (
	REFUSAL_STATUS,
	NotFound,
	SignIn,
	TelehealthError,
	WrongMethod,
	status_of,
)
from theranvio_telehealth.providers.chime import events as chime_events
from theranvio_telehealth.services import hosting, joining, visit, waiting
from theranvio_telehealth.services.arguments import arguments_of, checked, json_object
from theranvio_telehealth.services.events import receive
from tools.demo.emulated import ACCOUNT
from tools.demo.languages import language_of, translator
from tools.demo.sessions import demo, require_token

LARGEST_DRAINED = 4 * 1024 * 1024
PREFIX = "theranvio_telehealth.api."
READS: dict[str, Callable[..., Any]] = {
	"visit.state": visit.state,
	"host.queue": hosting.queue,
	"host.waiting": waiting.waiting,
}
WRITES: dict[str, Callable[..., Any]] = {
	"visit.here": visit.here,
	"visit.enter": visit.enter,
	"visit.join": joining.join,
	"visit.heartbeat": visit.heartbeat,
	"visit.leave": visit.leave,
	"visit.signal": visit.signal,
	"host.admit": hosting.admit,
	"host.decline": hosting.decline,
	"host.send_back": hosting.send_back,
	"host.remove": hosting.remove,
	"host.lock": hosting.lock,
	"host.extend": hosting.extend,
	"host.use_fallback": hosting.use_fallback,
	"host.end": hosting.end,
}
ACTS = READS | WRITES
#: What an act takes after ports and caller.
ARGUMENTS = {name: arguments_of(act, after=2, strict=True) for name, act in ACTS.items()}
ANY_METHOD = ["GET", "POST", "PUT", "PATCH", "DELETE"]


routes = Blueprint("api", __name__)


@routes.route("/api/method/<path:name>", methods=ANY_METHOD, defaults={"key": "message"})
@routes.route("/api/v2/method/<path:name>", methods=ANY_METHOD, defaults={"key": "data"})
def endpoint(name: str, key: str) -> Response:
	return as_json({key: _call(name.removeprefix(PREFIX))})


@routes.post(f"/api/method/{PREFIX}events.eventbridge")
def eventbridge() -> Response:
	"""Where the emulator reports what happened in meetings, with a key instead of a session, as EventBridge does."""
	emulator = demo().emulator
	if emulator is None or not chime_events.has_key(
		request.headers.get("X-Api-Key", ""), (emulator.events_key,)
	):
		drain()
		raise NotFound
	receive(demo().ports, emulator.account.adapter, request.get_data(), {ACCOUNT})
	return as_json({"message": {}})


@routes.get("/nudges")
def nudges() -> Response:
	if g.member is None:
		raise SignIn
	return Response(demo().nudges.stream(g.member.user), mimetype="text/event-stream")


def _call(name: str) -> dict[str, Any]:
	act = ACTS.get(name)
	if act is None:
		raise NotFound
	if request.method != ("GET" if name in READS else "POST"):
		raise WrongMethod
	sent = request.get_data()
	if g.member is None:
		raise SignIn
	if name in WRITES:
		require_token(request.headers.get("X-Frappe-CSRF-Token", ""))
	given = checked(ARGUMENTS[name], json_object(sent) if name in WRITES else request.args.to_dict())
	answer: dict[str, Any] = act(demo().ports, Caller(g.member.user), **given)
	return answer


def drain() -> None:
	"""Read what is still coming, within reason, so that the answer reaches its sender."""
	stream = request.environ["wsgi.input"]
	left = min(request.content_length or 0, LARGEST_DRAINED)
	while left > 0 and (chunk := stream.read(min(left, 65536))):
		left -= len(chunk)


def is_endpoint() -> bool:
	"""Whether the request is for JSON, and not for a page."""
	return request.path.startswith("/api/") or request.path == "/nudges"


def refused(error: type[TelehealthError]) -> Response:
	"""In the reader's language, with the status that the page asks refusals to have."""
	message = translator(language_of(request))(error.text)
	wished = request.headers.get(REFUSAL_STATUS, "")
	return as_json({"error": {"code": error.code, "message": message}}, status_of(error, wished))


def as_json(body: dict[str, Any], status: int = 200) -> Response:
	return Response(json.dumps(body), status, mimetype="application/json")
