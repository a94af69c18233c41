"""From an HTTP request to an operation of the service model and its parameters. It does not judge the parameters."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import botocore.session
from botocore.model import OperationModel, ServiceModel

from tools.chime_emulator.errors import AwsError


@dataclass(frozen=True)
class Call:
	"""One request, understood: the operation's model and the parameters as boto3's caller gave them."""

	model: OperationModel
	params: dict[str, Any]

	@property
	def operation(self) -> str:
		return str(self.model.name)


@dataclass(frozen=True)
class _Route:
	method: str
	path: re.Pattern[str]
	query: frozenset[tuple[str, str]]
	model: OperationModel


@lru_cache(maxsize=1)
def load_model() -> ServiceModel:
	return botocore.session.get_session().get_service_model("chime-sdk-meetings")


class Router:
	"""Every operation of the model, found by method, path and the fixed part of its query."""

	def __init__(self, service: ServiceModel) -> None:
		routes = [_route(service.operation_model(name)) for name in service.operation_names]
		self._routes = sorted(routes, key=lambda route: -len(route.query))

	def call(self, method: str, path: str, query: Mapping[str, str], body: bytes) -> Call:
		for route in self._routes:
			match = route.path.fullmatch(path)
			if match and route.method == method and route.query <= set(query.items()):
				params = {
					**match.groupdict(),
					**_query_params(route.model, query),
					**_body_params(route.model, body),
				}
				return Call(route.model, params)
		raise AwsError("UnknownOperationException", f"No operation is {method} on this path.")


def _route(model: OperationModel) -> _Route:
	uri = urlsplit(model.http["requestUri"])
	path = re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", uri.path)
	return _Route(model.http["method"], re.compile(path), frozenset(parse_qsl(uri.query)), model)


def _query_params(model: OperationModel, query: Mapping[str, str]) -> dict[str, Any]:
	found: dict[str, Any] = {}
	for name, shape in _members(model).items():
		key = shape.serialization.get("name", name)
		if shape.serialization.get("location") == "querystring" and key in query:
			found[name] = _number(query[key]) if shape.type_name == "integer" else query[key]
	return found


def _number(text: str) -> Any:
	return int(text) if re.fullmatch(r"-?\d{1,9}", text) else text


def _body_params(model: OperationModel, body: bytes) -> dict[str, Any]:
	if not body:
		return {}
	try:
		content = json.loads(body)
	except ValueError:
		raise AwsError("SerializationException", "The request body is not JSON.") from None
	if not isinstance(content, dict):
		raise AwsError("SerializationException", "The request body is not a JSON object.")
	in_body = {name for name, shape in _members(model).items() if "location" not in shape.serialization}
	return {name: value for name, value in content.items() if name in in_body and value is not None}


def _members(model: OperationModel) -> dict[str, Any]:
	return dict(model.input_shape.members) if model.input_shape else {}
