"""Believing an SNS message on this site: Amazon's certificates, fetched seldom and cached, and which messages were processed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from urllib.parse import urlsplit

import certifi
import frappe
import requests
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from theranvio_telehealth.domain import sns
from theranvio_telehealth.providers.chime_config import loopback
from theranvio_telehealth.site import cache
from theranvio_telehealth.site.ports import ENDPOINT_SETTING

#: Where an emulator has what its certificates lead to.
ROOT_PATH = "/_sns/root.pem"
CONNECT_SECONDS, READ_SECONDS = 3, 5
MAX_BYTES = 64 * 1024
#: What Amazon answers where nothing lies.
NOTHING_THERE = (403, 404)
DAY = 24 * 60 * 60
MINUTE = 60
#: While one process asks for a certificate, and after a failure, no other does.
ASKING_SECONDS = 10
#: Anybody can make up addresses that Amazon might have: so many are looked up in a minute, so many for one sender.
LOOKUPS, LOOKUPS_OF_ONE = 12, 3


class CertificateUnavailable(Exception):
	"""The certificate cannot be had now. The message may be genuine: let it be sent again."""


def require_signed(message: sns.SnsMessage, now: datetime) -> None:
	"""Raises `NotFromAmazon` or `CertificateUnavailable`."""
	region, endpoint = sns.region_of(message.topic_arn), _endpoint()
	name = f"certificate:{endpoint}:{message.certificate_url}"
	chain = cache.get(name)
	if chain is None:
		_limit_lookups(name)
		chain = _chain(message.certificate_url, region, endpoint, now)
		cache.set(name, chain, DAY if chain else MINUTE)
	if not chain:
		raise sns.BadCertificate
	sns.require_signed(message, _key(chain, region, endpoint, now.replace(second=0, microsecond=0)))


def is_taken(message: sns.SnsMessage) -> bool:
	return cache.get(f"taken:{message.message_id}") is not None


def take(message: sns.SnsMessage) -> None:
	"""Remember it for as long as it could come again. Only what was signed may be remembered: a forgery with its id
	would keep the real message out."""
	cache.set_once(f"taken:{message.message_id}", int((sns.MAX_AGE + sns.MAX_AHEAD).total_seconds()))


def _limit_lookups(name: str) -> None:
	sender = frappe.local.request_ip
	if (
		not cache.set_once(f"asking:{name}", ASKING_SECONDS)
		or cache.increment(f"lookups:{sender}", MINUTE) > LOOKUPS_OF_ONE
		or cache.increment("lookups", MINUTE) > LOOKUPS
	):
		raise CertificateUnavailable


def _chain(address: str, region: str, endpoint: str, now: datetime) -> bytes:
	"""The certificates at the address, completed by their issuer's where need be, if they lead to a root; else nothing."""
	roots = _roots(endpoint)
	chain = _fetch(address, endpoint)
	try:
		if not _is_trusted(chain, roots, region, now):
			chain = sns.with_issuer(chain, _fetch(sns.issuer_address(chain), endpoint))
			sns.trusted_key(chain, roots, region, now)
	except sns.BadCertificate:
		return b""
	return chain


def _is_trusted(chain: bytes, roots: Sequence[x509.Certificate], region: str, now: datetime) -> bool:
	try:
		sns.trusted_key(chain, roots, region, now)
	except sns.BadCertificate:
		return False
	return True


@lru_cache(maxsize=16)
def _key(chain: bytes, region: str, endpoint: str, minute: datetime) -> RSAPublicKey:
	"""Looked at again every minute: certificates and trust in them end."""
	return sns.trusted_key(chain, _roots(endpoint), region, minute)


def _roots(endpoint: str) -> Sequence[x509.Certificate]:
	if endpoint:
		return x509.load_pem_x509_certificates(_fetch(ROOT_PATH, endpoint))
	return _amazon_roots()


@lru_cache(maxsize=1)
def _amazon_roots() -> tuple[x509.Certificate, ...]:
	return sns.amazon_roots(Path(certifi.where()).read_bytes())


def _endpoint() -> str:
	return loopback(str(frappe.conf.get(ENDPOINT_SETTING) or ""))


def _fetch(address: str, endpoint: str) -> bytes:
	"""What lies at the address, or nothing. Raises `CertificateUnavailable`."""
	if not address:
		return b""
	place = endpoint + urlsplit(address).path if endpoint else address
	try:
		with requests.get(
			place,
			headers={"Accept-Encoding": "identity"},
			timeout=(CONNECT_SECONDS, READ_SECONDS),
			allow_redirects=False,
			stream=True,
		) as answer:
			if answer.status_code in NOTHING_THERE:
				return b""
			if answer.status_code == requests.codes.ok:
				return _body(answer)
	except requests.RequestException:
		raise CertificateUnavailable from None
	raise CertificateUnavailable


def _body(answer: requests.Response) -> bytes:
	body = b""
	for piece in answer.iter_content(MAX_BYTES):
		body += piece
		if len(body) > MAX_BYTES:
			return b""
	return body
