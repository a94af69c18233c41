"""A stand-in for Amazon SNS: a topic, a signing key and a server of its certificates. No test logic."""

from __future__ import annotations

import json
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from functools import lru_cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import frappe
import requests
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import AuthorityInformationAccessOID

from tests.site.rows import put, put_participant, put_provider
from tools.chime_emulator.notary import Notary
from tools.chime_emulator.settings import DEFAULT_KEY
from tools.harness.site.appointments import make_appointment

REGION = "ca-central-1"
ACCOUNT = "111122223333"
TOPIC = f"arn:aws:sns:{REGION}:{ACCOUNT}:visits"
HOST = f"https://sns.{REGION}.amazonaws.com"
ISSUER = "http://crt.r2m01.amazontrust.com/r2m01.cer"
API = "/api/method/theranvio_telehealth.api.events."
#: As SNS sends it.
TEXT = {"Content-Type": "text/plain; charset=UTF-8"}
JSON = {"Content-Type": "application/json"}


class Office(Notary):
	"""A notary that also hands out its certificates one by one."""

	def __init__(self, **given: Any) -> None:
		self.issued: list[Any] = []
		super().__init__(**given)

	def _issue(self, *given: Any, **named: Any) -> Any:
		self.issued.append(super()._issue(*given, **named))
		return self.issued[-1]

	@property
	def address(self) -> str:
		return f"{HOST}{self.path}"

	@property
	def path(self) -> str:
		return f"/SimpleNotificationService-{self.name}.pem"

	def alone(self) -> bytes:
		"""The leaf without its issuer, but saying where that lies."""
		_, middle, leaf = self.issued
		old = leaf.certificate
		built = x509.CertificateBuilder(
			old.issuer,
			old.subject,
			old.public_key(),
			old.serial_number,
			old.not_valid_before_utc,
			old.not_valid_after_utc,
		)
		for extension in old.extensions:
			built = built.add_extension(extension.value, extension.critical)
		where = x509.AccessDescription(
			AuthorityInformationAccessOID.CA_ISSUERS, x509.UniformResourceIdentifier(ISSUER)
		)
		built = built.add_extension(x509.AuthorityInformationAccess([where]), critical=False)
		return built.sign(middle.key, SHA256()).public_bytes(Encoding.PEM)

	def middle(self) -> bytes:
		return self.issued[1].certificate.public_bytes(Encoding.DER)


@lru_cache(maxsize=1)
def _office() -> Office:
	"""Keys take long to make."""
	return Office()


class Shelf:
	"""A web server with Amazon's certificates, and what was asked of it. A place holds bytes, or a status to answer with."""

	def __init__(self) -> None:
		self.places: dict[str, bytes | int] = {}
		self.asked: list[str] = []
		self.posted: list[str] = []
		shelf = self

		class Handler(BaseHTTPRequestHandler):
			def do_GET(self) -> None:
				shelf.asked.append(self.path)
				found = shelf.places.get(self.path, 403)
				self.send_response(200 if isinstance(found, bytes) else found)
				self.send_header("Location", "/elsewhere.pem")
				self.end_headers()
				self.wfile.write(found if isinstance(found, bytes) else b"no")

			def do_POST(self) -> None:
				shelf.posted.append(self.path)
				self.send_error(501)

			def log_message(self, format: str, *args: Any) -> None:
				pass

		self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
		self.url = f"http://127.0.0.1:{self.server.server_port}"
		threading.Thread(target=self.server.serve_forever, daemon=True).start()

	def certificates_asked(self) -> list[str]:
		return [path for path in self.asked if path != "/_sns/root.pem"]


class Sns:
	"""Amazon's side of our topic. `office` signs; `shelf` has its certificates."""

	def __init__(self, base_url: str) -> None:
		self.base_url = base_url
		self.office = _office()
		self.shelf = Shelf()
		self.trust(self.office)

	def trust(self, *offices: Office) -> None:
		"""Make the site trust these roots, and serve all certificates at their addresses."""
		self.shelf.places["/_sns/root.pem"] = b"".join(office.root for office in offices)
		for office in offices:
			self.shelf.places[office.path] = office.chain

	def say(self, event: Any, **overrides: Any) -> dict[str, Any]:
		"""A notification, signed."""
		text = event if isinstance(event, str) else json.dumps(event)
		return self.signed(self.fields(Message=text, **overrides))

	def fields(self, **overrides: Any) -> dict[str, Any]:
		fields = {
			"Type": "Notification",
			"MessageId": str(uuid.uuid4()),
			"TopicArn": TOPIC,
			"Message": "{}",
			"Timestamp": stamp(),
			"SigningCertURL": self.office.address,
		}
		return fields | overrides

	def signed(self, fields: dict[str, Any], by: Notary | None = None, version: str = "2") -> dict[str, Any]:
		return (by or self.office).sign(fields, version)

	def confirmation(self, kind: str = "SubscriptionConfirmation", **overrides: Any) -> dict[str, Any]:
		extra = {"Type": kind, "Token": "t0ken", "SubscribeURL": f"{self.shelf.url}/subscribe"}
		return self.signed(self.fields(**(extra | overrides)))

	def post(
		self, message: Any, headers: dict[str, str] | None = None, method: str = "sns"
	) -> requests.Response:
		body = message if isinstance(message, bytes) else json.dumps(message).encode()
		return requests.post(
			f"{self.base_url}{API}{method}",
			data=body,
			headers=TEXT if headers is None else headers,
			timeout=60,
		)


