"""Transactions on the site's connection: our own, or a part of the host's when one of its documents is being saved."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import frappe


class Transactions:
	"""`joined`: the connection's transaction is the host's, and only the host commits it or rolls it back."""

	def __init__(self, joined: bool) -> None:
		self.joined = joined
		#: Rooms locked in this transaction, and whether its plain reads see everything that the lock waited for.
		self.locked: dict[str, bool] = {}
		#: Grows with every transaction: what was read in one need not be true in the next.
		self.number = 0
		self._depth = 0

	@contextmanager
	def __call__(self) -> Iterator[None]:
		"""The outermost of our own commits, and what was written before it stands by itself; any other that fails
		undoes itself only. Its savepoint is left to be replaced or to end with the transaction: releasing it would be
		one more statement in the host's save."""
		is_part = self.joined or self._depth > 0
		mark = f"theranvio_{self._depth}"
		if is_part:
			frappe.db.savepoint(mark)
		elif frappe.db.transaction_writes:
			frappe.db.commit()
		self._depth += 1
		self.number += 1
		try:
			yield
		except BaseException as error:
			self._leave()
			self._undo(mark if is_part else "", error)
			raise
		self._leave()
		if not is_part:
			frappe.db.commit()

	def begin_lock(self, room: str) -> None:
		"""A lock lasts until its transaction ends. Plain reads after it see everything that it will have waited for,
		if the read view can be ended first."""
		if not self._depth:
			raise RuntimeError("a lock lasts until its transaction ends, and there is none")
		self.locked[room] = self._refresh()

	def _refresh(self) -> bool:
		"""End the read view, so that plain reads see what others committed; say whether that could be done.

		Under REPEATABLE READ a transaction goes on seeing what its first read saw. Nothing is written yet and
		nothing locked, so the commit only ends the view."""
		if self.joined or self._depth > 1 or self.locked or frappe.db.transaction_writes:
			return False
		frappe.db.commit()
		return True

	def _leave(self) -> None:
		self._depth -= 1
		if not self._depth:
			self.number += 1
			self.locked.clear()

	def _undo(self, mark: str, error: BaseException) -> None:
		"""A deadlock has undone the whole transaction and its savepoints with it."""
		if not mark:
			frappe.db.rollback()
		elif not isinstance(error, frappe.QueryDeadlockError):
			frappe.db.rollback(save_point=mark)
