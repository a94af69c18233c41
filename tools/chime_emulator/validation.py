"""Whether parameters are what Amazon documents: the model's types, bounds, patterns and enums, and the rest in words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from tools.chime_emulator.errors import bad_request
from tools.chime_emulator.settings import MEDIA_REGIONS
from tools.chime_emulator.wire import Call

_EXTERNAL_ID = r"(?!(?i:aws):)[-_&@+=,(){}\[\]/«».:|'\"#a-zA-Z0-9À-ÿ\s]*"
_DOCUMENTED_PATTERNS = {"ExternalUserId": _EXTERNAL_ID, "ExternalMeetingId": _EXTERNAL_ID}
_TYPES = {"string": str, "integer": int, "list": list, "structure": dict, "boolean": bool}
_RECEIVES = ("Receive", "SendReceive")
_LARGE_MEETING_LIMIT = 25


def check(call: Call) -> None:
	"""Raise BadRequest with everything that is wrong, as the service does for the first thing it finds."""
	problems = list(_problems(call.model.input_shape, call.params, ""))
	if not problems:
		problems = list(_rule_problems(call))
	if problems:
		raise bad_request("; ".join(problems))


def _problems(shape: Any, value: Any, where: str) -> Iterator[str]:
	expected: Any = _TYPES[shape.type_name]
	if not isinstance(value, expected) or (expected is int and isinstance(value, bool)):
		yield f"{where}: expected {shape.type_name}"
		return
	yield from _bounds(shape, value, where)
	if shape.type_name == "structure":
		yield from _structure(shape, value, where)
	elif shape.type_name == "list":
		for index, item in enumerate(value):
			yield from _problems(shape.member, item, f"{where}[{index}]")
	elif shape.type_name == "string":
		yield from _text(shape, value, where)


def _structure(shape: Any, value: dict[str, Any], where: str) -> Iterator[str]:
	for name in shape.required_members:
		if name not in value:
			yield f"{where}.{name}: required"
	for name, member in shape.members.items():
		if name in value:
			yield from _problems(member, value[name], f"{where}.{name}")


def _bounds(shape: Any, value: Any, where: str) -> Iterator[str]:
	size = value if isinstance(value, int) else len(value)
	if size < shape.metadata.get("min", size):
		yield f"{where}: less than {shape.metadata['min']}"
	if size > shape.metadata.get("max", size):
		yield f"{where}: more than {shape.metadata['max']}"


def _text(shape: Any, value: str, where: str) -> Iterator[str]:
	pattern = _DOCUMENTED_PATTERNS.get(shape.name) or shape.metadata.get("pattern")
	if pattern and not re.fullmatch(pattern.removeprefix("^").removesuffix("$"), value):
		yield f"{where}: does not match {pattern}"
	if shape.enum and value not in shape.enum:
		yield f"{where}: not one of {', '.join(shape.enum)}"


def _rule_problems(call: Call) -> Iterator[str]:
	params = call.params
	if "MediaRegion" in params and params["MediaRegion"] not in MEDIA_REGIONS:
		yield "MediaRegion: no such media region"
	yield from _feature_problems(params.get("MeetingFeatures", {}))
	yield from _tag_problems(params.get("Tags", []))
	for item in (params, *params.get("Attendees", [])):
		if "Capabilities" in item:
			yield from capability_problems(item["Capabilities"], params.get("MeetingFeatures", {}))


def _feature_problems(features: dict[str, Any]) -> Iterator[str]:
	large = resolution(features, "Video") == "FHD" or resolution(features, "Content") == "UHD"
	count = features.get("Attendee", {}).get("MaxCount")
	if large and (count is None or count > _LARGE_MEETING_LIMIT):
		yield f"MeetingFeatures: FHD video and UHD content need Attendee.MaxCount of at most {_LARGE_MEETING_LIMIT}"


def _tag_problems(tags: list[dict[str, str]]) -> Iterator[str]:
	keys = [tag["Key"] for tag in tags]
	if len(set(keys)) != len(keys):
		yield "Tags: a key occurs twice"
	if any(key.lower().startswith("aws:") for key in keys):
		yield "Tags: aws: is reserved"


def resolution(features: dict[str, Any], medium: str) -> str:
	return str(features.get(medium, {}).get("MaxResolution", "HD" if medium == "Video" else "FHD"))


def capability_problems(capabilities: dict[str, str], features: dict[str, Any]) -> Iterator[str]:
	if capabilities["Content"] in _RECEIVES and capabilities["Video"] not in _RECEIVES:
		yield "Capabilities: to receive Content, Video must be Receive or SendReceive"
	for medium in ("Video", "Content"):
		if resolution(features, medium) == "None" and capabilities[medium] != "None":
			yield f"Capabilities: {medium} must be None in a meeting whose {medium} MaxResolution is None"
