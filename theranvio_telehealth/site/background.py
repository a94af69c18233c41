"""What must not happen inside a transaction: asking a provider. After the answer has gone out, or in a worker."""

from __future__ import annotations

import frappe

from theranvio_telehealth.services.teardown import tear_down
from theranvio_telehealth.site.transactions import settled


class SiteBackground:
	def tear_down(self, room: str) -> None:
		"""In a request it runs after the response and needs no worker; elsewhere a worker runs it."""
		if not getattr(frappe.local, "request", None):
			frappe.enqueue(
				"theranvio_telehealth.site.jobs.tear_down_room", room=room, enqueue_after_commit=True
			)
		else:
			frappe.db.after_commit.add(
				lambda: frappe.local.request.after_response.add(lambda: _tear_down(room))
			)


def _tear_down(room: str) -> None:
	"""Runs after the response: a failure is recorded, and the sweep repeats the work."""
	from theranvio_telehealth.site.ports import ports

	site_ports = ports()
	try:
		settled(lambda: tear_down(site_ports, room))
		frappe.db.commit()
	except Exception as error:
		frappe.db.rollback()
		site_ports.log.failure("teardown", room, error)
