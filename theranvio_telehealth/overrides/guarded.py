"""Our part of a host document's save: it may fail, and the save must not. See docs/adr/0007-never-in-the-appointments-way.md."""

from collections.abc import Callable

import frappe
from frappe import _

from theranvio_telehealth.services import booking
from theranvio_telehealth.services.ports import Ports
from theranvio_telehealth.site.ports import ports


def follow(appointment: str, by: str | None = None) -> dict[str, str]:
	"""Bring the appointment's room up to date; return the fields of the appointment that were written by it.

	`by`: who changed the appointment, as in `booking.follow`; the user of this request where nothing else is said."""
	site = ports(joined=True)
	changed_by = frappe.session.user if by is None else by
	if not _succeeds(site, appointment, lambda: booking.follow(site, appointment, changed_by)):
		return _show_trouble(appointment)
	return site.store.shown.get(appointment, {})


def gone(appointment: str) -> None:
	site = ports(joined=True)
	_succeeds(site, appointment, lambda: booking.gone(site, appointment, frappe.session.user))


def _succeeds(site: Ports, appointment: str, act: Callable[[], None]) -> bool:
	"""A deadlock is raised: the database has undone the host's writes too, and nobody may be told that they were saved."""
	said = list(frappe.local.message_log)
	try:
		act()
	except frappe.QueryDeadlockError:
		raise
	except Exception as error:
		frappe.local.message_log = said
		site.log.failure("follow", appointment, error)
		return False
	return True


def _show_trouble(appointment: str) -> dict[str, str]:
	status = _("The video room is being prepared. If this stays for minutes, tell your administrator.")
	frappe.db.set_value("Patient Appointment", appointment, "theranvio_status", status, update_modified=False)
	return {"theranvio_status": status}
