"""Where Amazon tells what happened in meetings. Amazon has no session here: each message brings its own proof, and nothing
is done before that was found good."""

import frappe
from redis.exceptions import RedisError

from theranvio_telehealth.api.guards import NotBelieved, WrongKey, received
from theranvio_telehealth.domain.errors import Malformed, TooManyRequests
from theranvio_telehealth.domain.sentences import _
from theranvio_telehealth.providers.chime import sns as messages
from theranvio_telehealth.services.events import receive
from theranvio_telehealth.services.ports import Ports
from theranvio_telehealth.site import cache
from theranvio_telehealth.site import sns as post
from theranvio_telehealth.site.event_sources import Source, callers, confirm, sources
from theranvio_telehealth.site.ports import ports

MAX_EVENT_BYTES = 64 * 1024
KEY_HEADER = "X-Api-Key"
SUBSCRIPTION_ENDED = _(
	"Amazon no longer tells this site what happens in visits, so that minutes are counted by browsers alone. "
	"If nobody ended the subscription on purpose, subscribe the site to its SNS topic again."
)


MINUTE, DAY = 60, 24 * 60 * 60
#: Wrong keys from one address in a minute; from then on it is slowed down.
WRONG_KEYS_PER_MINUTE = 20
#: Wrong keys in a day, from wherever, at which administrators hear of it, once.
ALARMING_KEYS = 20
KEYS_ARE_TRIED = _(
	"Events were sent to this site with 20 wrong EventBridge keys today. If Amazon's connection does not have an old key, "
	"somebody is trying keys: enter a new one in the Media Provider and at Amazon, and look for the sender in the web "
	"server's log."
)


@frappe.whitelist(allow_guest=True, xss_safe=True, methods=["POST"])
@received(max_bytes=messages.MAX_BYTES)
def sns() -> None:
	at = ports()
	message, ours = _believed(at, frappe.request.get_data())
	if not post.is_taken(message):
		_deal_with(at, message, ours)
		post.take(message)


@frappe.whitelist(allow_guest=True, xss_safe=True, methods=["POST"])
@received(max_bytes=MAX_EVENT_BYTES)
def eventbridge() -> None:
	known = callers(frappe.get_request_header(KEY_HEADER) or "")
	if not known:
		_count_wrong_key(ports())
		raise WrongKey
	_record(ports(), frappe.request.get_data(), known)


def _record(at: Ports, text: str | bytes, senders: list[Source]) -> None:
	receive(at, senders[0].adapter, text, {source.account for source in senders})


def _count_wrong_key(at: Ports) -> None:
	"""A right key is heard however many wrong ones came before it, from wherever: it was compared first. Without a cache
	there is no count."""
	try:
		today = cache.increment("wrong_key", DAY)
		lately = cache.increment(f"wrong_key:{frappe.local.request_ip}", MINUTE)
	except RedisError:
		return
	if today == ALARMING_KEYS:
		with at.store.transaction():
			at.log.announce("EventBridge", KEYS_ARE_TRIED)
	if lately > WRONG_KEYS_PER_MINUTE:
		raise TooManyRequests


def _believed(at: Ports, body: bytes) -> tuple[messages.SnsMessage, list[Source]]:
	"""The message, and whose topic it came by. In order of cost."""
	now = at.clock.now()
	try:
		message = messages.parse(body)
		ours = [source for source in sources() if source.topic_arn == message.topic_arn]
		messages.require_expected(message, {source.topic_arn for source in ours}, now)
		post.require_signed(message, now)
	except messages.Unreadable:
		raise Malformed from None
	except messages.NotFromAmazon as why:
		raise NotBelieved from why
	return message, ours


def _deal_with(at: Ports, message: messages.SnsMessage, ours: list[Source]) -> None:
	if message.type is messages.MessageType.NOTIFICATION:
		_record(at, message.text, ours)
	elif message.type is messages.MessageType.SUBSCRIBE:
		confirm(ours[0], message.token)
	else:
		with at.store.transaction():
			at.log.announce(ours[0].provider, SUBSCRIPTION_ENDED)
