"""A Notification Log in the desk that a client waits. It contains no name, and sends no mail."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

import frappe
from frappe import _
from frappe.desk.doctype.notification_log.notification_log import set_notifications_as_unseen
from frappe.desk.doctype.notification_settings.notification_settings import is_notifications_enabled
from frappe.model.document import Document
from frappe.utils import now_datetime

from theranvio_telehealth.domain.entities import Room

LOG = "Notification Log"
#: A client who leaves and returns within this time causes no second notice.
QUIET = timedelta(minutes=10)


class SiteBell:
	def ring(self, users: Iterable[str], room: Room) -> None:
		for user in sorted(users):
			_ring(user, room)


def _ring(user: str, room: Room) -> None:
	if not frappe.db.get_value("User", user, "enabled") or not is_notifications_enabled(user):
		return
	about = {"for_user": user, "document_type": "Patient Appointment", "document_name": room.appointment}
	if frappe.db.exists(LOG, {**about, "creation": (">", now_datetime() - QUIET)}):
		return
	language = frappe.db.get_value("User", user, "language")
	notice = frappe.new_doc(LOG, type="Alert", link=f"/visit/{room.name}", **about)
	notice.subject = _("A client is waiting in your video visit.", language)
	_insert(notice)


def _insert(notice: Document) -> None:
	"""As its own reader's, by one statement: the platform's insert would tell everybody who watches the list the client's
	login, and might send a mail."""
	notice.set_new_name()
	notice.set_user_and_timestamp()
	notice.owner = notice.modified_by = notice.from_user = notice.for_user
	notice.db_insert()
	set_notifications_as_unseen(notice.for_user)
	frappe.publish_realtime("notification", after_commit=True, user=notice.for_user)
