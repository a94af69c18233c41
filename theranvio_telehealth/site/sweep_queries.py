"""What the sweep has to look at: names only. It may name one too many, which the services then leave alone, but
its cost must follow what is due, not what is stored: hence statements made for the indexes there are."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import frappe

from theranvio_telehealth.domain.due import Doubtful
from theranvio_telehealth.domain.entities import RUNNING
from theranvio_telehealth.domain.rooms import CALLED_OFF
from theranvio_telehealth.domain.zones import day, earliest_shown, latest_shown, to_utc
from theranvio_telehealth.site.appointments import KEY

IS_RUNNING = f"in ({', '.join(repr(str(status)) for status in RUNNING)})"

TO_CLOSE = f"""select name, closes_on from `tabAppointment Room`
	where status {IS_RUNNING} and closes_on <= %s order by closes_on, name limit %s"""

STALE_STAYS = """select room, min(stay_seen_on) as seen_on from `tabRoom Participant`
	where stay_seen_on <= %s and stay_started_on is not null group by room order by seen_on, room limit %s"""

EXPIRED_HOLDS = """select room, min(hold_expires_on) as expires_on from `tabRoom Participant`
	where hold_expires_on <= %s and held_seconds > 0 group by room order by expires_on, room limit %s"""

TO_RELEASE = f"""select name from (
		select r.name, r.creation from `tabRoom Meeting` m join `tabAppointment Room` r on r.name = m.name
			where m.meeting_token > '' and r.status not {IS_RUNNING}
		union select r.name, r.creation from `tabRoom Meeting` m join `tabAppointment Room` r on r.name = m.name
			where m.former_meetings > ''
		union select r.name, r.creation from `tabParticipant Access` a join `tabRoom Participant` p on p.name = a.name
			join `tabAppointment Room` r on r.name = p.room where a.revoked_attendees > ''
	) due order by creation, name limit %s"""

STARTS_ON = "timestamp(a.appointment_date, ifnull(a.appointment_time, 0))"
TO_RECONCILE = f"""select name from (
		select a.name, {STARTS_ON} as soonest from `tabPatient Appointment` a
			where a.modified > %(changed_after)s and (a.theranvio_video = 1 or a.theranvio_room > '' or exists (
				select 1 from `tabAppointment Room` r
					where r.appointment = a.name and r.status {IS_RUNNING}))
		union all select appointment, starts_on from `tabAppointment Room`
			where status {IS_RUNNING} and opens_on <= %(opening_by)s
		union all select r.appointment, r.starts_on from `tabAppointment Room` r
			left join `tabPatient Appointment` a on a.name = r.appointment and r.appointment_key = {KEY}
			where r.status {IS_RUNNING} and r.opens_on <= %(looked_for_by)s and a.name is null
		union all select a.name, {STARTS_ON} from `tabPatient Appointment` a
			where a.theranvio_video = 1 and (a.theranvio_room is null or a.theranvio_room = '')
			and a.appointment_date >= %(from_day)s and a.status not in %(called_off)s and not exists (
				select 1 from `tabAppointment Room` r where r.appointment = a.name and r.appointment_key = {KEY})
	) due group by name order by min(soonest), name limit %(limit)s"""


def to_close(before: datetime, zone: str, limit: int) -> Sequence[str]:
	return _until(TO_CLOSE, before, zone, limit)


def with_stale_stays(before: datetime, zone: str, limit: int) -> Sequence[str]:
	return _until(STALE_STAYS, before - timedelta(milliseconds=1), zone, limit)


def with_expired_holds(before: datetime, zone: str, limit: int) -> Sequence[str]:
	return _until(EXPIRED_HOLDS, before, zone, limit)


def to_release(limit: int) -> Sequence[str]:
	return _names(TO_RELEASE, (limit,))


def to_reconcile(doubtful: Doubtful, zone: str, limit: int) -> Sequence[str]:
	moments = {
		"changed_after": earliest_shown(doubtful.changed_after, zone),
		"opening_by": latest_shown(doubtful.opening_by, zone),
		"looked_for_by": latest_shown(doubtful.looked_for_by, zone),
		"from_day": day(doubtful.starting_after, zone),
		"called_off": tuple(CALLED_OFF),
		"limit": limit,
	}
	return _names(TO_RECONCILE, moments)


def _until(statement: str, instant: datetime, zone: str, limit: int) -> Sequence[str]:
	"""Naive times do not sort in the hour that autumn repeats: ask for every one that may be due, keep those that are."""
	rows = frappe.db.sql(statement, (latest_shown(instant, zone), limit))
	return [name for name, naive in rows if _is_due(naive, instant, zone)]


def _is_due(naive: datetime | None, instant: datetime, zone: str) -> bool:
	"""A time that cannot be read is due (the driver gives None for some): the act on that row fails, and the others
	are listed."""
	if naive is None:
		return True
	try:
		return to_utc(naive, zone) <= instant
	except (OverflowError, ValueError):
		return True


def _names(statement: str, values: Any) -> Sequence[str]:
	return frappe.db.sql(statement, values, pluck=True)
