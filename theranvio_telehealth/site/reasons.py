"""A reason as it is stored: text without markup, escaped, as the desk shows it as HTML. The platform's own filter lets pass what is
JSON, and pictures from elsewhere."""

from __future__ import annotations

from frappe.utils import escape_html, strip_html

from theranvio_telehealth.domain.reasons import is_reason


def as_stored(text: str, before: str = "") -> str:
	"""Empty where it says nothing, or nothing else than the one before, which is as stored."""
	plain = strip_html(text).strip()
	stored = escape_html(plain)
	return stored if is_reason(plain) and is_reason(stored, before) else ""
