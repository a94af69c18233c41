"""What a statement of one allowance says, in minutes."""

from __future__ import annotations

from typing import Any

from theranvio_telehealth.site import usage_reports
from theranvio_telehealth.site.allowance_reading import practitioner_names
from theranvio_telehealth.site.clock import zone
from theranvio_telehealth.site.store import ALLOWANCE, BY_NAME


def statement(name: str) -> dict[str, Any]:
	"""For a user who may read the allowance. Raises `frappe.PermissionError`."""
	asked = usage_reports.asked({"allowance": name})
	(allowance,) = ALLOWANCE.find(zone(), BY_NAME, (name,))
	names = practitioner_names([allowance])
	return {
		"practitioner": names.get(allowance.practitioner, allowance.practitioner),
		"included": allowance.included_minutes,
		"added": minutes(allowance.added_seconds),
		"used": minutes(allowance.used_seconds),
		"held": minutes(allowance.held_seconds),
		"left": minutes(allowance.left_seconds),
		"by_practitioner": [
			{**row, "minutes": minutes(int(row.used_seconds))} for row in usage_reports.by_practitioner(asked)
		],
		"given": [
			{**row, "minutes": minutes(int(row.added_seconds))} for row in usage_reports.time_given(asked)
		],
	}


def minutes(seconds: int) -> float:
	return round(seconds / 60, 2)
