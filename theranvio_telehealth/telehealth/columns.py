"""The columns of our reports."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

WIDTHS = {"Datetime": 180, "Int": 80, "Float": 100, "Currency": 120}
MONEY = {"options": "currency", "precision": 4}


def columns(described: Iterable[tuple[str, str, str]]) -> list[dict[str, Any]]:
	"""From a field's name, label and type each. Money is in the currency that its row names."""
	return [
		{
			"fieldname": name,
			"label": label,
			"fieldtype": kind,
			"width": WIDTHS.get(kind, 140),
			**(MONEY if kind == "Currency" else {}),
		}
		for name, label, kind in described
	]
