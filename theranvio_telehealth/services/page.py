"""What the page of one visit has to load and to reach for its media. A stranger gets no media at all."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from theranvio_telehealth.domain.entities import Caller
from theranvio_telehealth.domain.errors import NotFound
from theranvio_telehealth.services.ports import Ports
from theranvio_telehealth.services.visit_context import load


@dataclass(frozen=True, slots=True)
class Page:
	"""`adapter` is the room's; `origins`, beside the site's own, are where its media is; `script` is the file that carries
	it, if the page's own bundle does not."""

	adapter: str = ""
	origins: tuple[str, ...] = ()
	script: str = ""

	def media_files(self, public: Path) -> dict[str, str]:
		"""The script's address, by adapter; nothing where there is none or it was not built. `public`: the folder that is
		served as this app's assets. The address changes whenever the file is built anew."""
		path = public / self.script
		if not path.is_file():
			return {}
		return {self.adapter: f"/assets/theranvio_telehealth/{self.script}?v={path.stat().st_mtime_ns:x}"}


def page(ports: Ports, caller: Caller, room: str) -> Page:
	"""For a caller who may see the room; for any other, and for a room that does not exist, the same empty page."""
	try:
		context = load(ports, caller, room)
	except NotFound:
		return Page()
	if context.account is None:
		return Page()
	media = ports.media(context.account)
	return Page(str(context.account.adapter), media.origins, media.browser_script)
