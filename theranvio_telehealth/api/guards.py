"""Checks every request before its endpoint runs: CSRF token, rate, size and arguments. An error in the endpoint is rolled back and
answered by a refusal without details."""

import functools
import hmac
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Annotated, Any

import frappe
from frappe.utils import cint
from pydantic import StringConstraints
from redis.exceptions import RedisError

from theranvio_telehealth.api.errors import RETRY_AFTER, Answer, refusal, success
from theranvio_telehealth.domain import invitations
from theranvio_telehealth.domain.entities import Caller
from theranvio_telehealth.domain.errors import (
	Csrf,
	Failed,
	Malformed,
	ProviderUnavailable,
	SignIn,
	TelehealthError,
	TooLarge,
	TooManyRequests,
)
from theranvio_telehealth.domain.sentences import _
from theranvio_telehealth.providers.base import ProviderError
from theranvio_telehealth.services.arguments import arguments_of, checked
from theranvio_telehealth.site import cache
from theranvio_telehealth.site.log import SiteLog
from theranvio_telehealth.site.transactions import settled

MAX_BODY = 64 * 1024
#: How long a message that was turned away stands for others like it in the Error Log.
NOTED_SECONDS = 5 * 60
#: Site configuration: allows every endpoint this many requests a minute instead of its own number.
LIMIT_SETTING = "theranvio_requests_per_minute"

#: The name of a room, a participant or an attendee.
Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.:-]{1,140}$")]

#: Such a name, or nothing.
OptionalName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.:-]{0,140}$")]

#: A moment as the state gives it: ISO 8601, with its zone.
Instant = Annotated[str, StringConstraints(pattern=r"^[0-9T:.Z+-]{16,40}$")]


class Unavailable(TelehealthError):
	"""For those who send messages rather than open pages. Amazon sends again what was answered with 5xx."""

	code = "unavailable"
	status = 503
	text = _("This message cannot be taken now. Send it again later.")


class NotBelieved(TelehealthError):
	"""One answer for every reason: a forger does not learn which check failed."""

	code = "not_believed"
	status = 403
	text = _("This message is not known to come from Amazon.")


class WrongKey(TelehealthError):
	code = "wrong_key"
	status = 401
	text = _("The API key is missing or wrong.")


#: Holds an invitation's token; HttpOnly and SameSite=Strict.
INVITATION_COOKIE = "theranvio_invitation"

#: What sending the same message again cannot change. Amazon does not send again what was answered with 4xx.
FINAL = (Malformed, TooLarge, TooManyRequests, NotBelieved, WrongKey)

Decorator = Callable[[Callable[..., Any]], Callable[..., Answer]]


def caller() -> Caller:
	"""Who sends this request. Raises `SignIn` for a guest without an invitation."""
	if frappe.session.user not in (None, "", "Guest"):
		return Caller(frappe.session.user)
	token = _invitation()
	if not token:
		raise SignIn
	return Caller(link_hash=invitations.link_hash(token))


def guarded(per_minute: int) -> Decorator:
	"""Goes under `@frappe.whitelist(...)`. It asks for a caller itself, so `allow_guest` lets in only guests who hold an
	invitation. `response_headers.py` words the platform's own refusals."""

	def require(name: str) -> None:
		identity = caller()
		_require_csrf()
		_require_small_body(MAX_BODY)
		_rate_limit(name, identity, per_minute)

	return partial(_guard, require, _refused)


def received(max_bytes: int) -> Decorator:
	"""Goes under `@frappe.whitelist(allow_guest=True, …)` of an endpoint that has no caller: it reads the body as it came and
	decides itself whether to believe it. There is no rate limit: a flood must not shut out the real sender."""

	def require(_name: str) -> None:
		_require_small_body(max_bytes)

	return partial(_guard, require, _turned_away)


def _guard(
	require: Callable[[str], None], refuse: Callable[[str, Exception], Answer], endpoint: Callable[..., Any]
) -> Callable[..., Answer]:
	"""The endpoint behind its checks. It keeps the endpoint's signature, by which the platform checks argument types as well."""
	name = f"{endpoint.__module__.rpartition('.')[2]}.{endpoint.__name__}"
	arguments = arguments_of(endpoint)

	@functools.wraps(endpoint)
	def guard(**given: Any) -> Answer:
		try:
			require(name)
			given_back = settled(partial(endpoint, **checked(arguments, given)))
			answer = success({} if given_back is None else given_back)
		except Exception as error:
			answer = refuse(name, error)
		frappe.flags.theranvio_answer = answer
		return answer

	return guard


def _invitation() -> str:
	return str(frappe.request.cookies.get(INVITATION_COOKIE) or "")


def _require_csrf() -> None:
	"""A cookie is sent by any page that asks; the token only by ours. The platform asks for it only in sessions that were
	given one. Who signs each request itself has no page to be tricked into."""
	if frappe.request.method == "GET" or _signs_requests():
		return
	token = invitations.csrf_token(_invitation()) if frappe.session.user == "Guest" else None
	expected = token or frappe.session.data.get("csrf_token") or ""
	sent = frappe.get_request_header("X-Frappe-CSRF-Token") or ""
	if not expected or not hmac.compare_digest(expected.encode(), sent.encode()):
		raise Csrf


def _signs_requests() -> bool:
	has_cookie_session = frappe.local.login_manager.user not in (None, "", "Guest")
	return bool(frappe.get_request_header("Authorization")) and not has_cookie_session


def _require_small_body(most: int) -> None:
	if len(frappe.request.get_data()) > most:
		raise TooLarge


def _rate_limit(endpoint: str, identity: Caller, per_minute: int) -> None:
	"""Counted by who asks and for what: neither another path to it nor another address is another count.
	Without a cache there is no count, and visits go on."""
	limit = cint(frappe.conf.get(LIMIT_SETTING)) or per_minute
	window = int(time.time()) // RETRY_AFTER
	key = frappe.cache.make_key(f"rl:theranvio:{endpoint}:{identity.user or identity.link_hash}:{window}")
	try:
		with frappe.cache.pipeline() as pipe:
			pipe.incr(key)
			pipe.expire(key, RETRY_AFTER)
			count, _expires = pipe.execute()
	except RedisError:
		return
	if count > limit:
		raise TooManyRequests


def _refused(endpoint: str, error: Exception) -> Answer:
	frappe.db.rollback()
	frappe.clear_messages()
	if isinstance(error, TelehealthError):
		return refusal(type(error))
	SiteLog().failure(endpoint, "", error)
	return refusal(ProviderUnavailable if isinstance(error, ProviderError) else Failed)


def _turned_away(endpoint: str, error: Exception) -> Answer:
	"""One entry for many messages, as anybody can send any number of them."""
	frappe.db.rollback()
	frappe.clear_messages()
	reason = type(error.__cause__ or error)
	with suppress(RedisError):
		if cache.set_once(f"noted:{endpoint}:{reason.__name__}", NOTED_SECONDS):
			SiteLog().failure(endpoint, reason.__name__, error)
	return refusal(type(error) if isinstance(error, FINAL) else Unavailable)
