"""Who is signed in to the demo. There are no passwords: signing in is choosing a person."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import quote

from flask import current_app, g, redirect, request, session

from theranvio_telehealth.domain.errors import Csrf
from tools.demo.demo_app import DemoApp, acting
from tools.demo.people import Member

View = Callable[..., Any]
#: Sessions at once; beyond it the oldest ends.
MOST = 1000
Members = dict[str, Member]


def demo() -> DemoApp:
	"""The demo that this request is for."""
	found: DemoApp = current_app.extensions["demo"]
	return found


def identify() -> None:
	"""`g.member` is who makes this request: None for those who are not signed in."""
	g.member = _members().get(session.get("id", ""))
	acting.set(g.member.user if g.member else "")


def _members() -> Members:
	"""By the id in the session's cookie: a copy of the cookie is worth nothing after the person has signed out."""
	members: Members = current_app.extensions.setdefault("members", {})
	return members


def start(member: Member) -> None:
	members = _members()
	if len(members) >= MOST:
		del members[next(iter(members))]
	session.update(id=secrets.token_urlsafe(16), csrf_token=secrets.token_urlsafe(32))
	members[session["id"]] = member


def end() -> None:
	_members().pop(session["id"])
	session.clear()


def require_token(token: str) -> None:
	"""Raises `Csrf`."""
	if not hmac.compare_digest(session.get("csrf_token", "").encode(), token.encode()):
		raise Csrf


def signed_in(view: View) -> View:
	"""A page for the signed in only, and with their CSRF token where it changes something."""

	@wraps(view)
	def page(**values: str) -> Any:
		if g.member is None:
			return redirect(f"/sign-in?next={quote(request.path)}", 303)
		if request.method == "POST":
			require_token(request.form.get("csrf_token", ""))
		return view(**values)

	return page
