"""Our part of a save of the platform's documents: it may fail, and the save must not. While the platform's transaction is
under way we only note what is to be done; it is done after the commit, in transactions of our own. See
docs/adr/0007-never-in-the-appointments-way.md."""

import functools
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any

import frappe
from frappe.model.document import Document

from theranvio_telehealth.services import booking
from theranvio_telehealth.site import after_commit, appointments
from theranvio_telehealth.site.log import SiteLog
from theranvio_telehealth.site.ports import ports
from theranvio_telehealth.site.transactions import settled

Handler = Callable[..., None]


def harmless(handler: Handler) -> Handler:
	"""For a handler of the platform's events that only takes note: whatever it raises is recorded, and the save goes on."""

	@functools.wraps(handler)
	def guard(*given: Any, **named: Any) -> None:
		try:
			handler(*given, **named)
		except Exception as error:
			_record("note", "", error)

	return guard


def schedule_sync(appointment: str, doc: Document | None = None, by: str | None = None) -> None:
	"""Once this is committed, bring the appointment's room up to date. `doc` is the appointment as the caller holds it, where
	that is known to have video; it is then shown the room too. `by`: who changed the appointment, as in `booking.sync_rooms`;
	the user of this request by default."""
	act = partial(_sync, appointment, frappe.session.user if by is None else by, doc)
	after_commit.once(("sync_rooms", appointment, by), act)


def unlink(event: str) -> None:
	"""Once this is committed, take the visit's link out of the calendar event of a deleted appointment."""
	act = partial(succeeds, "unlink", event, partial(appointments.unlink, event))
	after_commit.once(("unlink", event), act)


def succeeds(what: str, subject: str, act: Callable[[], Any]) -> bool:
	"""Do it in transactions of our own. A failure is recorded, and the sweep makes good what can be."""
	messages = list(frappe.local.message_log)
	try:
		settled(act)
		if frappe.db.transaction_writes:
			frappe.db.commit()
	except Exception as error:
		with suppress(Exception):
			frappe.db.rollback()
		frappe.local.message_log = messages
		_record(what, subject, error)
		return False
	return True


def _record(what: str, subject: str, error: BaseException) -> None:
	with suppress(Exception):
		SiteLog().failure(what, subject, error)


def _sync(appointment: str, by: str, doc: Document | None) -> None:
	succeeds("sync_rooms", appointment, lambda: _made_so(appointment, by, doc))


def _made_so(appointment: str, by: str, doc: Document | None) -> None:
	if doc is None and not appointments.has_video(appointment):
		return
	room = booking.sync_rooms(ports(), appointment, by)
	if doc:
		doc.theranvio_room = room
