"""How joins fared at each provider lately, in this process's memory."""

from __future__ import annotations

from theranvio_telehealth.providers.breaker import Circuit


class Circuits:
	def __init__(self) -> None:
		self._circuits: dict[str, Circuit] = {}

	def load(self, provider: str) -> Circuit:
		return self._circuits.get(provider, Circuit())

	def save(self, provider: str, circuit: Circuit) -> None:
		self._circuits[provider] = circuit
