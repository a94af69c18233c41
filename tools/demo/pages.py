"""The demo clinic's pages and forms, and the visit page as this host serves it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from werkzeug.utils import redirect, send_from_directory
from werkzeug.wrappers import Request, Response

from theranvio_telehealth.domain.entities import Appointment, Caller
from theranvio_telehealth.domain.errors import NotFound, TelehealthError
from theranvio_telehealth.services import portal
from theranvio_telehealth.services.catalogue import page_messages
from theranvio_telehealth.services.page import page
from tools.demo import languages
from tools.demo.clinic import BadEntry, Clinic, Entry
from tools.demo.clock import from_local
from tools.demo.demo_app import COMPANY, DemoApp
from tools.demo.people import Member, StaffRole
from tools.demo.policy import policy
from tools.demo.presenters import card, day_name, field_time, line, told
from tools.demo.sessions import Call

HERE = Path(__file__).parent
PACKAGE = HERE.parents[1] / "theranvio_telehealth"
PUBLIC = PACKAGE / "public"
BUNDLE, STYLE = "visit.bundle*.js", "visit.bundle*.css"
TEMPLATES = Environment(
	loader=FileSystemLoader([HERE / "templates", PACKAGE / "templates"]),
	autoescape=True,
	undefined=StrictUndefined,
)
OWN_PAGES = re.compile(r"/(visit/[0-9a-zA-Z-]+|video-visits)?")


@dataclass(frozen=True, slots=True)
class SignInLink:
	"""Where one person signs in: each post has a host name of its own, so that two tabs can be two people."""

	member: Member
	address: str


def sign_in_link(member: Member, port: str) -> SignInLink:
	host = "localhost" if member.post is StaffRole.FRONT_DESK else f"{member.post}.localhost"
	return SignInLink(member, f"http://{host}:{port}/sign-in?as={member.user}")


class Pages:
	def __init__(self, demo_app: DemoApp) -> None:
		self.demo_app = demo_app
		self.clinic = Clinic(demo_app)

	# open to everybody on this machine

	def asset(self, call: Call, path: str) -> Response:
		return send_from_directory(PUBLIC, path, call.request.environ)

	def demo_file(self, call: Call, path: str) -> Response:
		return send_from_directory(HERE / "static", path, call.request.environ)

	def icon(self, call: Call) -> Response:
		"""Asked for by browsers that show something without an icon of its own, such as an endpoint's answer."""
		return send_from_directory(PACKAGE / "www", "favicon.ico", call.request.environ)

	def home(self, call: Call) -> Response:
		if call.session is None:
			port, people = _port(call.request), self.demo_app.directory
			links = {
				post: [sign_in_link(member, port) for member in people.of_post(post)] for post in StaffRole
			}
			return self._render("welcome.html", call, links=links)
		if not call.session.member.is_staff:
			return redirect("/video-visits", 303)
		return self._board(call)

	def sign_in(self, call: Call) -> Response:
		people = self.demo_app.directory.people
		chosen = self.demo_app.directory.member(call.request.args.get("as", ""))
		return self._render(
			"sign_in.html",
			call,
			people=[chosen] if chosen else people,
			chosen=chosen,
			next=_own_page(call.request.args.get("next", "")),
		)

	def welcome(self, call: Call, member: Member) -> Response:
		return redirect(_own_page(call.request.form.get("next", "")) or "/", 303)

	def to_sign_in(self, call: Call) -> Response:
		return redirect(f"/sign-in?next={quote(call.request.path)}", 303)

	def to_home(self) -> Response:
		return redirect("/", 303)

	def refused(self, error: type[TelehealthError]) -> Response:
		return self._render("refused.html", None, status=error.status, sentence=error.text)

	# for the signed in

	def video_visits(self, call: Call) -> Response:
		upcoming, past = portal.visits(self.demo_app.ports, Caller(_user(call)))
		return self._render(
			"visits.html",
			call,
			upcoming=[line(self.demo_app, visit) for visit in upcoming],
			past=[line(self.demo_app, visit) for visit in past],
		)

	def visit(self, call: Call, room: str) -> Response:
		assert call.session is not None
		media = page(self.demo_app.ports, Caller(call.session.user), room)
		language = languages.language_of(call.request)
		translate = languages.translator(language)
		boot = {
			"room": room,
			"csrf_token": call.session.csrf_token,
			"lang": language,
			"dir": "ltr",
			"bundle": built(BUNDLE),
			"style": built(STYLE),
			"home": "/" if call.session.member.is_staff else "/video-visits",
			"realtime": {"kind": "sse", "url": "/nudges"},
			"media": media.media_files(PUBLIC),
			"messages": page_messages(translate),
		}
		response = self._render("visit.html", call, boot=boot, _=translate)
		if "lang" in call.request.args:
			response.set_cookie(languages.COOKIE, language, samesite="Lax")
		response.headers["Content-Security-Policy"] = policy(media.origins)
		return response

	def clinic_act(self, call: Call, act: str) -> Response:
		acts = {
			"book": self._book,
			"move": self._move,
			"cancel": self._cancel,
			"delete": self._delete,
			"provider": self._choose_provider,
		}
		if call.session is None or not call.session.member.is_staff or act not in acts:
			return self.refused(NotFound)
		try:
			acts[act](call)
		except BadEntry as error:
			return self._board(call, wrong=str(error))
		return self.to_home()

	def _book(self, call: Call) -> None:
		form = call.request.form
		entry = Entry(
			practitioner=form.get("practitioner", ""),
			patient=form.get("patient", ""),
			starts_on=self._starts_on(form),
			minutes=_minutes(form.get("minutes", "")),
			video="video" in form,
			fallback_url=form.get("fallback_url", "").strip(),
		)
		self._say(call, "Booked", self.clinic.book(_user(call), entry))

	def _move(self, call: Call) -> None:
		form = call.request.form
		name, starts_on = form.get("name", ""), self._starts_on(form)
		self._say(call, "Moved", self.clinic.change(_user(call), name, starts_on=starts_on))

	def _cancel(self, call: Call) -> None:
		self.clinic.change(_user(call), call.request.form.get("name", ""), status="Cancelled")

	def _delete(self, call: Call) -> None:
		self.clinic.delete(_user(call), call.request.form.get("name", ""))

	def _choose_provider(self, call: Call) -> None:
		self.clinic.choose_provider(call.request.form.get("name", ""))

	def _say(self, call: Call, what: str, appointment: Appointment) -> None:
		if call.session:
			others = self.clinic.overlapping(appointment)
			call.session.notices.extend(told(self.demo_app, what, appointment, others))

	def _starts_on(self, form: Mapping[str, str]) -> datetime:
		try:
			at = time.fromisoformat(form.get("at", ""))
		except ValueError:
			raise BadEntry("Enter a time of day, such as 14:30.") from None
		return from_local(self.demo_app.clock.today(), at)

	def _board(self, call: Call, wrong: str = "") -> Response:
		now = self.demo_app.clock.now()
		notices = call.session.notices if call.session else []
		said = [notices.pop(0) for _ in list(notices)]
		return self._render(
			"clinic.html",
			call,
			said=said,
			status=400 if wrong else 200,
			wrong=wrong,
			entered=call.request.form,
			day=day_name(now),
			now=field_time(now),
			cards=[card(self.demo_app, a, _user(call)) for a in self.clinic.today()],
			clinicians=self.demo_app.directory.of_post(StaffRole.CLINICIAN),
			clients=self.demo_app.directory.of_post(StaffRole.CLIENT),
			providers=[p.name for p in self.demo_app.store.providers() if p.enabled],
			provider=self.demo_app.store.settings().default_provider,
		)

	def _render(self, template: str, call: Call | None, status: int = 200, **values: Any) -> Response:
		session = call.session if call else None
		html = TEMPLATES.get_template(template).render(session=session, clinic=COMPANY, **values)
		return Response(html, status, mimetype="text/html")


def _user(call: Call) -> str:
	return call.session.user if call.session else ""


def _port(request: Request) -> str:
	return request.host.rpartition(":")[2] if ":" in request.host else "80"


def _own_page(path: str) -> str:
	"""The path, if it is one of ours; nobody is sent anywhere else."""
	return path if OWN_PAGES.fullmatch(path) else ""


def _minutes(text: str) -> int:
	if not text.isascii() or not text.isdigit():
		raise BadEntry("Enter the length in whole minutes.")
	return int(text)


def built(pattern: str) -> str:
	"""The address of a built file of the visit page."""
	found = sorted((PUBLIC / "dist").rglob(pattern))
	return f"/assets/theranvio_telehealth/{found[0].relative_to(PUBLIC).as_posix()}" if found else ""
