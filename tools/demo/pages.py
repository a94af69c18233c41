"""The demo clinic's pages and forms, and the visit page as the demo serves it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, time
from pathlib import Path
from typing import Any

from flask import (
	Blueprint,
	Response,
	flash,
	g,
	redirect,
	render_template,
	request,
	send_from_directory,
	session,
)

from theranvio_telehealth.domain.entities import Appointment, Caller
from theranvio_telehealth.domain.errors import Csrf, Malformed, NotFound, TelehealthError
from theranvio_telehealth.services import page as visit_page
from theranvio_telehealth.services import portal
from tools.demo import languages, sessions
from tools.demo.clinic import BadEntry, Clinic, Entry
from tools.demo.clock import from_local
from tools.demo.people import Member, StaffRole
from tools.demo.presenters import card, day_name, field_time, line, notices
from tools.demo.sessions import demo, signed_in

PACKAGE = Path(__file__).parents[2] / "theranvio_telehealth"
PUBLIC = PACKAGE / "public"
BUNDLE, STYLE = "visit.bundle*.js", "visit.bundle*.css"
OWN_PAGES = re.compile(r"/(visit/[0-9a-zA-Z-]+|video-visits)?")


def own_page(path: str) -> str:
	"""The path, if it is one of ours; empty for any other."""
	return path if OWN_PAGES.fullmatch(path) else ""


def sign_in_address(member: Member, port: str) -> str:
	"""Each role has a host name of its own, so that two tabs can be two people."""
	name = "localhost" if member.post is StaffRole.FRONT_DESK else f"{member.post}.localhost"
	return f"http://{name}:{port}/sign-in?as={member.user}"


def built(pattern: str) -> str:
	"""The address of a built file of the visit page; empty where it is not built."""
	found = sorted((PUBLIC / "dist").rglob(pattern))
	return f"/assets/theranvio_telehealth/{found[0].relative_to(PUBLIC).as_posix()}" if found else ""


def refused(error: type[TelehealthError]) -> Response:
	return Response(render_template("refused.html", sentence=error.text), error.status, mimetype="text/html")


routes = Blueprint("pages", __name__)
routes.add_app_template_global(sign_in_address)


@routes.get("/assets/theranvio_telehealth/<path:path>")
def asset(path: str) -> Response:
	return send_from_directory(PUBLIC, path)


@routes.get("/favicon.ico")
def icon() -> Response:
	"""Requested by browsers that show something without an icon of its own, such as an endpoint's answer."""
	return send_from_directory(PACKAGE / "www", "favicon.ico")


@routes.get("/")
def home() -> Any:
	if g.member is None:
		posts = {post: demo().directory.of_post(post) for post in StaffRole}
		port = request.host.rpartition(":")[2] if ":" in request.host else "80"
		return render_template("welcome.html", port=port, posts=posts)
	return board() if g.member.is_staff else redirect("/video-visits", 303)


def board(wrong: str = "") -> str:
	"""The clinic's page. `wrong`: what cannot be done with what was entered."""
	app, now = demo(), demo().clock.now()
	return render_template(
		"clinic.html",
		wrong=wrong,
		day=day_name(now),
		now=field_time(now),
		cards=[card(app, appointment, g.member.user) for appointment in Clinic(app).today()],
		clinicians=app.directory.of_post(StaffRole.CLINICIAN),
		clients=app.directory.of_post(StaffRole.CLIENT),
		providers=[p.name for p in app.store.providers() if p.enabled],
		provider=app.store.settings().default_provider,
	)


@routes.get("/sign-in")
def choose_person() -> str:
	chosen = demo().directory.member(request.args.get("as", ""))
	people = [chosen] if chosen else demo().directory.people
	next_page = own_page(request.args.get("next", ""))
	return render_template("sign_in.html", people=people, chosen=chosen, next=next_page)


