"""Transactions of ours on the site's connection. They are never a part of the platform's: see `site/after_commit.py`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import frappe

T = TypeVar("T")

ATTEMPTS = 3


def settled(act: Callable[[], T]) -> T:
	"""Do what may be done twice, and do it again when a deadlock, a lock that was not had in time, or a change by others since it
	began to read, undid it. The platform retries none of them. Raises what the last attempt raises."""
	for _attempt in range(ATTEMPTS - 1):
		try:
			return act()
		except (frappe.QueryDeadlockError, frappe.QueryTimeoutError):
			frappe.db.rollback()
	return act()


class Transactions:
	def __init__(self) -> None:
		#: Rooms locked in this transaction, and whether its plain reads see everything that the lock waited for.
		self.locked: dict[str, bool] = {}
		#: Grows with every transaction: what was read in one need not be true in the next.
		self.number = 0
		self._depth = 0

	@contextmanager
	def __call__(self) -> Iterator[None]:
		"""The outermost commits, and what was written before it stands by itself; any other that fails undoes itself
		only."""
		is_part = self._depth > 0
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
		if self._depth > 1 or self.locked or frappe.db.transaction_writes:
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
