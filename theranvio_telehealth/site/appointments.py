"""The platform's Patient Appointment: read lean and never from a cache, and shown which room it has. It decides nothing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

import frappe
from frappe import _
from frappe.utils import get_url

from theranvio_telehealth.domain.addresses import is_https
from theranvio_telehealth.domain.bounds import APPOINTMENT_MINUTES
from theranvio_telehealth.domain.entities import Appointment
from theranvio_telehealth.domain.zones import to_utc
from theranvio_telehealth.site.tables import LOCK_LIMIT

APPOINTMENT = "Patient Appointment"

#: Read at every poll of every browser, and therefore in one statement.
READ = """select a.name, a.creation, a.company, c.country, a.practitioner, a.patient, a.appointment_date,
		a.appointment_time, a.duration, a.status, a.theranvio_video, a.theranvio_fallback_url,
		h.practitioner_name, p.patient_name
	from `tabPatient Appointment` a left join `tabCompany` c on c.name = a.company
		left join `tabHealthcare Practitioner` h on h.name = a.practitioner
		left join `tabPatient` p on p.name = a.patient
	where a.name = %s"""

#: They run right after the appointment's save, which must stay fast: two rows at once.
SHOWN = """select a.theranvio_room, e.name, e.description
	from `tabPatient Appointment` a left join `tabEvent` e on e.name = a.event where a.name = %s"""

#: Not where the description was changed since it was read: the sweep shows the room then.
SHOW = f"""{LOCK_LIMIT} update `tabPatient Appointment` a left join `tabEvent` e on e.name = a.event
	set a.theranvio_room = %s, e.description = %s
	where a.name = %s and ifnull(e.description, '') = %s"""

#: Our line in a calendar event's description. Without a tag in it: calendars make a link of the address themselves,
#: while the platform takes as long to clean HTML, each time it saves the event, as to save the appointment.
MARK = "▶"
#: Every repeat has a bound and stops at the next mark, so that it takes time in proportion to any text.
LINE = re.compile(
	rf"{MARK}[^<>{MARK}]{{0,200}}(?:<a [^<>{MARK}]{{0,1000}}>)?"
	rf'https?://[^\s<>"{MARK}]{{1,500}}/visit/([0-9a-f]{{32}})(?:</a>)?',
	re.IGNORECASE,
)


def key_of(name: str, creation: datetime) -> str:
	"""Tells a reused appointment name apart. The same in SQL: `KEY`."""
	return f"{name}:{creation.isoformat()}"


#: `key_of` the appointment that a statement calls `a`.
KEY = "concat(a.name, ':', replace(trim(trailing '.000000' from a.creation), ' ', 'T'))"


@dataclass(frozen=True, slots=True)
class Row:
	"""What `READ` finds. Names are not printed, as an Error Log keeps the variables of whatever fails."""

	name: str
	creation: datetime
	company: str | None
	country: str | None
	practitioner: str | None
	patient: str | None
	day: date
	at: timedelta | None
	minutes: int | None
	status: str | None
	video: int | None
	fallback: str | None = field(repr=False)
	practitioner_name: str | None = field(repr=False)
	patient_name: str | None = field(repr=False)


def read(name: str, zone: str) -> Appointment | None:
	found = next((Row(*row) for row in frappe.db.sql(READ, (name,))), None)
	return _appointment(found, zone) if found else None


def _appointment(row: Row, zone: str) -> Appointment:
	starts_on = datetime.combine(row.day, time()) + (row.at or timedelta())
	return Appointment(
		name=row.name,
		key=key_of(row.name, row.creation),
		company=row.company or "",
		company_country=row.country or "",
		practitioner=row.practitioner or "",
		patient=row.patient or "",
		starts_on=to_utc(starts_on.replace(microsecond=0), zone),
		minutes=APPOINTMENT_MINUTES.read(row.minutes),
		status=row.status or "",
		video=bool(row.video),
		fallback_url=row.fallback if row.fallback and is_https(row.fallback) else "",
		practitioner_name=row.practitioner_name or "",
		patient_name=row.patient_name or "",
		day_ends_on=to_utc(datetime.combine(row.day + timedelta(days=1), time()), zone),
	)


def has_video(name: str) -> bool:
	"""Whether it is a video appointment, or has been one."""
	return any(frappe.db.get_value(APPOINTMENT, name, ["theranvio_video", "theranvio_room"]) or ())


def show_room(name: str, room: str, *, linked: bool) -> None:
	"""Write only what differs. Not a change of the appointment: its `modified` stays, so that open forms still save.
	The platform can hold an appointment for minutes (its daily job keeps all of them in one transaction): the wait for its lock is limited."""
	for shown, event, description in frappe.db.sql(SHOWN, (name,)):
		before = (shown or "", description or "")
		after = (room, _described(before[1], room if event and linked else ""))
		if after == before:
			return
		frappe.db.sql(SHOW, (room or None, after[1], name, before[1]))
		frappe.clear_document_cache(APPOINTMENT, name)
		if event:
			frappe.clear_document_cache("Event", event)


def unlink(event: str) -> None:
	"""Take the visit's link out of the calendar event of an appointment that is being deleted."""
	description = frappe.db.get_value("Event", event, "description") or ""
	frappe.db.set_value("Event", event, "description", _described(description, ""), update_modified=False)


def _described(description: str, room: str) -> str:
	"""With the room's link in it, once; without a room, without any."""
	lines = list(LINE.finditer(description))
	if [line[1] for line in lines] == ([room] if room else []):
		return description
	ours = f"\n{MARK} {_('Video visit')}: {get_url(f'/visit/{room}')}" if room else ""
	return _without(description, lines) + ours


def _without(description: str, lines: Sequence[re.Match[str]]) -> str:
	"""The lines are gone, and the blanks before each."""
	parts, end = [], 0
	for line in lines:
		parts.append(description[end : line.start()].rstrip())
		end = line.end()
	return "".join((*parts, description[end:]))
