"""Calls to providers, which must not be made inside a transaction: after the response is sent, or in a worker."""

from __future__ import annotations

from collections.abc import Callable

import frappe

from theranvio_telehealth.services.ports import Ports
from theranvio_telehealth.services.teardown import tear_down
from theranvio_telehealth.site.transactions import settled


class SiteBackground:
	"""`make_ports`: those of the site, when the work begins."""

	def __init__(self, make_ports: Callable[[], Ports]) -> None:
		self._make_ports = make_ports

	def tear_down(self, room: str) -> None:
		"""In a request it runs after the response and needs no worker; elsewhere a worker runs it."""
		if not getattr(frappe.local, "request", None):
			frappe.enqueue(
				"theranvio_telehealth.site.jobs.tear_down_room", room=room, enqueue_after_commit=True
			)
		else:
			frappe.db.after_commit.add(
				lambda: frappe.local.request.after_response.add(lambda: self._after_response(room))
			)

	def _after_response(self, room: str) -> None:
		"""A failure is recorded, and the sweep repeats the work."""
		ports = self._make_ports()
		try:
			settled(lambda: tear_down(ports, room))
			frappe.db.commit()
		except Exception as error:
			frappe.db.rollback()
			ports.log.failure("teardown", room, error)
