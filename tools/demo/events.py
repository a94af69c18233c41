"""Where the emulator tells what happened in meetings, with a key instead of a session, as EventBridge does."""

from __future__ import annotations

from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.wrappers import Response

from theranvio_telehealth.domain.errors import Failed, Malformed, NotFound, TooLarge
from theranvio_telehealth.providers.chime import events as chime_events
from theranvio_telehealth.services.events import receive
from tools.demo.api import as_json, drain, refused
from tools.demo.demo_app import DemoApp
from tools.demo.emulated import ACCOUNT
from tools.demo.sessions import Call

KEY_HEADER = "X-Api-Key"


class Events:
	def __init__(self, demo_app: DemoApp) -> None:
		self.demo_app = demo_app

	def eventbridge(self, call: Call) -> Response:
		emulator = self.demo_app.emulator
		given = call.request.headers.get(KEY_HEADER, "")
		if emulator is None or not chime_events.has_key(given, (emulator.events_key,)):
			drain(call.request)
			return refused(NotFound)
		try:
			receive(self.demo_app.ports, emulator.account.adapter, call.request.get_data(), {ACCOUNT})
		except RequestEntityTooLarge:
			drain(call.request)
			return refused(TooLarge)
		except Malformed:
			return refused(Malformed)
		except Exception as error:
			self.demo_app.ports.log.failure("event", "", error)
			return refused(Failed)
		return as_json({"message": {}})
