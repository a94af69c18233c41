"""What the app adds to the platform's DocTypes: one declaration, read by install and by uninstall."""

from typing import Any

from theranvio_telehealth import MODULE
from theranvio_telehealth.domain.sentences import _

PREPARING = _("The video room is being prepared. If this stays for minutes, tell your administrator.")

#: Read from the room whenever an appointment is read as a whole: a stored copy would have to be written while the platform
#: saves the same row.
STATUS = (
	"frappe.db.get_value('Appointment Room', doc.theranvio_room, 'status') if doc.theranvio_room "
	f"else _({PREPARING!r}) if doc.theranvio_video else ''"
)

CUSTOM_FIELDS: dict[str, list[dict[str, Any]]] = {
	"Patient Appointment": [
		{
			"fieldname": "theranvio_section",
			"fieldtype": "Section Break",
			"label": _("Theranvio Video"),
			"insert_after": "google_meet_link",
		},
		{
			"fieldname": "theranvio_video",
			"fieldtype": "Check",
			"label": _("Video Appointment"),
			"insert_after": "theranvio_section",
		},
		{
			"fieldname": "theranvio_status",
			"fieldtype": "Data",
			"is_virtual": 1,
			"options": STATUS,
			"label": _("Room Status"),
			"read_only": 1,
			"no_copy": 1,
			"print_hide": 1,
			"depends_on": "theranvio_video",
			"insert_after": "theranvio_video",
		},
		{
			"fieldname": "theranvio_room",
			"fieldtype": "Link",
			"label": _("Room"),
			"options": "Appointment Room",
			"read_only": 1,
			"no_copy": 1,
			"print_hide": 1,
			"ignore_user_permissions": 1,
			"depends_on": "theranvio_room",
			"insert_after": "theranvio_status",
		},
		{
			"fieldname": "theranvio_column",
			"fieldtype": "Column Break",
			"insert_after": "theranvio_room",
		},
		{
			"fieldname": "theranvio_fallback_url",
			"fieldtype": "Data",
			"options": "",  # as a URL the desk's lists print it without escaping it
			"length": 500,
			"label": _("Fallback Link"),
			"description": _(
				"An https address (Zoom, Meet, Teams) to go on with when the video does not work."
			),
			"no_copy": 1,
			"print_hide": 1,
			"depends_on": "theranvio_video",
			"insert_after": "theranvio_column",
		},
	],
	"Appointment Type": [
		{
			"fieldname": "theranvio_video",
			"fieldtype": "Check",
			"label": _("Video Appointment by Default"),
			"insert_after": "allow_booking_for",
		},
	],
}

#: What finds video appointments without a room, and the appointment of a room.
INDEXES: dict[str, list[str]] = {"Patient Appointment": ["theranvio_room", "theranvio_video"]}


def declared() -> dict[str, list[dict[str, Any]]]:
	"""As Frappe wants them, each marked as the app's own."""
	return {
		doctype: [{**field, "module": MODULE} for field in fields]
		for doctype, fields in CUSTOM_FIELDS.items()
	}


def columns(doctype: str) -> list[str]:
	"""The database columns they make in the platform's tables."""
	return [
		f["fieldname"]
		for f in CUSTOM_FIELDS[doctype]
		if not f["fieldtype"].endswith(" Break") and not f.get("is_virtual")
	]