def stamp(ago: timedelta = timedelta()) -> str:
	moment = datetime.now(timezone.utc) - ago
	return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


def event(kind: str = "AttendeeJoined", **overrides: Any) -> dict[str, Any]:
	"""What EventBridge sends and SNS carries. Overrides are parts of `detail`, or the envelope's if it has them."""
	now = datetime.now(timezone.utc)
	envelope = {
		"version": "0",
		"id": str(uuid.uuid4()),
		"detail-type": "Chime Meeting State Change",
		"source": "aws.chime",
		"account": ACCOUNT,
		"time": now.strftime("%Y-%m-%dT%H:%M:%SZ"),
		"region": REGION,
		"resources": [],
	}
	detail = {
		"version": "0",
		"eventType": f"chime:{kind}",
		"timestamp": int(now.timestamp() * 1000),
		"meetingId": str(uuid.uuid4()),
		"attendeeId": str(uuid.uuid4()),
		"externalUserId": "0" * 32,
		"mediaRegion": REGION,
	}
	outer = {name: overrides.pop(name) for name in list(overrides) if name in envelope}
	return envelope | outer | {"detail": detail | overrides}


@contextmanager
def configured(bench: Any, **settings: Any) -> Iterator[None]:
	"""With these in the site's configuration."""
	path = bench.bench.sites / bench.bench.site / "site_config.json"
	before = path.read_text()

	def write(text: str) -> None:
		"""In one step: web processes read it with every request."""
		new = path.with_suffix(".new")
		new.write_text(text)
		new.replace(path)
		bench.read_configuration()

	try:
		write(json.dumps(json.loads(before) | settings))
		yield
	finally:
		write(before)


@contextmanager
def subscribed(bench: Any, **provider: Any) -> Iterator[Sns]:
	"""The site has an account at Amazon with our topic, and takes the shelf for Amazon."""
	given = {"adapter": "Amazon Chime SDK", "account_id": ACCOUNT, "sns_topic_arn": TOPIC}
	regions = {"control_region": REGION, "media_region": REGION}
	keys = {"access_key_id": DEFAULT_KEY, "secret_access_key": "not-a-secret"}
	put_provider("Chime", **(given | regions | keys | provider))
	frappe.db.commit()
	forget()
	amazon = Sns(bench.bench.base_url)
	with configured(bench, theranvio_chime_endpoint=amazon.shelf.url):
		yield amazon
	forget()
	amazon.shelf.server.shutdown()


def forget(what: str = "") -> None:
	"""As if time had passed for what the site keeps for a while."""
	frappe.cache.delete_keys(f"theranvio:{what}")


def joined() -> dict[str, str]:
	"""A join, as an event names it. The meeting was never made."""
	room = frappe.get_doc("Appointment Room", make_appointment().theranvio_room)
	person = put_participant(room, state="Admitted")
	named = {"meetingId": str(uuid.uuid4()), "attendeeId": str(uuid.uuid4())}
	put(
		"Room Join",
		name=named["attendeeId"],
		room=room.name,
		participant=person.name,
		provider="Chime",
		meeting_id=named["meetingId"],
		attendee_id=named["attendeeId"],
	)
	frappe.db.commit()
	return named


def known(named: dict[str, str]) -> list[str]:
	"""What the site knows to have happened in the meeting."""
	frappe.db.rollback()
	return frappe.get_all(
		"Provider Event", {"meeting_id": named["meetingId"]}, pluck="kind", order_by="happened_on"
	)


def refused(answer: requests.Response, status: int, code: str) -> None:
	"""Nothing but the code and one sentence."""
	assert answer.status_code == status, answer.text[:300]
	assert answer.json()["error"]["code"] == code
	assert list(answer.json()) == ["error"]
	assert sorted(answer.json()["error"]) == ["code", "message"]
	assert answer.headers["Cache-Control"] == "no-store"


def taken(answer: requests.Response) -> None:
	assert (answer.status_code, answer.json()) == (200, {"message": {}}), answer.text[:300]
	assert answer.headers["Cache-Control"] == "no-store"


def logged() -> list[tuple[str, str]]:
	"""This app's entries in the Error Log, with what is on its way there: what they are about, and what they tell."""
	from frappe.deferred_insert import save_to_db

	frappe.db.rollback()
	save_to_db()
	rows = frappe.get_all(
		"Error Log", {"method": ("like", "Theranvio%")}, ["method", "error"], order_by="creation"
	)
	return [(row.method.removeprefix("Theranvio Telehealth: "), row.error) for row in rows]
