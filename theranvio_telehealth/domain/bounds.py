"""The bounds of every number that a person enters: checked by the forms, and again wherever it is read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

DAY = 24 * 60  # minutes
YEAR_IN_HOURS = 366 * 24


@dataclass(frozen=True, slots=True)
class Bounds:
	"""Both ends included. `usual` stands for what was never entered or is no number."""

	least: int
	most: int
	usual: int = 0

	def hold(self, value: float) -> bool:
		return self.least <= value <= self.most

	def read(self, stored: Any) -> int:
		"""The stored value, brought within the bounds. It never raises."""
		try:
			value = int(stored)
		except (TypeError, ValueError, OverflowError):
			return self.usual
		return min(max(value, self.least), self.most)


#: Telehealth Settings.
SETTINGS: Mapping[str, Bounds] = {
	"lead_minutes": Bounds(0, DAY, 15),
	"grace_minutes": Bounds(0, DAY, 30),
	"overrun_minutes": Bounds(0, DAY, 60),
	"default_duration_minutes": Bounds(1, DAY, 50),
}
#: In a company's currency.
PRICE_CAP = Bounds(0, 1_000_000_000)
#: Usage Allowance.
ALLOWANCE: Mapping[str, Bounds] = {
	"included_minutes": Bounds(0, 10_000_000),
	"price_cap": PRICE_CAP,
}
#: Allowance Plan.
PLAN: Mapping[str, Bounds] = {"minutes_per_month": Bounds(0, 10_000_000), "price_cap": PRICE_CAP}
#: Media Provider.
PROVIDER: Mapping[str, Bounds] = {"price_per_minute": Bounds(0, 1000)}
#: A top-up of an allowance, in minutes.
TOP_UP = Bounds(1, 10_000_000)
#: BAA Record.
AGREEMENT: Mapping[str, Bounds] = {
	"breach_notice_hours": Bounds(0, YEAR_IN_HOURS),
	"incident_notice_hours": Bounds(0, YEAR_IN_HOURS),
}
#: An appointment's length in minutes, which the platform does not bound. 0: the clinic's usual length.
APPOINTMENT_MINUTES = Bounds(0, DAY)
#: A port of a STUN or TURN server.
PORT = Bounds(1, 65_535)
