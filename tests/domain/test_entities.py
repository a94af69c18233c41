"""Entities are frozen values whose `repr` contains no secret."""

from __future__ import annotations

import inspect
from dataclasses import FrozenInstanceError, fields, is_dataclass, replace
from enum import Enum
from typing import Any

import pytest

from theranvio_telehealth.domain import entities, enums
from theranvio_telehealth.domain.entities import Caller, Person, Stay
from theranvio_telehealth.domain.enums import Role, StrEnum
from tools.harness.factories import make_participant, make_room
from tools.harness.ports import NOON

ENTITIES = [e for _, e in inspect.getmembers(entities, is_dataclass) if e.__module__ == entities.__name__]
WORDS = [
	w for _, w in inspect.getmembers(enums, inspect.isclass) if issubclass(w, StrEnum) and w is not StrEnum
]

SECRET = "sEcReT"
SECRETS: list[Any] = [
	make_room(meeting_token=SECRET),
	make_room(fallback_url=SECRET),
	make_participant(display_name=SECRET),
	make_participant(contact=SECRET),
	make_participant(attendee_id=SECRET),
	make_participant(revoked_attendees=(SECRET,)),
	make_participant(link_hash=SECRET),
	Caller(SECRET, SECRET),
	Person(Role.CLIENT, SECRET),
]


@pytest.mark.parametrize("entity", ENTITIES, ids=lambda e: e.__name__)
def test_nothing_can_be_changed_in_place_or_added(entity: Any) -> None:
	assert entity.__dataclass_params__.frozen
	assert "__slots__" in vars(entity)


def test_a_room_cannot_be_changed_in_place() -> None:
	with pytest.raises(FrozenInstanceError):
		make_room().locked = True  # type: ignore[misc]


@pytest.mark.parametrize("entity", SECRETS, ids=lambda e: type(e).__name__)
def test_no_name_or_secret_is_printed(entity: Any) -> None:
	assert SECRET not in repr(entity)
	assert SECRET not in str(entity)
	assert SECRET not in f"{entity}"
	assert SECRET in [SECRET for f in fields(entity) if SECRET in str(getattr(entity, f.name))]


def test_a_stay_of_no_length_is_one() -> None:
	assert Stay("p", NOON, NOON).seconds == 0


class TestWords:
	@pytest.mark.parametrize("word", WORDS, ids=lambda w: w.__name__)
	def test_print_and_compare_as_their_value(self, word: type[StrEnum]) -> None:
		for one in word:
			assert str(one) == f"{one}" == one.value == one
			assert word(one.value) is one

	@pytest.mark.parametrize("word", WORDS, ids=lambda w: w.__name__)
	def test_are_distinguished(self, word: type[Enum]) -> None:
		values = [one.value for one in word]
		assert len(set(values)) == len(values)
		assert "" not in values


def test_replacing_keeps_the_rest() -> None:
	room = make_room()
	assert replace(replace(room, locked=True), locked=False) == room
