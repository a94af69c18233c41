"""The demo's Flask application: what every request and response has to pass. Routes are in `api.py` and `pages.py`."""

from __future__ import annotations

import secrets
from ipaddress import ip_address
from pathlib import Path

from flask import Flask, Response, request
from jinja2 import ChoiceLoader, FileSystemLoader, StrictUndefined
from werkzeug.exceptions import HTTPException

from theranvio_telehealth.domain.errors import (
	Failed,
	Malformed,
	NotFound,
	TelehealthError,
	TooLarge,
	WrongMethod,
)
from theranvio_telehealth.services.page import VISIT
from tools.demo import api, pages, sessions
from tools.demo.demo_app import COMPANY, DemoApp

LARGEST_BODY = 64 * 1024
#: Of the demo's own pages; a visit page brings its own.
POLICY = (
	"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
	**VISIT,
	"Content-Security-Policy": POLICY,
	"Permissions-Policy": f"{VISIT['Permissions-Policy']}, geolocation=()",
}
ERRORS: dict[int | None, type[TelehealthError]] = {404: NotFound, 405: WrongMethod, 413: TooLarge}


def create_app(demo_app: DemoApp) -> Flask:
	app = Flask(__name__, static_url_path="/demo")
	app.config.update(
		SECRET_KEY=secrets.token_bytes(32),
		SESSION_COOKIE_NAME="demo_session",
		SESSION_COOKIE_SAMESITE="Lax",
		MAX_CONTENT_LENGTH=LARGEST_BODY,
		MAX_FORM_MEMORY_SIZE=LARGEST_BODY,
	)
	folders = (Path(__file__).parent / "templates", pages.PACKAGE / "templates")
	app.jinja_loader = ChoiceLoader([FileSystemLoader(folder) for folder in folders])
	app.jinja_env.undefined = StrictUndefined
	app.context_processor(lambda: {"clinic": COMPANY})
	app.extensions["demo"] = demo_app
	app.before_request(_require_loopback)
	app.before_request(sessions.identify)
	app.after_request(_protect)
	app.register_error_handler(Exception, _refuse)
	app.register_blueprint(api.routes)
	app.register_blueprint(pages.routes)
	return app


def is_loopback(host: str) -> bool:
	"""Whether a host name or address can only be this machine."""
	name = host.strip("[]").lower()
	if name == "localhost" or name.endswith(".localhost"):
		return True
	try:
		return ip_address(name).is_loopback
	except ValueError:
		return False


def _require_loopback() -> tuple[str, int] | None:
	name, _, port = request.host.rpartition(":")
	if is_loopback(name if name and port.isdigit() else request.host):
		return None
	return "This demo answers to this machine's own names only.", 421


def _protect(response: Response) -> Response:
	for name, value in HEADERS.items():
		response.headers.setdefault(name, value)
	return response


def _refuse(error: Exception) -> Response:
	reason = _reason(error)
	if reason is Failed:
		sessions.demo().ports.log.failure("request", request.endpoint or "", error)
	if reason is TooLarge:
		api.drain()
	return api.refused(reason) if api.is_endpoint() else pages.refused(reason)


def _reason(error: Exception) -> type[TelehealthError]:
	if isinstance(error, TelehealthError):
		return type(error)
	return ERRORS.get(error.code, Malformed) if isinstance(error, HTTPException) else Failed
