"""Authenticating an SNS message on this site: which certificates are cached and looked up, and which messages were processed."""

from __future__ import annotations

from datetime import datetime

import frappe

from theranvio_telehealth.providers.chime import certificates, sns
from theranvio_telehealth.providers.chime.certificates import CertificateUnavailable
from theranvio_telehealth.providers.chime.config import loopback
from theranvio_telehealth.site import cache
from theranvio_telehealth.site.ports import ENDPOINT_SETTING

DAY = 24 * 60 * 60
MINUTE = 60
#: While one process asks for a certificate, and after a failure, no other does.
ASKING_SECONDS = 10
#: Anybody can make up addresses that Amazon might have: so many are looked up in a minute, so many for one sender.
LOOKUPS, LOOKUPS_OF_ONE = 12, 3


def require_signed(message: sns.SnsMessage, now: datetime) -> None:
	"""Raises `NotFromAmazon` or `CertificateUnavailable`."""
	region, endpoint = sns.region_of(message.topic_arn), _endpoint()
	name = f"certificate:{endpoint}:{message.certificate_url}"
	chain = cache.get(name)
	if chain is None:
		_limit_lookups(name)
		chain = certificates.chain(message.certificate_url, region, endpoint, now)
		cache.set(name, chain, DAY if chain else MINUTE)
	if not chain:
		raise sns.BadCertificate
	minute = now.replace(second=0, microsecond=0)
	sns.require_signed(message, certificates.key(chain, region, endpoint, minute))


def is_processed(message: sns.SnsMessage) -> bool:
	return cache.get(f"processed:{message.message_id}") is not None


def mark_processed(message: sns.SnsMessage) -> None:
	"""Remember it for as long as it could come again. Only what was signed may be remembered: a forgery with its id
	would keep the real message out."""
	cache.set_once(f"processed:{message.message_id}", int((sns.MAX_AGE + sns.MAX_AHEAD).total_seconds()))


def _limit_lookups(name: str) -> None:
	sender = frappe.local.request_ip
	if (
		not cache.set_once(f"asking:{name}", ASKING_SECONDS)
		or cache.increment(f"lookups:{sender}", MINUTE) > LOOKUPS_OF_ONE
		or cache.increment("lookups", MINUTE) > LOOKUPS
	):
		raise CertificateUnavailable


def _endpoint() -> str:
	return loopback(str(frappe.conf.get(ENDPOINT_SETTING) or ""))
