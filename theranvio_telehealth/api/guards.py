"""Stands before every endpoint: is the page ours, is it not too much, does the request make sense; and turns whatever
goes wrong behind it into a refusal that undoes everything and tells nothing."""

import functools
import hmac
import inspect
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Annotated, Any

import frappe
from frappe.utils import cint
from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError, create_model
from redis.exceptions import RedisError

from theranvio_telehealth.api.errors import RETRY_AFTER, Answer, refusal, success
from theranvio_telehealth.domain.errors import Malformed, TelehealthError
from theranvio_telehealth.providers.base import ProviderError
from theranvio_telehealth.site import cache
from theranvio_telehealth.site.log import SiteLog
from theranvio_telehealth.site.transactions import settled

MAX_BODY = 64 * 1024
#: How long a message that was turned away stands for others like it in the Error Log.
NOTED_SECONDS = 5 * 60
#: What its sender can do nothing about by sending it again.
TOLD = {"malformed", "too_large", "too_many_requests", "wrong_key", "not_believed"}
#: Site configuration: allows every endpoint this many requests a minute instead of its own number.
LIMIT_SETTING = "theranvio_requests_per_minute"

#: The name of a room, a participant or an attendee.
Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.:-]{1,140}$")]

#: Such a name, or nothing.
OptionalName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.:-]{0,140}$")]

#: A moment as the state gives it: ISO 8601, with its zone.
Instant = Annotated[str, StringConstraints(pattern=r"^[0-9T:.Z+-]{16,40}$")]


class TooLarge(TelehealthError): ...


class TooManyRequests(TelehealthError): ...


class Csrf(TelehealthError): ...


def guarded(per_minute: int) -> Callable[[Callable[..., Any]], Callable[..., Answer]]:
	"""Goes under `@frappe.whitelist(...)`, which keeps guests and other methods out; `response_headers.py` words their refusals."""

	def decorate(endpoint: Callable[..., Any]) -> Callable[..., Answer]:
		name = f"{endpoint.__module__.rpartition('.')[2]}.{endpoint.__name__}"
		arguments = _model(endpoint)

		# The platform sees the endpoint's own arguments and types, and checks them as well: `response_headers.py` words its refusals.
		@functools.wraps(endpoint)
		def guard(**given: Any) -> Answer:
			try:
				_require_csrf()
				_require_small_body(MAX_BODY)
				_rate_limit(name, per_minute)
				return success(settled(partial(endpoint, **_checked(arguments, given))))
			except Exception as error:
				return _refused(name, error)

		return guard

	return decorate


def received(max_bytes: int) -> Callable[[Callable[[bytes], None]], Callable[..., Answer]]:
	"""Goes under `@frappe.whitelist(allow_guest=True, …)`, before what is given a body as it came and itself finds out
	whether to believe it. Nobody is counted here: whoever floods it must not shut out who is believed."""

	def decorate(endpoint: Callable[[bytes], None]) -> Callable[..., Answer]:
		name = f"{endpoint.__module__.rpartition('.')[2]}.{endpoint.__name__}"

		@functools.wraps(endpoint, assigned=("__module__", "__name__", "__qualname__", "__doc__"))
		def guard(**_given: Any) -> Answer:
			try:
				_require_small_body(max_bytes)
				settled(partial(endpoint, frappe.request.get_data()))
				return success({})
			except Exception as error:
				return _turned_away(name, error)

		del guard.__wrapped__, guard.__annotations__["return"]
		return guard

	return decorate


def _model(endpoint: Callable[..., Any]) -> type[BaseModel]:
	"""The endpoint's arguments as it declares them; what else is sent is ignored."""
	fields: dict[str, Any] = {
		p.name: (p.annotation, ... if p.default is p.empty else p.default)
		for p in inspect.signature(endpoint).parameters.values()
	}
	return create_model(endpoint.__name__, __config__=ConfigDict(extra="ignore"), **fields)


def _checked(arguments: type[BaseModel], given: dict[str, Any]) -> dict[str, Any]:
	try:
		return dict(arguments.model_validate(given))
	except ValidationError:
		raise Malformed from None


def _require_csrf() -> None:
	"""A cookie is sent by any page that asks; the token only by ours. The platform asks for it only in sessions that were
	given one. Who signs each request itself has no page to be tricked into."""
	if frappe.request.method == "GET" or _signs_requests():
		return
	expected = frappe.session.data.get("csrf_token") or ""
	sent = frappe.get_request_header("X-Frappe-CSRF-Token") or ""
	if not expected or not hmac.compare_digest(expected.encode(), sent.encode()):
		raise Csrf


def _signs_requests() -> bool:
	has_cookie_session = frappe.local.login_manager.user not in (None, "", "Guest")
	return bool(frappe.get_request_header("Authorization")) and not has_cookie_session


def _require_small_body(most: int) -> None:
	if len(frappe.request.get_data()) > most:
		raise TooLarge


def _rate_limit(endpoint: str, per_minute: int) -> None:
	"""Counted by who asks and for what: neither another path to it nor another address is another count.
	Without a cache there is no count, and visits go on."""
	limit = cint(frappe.conf.get(LIMIT_SETTING)) or per_minute
	window = int(time.time()) // RETRY_AFTER
	key = frappe.cache.make_key(f"rl:theranvio:{endpoint}:{frappe.session.user}:{window}")
	try:
		with frappe.cache.pipeline() as pipe:
			pipe.incr(key)
			pipe.expire(key, RETRY_AFTER)
			count, _ = pipe.execute()
	except RedisError:
		return
	if count > limit:
		raise TooManyRequests


def _refused(endpoint: str, error: Exception) -> Answer:
	frappe.db.rollback()
	frappe.clear_messages()
	if isinstance(error, TelehealthError):
		return refusal(error.code)
	SiteLog().failure(endpoint, "", error)
	return refusal("provider_unavailable" if isinstance(error, ProviderError) else "failed")


def _turned_away(endpoint: str, error: Exception) -> Answer:
	"""One entry for many messages, as anybody can send any number of them."""
	frappe.db.rollback()
	frappe.clear_messages()
	reason = type(error.__cause__ or error)
	with suppress(RedisError):
		if cache.set_once(f"noted:{endpoint}:{reason.__name__}", NOTED_SECONDS):
			SiteLog().failure(endpoint, reason.__name__, error)
	code = error.code if isinstance(error, TelehealthError) else ""
	return refusal(code if code in TOLD else "unavailable")
