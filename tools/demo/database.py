"""One SQLite database: one connection, used by one thread at a time, with nested transactions and effects after the commit."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import RLock
from typing import Any

from sqlalchemy import Engine, Executable, NullPool, create_engine
from sqlalchemy.schema import CreateIndex, CreateTable

from tools.demo.tables import METADATA

Effect = Callable[[], None]


def _engine(address: str) -> Engine:
	"""Statements are committed one by one: `Database` begins and ends transactions itself."""
	options = {"isolation_level": "AUTOCOMMIT", "connect_args": {"check_same_thread": False}}
	return create_engine(address, poolclass=NullPool, **options)


#: Each of its connections is a database of its own; what has been compiled for one serves all.
MEMORY = _engine("sqlite://")
SCHEMA = ";\n".join(
	str(ddl.compile(MEMORY))
	for table in METADATA.sorted_tables
	for ddl in (
		CreateTable(table),
		*map(CreateIndex, sorted(table.indexes, key=lambda index: str(index.name))),
	)
)
VERSION = zlib.crc32(SCHEMA.encode()) >> 1


class ForeignDatabase(Exception):
	"""The file was made by another version of the demo."""


class Database:
	"""`path`: the file; None: the database is in memory and ends with this object."""

	def __init__(self, path: Path | None = None) -> None:
		engine = _engine(f"sqlite:///{path}") if path else MEMORY
		self._connection = engine.connect()
		self._driver: Any = self._connection.connection.driver_connection
		self._lock = RLock()
		self._depth = 0
		self._effects: list[Effect] = []
		(found,) = self._driver.execute("pragma user_version").fetchone()
		if found not in (0, VERSION):
			raise ForeignDatabase("This database was made by another version: name a new file with --db.")
		if not found:
			self._driver.executescript(f"{SCHEMA};\npragma user_version = {VERSION};")

	@property
	def in_transaction(self) -> bool:
		"""Whether this thread has a transaction open; waits for another thread's."""
		with self._lock:
			return self._depth > 0

	@contextmanager
	def transaction(self) -> Iterator[None]:
		"""The outermost commits; an inner one that fails undoes itself only. Other threads wait until the outermost ends."""
		due: list[Effect] = []
		with self._lock:
			level, mark = f"level{self._depth}", len(self._effects)
			self._driver.execute(f"savepoint {level}" if self._depth else "begin immediate")
			self._depth += 1
			try:
				yield
			except BaseException:
				self._depth -= 1
				del self._effects[mark:]
				self._driver.execute(f"rollback to {level}" if self._depth else "rollback")
				raise
			self._depth -= 1
			self._driver.execute(f"release {level}" if self._depth else "commit")
			if not self._depth:
				due, self._effects = self._effects, []
		for effect in due:
			effect()

	def after_commit(self, effect: Effect) -> None:
		"""Call `effect` once what is being written is committed; never if it is rolled back."""
		with self._lock:
			if self._depth:
				self._effects.append(effect)
				return
		effect()

	def run(self, statement: Executable) -> int:
		"""Execute it and return how many rows it touched."""
		with self._lock:
			return self._connection.execute(statement).rowcount

	def rows(self, statement: Executable) -> Sequence[Any]:
		with self._lock:
			return self._connection.execute(statement).all()

	def close(self) -> None:
		with self._lock:
			self._connection.close()
