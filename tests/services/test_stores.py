"""The contracts of the services' stores on SQLite, and what SQLite promises beyond them."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.services.agreements_contract import AgreementsContract
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
from tools.harness.ports import DictAgreements, FixedClock


def patients_of(user: str) -> list[str]:
	return ["PAT-1"] if user == CLIENT else []


@pytest.fixture(params=["memory", "file"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SqliteStore]:
	path = tmp_path / "clinic.db" if request.param == "file" else None
	store = SqliteStore(path, FixedClock(), patients_of, actor=lambda: "a user")
	yield store
	store.close()


@pytest.fixture
def seed(store: Any) -> LocalSeed:
	return LocalSeed(store)


@pytest.fixture
def agreements(seed: LocalSeed) -> DictAgreements:
	return seed.agreements


class TestSqliteStore(StoreContract):
	pass


class TestAgreements(AgreementsContract):
	"""Those of the services' tests."""


def test_an_inner_transaction_that_fails_undoes_itself_only(store: SqliteStore) -> None:
	room = make_room()
	with store.transaction():
		store.add_room(room)
		roll_back(store, lambda: store.save_room(replace(room, locked=True)))
		assert store.room(room.name) == room
	assert store.room(room.name) == room


def test_effects_come_after_the_commit_and_never_after_a_rollback(store: SqliteStore) -> None:
	seen: list[str] = []
	with store.transaction():
		store.after_commit(lambda: seen.append("committed"))
		roll_back(store, lambda: store.after_commit(lambda: seen.append("rolled back")))
		assert seen == []
	store.after_commit(lambda: seen.append("at once"))
	assert seen == ["committed", "at once"]


def test_a_lock_needs_a_transaction(store: SqliteStore) -> None:
	with pytest.raises(RuntimeError):
		store.lock("room")


def test_what_is_not_committed_is_not_seen_by_others(store: SqliteStore) -> None:
	room, seen = make_room(), []
	others = [threading.Thread(target=lambda: seen.append(store.room(room.name))) for _ in range(2)]
	with store.transaction():
		store.add_room(room)
		others[0].start()
		others[0].join(0.1)
		assert seen == []
	others[0].join()
	roll_back(store, lambda: (store.save_room(replace(room, locked=True)), others[1].start()))
	others[1].join()
	assert seen == [room, room]


def test_effects_belong_to_the_thread_that_asked_for_them(store: SqliteStore) -> None:
	seen: list[str] = []

	def act(word: str) -> None:
		with store.transaction():
			store.after_commit(lambda: seen.append(f"{word} {threading.get_ident()}"))

	acts = [lambda: (act("a"), threading.get_ident())[1], lambda: (act("b"), threading.get_ident())[1]]
	first, second = in_threads(acts)
	assert sorted(seen) == [f"a {first}", f"b {second}"]


def test_changes_are_on_record_without_secrets(store: SqliteStore, seed: LocalSeed) -> None:
	room = full_room(seed)
	store.add_room(room)
	store.save_room(room)
	assert store.changes(room.name) == []
	store.save_room(
		replace(room, locked=False, meeting_token="secret-token", fallback_url="https://x.test/s")
	)
	(change,) = store.changes(room.name)
	assert (change.changed_by, change.changed_on) == ("a user", store.clock.now())
	assert json.loads(change.changes) == {
		"locked": [True, False],
		"meeting_token": "changed",
		"fallback_url": "changed",
	}


def test_a_beat_leaves_no_record(store: SqliteStore) -> None:
	room = make_room()
	now = store.clock.now()
	person = make_participant(room, attendee_id="a", stay_started_on=now, stay_seen_on=now)
	store.add_room(room)
	store.add_participant(person)
	assert store.beat(person.name, "a", now)
	assert store.changes(person.name) == []


def test_a_database_survives_its_process(tmp_path: Path) -> None:
	path = tmp_path / "kept.db"
	first = SqliteStore(path, FixedClock(), patients_of)
	first.put(make_appointment())
	first.close()
	second = SqliteStore(path, FixedClock(), patients_of)
	assert second.appointment("APP-1") == make_appointment()
	second.close()


def test_a_database_in_memory_is_its_own() -> None:
	first, second = (SqliteStore(None, FixedClock()) for _ in range(2))
	first.put(make_appointment())
	assert second.appointment("APP-1") is None


def test_a_database_of_another_version_is_refused(tmp_path: Path) -> None:
	path = tmp_path / "foreign.db"
	foreign = sqlite3.connect(path)
	foreign.execute("pragma user_version = 1")
	foreign.close()
	with pytest.raises(ForeignDatabase):
		SqliteStore(path, FixedClock(), patients_of)
