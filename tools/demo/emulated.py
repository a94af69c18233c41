"""Amazon Chime as the demo has it: an emulator on this machine, and the account it knows. Never Amazon itself."""

from __future__ import annotations

from dataclasses import dataclass, field

from theranvio_telehealth.domain.entities import ProviderAccount
from theranvio_telehealth.domain.enums import Adapter
from theranvio_telehealth.providers.chime.config import ChimeConfig

NAME = "Amazon Chime (emulated)"
REGION = "ca-central-1"
ACCOUNT = "111122223333"
#: What the emulator knows its only caller by.
ACCESS_KEY = "AKIAEMULATOREXAMPLE1"


class NoEmulator(Exception):
	"""What was given as the emulator's address cannot be one."""


@dataclass(frozen=True, slots=True)
class Emulator:
	"""`events_key` is what it calls with when it tells of events; empty: it tells of none."""

	endpoint: str
	events_key: str = field(default="", repr=False)

	@property
	def account(self) -> ProviderAccount:
		return ProviderAccount(
			NAME, Adapter.CHIME, account_id=ACCOUNT, control_region=REGION, media_region=REGION
		)

	@property
	def config(self) -> dict[str, str]:
		"""What a Media Provider's form would hold, and the endpoint, which no form does."""
		return {
			"account_id": ACCOUNT,
			"control_region": REGION,
			"media_region": REGION,
			"access_key_id": ACCESS_KEY,
			"secret_access_key": "not-a-secret",
			"endpoint_url": self.endpoint,
		}

	def require_usable(self) -> None:
		"""Raises `NoEmulator`."""
		for fault in ChimeConfig.from_fields(self.config).faults():
			raise NoEmulator(f"{self.endpoint[:200]} cannot be the emulator's address. {fault}")
