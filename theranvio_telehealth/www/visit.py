"""The visit page's shell: the same for every room and everybody signed in. What may be seen of a room, the API says."""

from pathlib import Path
from typing import Any
from urllib.parse import quote

import frappe
from frappe.sessions import get_csrf_token
from frappe.translate import get_all_translations
from frappe.utils.jinja_globals import bundled_asset, is_rtl

from theranvio_telehealth.domain.entities import Caller
from theranvio_telehealth.services.page import boot, page
from theranvio_telehealth.site import realtime
from theranvio_telehealth.site.log import discreet
from theranvio_telehealth.site.ports import ports

no_cache = 1
sitemap = 0


@discreet
def get_context(context: dict[str, Any]) -> None:
	frappe.flags.theranvio_page = "visit"  # by whichever path it was found: api/response_headers.py
	room = str(frappe.form_dict.get("room") or "")[:140]
	if frappe.session.user == "Guest":
		frappe.local.flags.redirect_location = f"/login?redirect-to={quote(f'/visit/{room}', safe='')}"
		raise frappe.Redirect(302)
	media = page(ports(), Caller(frappe.session.user), room)
	frappe.flags.theranvio_origins = media.origins
	translated = get_all_translations(frappe.local.lang)
	context["boot"] = boot(
		media,
		room=room,
		csrf_token=get_csrf_token(),
		language=frappe.local.lang or "",
		is_rtl=is_rtl(),
		bundle=bundled_asset("visit.bundle.js"),
		style=bundled_asset("visit.bundle.css"),
		home="/video-visits" if "Patient" in frappe.get_roles() else "/app",
		realtime={
			"kind": "socketio",
			"url": realtime.url(),
			"script": bundled_asset("realtime.bundle.js"),
		},
		public=Path(frappe.get_app_path("theranvio_telehealth", "public")),
		translate=lambda text: translated.get(text) or text,
	)
