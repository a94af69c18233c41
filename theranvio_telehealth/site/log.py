"""Failures into the host's Error Log: an error's type and its places, and nothing it carries.

The host's own tracebacks quote local variables, and an error's text can quote a row: both can name a patient."""

from __future__ import annotations

import traceback

import frappe
from frappe import _

from theranvio_telehealth.providers.base import ProviderError

#: Who is told when something needs an administrator.
ADMINISTRATORS = ("Telehealth Administrator", "Healthcare Administrator", "System Manager")


def places(error: BaseException) -> str:
	"""The error and what caused it, each as a type and the lines it passed through."""
	lines = []
	cause: BaseException | None = error
	while cause is not None:
		lines.append(f"{type(cause).__module__}.{type(cause).__qualname__}{_said(cause)}")
		lines += [
			f"  {_short(f.filename)}:{f.lineno} {f.name}" for f in traceback.extract_tb(cause.__traceback__)
		]
		cause = cause.__cause__ or cause.__context__
	return "\n".join(lines)


def _said(error: BaseException) -> str:
	"""What a provider answered: an act, a status and a code, which by its contract name nobody."""
	return f": {error}" if isinstance(error, ProviderError) else ""


def _short(path: str) -> str:
	return "/".join(path.split("/")[-3:])


class SiteLog:
	def failure(self, what: str, subject: str, error: BaseException) -> None:
		"""By way of the cache: what is written here must outlive the transaction that failed."""
		entry = frappe.new_doc("Error Log")
		entry.method = f"Theranvio Telehealth: {what} {subject}".strip()
		entry.error = places(error)
		entry.deferred_insert()

	def announce(self, subject: str, text: str) -> None:
		for user in _administrators():
			note = frappe.new_doc("Notification Log")
			note.update({"for_user": user, "type": "Alert", "subject": _(text), "email_content": subject})
			note.insert(ignore_permissions=True)


def _administrators() -> list[str]:
	holders = frappe.get_all(
		"Has Role",
		filters={"role": ("in", ADMINISTRATORS), "parenttype": "User"},
		pluck="parent",
		distinct=True,
		order_by="parent",
	)
	enabled = {"name": ("in", holders or [""]), "enabled": 1}
	return frappe.get_all("User", filters=enabled, pluck="name", order_by="name")  # type: ignore[no-any-return]
