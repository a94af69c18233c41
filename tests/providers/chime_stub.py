"""A few answers of Amazon's control plane on loopback, refused on demand. For media see the emulator.

Like Amazon it takes a request token and an external user id for the same thing asked again."""

from __future__ import annotations

import json
import re
import threading
import uuid
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

ACCOUNT = "111122223333"
SECRET = "s3cr3t-access-key"
GUID = "([a-fA-F0-9]{8}(?:-[a-fA-F0-9]{4}){3}-[a-fA-F0-9]{12})"
ROUTES = (
	("POST", re.compile(r"/meetings"), "CreateMeeting"),
	("GET", re.compile(rf"/meetings/{GUID}"), "GetMeeting"),
	("DELETE", re.compile(rf"/meetings/{GUID}"), "DeleteMeeting"),
	("POST", re.compile(rf"/meetings/{GUID}/attendees"), "CreateAttendee"),
	("GET", re.compile(rf"/meetings/{GUID}/attendees"), "ListAttendees"),
	("DELETE", re.compile(rf"/meetings/{GUID}/attendees/{GUID}"), "DeleteAttendee"),
)


class NoSuchThing(Exception):
	"""404."""


class ChimeStub:
	"""`refuse`: (act, status, code) for the next call of that act; status 0 breaks the connection off.

	`lose`: acts whose next answer is lost after the act was done. `asked`: every request, in order.
	`received`: bodies of what was none of Amazon's acts."""

	def __init__(self) -> None:
		self.reset()
		self._server = StubServer(self)
		self.url = f"http://127.0.0.1:{self._server.server_port}"
		threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

	def reset(self) -> None:
		"""As new, at the same address: a client takes longer to make than a test to run."""
		self.account = ACCOUNT
		self.page = 100
		self.refuse: list[tuple[str, int, str]] = []
		self.lose: list[str] = []
		self.asked: list[tuple[str, dict[str, Any]]] = []
		self.received: list[str] = []
		self.meetings: dict[str, dict[str, Any]] = {}
		self.attendees: dict[str, dict[str, dict[str, Any]]] = {}
		self._tokens: dict[str, str] = {}

	def stop(self) -> None:
		self._server.shutdown()
		self._server.server_close()

	def acts(self) -> list[str]:
		return [act for act, _ in self.asked]

	def what(self, act: str) -> dict[str, Any]:
		"""The last request of an act."""
		return [given for asked, given in self.asked if asked == act][-1]

	def next_refusal(self, act: str) -> tuple[int, str] | None:
		for refusal in self.refuse:
			if refusal[0] == act:
				self.refuse.remove(refusal)
				return refusal[1:]
		return None

	def perform(self, act: str, ids: tuple[str, ...], fields: dict[str, Any]) -> dict[str, Any] | None:
		acts: dict[str, Callable[..., dict[str, Any] | None]] = {
			"CreateMeeting": self._create_meeting,
			"GetMeeting": lambda fields, meeting: {"Meeting": self._meeting(meeting)},
			"DeleteMeeting": self._delete_meeting,
			"CreateAttendee": self._create_attendee,
			"ListAttendees": self._list_attendees,
			"DeleteAttendee": self._delete_attendee,
		}
		return acts[act](fields, *ids)

	def _meeting(self, meeting: str) -> dict[str, Any]:
		if meeting not in self.meetings:
			raise NoSuchThing
		return self.meetings[meeting]

	def _create_meeting(self, fields: dict[str, Any]) -> dict[str, Any]:
		meeting = self._tokens.setdefault(fields["ClientRequestToken"], str(uuid.uuid4()))
		if meeting not in self.attendees:
			self.attendees[meeting] = {}
			self.meetings[meeting] = {
				"MeetingId": meeting,
				"MeetingArn": f"arn:aws:chime:ca-central-1:{self.account}:meeting/{meeting}",
				"MediaPlacement": {
					"AudioHostUrl": "media.test:3478",
					"SignalingUrl": "wss://signal.test/control/" + meeting,
					"TurnControlUrl": "https://turn.test/v2/turn_sessions",
					"ScreenDataUrl": "wss://screen.test",
					"EventIngestionUrl": "https://data.test/v1/client-events",
				},
				**{name: fields[name] for name in ("ExternalMeetingId", "MediaRegion", "MeetingFeatures")},
			}
		return {"Meeting": self.meetings.get(meeting) or {"MeetingId": meeting}}

	def _delete_meeting(self, fields: dict[str, Any], meeting: str) -> None:
		self._meeting(meeting)
		del self.meetings[meeting]

	def _create_attendee(self, fields: dict[str, Any], meeting: str) -> dict[str, Any]:
		self._meeting(meeting)
		there = self.attendees[meeting]
		known = [a for a in there.values() if a["ExternalUserId"] == fields["ExternalUserId"]]
		attendee = known[0] if known else {**fields, "AttendeeId": str(uuid.uuid4())}
		attendee.setdefault("JoinToken", "join-token-" + uuid.uuid4().hex)
		there[attendee["AttendeeId"]] = attendee
		return {"Attendee": attendee}

	def _list_attendees(self, fields: dict[str, Any], meeting: str) -> dict[str, Any]:
		self._meeting(meeting)
		there = list(self.attendees[meeting].values())
		start = int(fields.get("next-token", 0))
		end = start + self.page
		return {"Attendees": there[start:end], **({"NextToken": str(end)} if end < len(there) else {})}

	def _delete_attendee(self, fields: dict[str, Any], meeting: str, attendee: str) -> None:
		self._meeting(meeting)
		if self.attendees[meeting].pop(attendee, None) is None:
			raise NoSuchThing


