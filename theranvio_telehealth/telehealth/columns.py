"""The columns of our reports."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

WIDTHS = {"Datetime": 180, "Date": 110, "Int": 130, "Float": 150, "Small Text": 340}
#: What each type is shown with. The desk would align a column by its first value, and an empty one as a number.
SHOWN: dict[str, dict[str, Any]] = {
	"Data": {"align": "left"},
	"Small Text": {"align": "left"},
	"Datetime": {"align": "left"},
	"Float": {"precision": 2},
	"Currency": {"options": "currency", "precision": 4},
}


def columns(described: Iterable[tuple[str, str, str]]) -> list[dict[str, Any]]:
	"""From a field's name, label and type each. Money is in the currency that its row names."""
	return [
		{
			"fieldname": name,
			"label": label,
			"fieldtype": kind,
			"width": WIDTHS.get(kind, 140),
			**SHOWN.get(kind, {}),
		}
		for name, label, kind in described
	]
