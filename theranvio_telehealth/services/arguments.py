"""What a request gives to an endpoint, checked against the endpoint's own annotations."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable, Mapping
from typing import Any, NoReturn, get_type_hints

from pydantic import BaseModel, ConfigDict, ValidationError, create_model

from theranvio_telehealth.domain.errors import Malformed


def arguments_of(act: Callable[..., Any], *, after: int = 0, strict: bool = False) -> type[BaseModel]:
	"""A model of the parameters after the first `after`; what else is sent is ignored. `strict`: a value has the annotated
	type already, as in JSON; otherwise text is converted, as in a query."""
	hints = get_type_hints(act, include_extras=True)
	fields: dict[str, Any] = {
		p.name: (hints[p.name], ... if p.default is p.empty else p.default)
		for p in list(inspect.signature(act).parameters.values())[after:]
	}
	return create_model(act.__name__, __config__=ConfigDict(extra="ignore", strict=strict), **fields)


def checked(arguments: type[BaseModel], given: Mapping[str, Any]) -> dict[str, Any]:
	"""Raises `Malformed`."""
	try:
		return dict(arguments.model_validate(given))
	except ValidationError:
		raise Malformed from None


def json_object(sent: bytes) -> dict[str, Any]:
	"""The JSON object in a body: UTF-8, finite numbers and whole characters only. Raises `Malformed`."""
	try:
		given = json.loads(sent.decode(), parse_constant=_refuse)
		json.dumps(given, ensure_ascii=False).encode()
	except (ValueError, RecursionError):
		raise Malformed from None
	if not isinstance(given, dict):
		raise Malformed
	return given


def _refuse(constant: str) -> NoReturn:
	raise ValueError(constant)
