"""The page of one visit: what it has to load and to reach for its media, the values it starts with, and its headers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from theranvio_telehealth.domain.entities import Caller
from theranvio_telehealth.domain.errors import NotFound
from theranvio_telehealth.services.catalogue import page_messages, tag_of
from theranvio_telehealth.services.ports import Ports
from theranvio_telehealth.services.visit_context import load

PRIVATE = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Content-Type-Options": "nosniff"}
#: With `policy`, the headers of a page that shows a visit.
VISIT = {**PRIVATE, "Permissions-Policy": "camera=(self), microphone=(self), display-capture=(self)"}


def policy(reached: Iterable[str] = ()) -> str:
	"""The Content-Security-Policy of a visit page: its own files, this site, and the origins `reached`; nothing inline, and
	in no other site's frame."""
	connected = " ".join(("'self'", *reached))
	return (
		"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; "
		f"media-src 'self' blob:; worker-src 'self' blob:; connect-src {connected}; "
		"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
	)


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


def boot(
	media: Page,
	*,
	room: str,
	csrf_token: str,
	language: str,
	is_rtl: bool,
	bundle: str,
	style: str,
	home: str,
	realtime: Mapping[str, str],
	public: Path,
	translate: Callable[[str], str],
) -> dict[str, Any]:
	"""The values that the page's script reads from the page, by the names it knows. `language`: the site's code;
	`bundle`, `style`: addresses; `home`: where *Back* leads; `realtime`: how nudges come; `public`: see `media_files`."""
	return {
		"room": room,
		"csrf_token": csrf_token,
		"lang": tag_of(language),
		"dir": "rtl" if is_rtl else "ltr",
		"bundle": bundle,
		"style": style,
		"home": home,
		"realtime": realtime,
		"media": media.media_files(public),
		"messages": page_messages(translate),
	}
