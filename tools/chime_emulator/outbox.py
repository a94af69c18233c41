"""The events Amazon would send, as EventBridge payloads and signed SNS notifications, delivered or, by a fault, not."""

from __future__ import annotations

import asyncio
import datetime
import json
import secrets
import uuid
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from tools.chime_emulator.clock import Clock
from tools.chime_emulator.faults import Faults
from tools.chime_emulator.notary import Notary
from tools.chime_emulator.settings import Settings, SnsTarget
from tools.chime_emulator.world import Meeting

_ATTEMPTS = 3
_RETRY_DELAY = 0.1
_HELD_AT_MOST = 2.0
_DETAIL_TYPE = "Chime Meeting State Change"


@dataclass
class Delivery:
	"""One event on its way to one place; `outcome` is an HTTP status, `unreachable` or `waiting`."""

	url: str
	headers: dict[str, str] = field(repr=False)
	body: str = field(repr=False)
	outcome: str = "waiting"


class Outbox:
	"""`history` is everything that happened, in order; `sent`, what went out, may differ by the faults set."""

	def __init__(self, settings: Settings, clock: Clock, faults: Faults, notary: Notary) -> None:
		self._settings = settings
		self._clock = clock
		self._faults = faults
		self._notary = notary
		self._queue: asyncio.Queue[list[Delivery]] = asyncio.Queue()
		self._held_back: list[dict[str, Any]] = []
		self._held_since = 0.0
		self._late: list[tuple[float, dict[str, Any]]] = []
		self._tasks: set[asyncio.Task[None]] = set()
		self._tokens: dict[str, SnsTarget] = {}
		self.holding = False
		self.targets: list[SnsTarget] = list(settings.sns_targets)
		self.history: list[dict[str, Any]] = []
		self.sent: list[dict[str, Any]] = []
		self.deliveries: list[Delivery] = []

	def emit(self, meeting: Meeting, event: str, detail: dict[str, Any]) -> None:
		"""Record the event and send it, subject to injected faults."""
		envelope = self._envelope(meeting, event, detail)
		self.history.append(envelope)
		fault = self._faults.pick(f"event:{event}")
		kind = fault.kind if fault else ""
		if kind == "lost":
			return
		if self.holding or kind == "reordered":
			self._held_since = self._clock.now()
			self._held_back.append(envelope)
			return
		if kind == "late" and fault:
			self._late.append((self._clock.now() + fault.seconds, envelope))
			return
		for _ in range(2 if kind == "duplicated" else 1):
			self._post(envelope)
		if not self.holding:
			self.release()

	def send_due(self) -> None:
		"""Send delayed events that are due, and a reordered event if no other follows in time."""
		now = self._clock.now()
		due, self._late = [e for at, e in self._late if at <= now], [e for e in self._late if e[0] > now]
		for envelope in due:
			self._post(envelope)
		if self._held_back and not self.holding and now - self._held_since > _HELD_AT_MOST:
			self.release()

	def release(self) -> None:
		"""Send what was held back, in an order drawn from the seed."""
		held, self._held_back = self._held_back, []
		self._faults.random.shuffle(held)
		for envelope in held:
			self._post(envelope)

	def _envelope(self, meeting: Meeting, event: str, detail: dict[str, Any]) -> dict[str, Any]:
		now = self._clock.now()
		return {
			"version": "0",
			"id": str(uuid.uuid4()),
			"detail-type": _DETAIL_TYPE,
			"source": "aws.chime",
			"account": meeting.account,
			"time": _iso(now)[:19] + "Z",
			"region": meeting.region,
			"resources": [],
			"detail": {
				"version": "0",
				"eventType": f"chime:{event}",
				"timestamp": int(now * 1000),
				"meetingId": meeting.meeting_id,
				**detail,
				"mediaRegion": meeting.request["MediaRegion"],
			},
		}

	def _post(self, envelope: dict[str, Any]) -> None:
		self.sent.append(envelope)
		body = json.dumps(envelope)
		deliveries = [self._notification(target, body) for target in self.targets]
		if self._settings.eventbridge_url:
			headers = {
				self._settings.eventbridge_header: self._settings.eventbridge_key,
				"Content-Type": "application/json",
			}
			deliveries.append(Delivery(self._settings.eventbridge_url, headers, body))
		self.deliveries.extend(deliveries)
		self._queue.put_nowait(deliveries)

	def _notification(self, target: SnsTarget, message: str) -> Delivery:
		fields = self._sns_fields("Notification", target.topic_arn, message)
		arn = f"{target.topic_arn}:{uuid.uuid4()}"
		region = target.topic_arn.split(":")[3]
		fields["UnsubscribeURL"] = (
			f"https://sns.{region}.amazonaws.com/?Action=Unsubscribe&SubscriptionArn={arn}"
		)
		return self._sns_delivery(target, fields)

	def _sns_fields(self, kind: str, topic_arn: str, message: str) -> dict[str, Any]:
		region = topic_arn.split(":")[3]
		return {
			"Type": kind,
			"MessageId": str(uuid.uuid4()),
			"TopicArn": topic_arn,
			"Message": message,
			"Timestamp": _iso(self._clock.now()),
			"SigningCertURL": f"https://sns.{region}.amazonaws.com/{self.certificate_name}",
		}

	@property
	def certificate_name(self) -> str:
		return f"SimpleNotificationService-{self._notary.name}.pem"

	def _sns_delivery(self, target: SnsTarget, fields: dict[str, Any]) -> Delivery:
		signed = self._notary.sign(fields, self._settings.sns_signature_version)
		headers = {
			"Content-Type": "text/plain; charset=UTF-8",
			"User-Agent": "Amazon Simple Notification Service Agent",
			"x-amz-sns-message-type": fields["Type"],
			"x-amz-sns-message-id": fields["MessageId"],
			"x-amz-sns-topic-arn": target.topic_arn,
		}
		return Delivery(target.url, headers, json.dumps(signed))

	async def subscribe(self, topic_arn: str, url: str) -> None:
		"""Ask `url` to confirm; notifications start once the token is confirmed."""
		token = secrets.token_hex(64)
		self._tokens[token] = SnsTarget(topic_arn, url)
		region = topic_arn.split(":")[3]
		query = f"Action=ConfirmSubscription&TopicArn={topic_arn}&Token={token}"
		text = f"You have chosen to subscribe to the topic {topic_arn}."
		fields = self._sns_fields("SubscriptionConfirmation", topic_arn, text)
		fields |= {"Token": token, "SubscribeURL": f"https://sns.{region}.amazonaws.com/?{query}"}
		delivery = self._sns_delivery(self._tokens[token], fields)
		self.deliveries.append(delivery)
		self._queue.put_nowait([delivery])

	def confirm(self, topic_arn: str, token: str) -> str | None:
		target = self._tokens.get(token)
		if target is None or target.topic_arn != topic_arn:
			return None
		if target not in self.targets:
			self.targets.append(target)
		return f"{topic_arn}:{uuid.uuid5(uuid.NAMESPACE_URL, target.url)}"

	async def run(self) -> None:
		"""Deliver in order, each event to all its targets at once; a target that fails is tried again meanwhile."""
		async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10)) as session:
			while True:
				await asyncio.gather(
					*(self._deliver(session, delivery) for delivery in await self._queue.get())
				)

	async def _deliver(self, session: aiohttp.ClientSession, delivery: Delivery, attempt: int = 1) -> None:
		try:
			async with session.post(
				delivery.url, data=delivery.body.encode(), headers=delivery.headers, allow_redirects=False
			) as answer:
				delivery.outcome = str(answer.status)
				failed = answer.status == 429 or answer.status >= 500
		except (aiohttp.ClientError, asyncio.TimeoutError):
			delivery.outcome = "unreachable"
			failed = True
		if failed and attempt < _ATTEMPTS:
			self._spawn(self._retry(session, delivery, attempt + 1))

	async def _retry(self, session: aiohttp.ClientSession, delivery: Delivery, attempt: int) -> None:
		await asyncio.sleep(_RETRY_DELAY * attempt)
		await self._deliver(session, delivery, attempt)

	def _spawn(self, work: Any) -> None:
		task = asyncio.get_running_loop().create_task(work)
		self._tasks.add(task)
		task.add_done_callback(self._tasks.discard)


def _iso(now: float) -> str:
	moment = datetime.datetime.fromtimestamp(now, datetime.timezone.utc)
	return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"
