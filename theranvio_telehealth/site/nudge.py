"""The content-free ping over the platform's realtime, into the rooms of named users. Guests share one room: never there."""

from __future__ import annotations

from collections.abc import Iterable

import frappe
from frappe.realtime import get_user_room

EVENT = "theranvio_nudge"


class SiteNudge:
	def users(self, users: Iterable[str]) -> None:
		for user in users:
			if user != "Guest":
				frappe.publish_realtime(EVENT, room=get_user_room(user), after_commit=True)
