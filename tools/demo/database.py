"""SQLite as the services want it: a connection per thread, nested transactions, effects after the commit."""

from __future__ import annotations

import hashlib
import sqlite3
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from tools.demo.mapper import Mapper

T = TypeVar("T")


class ForeignDatabase(Exception):
	"""The file was made by another version of the demo."""


class Database(threading.local):
	"""One SQLite file. Each thread has its own connection and its own transaction."""

	def __init__(self, path: Path, schema: Sequence[str]) -> None:
		self._path = path
		self._depth = 0
		self._effects: list[Callable[[], None]] = []
		self._opened: sqlite3.Connection | None = None
		self._prepare(schema)

	@property
	def _connection(self) -> sqlite3.Connection:
		if self._opened is None:
			self._opened = sqlite3.connect(self._path, isolation_level=None, timeout=10)
			self._opened.execute("pragma journal_mode = wal")
			self._opened.execute("pragma synchronous = normal")
		return self._opened

	def _prepare(self, schema: Sequence[str]) -> None:
		wanted = int(hashlib.sha256("\n".join(schema).encode()).hexdigest()[:7], 16)
		found = self.one("pragma user_version")[0]
		if found == wanted:
			return
		if found:
			raise ForeignDatabase("This database was made by another version: name a new file with --db.")
		with self.transaction():
			for statement in schema:
				self.run(statement)
			self.run(f"pragma user_version = {wanted}")

	@property
	def in_transaction(self) -> bool:
		return self._depth > 0

	@contextmanager
	def transaction(self) -> Iterator[None]:
		"""The outermost takes the one write lock and commits; an inner one that fails undoes itself only."""
		mark, effects = f"level{self._depth}", len(self._effects)
		self.run(f"savepoint {mark}" if self._depth else "begin immediate")
		self._depth += 1
		try:
			yield
		except BaseException:
			self._depth -= 1
			del self._effects[effects:]
			self.run(f"rollback to {mark}" if self._depth else "rollback")
			raise
		self._depth -= 1
		self.run(f"release {mark}" if self._depth else "commit")
		if not self._depth:
			self._settle()

	def after_commit(self, effect: Callable[[], None]) -> None:
		"""Call `effect` once what is being written is committed; never if it is rolled back."""
		self._effects.append(effect)
		if not self._depth:
			self._settle()

	def _settle(self) -> None:
		effects, self._effects = self._effects, []
		for effect in effects:
			effect()

	def run(self, sql: str, *parameters: Any) -> int:
		"""Run a statement and say how many rows it touched."""
		return self._connection.execute(sql, parameters).rowcount

	def one(self, sql: str, *parameters: Any) -> Any:
		return self._connection.execute(sql, parameters).fetchone()

	def names(self, sql: str, parameters: Sequence[Any] | Mapping[str, Any]) -> list[str]:
		return [row[0] for row in self._connection.execute(sql, parameters)]

	def find(self, mapper: Mapper[T], rest: str = "", *parameters: Any) -> list[T]:
		rows = self._connection.execute(f"{mapper.select} {rest}", parameters)
		return [mapper.entity(row) for row in rows]

	def first(self, mapper: Mapper[T], rest: str, *parameters: Any) -> T | None:
		return next(iter(self.find(mapper, f"{rest} limit 1", *parameters)), None)

	def get(self, mapper: Mapper[T], key: str) -> T | None:
		return self.first(mapper, f"where {mapper.is_key}", key)

	def add(self, mapper: Mapper[T], entity: T) -> None:
		self.run(mapper.insert, *mapper.row(entity))

	def put(self, mapper: Mapper[T], entity: T) -> None:
		"""Write the entity over the row of its key, or as a new one."""
		with self.transaction():
			if not self.run(mapper.update, *mapper.row(entity), mapper.key_of(entity)):
				self.add(mapper, entity)

	def close(self) -> None:
		"""Close this thread's connection; it opens again when needed."""
		if self._opened is not None:
			self._opened.close()
			self._opened = None
