"""The certificates that Amazon signs SNS messages with: fetched, completed by their issuers and checked. Stores nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from urllib.parse import urlsplit

import certifi
import requests
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from theranvio_telehealth.providers.chime import sns

#: Where an emulator has what its certificates lead to.
ROOT_PATH = "/_sns/root.pem"
CONNECT_SECONDS, READ_SECONDS = 3, 5
MAX_BYTES = 64 * 1024
#: What Amazon answers where nothing lies.
NOTHING_THERE = (403, 404)


class CertificateUnavailable(Exception):
	"""The certificate cannot be had now. The message may be genuine: let it be sent again."""


def chain(address: str, region: str, endpoint: str, now: datetime) -> bytes:
	"""The certificates at the address, completed by their issuer's where need be, if they lead to a root; else nothing.

	`endpoint`: an emulator's address, which takes Amazon's place. Raises `CertificateUnavailable`."""
	trusted = roots(endpoint)
	found = fetch(address, endpoint)
	try:
		if not _is_trusted(found, trusted, region, now):
			found = sns.with_issuer(found, fetch(sns.issuer_address(found), endpoint))
			sns.trusted_key(found, trusted, region, now)
	except sns.BadCertificate:
		return b""
	return found


def _is_trusted(pem: bytes, trusted: Sequence[x509.Certificate], region: str, now: datetime) -> bool:
	try:
		sns.trusted_key(pem, trusted, region, now)
	except sns.BadCertificate:
		return False
	return True


@lru_cache(maxsize=16)
def key(pem: bytes, region: str, endpoint: str, minute: datetime) -> RSAPublicKey:
	"""The key of a chain. It is checked again every minute: certificates and trust in them end. Raises `BadCertificate`."""
	return sns.trusted_key(pem, roots(endpoint), region, minute)


def roots(endpoint: str) -> Sequence[x509.Certificate]:
	if endpoint:
		return x509.load_pem_x509_certificates(fetch(ROOT_PATH, endpoint))
	return _amazon_roots()


@lru_cache(maxsize=1)
def _amazon_roots() -> tuple[x509.Certificate, ...]:
	return sns.amazon_roots(Path(certifi.where()).read_bytes())


def fetch(address: str, endpoint: str) -> bytes:
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
