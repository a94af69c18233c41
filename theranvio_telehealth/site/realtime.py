"""The site's socket.io: the content-free ping over it, and its address for the browser that asks."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlsplit

import frappe
from frappe.realtime import get_user_room

EVENT = "theranvio_nudge"


class SiteNudge:
	"""Into the rooms of named users. Guests share one room: never there."""

	def users(self, users: Iterable[str]) -> None:
		for user in users:
			if user != "Guest":
				frappe.publish_realtime(EVENT, room=get_user_room(user), after_commit=True)


def url() -> str:
	"""Behind the site's own address, where nginx passes it on; a development server has it on a port of its own."""
	request = frappe.local.request
	scheme = "https" if request.headers.get("X-Forwarded-Proto") == "https" else request.scheme
	host = request.host
	if frappe.local.dev_server:
		host = f"{urlsplit(f'//{host}').hostname}:{frappe.conf.socketio_port}"
	return f"{scheme}://{host}/{frappe.local.site}"


def origins() -> tuple[str, str]:
	"""For a policy of what a page may connect to: not every browser takes «self» to include its websockets."""
	address = urlsplit(url())
	secure = address.scheme == "https"
	return f"{address.scheme}://{address.netloc}", f"{'wss' if secure else 'ws'}://{address.netloc}"
