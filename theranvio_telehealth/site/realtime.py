"""Where this site's socket.io is, as the browser that is asking has to address it."""

from __future__ import annotations

from urllib.parse import urlsplit

import frappe


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
