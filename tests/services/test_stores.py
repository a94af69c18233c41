"""The store's contract on the memory and SQLite stores, and what SQLite promises beyond it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.services.store_contract import StoreContract, full_room, roll_back
from tools.demo.database import ForeignDatabase
from tools.demo.store import SqliteStore
from tools.harness.factories import (
	CLIENT,
	LocalSeed,
	in_threads,
	make_appointment,
	make_participant,
	make_room,
)
from tools.harness.memory import FixedClock, MemoryStore


def patients_of(user: str) -> list[str]:
	return ["PAT-1"] if user == CLIENT else []


@pytest.fixture
def sqlite(tmp_path: Path) -> Iterator[SqliteStore]:
	store = SqliteStore(tmp_path / "clinic.db", FixedClock(), patients_of, actor=lambda: "somebody")
	yield store
	store.close()


@pytest.fixture
def seed(store: Any) -> LocalSeed:
	return LocalSeed(store)


class TestMemoryStore(StoreContract):
	@pytest.fixture
	def store(self) -> MemoryStore:
		return MemoryStore(FixedClock(), patients_of)


class TestSqliteStore(StoreContract):
	@pytest.fixture
	def store(self, sqlite: SqliteStore) -> SqliteStore:
		return sqlite


@pytest.fixture(params=["memory", "sqlite"])
def either(request: pytest.FixtureRequest, sqlite: SqliteStore) -> Any:
	return sqlite if request.param == "sqlite" else MemoryStore(FixedClock(), patients_of)


def test_an_inner_transaction_that_fails_undoes_itself_only(either: Any) -> None:
	room = make_room()
	with either.transaction():
		either.add_room(room)
		roll_back(either, lambda: either.save_room(replace(room, locked=True)))
		assert either.room(room.name) == room
	assert either.room(room.name) == room


def test_effects_come_after_the_commit_and_never_after_a_rollback(either: Any) -> None:
	seen: list[str] = []
	with either.transaction():
		either.after_commit(lambda: seen.append("kept"))
		roll_back(either, lambda: either.after_commit(lambda: seen.append("dropped")))
		assert seen == []
	either.after_commit(lambda: seen.append("at once"))
	assert seen == ["kept", "at once"]


def test_a_lock_needs_a_transaction(either: Any) -> None:
	with pytest.raises(RuntimeError):
		either.lock("room")


def test_what_is_not_committed_is_not_seen_by_others(sqlite: SqliteStore) -> None:
	room = make_room()
	with sqlite.transaction():
		sqlite.add_room(room)
		assert in_threads([lambda: sqlite.room(room.name)]) == [None]
	assert in_threads([lambda: sqlite.room(room.name)]) == [room]


def test_changes_are_on_record_without_secrets(sqlite: SqliteStore) -> None:
	seed = LocalSeed(sqlite)
	room = full_room(seed)
	sqlite.add_room(room)
	sqlite.save_room(room)
	assert sqlite.changes(room.name) == []
	sqlite.save_room(
		replace(room, locked=False, meeting_token="secret-token", fallback_url="https://x.test/s")
	)
	(change,) = sqlite.changes(room.name)
	assert (change.changed_by, change.changed_on) == ("somebody", sqlite.clock.now())
	assert json.loads(change.changes) == {
		"locked": [1, 0],
		"meeting_token": "changed",
		"fallback_url": "changed",
	}


def test_a_beat_leaves_no_record(sqlite: SqliteStore) -> None:
	room = make_room()
	now = sqlite.clock.now()
	person = make_participant(room, attendee_id="a", stay_started_on=now, stay_seen_on=now)
	sqlite.add_room(room)
	sqlite.add_participant(person)
	assert sqlite.beat(person.name, "a", now)
	assert sqlite.changes(person.name) == []


def test_a_database_survives_its_process(tmp_path: Path) -> None:
	path = tmp_path / "kept.db"
	first = SqliteStore(path, FixedClock(), patients_of)
	first.put(make_appointment())
	first.close()
	second = SqliteStore(path, FixedClock(), patients_of)
	assert second.appointment("APP-1") == make_appointment()
	second.close()


def test_a_database_of_another_version_is_refused(tmp_path: Path) -> None:
	path = tmp_path / "foreign.db"
	foreign = sqlite3.connect(path)
	foreign.execute("pragma user_version = 1")
	foreign.close()
	with pytest.raises(ForeignDatabase):
		SqliteStore(path, FixedClock(), patients_of)


@pytest.mark.parametrize(
	("question", "index"),
	[
		("rooms_to_close", "room_closing"),
		("rooms_with_stale_stays", "open_stay"),
		("rooms_to_tear_down", "revoked"),
	],
)
def test_the_sweep_asks_by_index(sqlite: SqliteStore, question: str, index: str) -> None:
	from tools.demo import store as module

	sql = {
		"rooms_to_close": module.TO_CLOSE,
		"rooms_with_stale_stays": module.STALE_STAYS,
		"rooms_to_tear_down": module.TO_RELEASE,
	}[question]
	holes = (0,) * sql.count("?")
	plan = " ".join(row[3] for row in sqlite.database._connection.execute(f"explain query plan {sql}", holes))
	assert index in plan, plan
