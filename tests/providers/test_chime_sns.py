"""SNS messages: what Amazon signs passes, and every single way of differing from that does not."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, NameOID
from hypothesis import given
from hypothesis import strategies as st

from theranvio_telehealth.providers.chime import sns
from tools.harness.ports import NOON

REGION = "ca-central-1"
TOPIC = f"arn:aws:sns:{REGION}:111122223333:visits"
ADDRESS = f"https://sns.{REGION}.amazonaws.com/SimpleNotificationService-{'0f' * 16}.pem"
ISSUER = "http://crt.r2m01.amazontrust.com/r2m01.cer"
NOT_AMAZONS = f"""
http://169.254.169.254/latest http://crt.evil.org/x.cer file:///etc/passwd {ISSUER}?x
{ISSUER.replace("amazontrust.com", "amazontrust.com.evil.org")} {ISSUER.replace("crt.", "crt@")}
"""
DAY, TICK = timedelta(days=1), timedelta(milliseconds=1)
SENT = datetime(2027, 3, 3, 11, 59, 58, 123_000, timezone.utc)
FIELDS = ("Type", "MessageId", "TopicArn", "Message", "Timestamp", "SigningCertURL", "Signature")


@dataclass(frozen=True)
class Authority:
	certificate: x509.Certificate
	key: Any


def certify(
	name: str,
	issuer: Authority | None = None,
	*,
	authority: bool = False,
	names: tuple[str, ...] = ("sns.amazonaws.com",),
	use: x509.ObjectIdentifier = ExtendedKeyUsageOID.SERVER_AUTH,
	since: datetime = NOON - DAY,
	until: datetime = NOON + DAY,
	key: Any = None,
	issuer_at: str = ISSUER,
	owner: str = "Test",
) -> Authority:
	key = key or rsa.generate_private_key(65537, 2048)
	subject = x509.Name(
		[x509.NameAttribute(NameOID.ORGANIZATION_NAME, owner), x509.NameAttribute(NameOID.COMMON_NAME, name)]
	)
	signer = issuer.certificate.subject if issuer else subject
	signing_key = issuer.key if issuer else key
	built = (
		x509.CertificateBuilder(signer, subject, key.public_key(), x509.random_serial_number(), since, until)
		.add_extension(x509.BasicConstraints(authority, None), critical=True)
		.add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
		.add_extension(
			x509.AuthorityKeyIdentifier.from_issuer_public_key(signing_key.public_key()), critical=False
		)
		.add_extension(
			x509.KeyUsage(not authority, False, False, False, False, authority, authority, False, False),
			critical=True,
		)
	)
	if not authority:
		where = x509.AccessDescription(
			AuthorityInformationAccessOID.CA_ISSUERS, x509.UniformResourceIdentifier(issuer_at)
		)
		built = (
			built.add_extension(x509.SubjectAlternativeName([x509.DNSName(n) for n in names]), critical=False)
			.add_extension(x509.ExtendedKeyUsage([use]), critical=False)
			.add_extension(x509.AuthorityInformationAccess([where]), critical=False)
		)
	return Authority(built.sign(signing_key, SHA256()), key)


ROOT = certify("Root", authority=True, since=NOON - 9 * DAY, until=NOON + 9 * DAY)
MIDDLE = certify("Middle", ROOT, authority=True, since=NOON - 9 * DAY, until=NOON + 9 * DAY)
LEAF = certify("Leaf", MIDDLE)
STRANGER = certify("Root", authority=True)
ROOTS = (ROOT.certificate,)


def pem(*authorities: Authority) -> bytes:
	return b"".join(a.certificate.public_bytes(Encoding.PEM) for a in authorities)


def fields(**overrides: Any) -> dict[str, Any]:
	signed_fields = {
		"Type": "Notification",
		"MessageId": "22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324",
		"TopicArn": TOPIC,
		"Message": '{"detail": "été"}',
		"Timestamp": "2027-03-03T11:59:58.123Z",
		"SignatureVersion": "2",
		"SigningCertURL": ADDRESS,
		"UnsubscribeURL": "https://sns.example.org/?Action=Unsubscribe",
	}
	return signed_fields | overrides


def confirmation(**overrides: Any) -> dict[str, Any]:
	extra = {
		"Type": "SubscriptionConfirmation",
		"Token": "t0ken",
		"SubscribeURL": "https://evil.example.org/",
	}
	return fields(**(extra | overrides))


def canonical(signed_fields: dict[str, Any]) -> bytes:
	"""As Amazon documents it, spelt out."""
	if signed_fields["Type"] == "Notification":
		names = [
			"Message",
			"MessageId",
			*(["Subject"] if "Subject" in signed_fields else []),
			"Timestamp",
			"TopicArn",
			"Type",
		]
	else:
		names = ["Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"]
	return "".join(f"{name}\n{signed_fields[name]}\n" for name in names).encode()


def signed(signed_fields: dict[str, Any], by: Authority = LEAF, digest: Any = None) -> dict[str, Any]:
	signature = by.key.sign(canonical(signed_fields), PKCS1v15(), digest or SHA256())
	return signed_fields | {"Signature": b64encode(signature).decode()}


def believe(
	signed_fields: dict[str, Any], *, now: datetime = NOON, chain: bytes = pem(LEAF, MIDDLE)
) -> sns.SnsMessage:
	"""The whole way, as an endpoint goes it."""
	message = sns.parse(json.dumps(signed_fields).encode())
	sns.require_expected(message, {TOPIC}, now)
	sns.require_signed(message, sns.trusted_key(chain, ROOTS, sns.region_of(message.topic_arn), now))
	return message


class TestGenuine:
	def test_a_notification(self) -> None:
		message = believe(signed(fields()))
		assert message.type is sns.MessageType.NOTIFICATION
		assert message.text == '{"detail": "été"}'
		assert message.sent_on == SENT
		assert message.token == ""

	def test_one_with_a_subject(self) -> None:
		assert believe(signed(fields(Subject="news")))

	@pytest.mark.parametrize("kind", ["SubscriptionConfirmation", "UnsubscribeConfirmation"])
	def test_a_confirmation_brings_a_token_and_no_address(self, kind: str) -> None:
		message = believe(signed(confirmation(Type=kind)))
		assert message.type == kind
		assert message.token == "t0ken"
		assert "evil.example.org" not in repr(message)
		assert "t0ken" not in repr(message)
		assert not hasattr(message, "subscribe_url")

	def test_a_known_string_to_sign(self) -> None:
		assert sns.parse(json.dumps(signed(fields(Message="x", Subject="s"))).encode()).signed == (
			b"Message\nx\nMessageId\n22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324\nSubject\ns\n"
			b"Timestamp\n2027-03-03T11:59:58.123Z\nTopicArn\n" + TOPIC.encode() + b"\nType\nNotification\n"
		)


class TestForged:
	@pytest.mark.parametrize("name", ["Message", "MessageId", "Timestamp", "Type", "Subject"])
	def test_every_signed_field_counts(self, name: str) -> None:
		signed_fields = signed(fields(Subject="news"))
		changes = {"Timestamp": "2027-03-03T11:59:58.124Z", "Type": "UnsubscribeConfirmation"}
		extra = {"Token": "t", "SubscribeURL": "https://x"} if name == "Type" else {}
		with pytest.raises(sns.BadSignature):
			believe(signed_fields | {name: changes.get(name, "other")} | extra)

	@pytest.mark.parametrize("name", ["Token", "SubscribeURL", "Message"])
	def test_of_a_confirmation_too(self, name: str) -> None:
		with pytest.raises(sns.BadSignature):
			believe(signed(confirmation()) | {name: "other"})

	def test_a_subject_added_or_taken_away(self) -> None:
		with pytest.raises(sns.BadSignature):
			believe(signed(fields()) | {"Subject": "added"})
		signed_fields = signed(fields(Subject="news"))
		del signed_fields["Subject"]
		with pytest.raises(sns.BadSignature):
			believe(signed_fields)

	def test_another_key(self) -> None:
		with pytest.raises(sns.BadSignature):
			believe(signed(fields(), by=certify("Other", MIDDLE)))

	def test_sha1_under_the_name_of_version_2(self) -> None:
		with pytest.raises(sns.BadSignature):
			believe(signed(fields(), digest=SHA1()))

	@pytest.mark.parametrize("version", ["1", "3", "", None, 2, "2 ", ["2"]])
	def test_other_versions(self, version: Any) -> None:
		with pytest.raises(sns.WrongVersion):
			believe(signed(fields(SignatureVersion=version)))

	@given(st.integers(0, 255), st.integers(1, 255))
	def test_no_byte_of_the_signature_can_change(self, place: int, change: int) -> None:
		signed_fields = signed(fields())
		raw = bytearray(b64decode(signed_fields["Signature"]))
		raw[place] ^= change
		with pytest.raises(sns.BadSignature):
			believe(signed_fields | {"Signature": b64encode(raw).decode()})


class TestExpected:
	def expect(self, now: datetime = NOON, topics: set[str] | None = None, **overrides: Any) -> None:
		message = sns.parse(json.dumps(signed(fields(**overrides))).encode())
		sns.require_expected(message, {TOPIC} if topics is None else topics, now)

	@pytest.mark.parametrize("topics", [set(), {""}, {TOPIC + "2"}, {TOPIC.upper()}, {TOPIC[:-1]}], ids=str)
	def test_only_topics_of_ours(self, topics: set[str]) -> None:
		with pytest.raises(sns.UnknownTopic):
			self.expect(topics=topics)

	@pytest.mark.parametrize(
		"topic", ["", "visits", "arn:aws:sns:evil.com/x:111122223333:visits", TOPIC + "\n"]
	)
	def test_what_is_no_topic_is_none_of_ours(self, topic: str) -> None:
		with pytest.raises(sns.UnknownTopic):
			self.expect(topics={topic}, TopicArn=topic)

	@pytest.mark.parametrize(
		"address",
		[
			"",
			ADDRESS.replace("https", "http"),
			ADDRESS.replace(REGION, "us-east-1"),
			ADDRESS.replace(".com", ".com.evil.org"),
			ADDRESS.replace(".com", ".com:8443"),
			ADDRESS.replace("sns.", "sns.x."),
			ADDRESS.replace("sns.", "evil.org/sns."),
			ADDRESS.replace("sns.", "user@sns."),
			ADDRESS.replace("sns.ca", "sns-ca"),
			ADDRESS.replace("amazonaws.com", "amazonaws.com.cn"),
			ADDRESS.replace("amazonaws.com", "amazonawsXcom"),
			ADDRESS.replace("https://sns", "HTTPS://sns"),
			ADDRESS + "?x=1",
			ADDRESS + "#x",
			ADDRESS + "\n",
			" " + ADDRESS,
			ADDRESS.replace(".pem", ".crt"),
			ADDRESS.replace("/Simple", "/../Simple"),
			ADDRESS.replace("/Simple", "/bucket/Simple"),
			f"https://sns.{REGION}.amazonaws.com/?Action=ConfirmSubscription.pem",
		],
	)
	def test_certificates_are_looked_for_in_one_place(self, address: str) -> None:
		with pytest.raises(sns.WrongAddress):
			self.expect(SigningCertURL=address)

	@pytest.mark.parametrize("age", [0 * DAY, DAY / 5, sns.MAX_AGE, -sns.MAX_AHEAD], ids=str)
	def test_late_is_not_too_late(self, age: timedelta) -> None:
		self.expect(now=SENT + age)

	@pytest.mark.parametrize("age", [sns.MAX_AGE + TICK, -sns.MAX_AHEAD - TICK], ids=str)
	def test_too_late_and_too_early(self, age: timedelta) -> None:
		with pytest.raises(sns.OutOfTime):
			self.expect(now=SENT + age)


class TestUnreadable:
	@pytest.mark.parametrize(
		"body",
		[b"", b"{", b"[]", b"null", b'"x"', b"\xff\xfe", b"[" * 100_000, b"{}" + b" " * sns.MAX_BYTES],
		ids=lambda body: repr(body[:8]),
	)
	def test_bodies(self, body: bytes) -> None:
		with pytest.raises(sns.Unreadable):
			sns.parse(body)

	@pytest.mark.parametrize("name", FIELDS)
	@pytest.mark.parametrize("value", [None, 5, [], {}], ids=repr)
	def test_fields(self, name: str, value: Any) -> None:
		signed_fields = signed(fields()) | {name: value}
		with pytest.raises(sns.Unreadable):
			sns.parse(json.dumps(signed_fields).encode())

	@pytest.mark.parametrize("name", ["Type", "MessageId", "TopicArn", "Message", "Timestamp", "Signature"])
	def test_half_a_character(self, name: str) -> None:
		with pytest.raises(sns.Unreadable):
			sns.parse(json.dumps(signed(fields()) | {name: "\ud800"}).encode())

	@pytest.mark.parametrize("name", ["Token", "SubscribeURL"])
	def test_a_confirmation_without(self, name: str) -> None:
		signed_fields = signed(confirmation())
		del signed_fields[name]
		with pytest.raises(sns.Unreadable):
			sns.parse(json.dumps(signed_fields).encode())

	@pytest.mark.parametrize(
		"stamp", ["", "now", "2027-03-03", "2027-03-03T11:59:58Z", "2027-13-03T11:59:58.123Z"]
	)
	def test_times(self, stamp: str) -> None:
		with pytest.raises(sns.Unreadable):
			sns.parse(json.dumps(signed(fields(Timestamp=stamp))).encode())


class TestCertificate:
	def key(self, chain: bytes, now: datetime = NOON, roots: Any = ROOTS) -> rsa.RSAPublicKey:
		return sns.trusted_key(chain, roots, REGION, now)

	def test_leads_to_a_root(self) -> None:
		assert self.key(pem(LEAF, MIDDLE)) == LEAF.key.public_key()
		direct = certify("Direct", ROOT)
		assert self.key(pem(direct)) == direct.key.public_key()

	def test_may_be_the_regions_own(self) -> None:
		assert self.key(pem(certify("R", MIDDLE, names=(f"sns.{REGION}.amazonaws.com",)), MIDDLE))

	@pytest.mark.parametrize(
		"chain",
		[
			lambda: b"",
			lambda: b"junk",
			lambda: pem(LEAF),
			lambda: pem(MIDDLE, LEAF),
			lambda: pem(STRANGER),
			lambda: pem(certify("Self", names=("sns.amazonaws.com",))),
			lambda: pem(certify("Strangers", STRANGER), STRANGER),
			lambda: pem(certify("Below", LEAF), LEAF, MIDDLE),
			lambda: pem(certify("Else", MIDDLE, names=("sqs.amazonaws.com",)), MIDDLE),
			lambda: pem(certify("Region", MIDDLE, names=("sns.us-east-1.amazonaws.com",)), MIDDLE),
			lambda: pem(certify("Evil", MIDDLE, names=("sns.amazonaws.com.evil.org",)), MIDDLE),
			lambda: pem(certify("Nobody", MIDDLE, names=("",)), MIDDLE),
			lambda: pem(certify("Mail", MIDDLE, use=ExtendedKeyUsageOID.EMAIL_PROTECTION), MIDDLE),
			lambda: pem(certify("Old", MIDDLE, until=NOON - timedelta(seconds=1)), MIDDLE),
			lambda: pem(
				certify("Young", MIDDLE, since=NOON + timedelta(seconds=1), until=NOON + DAY), MIDDLE
			),
			lambda: pem(certify("Curve", MIDDLE, key=ec.generate_private_key(ec.SECP256R1())), MIDDLE),
			lambda: pem(LEAF, *[MIDDLE] * sns.MAX_CERTIFICATES),
		],
		ids=range(17),
	)
	def test_any_other_is_not_believed(self, chain: Callable[[], bytes]) -> None:
		with pytest.raises(sns.BadCertificate):
			self.key(chain())

	def test_time_is_the_time_passed_in(self) -> None:
		for moment in (NOON - 2 * DAY, NOON + 2 * DAY):
			with pytest.raises(sns.BadCertificate):
				self.key(pem(LEAF, MIDDLE), now=moment)

	def test_without_roots_nothing_is_believed(self) -> None:
		with pytest.raises(sns.BadCertificate):
			self.key(pem(LEAF, MIDDLE), roots=())

	def test_its_issuer_can_be_fetched_where_it_is_missing(self) -> None:
		assert sns.issuer_address(pem(LEAF)) == ISSUER
		completed = sns.with_issuer(pem(LEAF), MIDDLE.certificate.public_bytes(Encoding.DER))
		assert self.key(completed)

	@pytest.mark.parametrize("address", NOT_AMAZONS.split())
	def test_but_only_from_amazon(self, address: str) -> None:
		assert sns.issuer_address(pem(certify("Elsewhere", MIDDLE, issuer_at=address))) == ""

	@pytest.mark.parametrize("chain", [b"", b"junk", pem(ROOT)], ids=["nothing", "junk", "a root"])
	def test_some_name_no_issuer(self, chain: bytes) -> None:
		assert sns.issuer_address(chain) == ""

	def test_an_issuer_that_is_none(self) -> None:
		with pytest.raises(sns.BadCertificate):
			sns.with_issuer(pem(LEAF), b"<html>")

	def test_only_amazons_roots_are_taken_from_a_bundle(self) -> None:
		owners = ("Amazon", "Starfield Technologies, Inc.", "Amazon Evil", "Somebody")
		bundle = [certify(f"Root of {owner}", authority=True, owner=owner) for owner in owners]
		unreadable = b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
		assert sns.amazon_roots(b"# names\n" + unreadable + pem(*bundle)) == tuple(
			a.certificate for a in bundle[:2]
		)


def test_a_replay_has_the_same_id() -> None:
	"""A cache of a day's message ids finds every repetition."""
	once, twice = believe(signed(fields())), believe(signed(fields()), now=NOON + timedelta(hours=3))
	assert replace(once, signature=b"") == replace(twice, signature=b"")
