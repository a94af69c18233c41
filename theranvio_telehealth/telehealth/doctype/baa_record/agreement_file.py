"""The file of an agreement: a private PDF of this site, recognised by its bytes, not by its name."""

import hashlib
from io import BytesIO
from pathlib import Path

import frappe
from frappe import _
from pypdf import PdfReader

HEADER = b"%PDF-"


def read(file_url: str) -> tuple[str, int]:
	"""SHA-256 (64 hex digits) of the attached file's bytes, read now, and how many pages it has as a PDF.

	Throws where it is no private file of this site, or no PDF that opens without a password."""
	content = _content(file_url)
	return hashlib.sha256(content).hexdigest(), _pages(content)


def _content(file_url: str) -> bytes:
	"""The platform may have several rows for one file: the right to read one of them is the right to read the file."""
	names = frappe.get_all(
		"File", filters={"file_url": file_url, "is_private": 1}, pluck="name", order_by="creation, name"
	)
	if not names:
		frappe.throw(_("Attach the agreement as a private file of this site."))
	files = [frappe.get_doc("File", name) for name in names]
	file = next((file for file in files if file.has_permission("read")), files[0])
	file.check_permission("read")
	path = Path(file.get_full_path())
	if not path.is_file():
		frappe.throw(_("The attached file is no longer on the server. Attach the agreement again."))
	return path.read_bytes()


def _pages(content: bytes) -> int:
	pages = _counted(content) if content.startswith(HEADER) else 0
	if not pages:
		frappe.throw(
			_(
				"The attached file is not a PDF that can be opened. Attach the signed agreement as a PDF without a password."
			)
		)
	return pages


def _counted(content: bytes) -> int:
	"""Whatever the library stumbles over, such a file cannot be opened."""
	try:
		return len(PdfReader(BytesIO(content)).pages)
	except Exception:
		return 0
