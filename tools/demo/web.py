"""The demo's WSGI application: routes, sessions, headers. Endpoints are in `api.py`, pages in `pages.py`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from ipaddress import ip_address
from typing import Any

from werkzeug.exceptions import HTTPException, RequestEntityTooLarge
from werkzeug.routing import Map, RequestRedirect, Rule
from werkzeug.wrappers import Request, Response

from theranvio_telehealth.domain.errors import Csrf, Failed, Malformed, NotFound, TooLarge, WrongMethod
from tools.demo.api import PREFIX, Api, drain
from tools.demo.demo_app import DemoApp, acting
from tools.demo.events import Events
from tools.demo.pages import Pages
from tools.demo.policy import policy
from tools.demo.sessions import COOKIE, Call, Sessions

LARGEST_BODY = 64 * 1024

HEADERS = {
	"Content-Security-Policy": policy(),
	"Referrer-Policy": "no-referrer",
	"Cache-Control": "no-store",
	"X-Content-Type-Options": "nosniff",
	"Permissions-Policy": "camera=(self), microphone=(self), display-capture=(self), geolocation=()",
}

Handler = Callable[..., Response]


def is_loopback(host: str) -> bool:
	"""Whether a host name or address can only be this machine."""
	name = host.strip("[]").lower()
	if name == "localhost" or name.endswith(".localhost"):
		return True
	try:
		return ip_address(name).is_loopback
	except ValueError:
		return False


class LimitedRequest(Request):
	max_content_length = LARGEST_BODY
	max_form_memory_size = LARGEST_BODY

	@property
	def host_name(self) -> str:
		"""The name it was sent to, without the port."""
		name, _, port = self.host.rpartition(":")
		return name if name and port.isdigit() else self.host


class EmbeddedHost:
	def __init__(self, demo_app: DemoApp) -> None:
		self.demo_app = demo_app
		self.sessions = Sessions()
		self.pages = Pages(demo_app)
		self.routes = Map(list(self._rules(Api(demo_app), self.pages)))

	def _rules(self, api: Api, pages: Pages) -> Iterable[Rule]:
		yield Rule(
			f"/api/method/{PREFIX}events.eventbridge",
			endpoint=Events(self.demo_app).eventbridge,
			methods=["POST"],
		)
		yield Rule("/api/method/<path:name>", endpoint=api.method)
		yield Rule("/api/v2/method/<path:name>", endpoint=api.method_v2)
		yield Rule("/nudges", endpoint=api.nudges, methods=["GET"])
		yield Rule("/assets/theranvio_telehealth/<path:path>", endpoint=pages.asset, methods=["GET"])
		yield Rule("/favicon.ico", endpoint=pages.icon, methods=["GET"])
		yield Rule("/demo/<path:path>", endpoint=pages.demo_file, methods=["GET"])
		yield Rule("/", endpoint=pages.home, methods=["GET"])
		yield Rule("/sign-in", endpoint=pages.sign_in, methods=["GET"])
		yield Rule("/sign-in", endpoint=self._sign_in, methods=["POST"])
		yield Rule("/sign-out", endpoint=self._checked(self._sign_out), methods=["POST"])
		yield Rule("/video-visits", endpoint=self._checked(pages.video_visits), methods=["GET"])
		yield Rule("/visit/<room>", endpoint=self._checked(pages.visit), methods=["GET"])
		yield Rule("/clinic/<act>", endpoint=self._checked(pages.clinic_act), methods=["POST"])
		yield from (
			Rule(path, endpoint=self._read, methods=["GET"]) for path in ("/clinic/<act>", "/sign-out")
		)

	def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
		request = LimitedRequest(environ)
		try:
			response = self._answer(request)
		finally:
			self.demo_app.store.close()
		for name, value in HEADERS.items():
			response.headers.setdefault(name, value)
		return response(environ, start_response)

	def _answer(self, request: LimitedRequest) -> Response:
		try:
			return self._routed(request)
		except RequestRedirect as redirect:
			return Response(status=308, headers={"Location": redirect.new_url})
		except RequestEntityTooLarge:
			drain(request)
			return self.pages.refused(TooLarge)
		except HTTPException as error:
			return self.pages.refused({404: NotFound, 405: WrongMethod}.get(error.code or 0, Malformed))
		except Exception as error:
			self.demo_app.ports.log.failure("page", "", error)
			return self.pages.refused(Failed)

	def _routed(self, request: LimitedRequest) -> Response:
		if not is_loopback(request.host_name):
			return Response("This demo answers to this machine's own names only.", 421)
		session = self.sessions.of(request)
		acting.set(session.user if session else "")
		endpoint, values = self.routes.bind_to_environ(request.environ).match()
		response: Response = endpoint(Call(request, session), **values)
		return response

	def _checked(self, page: Handler) -> Handler:
		"""A page for the signed in only, and with their CSRF token where it changes something."""

		def handle(call: Call, **values: str) -> Response:
			if call.session is None:
				return self.pages.to_sign_in(call)
			if call.request.method == "POST" and not call.has_token(call.request.form.get("csrf_token", "")):
				return self.pages.refused(Csrf)
			return page(call, **values)

		return handle

	def _read(self, call: Call, **_values: str) -> Response:
		"""A form's own address, opened again from the address bar or the history: nothing is done."""
		return self.pages.to_home()

	def _sign_in(self, call: Call) -> Response:
		"""There is no session yet to hold a token: the browser itself says that the form is ours."""
		if call.request.headers.get("Sec-Fetch-Site", "none") not in ("none", "same-origin"):
			return self.pages.refused(Csrf)
		member = self.demo_app.directory.member(call.request.form.get("person", ""))
		if member is None:
			return self.pages.refused(Malformed)
		response = self.pages.welcome(call, member)
		response.set_cookie(COOKIE, self.sessions.start(member), httponly=True, samesite="Lax")
		return response

	def _sign_out(self, call: Call) -> Response:
		self.sessions.end(call.request)
		response = self.pages.to_home()
		response.delete_cookie(COOKIE, httponly=True, samesite="Lax")
		return response
