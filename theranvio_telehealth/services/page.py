"""What the page of one visit has to load and to reach for its media. A stranger gets no media at all."""

from __future__ import annotations

from dataclasses import dataclass

from theranvio_telehealth.domain.entities import Caller
from theranvio_telehealth.domain.errors import NotFound
from theranvio_telehealth.services.ports import Ports
from theranvio_telehealth.services.visit_context import load


@dataclass(frozen=True, slots=True)
class Page:
	"""`adapter` is the room's; `origins`, beside the site's own, are where its media is."""

	adapter: str = ""
	origins: tuple[str, ...] = ()


def page(ports: Ports, caller: Caller, room: str) -> Page:
	"""For a caller who may see the room; for any other, and for a room that does not exist, the same empty page."""
	try:
		context = load(ports, caller, room)
	except NotFound:
		return Page()
	if context.account is None:
		return Page()
	return Page(str(context.account.adapter), ports.media(context.account).origins)
