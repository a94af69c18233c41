"""`after_request` hook: no response of this app is cacheable, the platform's error bodies are replaced, as they name exceptions
and print tracebacks, and the fallback link is taken out of what a client is given."""

import re

import frappe
from frappe.exceptions import FrappeTypeError
from werkzeug.wrappers import Request, Response

from theranvio_telehealth.api.errors import HEADERS, Answer, is_signed_in, refusal
from theranvio_telehealth.api.guards import Unavailable
from theranvio_telehealth.domain.errors import (
	Csrf,
	Failed,
	Malformed,
	NotFound,
	SignIn,
	TelehealthError,
	TooLarge,
	TooManyRequests,
	WrongMethod,
)
from theranvio_telehealth.services.arguments import json_object
from theranvio_telehealth.services.page import PRIVATE, VISIT, policy
from theranvio_telehealth.site import realtime

#: What clients learn when it is offered, and not before. The portal's form, its list and `get_form_data` hand out whole rows:
#: there is no one place for this in the platform but the response (docs/adr/0015).
WITHHELD = b"theranvio_fallback_url"
#: The field with its value, in JSON and in JSON that is quoted in JSON or HTML.
VALUE = re.compile(
	rb"""(theranvio_fallback_url)(\\*(?:"|&quot;|&#34;))(\s*:\s*)\2(?:(?!\2).|(?<=\\)\2)*\2""", re.DOTALL
)

OWN = "theranvio_telehealth.api."
#: Open without a session: each message brings its own proof.
OPEN = OWN + "events."
PATH = re.compile(r"^/api/(?:v1/|v2/)?method/([^/]+)")


def after_request(response: Response | None, request: Request) -> None:
	"""Hooked to `after_request`. The platform has no response where it lets the server make one, for a body beyond its limit."""
	if response is None:
		return
	method = _method(request)
	if method.startswith(OWN):
		if not isinstance(response, Answer):
			_replace(response, request, method)
		response.headers.update(HEADERS)
	elif page := frappe.flags.theranvio_page:
		response.headers.update(VISIT if page == "visit" else PRIVATE)
		if page == "visit":
			# What the page itself has found out that it needs; a page that was refused needs nothing.
			reached = (*realtime.origins(), *(frappe.flags.theranvio_origins or ()))
			response.headers["Content-Security-Policy"] = policy(reached)
	_withhold(response)


def _withhold(response: Response) -> None:
	if response.is_streamed or response.direct_passthrough or WITHHELD not in response.get_data():
		return
	user = (getattr(frappe.local, "session", None) or {}).get("user") or "Guest"
	if frappe.get_cached_value("User", user, "user_type") != "System User":
		response.set_data(VALUE.sub(rb"\1\2\3null", response.get_data()))


def _replace(response: Response, request: Request, method: str) -> None:
	"""The platform drops the guard's answer where an endpoint is named by `cmd`, and says 200."""
	if response.status_code >= 400:
		_put(response, refusal(_reason(request, response.status_code, method)))
	elif frappe.flags.theranvio_answer:
		_put(response, frappe.flags.theranvio_answer)


def _method(request: Request) -> str:
	"""The dotted name that was asked for, by whichever of the platform's paths."""
	found = PATH.match(request.path)
	by_path = found.group(1) if found else ""
	return by_path or str((getattr(frappe.local, "form_dict", None) or {}).get("cmd") or "")


def _put(response: Response, answer: Answer) -> None:
	response.data = answer.data
	response.status_code = answer.status_code
	response.mimetype = answer.mimetype or answer.default_mimetype
	response.headers.update(answer.headers)


def _reason(request: Request, status: int, method: str) -> type[TelehealthError]:
	"""Why the platform did not let a request through to its endpoint."""
	if status in (413, 429):
		return {413: TooLarge, 429: TooManyRequests}[status]
	if _is_malformed(request) or _is_of_wrong_type() or _names_an_argument_of_the_platform():
		return Malformed
	if status == 400:
		return Csrf
	if status >= 500 and method.startswith(OPEN):
		return Unavailable
	return _barred(request, status, method)


def _barred(request: Request, status: int, method: str) -> type[TelehealthError]:
	allowed = _allowed_methods(method)
	if not is_signed_in() and not (allowed and method.startswith(OPEN)):
		return SignIn
	if allowed is None:
		return NotFound
	if request.method not in allowed:
		return WrongMethod
	return Failed if status >= 500 else SignIn


def _is_malformed(request: Request) -> bool:
	if not request.is_json or not request.get_data():
		return False
	try:
		json_object(request.get_data())
	except Malformed:
		return True
	return False


def _is_of_wrong_type() -> bool:
	"""The platform checks arguments before our guard does. Its second interface names the error elsewhere."""
	answer = getattr(frappe.local, "response", None) or {}
	errors = [answer.get("exc_type"), *(error.get("type") for error in answer.get("errors") or [])]
	return FrappeTypeError.__name__ in errors


def _names_an_argument_of_the_platform() -> bool:
	"""The platform passes what was sent as arguments beside one of its own, `fn`."""
	return "fn" in (getattr(frappe.local, "form_dict", None) or {})


def _allowed_methods(method: str) -> list[str] | None:
	try:
		endpoint = frappe.get_attr(method)
	except Exception:
		return None
	return frappe.allowed_http_methods_for_whitelisted_func.get(endpoint)
