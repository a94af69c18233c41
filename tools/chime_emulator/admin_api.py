"""The emulator's own endpoints, all under `/_`: ask what exists, tell it to fail, move its clock. Not Amazon's."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from tools.chime_emulator.clock import Clock
from tools.chime_emulator.faults import Fault, Faults
from tools.chime_emulator.ghosts import Refused
from tools.chime_emulator.hub import Hub
from tools.chime_emulator.notary import Notary
from tools.chime_emulator.outbox import Outbox
from tools.chime_emulator.session import Session
from tools.chime_emulator.world import Meeting, World


class AdminApi:
	def __init__(self, world: World, hub: Hub, outbox: Outbox, faults: Faults, notary: Notary) -> None:
		self._world = world
		self._hub = hub
		self._outbox = outbox
		self._faults = faults
		self._notary = notary

	def routes(self) -> list[web.RouteDef]:
		return [
			web.get("/_health", self.health),
			web.get("/_state", self.state),
			web.get("/_faults", self.faults),
			web.put("/_faults", self.set_faults),
			web.delete("/_faults", self.clear_faults),
			web.post("/_clock", self.advance),
			web.get("/_events", self.events),
			web.post("/_events", self.steer_events),
			web.post("/_drop", self.drop),
			web.post("/_ghosts", self.enter),
			web.delete("/_ghosts", self.depart),
			web.get("/_sns/root.pem", self.root),
			web.get("/_sns/key.pem", self.key),
			web.get("/" + self._outbox.certificate_name, self.chain),
		]

	async def health(self, _request: web.Request) -> web.Response:
		return web.json_response({"emulator": "chime"})

	async def state(self, _request: web.Request) -> web.Response:
		self._world.sweep()
		return web.json_response(
			{
				"now": self._world.clock.now(),
				"meetings": [self._meeting(meeting) for meeting in self._world.meetings.values()],
				"calls": dict(self._world.calls),
				"refused": dict(self._world.refused),
			}
		)

	def _meeting(self, meeting: Meeting) -> dict[str, Any]:
		room = self._hub.rooms.get(meeting.meeting_id)
		people = [_person(session) for session in room.sessions.values()] if room else []
		return {
			"meeting_id": meeting.meeting_id,
			"external_meeting_id": meeting.request["ExternalMeetingId"],
			"request": meeting.request,
			"region": meeting.region,
			"ended": meeting.ended,
			"attendees": [
				{
					"attendee_id": a.attendee_id,
					"external_user_id": a.external_user_id,
					"capabilities": a.capabilities,
				}
				for a in meeting.attendees.values()
			],
			"connected": [person for person in people if person["present"]] + self._hub.ghosts.of(meeting),
		}

	async def faults(self, _request: web.Request) -> web.Response:
		return web.json_response([vars(rule) for rule in self._faults.rules])

	async def set_faults(self, request: web.Request) -> web.Response:
		body = await request.json()
		try:
			self._faults.replace(body["rules"], body.get("seed"))
		except (TypeError, ValueError, KeyError) as error:
			return web.json_response({"error": str(error), "fields": list(Fault.__annotations__)}, status=400)
		return await self.faults(request)

	async def clear_faults(self, request: web.Request) -> web.Response:
		self._faults.replace([])
		return await self.faults(request)

	async def advance(self, request: web.Request) -> web.Response:
		clock: Clock = self._world.clock
		clock.advance(float((await request.json())["advance"]))
		self._world.sweep()
		self._outbox.send_due()
		return web.json_response({"now": clock.now()})

	async def events(self, _request: web.Request) -> web.Response:
		deliveries = [{"url": d.url, "outcome": d.outcome} for d in self._outbox.deliveries]
		return web.json_response({"events": self._outbox.history, "deliveries": deliveries})

	async def steer_events(self, request: web.Request) -> web.Response:
		"""`hold`: true keeps every event back; false lets them go, in an order drawn from the seed."""
		self._outbox.holding = bool((await request.json())["hold"])
		if not self._outbox.holding:
			self._outbox.release()
		return await self.events(request)

	async def drop(self, request: web.Request) -> web.Response:
		found = self._hub.drop((await request.json())["attendee_id"])
		return web.json_response({"dropped": found}, status=200 if found else 404)

	async def enter(self, request: web.Request) -> web.Response:
		"""An attendee joins, without media."""
		try:
			attendee_id = self._hub.ghosts.enter((await request.json())["join_token"])
		except Refused as refusal:
			return web.json_response({"error": str(refusal)}, status=403)
		return web.json_response({"attendee_id": attendee_id})

	async def depart(self, request: web.Request) -> web.Response:
		found = self._hub.ghosts.depart((await request.json())["attendee_id"])
		return web.json_response({"left": found}, status=200 if found else 404)

	async def root(self, _request: web.Request) -> web.Response:
		return _pem(self._notary.root)

	async def key(self, _request: web.Request) -> web.Response:
		return _pem(self._notary.key_pem())

	async def chain(self, _request: web.Request) -> web.Response:
		return _pem(self._notary.chain)


def _person(session: Session) -> dict[str, Any]:
	leg = session.leg
	return {
		"attendee_id": session.key,
		"external_user_id": session.attendee.external_user_id,
		"present": session.present,
		"muted": session.muted,
		"video": session.source is not None,
		"watching": sum(out.source is not None for out in leg.video_outs.values()) if leg else 0,
		"packets": {
			"audio_in": leg.audio_in.packets if leg else 0,
			"audio_out": leg.audio_out.packets if leg else 0,
			"video_in": leg.video_packets if leg else 0,
			"video_out": sum(out.packets for out in leg.video_outs.values()) if leg else 0,
		},
	}


def _pem(content: bytes) -> web.Response:
	return web.Response(body=content, content_type="application/x-pem-file")