class StubServer(ThreadingHTTPServer):
	def __init__(self, stub: ChimeStub) -> None:
		super().__init__(("127.0.0.1", 0), Handler)
		self.stub = stub

	def handle_error(self, request: Any, client_address: Any) -> None:
		"""A connection broken off by the other side, which is what some tests do."""


class Handler(BaseHTTPRequestHandler):
	server: StubServer
	protocol_version = "HTTP/1.1"

	def _serve(self) -> None:
		path, _, query = self.path.partition("?")
		body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
		plain = body.startswith("Action=")
		fields = {k: v[0] for k, v in parse_qs(body if plain else query).items()}
		if path == "/" and plain:
			self._query_act(fields)
			return
		for method, pattern, act in ROUTES:
			found = pattern.fullmatch(path)
			if found and method == self.command:
				self._act(act, found.groups(), fields | json.loads(body or "{}"))
				return
		self.server.stub.received.append(body)
		self._send(400, {"Message": "no such act"}, "BadRequestException")

	do_GET = do_POST = do_DELETE = _serve

	def _query_act(self, fields: dict[str, str]) -> None:
		act = fields["Action"]
		self.server.stub.asked.append((act, fields))
		refusal = self.server.stub.next_refusal(act)
		if refusal:
			status, code = refusal
			text = f"<ErrorResponse><Error><Code>{code}</Code><Message>no</Message></Error></ErrorResponse>"
			self._raw(status, text.encode(), {"Content-Type": "text/xml"})
			return
		result = f"<Account>{self.server.stub.account}</Account><Arn>arn:x</Arn><UserId>U</UserId>"
		text = f"<{act}Response><{act}Result>{result}</{act}Result></{act}Response>"
		self._raw(200, text.encode(), {"Content-Type": "text/xml"})

	def _act(self, act: str, ids: tuple[str, ...], fields: dict[str, Any]) -> None:
		self.server.stub.asked.append((act, fields))
		refusal = self.server.stub.next_refusal(act)
		if refusal and not refusal[0]:
			self.close_connection = True
			self.connection.close()
			return
		if refusal:
			self._send(refusal[0], {"Message": "no"}, refusal[1])
			return
		try:
			answer = self.server.stub.perform(act, ids, fields)
		except NoSuchThing:
			self._send(404, {"Message": "no"}, "NotFoundException")
			return
		if act in self.server.stub.lose:
			self.server.stub.lose.remove(act)
			self.close_connection = True
			self.connection.close()
			return
		self._send(204 if answer is None else 200, answer)

	def _send(self, status: int, answer: dict[str, Any] | None, code: str = "") -> None:
		headers = {"x-amzn-ErrorType": code} if code else {}
		self._raw(status, b"" if answer is None else json.dumps(answer).encode(), headers)

	def _raw(self, status: int, body: bytes, headers: dict[str, str]) -> None:
		self.send_response(status)
		for name, value in headers.items():
			self.send_header(name, value)
		self.send_header("Content-Length", str(len(body)))
		self.end_headers()
		self.wfile.write(body)

	def log_message(self, format: str, *args: Any) -> None:
		"""Nothing of a test's traffic is printed."""
