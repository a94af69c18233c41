"""What waits for the commit of the transaction under way on the site's connection, which may be the platform's."""

from __future__ import annotations

from collections.abc import Callable, Hashable

import frappe

Act = Callable[[], object]


def once(key: Hashable, act: Act) -> None:
	"""Have `act` done right after the transaction under way is committed, and never if it is rolled back. Called again with the
	same key, only the latest act is done. Takes no lock and asks the database nothing; an act must not raise."""
	_waiting()[key] = act


def _waiting() -> dict[Hashable, Act]:
	"""The acts of this connection's transaction. The first one registers a callback that registers `_run`, so that it comes
	after every callback of others: a rollback of ours would drop those that have not run yet."""
	db, acts = getattr(frappe.local, "theranvio_waiting", None) or (None, {})
	if db is frappe.local.db:
		return acts
	acts = {}
	frappe.local.theranvio_waiting = (frappe.local.db, acts)
	frappe.db.after_commit.add(lambda: frappe.db.after_commit.add(_run))
	frappe.db.after_rollback.add(_forget)
	return acts


def _run() -> None:
	acts = _waiting()
	_forget()
	for act in acts.values():
		act()


def _forget() -> None:
	frappe.local.theranvio_waiting = None
