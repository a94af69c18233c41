"""Whether a message comes from one of our own SNS topics at Amazon, decided from values: nothing is fetched here.

In order of cost, so that a flood of forgeries costs little: `parse`, `require_expected`, and only then `require_signed`.
The caller stores the certificate of each address, whatever it turned out to be, and the ids of messages it has taken."""

from __future__ import annotations

import json
import re
from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import AuthorityInformationAccessOID
from cryptography.x509.verification import PolicyBuilder, Store, VerificationError

from theranvio_telehealth.domain.enums import StrEnum

#: SNS takes no message larger than 256 KiB; its JSON escapes may double that.
MAX_BYTES = 512 * 1024
#: Events may be hours late; what comes again within this time is known by its id.
MAX_AGE = timedelta(hours=24)
MAX_AHEAD = timedelta(minutes=5)
MAX_CERTIFICATES = 5
_TOPIC = re.compile(r"arn:aws:sns:([a-z0-9-]{3,32}):[0-9]{12}:[-_a-zA-Z0-9]{1,256}")
_ISSUER = re.compile(r"http://crt\.[a-z0-9]{1,32}\.amazontrust\.com/[a-z0-9]{1,32}\.cer")
_BLOCK = re.compile(rb"-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]*-----END CERTIFICATE-----")
_PATH = r"/SimpleNotificationService-[a-zA-Z0-9]{1,64}\.pem"


class NotFromAmazon(Exception):
	"""Root of why a message is not believed."""


class Unreadable(NotFromAmazon): ...


class WrongVersion(NotFromAmazon):
	"""Signed with SHA-1, or not at all: the topic needs SignatureVersion 2."""


class UnknownTopic(NotFromAmazon): ...


class WrongAddress(NotFromAmazon):
	"""The certificate's address is not one of Amazon's for that topic's region."""


class OutOfTime(NotFromAmazon): ...


class BadCertificate(NotFromAmazon): ...


class BadSignature(NotFromAmazon): ...


class MessageType(StrEnum):
	NOTIFICATION = "Notification"
	SUBSCRIBE = "SubscriptionConfirmation"
	UNSUBSCRIBE = "UnsubscribeConfirmation"


#: What is signed, in this order; a Subject only where there is one.
_SIGNED = {
	MessageType.NOTIFICATION: ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"),
	MessageType.SUBSCRIBE: ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"),
	MessageType.UNSUBSCRIBE: (
		"Message",
		"MessageId",
		"SubscribeURL",
		"Timestamp",
		"Token",
		"TopicArn",
		"Type",
	),
}


@dataclass(frozen=True, slots=True)
class SnsMessage:
	"""A message as received. Nothing of it may be acted on before `require_signed` has passed."""

	type: MessageType
	message_id: str
	topic_arn: str
	text: str = field(repr=False)
	sent_on: datetime
	certificate_url: str
	signed: bytes = field(repr=False)
	signature: bytes = field(repr=False)
	token: str = field(default="", repr=False)  # of a subscription to be confirmed, by an API call


def parse(body: bytes) -> SnsMessage:
	"""Raises `Unreadable` or `WrongVersion`."""
	fields = _object(body)
	if fields.get("SignatureVersion") != "2":
		raise WrongVersion
	try:
		type = MessageType(fields["Type"])
		signed = [(name, fields[name]) for name in _SIGNED[type] if name != "Subject" or fields.get(name)]
		return SnsMessage(
			type=type,
			message_id=_text(fields["MessageId"]),
			topic_arn=_text(fields["TopicArn"]),
			text=_text(fields["Message"]),
			sent_on=_moment(fields["Timestamp"]),
			certificate_url=_text(fields["SigningCertURL"]),
			signed="".join(f"{name}\n{_text(value)}\n" for name, value in signed).encode(),
			signature=b64decode(_text(fields["Signature"]), validate=True),
			token=_text(fields["Token"]) if "Token" in dict(signed) else "",
		)
	except (KeyError, ValueError, Base64Error):
		raise Unreadable from None


def require_expected(message: SnsMessage, topics: Collection[str], now: datetime) -> None:
	"""Raises `UnknownTopic`, `WrongAddress` or `OutOfTime`. What passes may still be forged."""
	found = _TOPIC.fullmatch(message.topic_arn)
	if found is None or message.topic_arn not in topics:
		raise UnknownTopic
	host = re.escape(f"sns.{found[1]}.amazonaws.com")
	if not re.fullmatch(f"https://{host}{_PATH}", message.certificate_url):
		raise WrongAddress
	if not now - MAX_AGE <= message.sent_on <= now + MAX_AHEAD:
		raise OutOfTime


