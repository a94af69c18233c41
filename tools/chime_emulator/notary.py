"""Signs messages in the format of Amazon SNS, with a certificate chain of its own (root, intermediate, leaf). No network."""

from __future__ import annotations

import base64
import datetime
import ipaddress
from dataclasses import dataclass
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

_SIGNED = {
	"Notification": ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"),
	"SubscriptionConfirmation": (
		"Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type",
	),
	"UnsubscribeConfirmation": ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"),
}  # fmt: skip
_LIFE = datetime.timedelta(days=365)


@dataclass(frozen=True)
class _Issuer:
	name: x509.Name
	key: rsa.RSAPrivateKey
	certificate: x509.Certificate


class Notary:
	"""`chain` is what SigningCertURL serves (leaf, intermediate); `root` is what a verifier has to trust."""

	def __init__(self, now: datetime.datetime | None = None, dns_name: str = "sns.amazonaws.com") -> None:
		self._now = now or datetime.datetime.now(datetime.timezone.utc)
		root = self._issue("Chime emulator root", None, authority=True)
		middle = self._issue("Chime emulator intermediate", root, authority=True)
		leaf = self._issue(dns_name, middle, authority=False)
		self.key = leaf.key
		self.root = _pem(root.certificate)
		self.chain = _pem(leaf.certificate) + _pem(middle.certificate)
		self.name = leaf.certificate.fingerprint(hashes.SHA256()).hex()[:32]

	def sign(self, fields: dict[str, Any], version: str = "2") -> dict[str, Any]:
		"""`fields` with `SignatureVersion` and `Signature`; what is signed depends on `Type`."""
		algorithm = hashes.SHA256() if version == "2" else hashes.SHA1()
		signature = self.key.sign(string_to_sign(fields), padding.PKCS1v15(), algorithm)
		return {**fields, "SignatureVersion": version, "Signature": base64.b64encode(signature).decode()}

	def key_pem(self) -> bytes:
		return self.key.private_bytes(
			serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
		)

	def _issue(self, common_name: str, issuer: _Issuer | None, authority: bool) -> _Issuer:
		key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
		name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])
		signer = issuer or _Issuer(name, key, None)  # type: ignore[arg-type]
		builder = (
			x509.CertificateBuilder()
			.subject_name(name)
			.issuer_name(signer.name)
			.public_key(key.public_key())
			.serial_number(x509.random_serial_number())
			.not_valid_before(self._now - datetime.timedelta(days=1))
			.not_valid_after(self._now + _LIFE)
			.add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
			.add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
			.add_extension(
				x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.key.public_key()), critical=False
			)
			.add_extension(_usage(authority), critical=True)
		)
		if not authority:
			builder = builder.add_extension(_names(common_name), critical=False)
			builder = builder.add_extension(
				x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False
			)
		return _Issuer(name, key, builder.sign(signer.key, hashes.SHA256()))


def string_to_sign(fields: dict[str, Any]) -> bytes:
	present = [name for name in _SIGNED[fields["Type"]] if name in fields]
	return "".join(f"{name}\n{fields[name]}\n" for name in present).encode()


def _usage(authority: bool) -> x509.KeyUsage:
	return x509.KeyUsage(
		digital_signature=not authority, key_encipherment=not authority, key_cert_sign=authority, crl_sign=authority,
		content_commitment=False, data_encipherment=False, key_agreement=False, encipher_only=False, decipher_only=False,
	)  # fmt: skip


def _names(common_name: str) -> x509.SubjectAlternativeName:
	try:
		return x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(common_name))])
	except ValueError:
		return x509.SubjectAlternativeName([x509.DNSName(common_name)])


def _pem(certificate: x509.Certificate) -> bytes:
	return certificate.public_bytes(serialization.Encoding.PEM)
