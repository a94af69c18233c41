"""The control plane without a network: a request in, an answer or an injected fault out, without waiting."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from tools.chime_emulator import errors, validation
from tools.chime_emulator.control import Control
from tools.chime_emulator.credentials import signer
from tools.chime_emulator.errors import AwsError
from tools.chime_emulator.faults import Fault, Faults
from tools.chime_emulator.wire import Call, Router, load_model
from tools.chime_emulator.world import World

_HANG = 120.0


@dataclass(frozen=True)
class Asked:
	"""One HTTP request."""

	method: str
	path: str
	query: Mapping[str, str] = field(default_factory=dict)
	headers: Mapping[str, str] = field(default_factory=dict, repr=False)
	body: bytes = b""


@dataclass(frozen=True)
class Answer:
	status: int
	headers: dict[str, str]
	text: str = ""

	@property
	def is_done(self) -> bool:
		"""Whether the request was performed: only then can its answer be lost. A refusal always arrives."""
		return self.status < 400


@dataclass(frozen=True)
class Begun:
	"""A parsed request and its fault: `delay` before it is performed, `cut` before or after, for `silence`."""

	asked: Asked
	call: Call | None = None
	fault: Fault | None = None

	@property
	def kind(self) -> str:
		return self.fault.kind if self.fault else ""

	@property
	def delay(self) -> float:
		return self.fault.seconds if self.fault and self.kind == "latency" else 0.0

	@property
	def cut(self) -> str:
		if self.kind in ("timeout_after", "reset_after"):
			return "after"
		return "before" if self.kind in ("timeout", "reset") else ""

	@property
	def silence(self) -> float:
		"""How long nothing is sent before the connection is cut."""
		if self.fault is None or not self.kind.startswith("timeout"):
			return 0.0
		return self.fault.seconds or _HANG


class Plane:
	def __init__(self, world: World, control: Control, faults: Faults) -> None:
		self._world = world
		self._control = control
		self._faults = faults
		self._router = Router(load_model())

	def begin(self, asked: Asked) -> Begun:
		try:
			call = self._router.call(asked.method, asked.path, asked.query, asked.body)
		except AwsError:
			return Begun(asked)
		self._world.calls[call.operation] += 1
		return Begun(asked, call, self._faults.pick(call.operation))

	def finish(self, begun: Begun) -> Answer:
		try:
			return self._done(begun)
		except AwsError as error:
			self._world.refused[error.code] += 1
			return Answer(error.status, *errors.json_form(error))

	def _done(self, begun: Begun) -> Answer:
		call, fault = begun.call, begun.fault
		if call is None:
			raise AwsError("UnknownOperationException", f"No operation is {begun.asked.method} on this path.")
		if fault and fault.error_code:
			raise AwsError(fault.error_code, "The emulator was told to fail.")
		if begun.kind == "expired":
			self._expire(call)
		caller = signer(begun.asked.headers, "chime", self._world.settings)
		validation.check(call)
		self._world.sweep()
		content = self._control.perform(replace(caller, partial=begun.kind == "partial"), call)
		return _success(call, content)

	def _expire(self, call: Call) -> None:
		if meeting := self._world.meetings.get(call.params.get("MeetingId", "")):
			self._world.end_meeting(meeting)


def _success(call: Call, content: dict[str, object] | None) -> Answer:
	status = int(call.model.http.get("responseCode", 200))
	headers = {"x-amzn-RequestId": str(uuid.uuid4())}
	return Answer(status, headers, "" if status == 204 else json.dumps(content or {}))