def trusted_key(pem: bytes, roots: Sequence[x509.Certificate], region: str, now: datetime) -> RSAPublicKey:
	"""The key of a certificate that is SNS's own, in date, and leads to one of `roots`. Raises `BadCertificate`.

	`pem`: the certificate first, then any between it and a root."""
	try:
		leaf, *between = x509.load_pem_x509_certificates(pem)
	except ValueError:
		raise BadCertificate from None
	key = leaf.public_key()
	if len(between) >= MAX_CERTIFICATES or not isinstance(key, RSAPublicKey):
		raise BadCertificate
	_require_chain(leaf, between, roots, region, now)
	return key


def require_signed(message: SnsMessage, key: RSAPublicKey) -> None:
	"""Raises `BadSignature`."""
	try:
		key.verify(message.signature, message.signed, PKCS1v15(), SHA256())
	except InvalidSignature:
		raise BadSignature from None


def issuer_address(pem: bytes) -> str:
	"""Where Amazon keeps the issuer of the last certificate given, or nothing.

	It may be fetched in the clear and appended, by `with_issuer`: only a chain that reaches a root counts."""
	try:
		last = x509.load_pem_x509_certificates(pem)[-1]
		access = last.extensions.get_extension_for_class(x509.AuthorityInformationAccess).value
	except (ValueError, x509.ExtensionNotFound):
		return ""
	places = [
		d.access_location.value for d in access if d.access_method == AuthorityInformationAccessOID.CA_ISSUERS
	]
	return next((p for p in places if isinstance(p, str) and _ISSUER.fullmatch(p)), "")


def with_issuer(pem: bytes, der: bytes) -> bytes:
	"""The certificates given with their issuer's after them. Raises `BadCertificate`."""
	try:
		return pem.rstrip() + b"\n" + x509.load_der_x509_certificate(der).public_bytes(Encoding.PEM)
	except ValueError:
		raise BadCertificate from None


def region_of(topic_arn: str) -> str:
	"""The region of a topic. Raises `UnknownTopic`."""
	found = _TOPIC.fullmatch(topic_arn)
	if found is None:
		raise UnknownTopic
	return found[1]


def amazon_roots(bundle: bytes) -> tuple[x509.Certificate, ...]:
	"""Amazon's own authorities among those that browsers trust. Others may be too old to be read: that is no matter."""
	return tuple(c for block in _BLOCK.findall(bundle) for c in _read(block) if _is_amazons(c))


def _read(block: bytes) -> list[x509.Certificate]:
	try:
		return x509.load_pem_x509_certificates(block)
	except ValueError:
		return []


def _is_amazons(certificate: x509.Certificate) -> bool:
	owners = certificate.subject.get_attributes_for_oid(x509.NameOID.ORGANIZATION_NAME)
	return [o.value for o in owners] in (["Amazon"], ["Starfield Technologies, Inc."])


def _require_chain(
	leaf: x509.Certificate,
	between: list[x509.Certificate],
	roots: Sequence[x509.Certificate],
	region: str,
	now: datetime,
) -> None:
	if not roots:
		raise BadCertificate
	policy = PolicyBuilder().store(Store(list(roots))).time(now.astimezone(timezone.utc).replace(tzinfo=None))
	for name in ("sns.amazonaws.com", f"sns.{region}.amazonaws.com"):
		try:
			policy.build_server_verifier(x509.DNSName(name)).verify(leaf, between)
		except VerificationError:
			continue
		return
	raise BadCertificate


def _object(body: bytes) -> dict[str, Any]:
	if len(body) > MAX_BYTES:
		raise Unreadable
	try:
		fields = json.loads(body)
	except (ValueError, RecursionError):
		raise Unreadable from None
	if not isinstance(fields, dict):
		raise Unreadable
	return fields


def _text(value: Any) -> str:
	if not isinstance(value, str):
		raise ValueError
	return value


def _moment(value: Any) -> datetime:
	"""As SNS writes it: 2026-11-22T12:34:56.789Z."""
	return datetime.strptime(_text(value), "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=timezone.utc)
