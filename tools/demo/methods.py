"""The visit's endpoints by name, and their arguments checked against what the services take. Not HTTP."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, get_args, get_origin, get_type_hints

from theranvio_telehealth.domain.errors import Malformed
from theranvio_telehealth.services import hosting, joining, visit, waiting


@dataclass(frozen=True, slots=True)
class Method:
	verb: str
	act: Callable[..., dict[str, Any]]


METHODS = {
	"visit.state": Method("GET", visit.state),
	"visit.here": Method("POST", visit.here),
	"visit.enter": Method("POST", visit.enter),
	"visit.join": Method("POST", joining.join),
	"visit.heartbeat": Method("POST", visit.heartbeat),
	"visit.leave": Method("POST", visit.leave),
	"visit.signal": Method("POST", visit.signal),
	"host.queue": Method("GET", hosting.queue),
	"host.waiting": Method("GET", waiting.waiting),
	"host.admit": Method("POST", hosting.admit),
	"host.decline": Method("POST", hosting.decline),
	"host.send_back": Method("POST", hosting.send_back),
	"host.remove": Method("POST", hosting.remove),
	"host.lock": Method("POST", hosting.lock),
	"host.extend": Method("POST", hosting.extend),
	"host.use_fallback": Method("POST", hosting.use_fallback),
	"host.end": Method("POST", hosting.end),
}


def arguments(act: Callable[..., Any], given: Mapping[str, Any]) -> dict[str, Any]:
	"""What the act takes after ports and caller, each of exactly its annotated type. Raises `Malformed`."""
	hints = get_type_hints(act)
	wanted = list(inspect.signature(act).parameters.values())[2:]
	taken = {p.name: _checked(given[p.name], hints[p.name]) for p in wanted if p.name in given}
	if any(p.default is p.empty and p.name not in taken for p in wanted):
		raise Malformed
	return taken


def _is_text(value: str) -> bool:
	"""Half a surrogate pair is none: it can neither be stored nor sent."""
	try:
		value.encode()
	except UnicodeEncodeError:
		return False
	return True


def _checked(value: Any, hint: Any) -> Any:
	if not isinstance(value, get_origin(hint) or hint):
		raise Malformed
	if isinstance(value, str) and not _is_text(value):
		raise Malformed
	if isinstance(value, list):
		return [_checked(item, get_args(hint)[0]) for item in value]
	return value
