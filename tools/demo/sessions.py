"""Who is signed in to the demo, by cookie. There are no passwords: signing in is choosing a person."""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass, field

from werkzeug.wrappers import Request

from tools.demo.people import Member

COOKIE = "demo_session"
MOST = 1000


@dataclass(frozen=True, slots=True)
class Session:
	"""`notices`: what the next of the clinic's pages is to say of what was done."""

	member: Member
	csrf_token: str = field(repr=False)
	notices: list[str] = field(default_factory=list, repr=False)

	@property
	def user(self) -> str:
		return self.member.user


@dataclass(frozen=True, slots=True)
class Call:
	"""One request, and who makes it."""

	request: Request
	session: Session | None

	def has_token(self, csrf_token: str) -> bool:
		if self.session is None:
			return False
		return hmac.compare_digest(self.session.csrf_token.encode(), csrf_token.encode())


class Sessions:
	def __init__(self) -> None:
		self._sessions: dict[str, Session] = {}

	def start(self, member: Member) -> str:
		"""The new session's cookie. Beyond the bound the oldest session ends."""
		if len(self._sessions) >= MOST:
			del self._sessions[next(iter(self._sessions))]
		cookie = secrets.token_urlsafe(32)
		self._sessions[cookie] = Session(member, secrets.token_urlsafe(32))
		return cookie

	def of(self, request: Request) -> Session | None:
		return self._sessions.get(request.cookies.get(COOKIE, ""))

	def end(self, request: Request) -> None:
		self._sessions.pop(request.cookies.get(COOKIE, ""), None)
