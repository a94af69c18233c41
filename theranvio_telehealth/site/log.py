"""Failures into the platform's Error Log: an error's type and its places, and nothing it carries.

The platform's own tracebacks quote local variables, and an error's text can quote a row: both can name a patient."""

from __future__ import annotations

import functools
import inspect
import traceback
from collections.abc import Callable, Sequence
from typing import Any

import frappe
from frappe import _

from theranvio_telehealth.providers.base import ProviderError

#: Who is notified when something needs an administrator.
ADMINISTRATORS = ("Telehealth Administrator", "Healthcare Administrator", "System Manager")


class Failed(Exception):
	"""Something of this app's failed. What, and where, is in the Error Log entry before this one."""


def discreet(act: Callable[..., Any]) -> Callable[..., Any]:
	"""Stands around whatever the platform calls of ours: what leaves it brings no frame of ours along but this one, which
	holds nothing, as the platform writes the variables of every frame into its Error Log. The platform's own errors go
	on as what they are; of any other, whose text can quote a row, only its kind and its places are recorded."""
	return _around(act, _is_the_platforms)


def discreet_job(act: Callable[..., Any]) -> Callable[..., Any]:
	"""The same around a job, of which the platform logs whatever leaves it: the platform's own errors quote names too."""
	return _around(act, lambda error: isinstance(error, frappe.QueryDeadlockError))


def _around(act: Callable[..., Any], passes: Callable[[Exception], bool]) -> Callable[..., Any]:
	what = f"{act.__module__.removeprefix('theranvio_telehealth.')}.{act.__qualname__}"

	@functools.wraps(act)
	def call(*given: Any, **named: Any) -> Any:
		try:
			return act(*given, **named)
		except Exception as error:
			left = _bare(error) if passes(error) else _noted(what, error)
		given, named = (), {}
		raise left

	# the platform looks at what a page's function takes, and not through what stands around it
	call.__signature__ = inspect.signature(act)  # type: ignore[attr-defined]
	return call


def _is_the_platforms(error: Exception) -> bool:
	return isinstance(error, frappe.ValidationError) or type(error).__module__.partition(".")[0] == "frappe"


def _bare(error: Exception) -> Exception:
	error.__context__ = error.__cause__ = None
	return error.with_traceback(None)


def _noted(what: str, error: Exception) -> Exception:
	SiteLog().failure(what, "", error)
	return Failed(what)


def places(error: BaseException) -> str:
	"""The error and what caused it, each as a type and the lines it passed through."""
	lines = []
	cause: BaseException | None = error
	while cause is not None:
		lines.append(f"{type(cause).__module__}.{type(cause).__qualname__}{_safe_text(cause)}")
		lines += [
			f"  {_short(f.filename)}:{f.lineno} {f.name}" for f in traceback.extract_tb(cause.__traceback__)
		]
		cause = cause.__cause__ or cause.__context__
	return "\n".join(lines)


def _safe_text(error: BaseException) -> str:
	"""What a provider answered: an act, a status and a code, which by its contract contain no name of a person."""
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

	def announce(self, subject: str, text: str, users: Sequence[str] = ()) -> None:
		for user in users or _administrators():
			note = frappe.new_doc("Notification Log")
			translated = _(text, frappe.get_cached_value("User", user, "language"))
			note.update({"for_user": user, "type": "Alert", "subject": translated, "email_content": subject})
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
	return frappe.get_all("User", filters=enabled, pluck="name", order_by="name")