@routes.post("/sign-in")
def sign_in() -> Response:
	"""There is no session yet to hold a token: the browser itself says that the form is ours."""
	if request.headers.get("Sec-Fetch-Site", "none") not in ("none", "same-origin"):
		raise Csrf
	member = demo().directory.member(request.form.get("person", ""))
	if member is None:
		raise Malformed
	sessions.start(member)
	return redirect(own_page(request.form.get("next", "")) or "/", 303)


@routes.post("/sign-out")
@signed_in
def sign_out() -> Response:
	sessions.end()
	return redirect("/", 303)


@routes.get("/video-visits")
@signed_in
def video_visits() -> str:
	upcoming, past = portal.visits(demo().ports, Caller(g.member.user))
	return render_template(
		"visits.html",
		upcoming=[line(demo(), visit) for visit in upcoming],
		past=[line(demo(), visit) for visit in past],
	)


@routes.get("/visit/<room>")
@signed_in
def visit(room: str) -> Response:
	media = visit_page.page(demo().ports, Caller(g.member.user), room)
	language = languages.language_of(request)
	translate = languages.translator(language)
	boot = visit_page.boot(
		media,
		room=room,
		csrf_token=session["csrf_token"],
		language=language,
		is_rtl=False,
		bundle=built(BUNDLE),
		style=built(STYLE),
		home="/" if g.member.is_staff else "/video-visits",
		realtime={"kind": "sse", "url": "/nudges"},
		public=PUBLIC,
		translate=translate,
	)
	response = Response(render_template("visit.html", boot=boot, _=translate), mimetype="text/html")
	if "lang" in request.args:
		response.set_cookie(languages.COOKIE, language, samesite="Lax")
	response.headers["Content-Security-Policy"] = visit_page.policy(media.origins)
	return response


@routes.get("/clinic/<act>")
@routes.get("/sign-out")
def form_address(act: str = "") -> Response:
	"""A form's own address, opened again from the address bar or the history: nothing is done."""
	return redirect("/", 303)


@routes.post("/clinic/<act>")
@signed_in
def change(act: str) -> Any:
	forms = {"book": book, "move": move, "cancel": cancel, "delete": delete, "provider": choose_provider}
	if not g.member.is_staff or act not in forms:
		raise NotFound
	try:
		forms[act](Clinic(demo()), request.form)
	except BadEntry as error:
		return board(str(error)), 400
	return redirect("/", 303)


Form = Mapping[str, str]


def book(clinic: Clinic, form: Form) -> None:
	minutes = form.get("minutes", "")
	if not minutes.isascii() or not minutes.isdigit():
		raise BadEntry("Enter the length in whole minutes.")
	entry = Entry(
		practitioner=form.get("practitioner", ""),
		patient=form.get("patient", ""),
		starts_on=_starts_on(form),
		minutes=int(minutes),
		video="video" in form,
		fallback_url=form.get("fallback_url", "").strip(),
	)
	_report(clinic, "Booked", clinic.book(g.member.user, entry))


def move(clinic: Clinic, form: Form) -> None:
	starts_on = _starts_on(form)
	_report(clinic, "Moved", clinic.change(g.member.user, form.get("name", ""), starts_on=starts_on))


def cancel(clinic: Clinic, form: Form) -> None:
	clinic.change(g.member.user, form.get("name", ""), status="Cancelled")


def delete(clinic: Clinic, form: Form) -> None:
	clinic.delete(g.member.user, form.get("name", ""))


def choose_provider(clinic: Clinic, form: Form) -> None:
	clinic.choose_provider(form.get("name", ""))


def _starts_on(form: Form) -> datetime:
	try:
		at = time.fromisoformat(form.get("at", ""))
	except ValueError:
		raise BadEntry("Enter a time of day, such as 14:30.") from None
	return from_local(demo().clock.today(), at)


def _report(clinic: Clinic, what: str, appointment: Appointment) -> None:
	for sentence in notices(demo(), what, appointment, clinic.overlapping(appointment)):
		flash(sentence)
