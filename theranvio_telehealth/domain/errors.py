"""Why an act of a visit is refused, as classes. No wording for users: that is `services/messages.py`.

TelehealthError
├── NotFound             no such room, or none of the caller's business
├── Refused              the caller is part of the visit, but may not do this
│   ├── HostOnly  TooEarly  WindowClosed  VisitOver  VisitLocked
│   ├── NotAdmitted  Declined  Removed  Superseded  RoomFull
│   ├── AllowanceExhausted  ExtensionExhausted  PhiNotPermitted  NoFallback  ProviderUnavailable
│   └── WrongMove        the state machine has no such edge from here
└── Malformed            the request itself makes no sense
"""

from __future__ import annotations


class TelehealthError(Exception):
	"""Root of every refusal; `code` is its stable public name."""

	code = "error"

	def __init_subclass__(cls) -> None:
		cls.code = "".join(f"_{c.lower()}" if c.isupper() else c for c in cls.__name__).lstrip("_")


class NotFound(TelehealthError): ...


class Malformed(TelehealthError): ...


class Refused(TelehealthError): ...


class HostOnly(Refused): ...


class TooEarly(Refused): ...


class WindowClosed(Refused): ...


class VisitOver(Refused): ...


class VisitLocked(Refused): ...


class NotAdmitted(Refused): ...


class Declined(Refused): ...


class Removed(Refused): ...


class Superseded(Refused): ...


class RoomFull(Refused): ...


class AllowanceExhausted(Refused): ...


class ExtensionExhausted(Refused): ...


class PhiNotPermitted(Refused): ...


class NoFallback(Refused): ...


class ProviderUnavailable(Refused): ...


class WrongMove(Refused): ...
