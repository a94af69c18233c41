"""The endpoints to which Amazon sends the events of meetings. There is no session: each message is authenticated by its
signature or key before anything else is done with it."""

from datetime import datetime

import frappe
from redis.exceptions import RedisError

from theranvio_telehealth.api.guards import NotBelieved, WrongKey, received
from theranvio_telehealth.domain.errors import Malformed, TooManyRequests
from theranvio_telehealth.domain.sentences import _
from theranvio_telehealth.providers.chime import sns as messages
from theranvio_telehealth.services.events import receive
from theranvio_telehealth.services.ports import Ports
from theranvio_telehealth.site import cache
from theranvio_telehealth.site import sns as site_sns
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
	message, senders = _verified(frappe.request.get_data(), ports().clock.now())
	if not site_sns.is_processed(message):
		_process(ports(), message, senders)
		site_sns.mark_processed(message)


@frappe.whitelist(allow_guest=True, xss_safe=True, methods=["POST"])
@received(max_bytes=MAX_EVENT_BYTES)
def eventbridge() -> None:
	known = callers(frappe.get_request_header(KEY_HEADER) or "")
	if not known:
		_count_wrong_key(ports())
		raise WrongKey
	_record(ports(), frappe.request.get_data(), known)


def _record(ports: Ports, text: str | bytes, senders: list[Source]) -> None:
	receive(ports, senders[0].adapter, text, {source.account for source in senders})


def _count_wrong_key(ports: Ports) -> None:
	"""A right key is accepted whatever number of wrong ones came before it, as keys are compared first. Without a cache there is
	no count."""
	try:
		today = cache.increment("wrong_key", DAY)
		lately = cache.increment(f"wrong_key:{frappe.local.request_ip}", MINUTE)
	except RedisError:
		return
	if today == ALARMING_KEYS:
		with ports.store.transaction():
			ports.log.announce("EventBridge", KEYS_ARE_TRIED)
	if lately > WRONG_KEYS_PER_MINUTE:
		raise TooManyRequests


def _verified(body: bytes, now: datetime) -> tuple[messages.SnsMessage, list[Source]]:
	"""The message, and whose topic it came by. The checks are in order of cost."""
	try:
		message = messages.parse(body)
		senders = [source for source in sources() if source.topic_arn == message.topic_arn]
		messages.require_expected(message, {source.topic_arn for source in senders}, now)
		site_sns.require_signed(message, now)
	except messages.Unreadable:
		raise Malformed from None
	except messages.NotFromAmazon as why:
		raise NotBelieved from why
	return message, senders


def _process(ports: Ports, message: messages.SnsMessage, senders: list[Source]) -> None:
	if message.type is messages.MessageType.NOTIFICATION:
		_record(ports, message.text, senders)
	elif message.type is messages.MessageType.SUBSCRIBE:
		confirm(senders[0], message.token)
	else:
		with ports.store.transaction():
			ports.log.announce(senders[0].provider, SUBSCRIPTION_ENDED)
