"""What the law may ask a clinic to keep when the app goes: agreements with their files, and what was used. Written to the
site's private folder, readable by the server's own account only."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

import frappe
from frappe.utils import now_datetime

#: Whole documents, child rows included. Each becomes one file, a document to a line.
EXPORTED = ("BAA Record", "Usage Entry", "Usage Allowance", "Allowance Plan")
FOLDER = "theranvio_telehealth_records"


def there_are_any() -> bool:
	return any(frappe.db.table_exists(doctype) and frappe.db.count(doctype) for doctype in EXPORTED)


def export() -> str:
	"""Write all of them; return the new folder `private/theranvio_telehealth_records/<time>` of the site, as text, which
	`bench execute` prints."""
	folder = Path(
		frappe.get_site_path("private", FOLDER, now_datetime().strftime("%Y%m%d-%H%M%S-%f"))
	).resolve()
	folder.mkdir(parents=True, mode=0o700)
	for doctype in EXPORTED:
		_write(folder / f"{frappe.scrub(doctype)}.jsonl", doctype)
	_copy_files(folder / "files")
	return str(folder)


def _write(path: Path, doctype: str) -> None:
	with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as out:
		for name in frappe.get_all(doctype, pluck="name", order_by="creation, name"):
			row = frappe.get_doc(doctype, name).as_dict(convert_dates_to_str=True)
			out.write(json.dumps(row, ensure_ascii=False, default=str) + "\n")
		out.flush()
		os.fsync(out.fileno())


def _copy_files(folder: Path) -> None:
	"""Each agreement's file under the agreement's name, as far as it is still there."""
	folder.mkdir(mode=0o700)
	for held in frappe.get_all("BAA Record", fields=["name", "agreement_file"], order_by="name"):
		path = _path_of(held)
		if path and path.is_file():
			copy = folder / f"{held.name}{path.suffix}"
			shutil.copyfile(path, copy)
			copy.chmod(0o600)


def _path_of(held: Any) -> Path | None:
	if not held.agreement_file or not frappe.db.exists("File", {"file_url": held.agreement_file}):
		return None
	return Path(frappe.get_doc("File", {"file_url": held.agreement_file}).get_full_path())
