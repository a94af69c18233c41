"""The scripts that rooms of some adapters need beside the visit page's own bundle, as this site serves them."""

from __future__ import annotations

from pathlib import Path

import frappe

from theranvio_telehealth.domain.enums import Adapter

FILES: dict[str, str] = {Adapter.CHIME: "built/chime.js"}


def media_files(adapter: str) -> dict[str, str]:
	"""By adapter; none where it has none or was not built. The address changes whenever the file is built anew."""
	name = FILES.get(adapter, "")
	path = Path(frappe.get_app_path("theranvio_telehealth", "public", name))
	if not path.is_file():
		return {}
	return {adapter: f"/assets/theranvio_telehealth/{name}?v={path.stat().st_mtime_ns:x}"}
