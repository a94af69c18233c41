"""Files that describe a clinic: what they say, and what is wrong with them in one sentence."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.plan.clinics import CERTAIN, CHIME
from theranvio_telehealth.domain.enums import Adapter
from theranvio_telehealth.plan.clinic import BadInput, Habits, Timetable, described, habits, read_file

PAIR, LINK = Adapter.PEER_TO_PEER.value, Adapter.EXTERNAL_LINK.value


def test_what_a_file_leaves_out_is_as_usual() -> None:
	assert described({"clinicians": 2, "visits_a_day": 3.5}) == (Timetable(2, 3.5), Habits())


def test_toml_and_json_say_the_same(tmp_path: Path) -> None:
	toml, as_json = tmp_path / "clinic.toml", tmp_path / "clinic.json"
	toml.write_text("\n".join(f"{key} = {json.dumps(value)}" for key, value in CERTAIN.items()))
	as_json.write_text(json.dumps(CERTAIN))
	assert read_file(toml) == read_file(as_json) == CERTAIN


@pytest.mark.parametrize(
	("changes", "sentence"),
	[
		({"clinicians": 0}, "clinicians: 0 is not between 1 and 100,000."),
		({"clinicians": -1}, "clinicians: -1 is not between 1 and 100,000."),
		({"clinicians": 2.5}, "clinicians: 2.5 is not a whole number."),
		({"clinicians": True}, "clinicians: True is not a whole number."),
		({"clinicians": "two"}, "clinicians: 'two' is not a whole number."),
		({"visits_a_day": -1}, "visits_a_day: -1 is not between 0 and 1,440."),
		({"visits_a_day": float("nan")}, "visits_a_day: nan is not between 0 and 1,440."),
		({"visits_a_day": float("inf")}, "visits_a_day: inf is not between 0 and 1,440."),
		({"visits_a_day": 10**400}, f"visits_a_day: {10**400} is not between 0 and 1,440."),
		({"visits_a_day": 3}, "visits_a_day: 3 visits do not fit into 2 slots a day."),
		({"slot_minutes": 121}, "visits_a_day: 2 visits do not fit into 0 slots a day."),
		({"minutes": -50}, "minutes: -50 is not between 1 and 1,440."),
		({"no_shows": 1.01}, "no_shows: 1.01 is not between 0 and 1."),
		({"price": "cheap"}, "price: 'cheap' is not a number."),
		({"price": None}, "price: None is not a number."),
		({"currency": 5}, "currency: 5 is not a text."),
		({"nudges": 1}, "nudges: 1 is not true or false."),
		({"no_show": 0.1}, "no_show: there is no such key."),
		({"": 1}, ": there is no such key."),
		({"groups": {"share": 1}}, "groups: there is no such key."),
		(
			{"provider": LINK},
			f"provider: visits by {LINK} take place elsewhere and use no minutes here.",
		),
		(
			{"provider": PAIR, "group_share": 0.1},
			f"group_clients: a call by {PAIR} holds 2 people, the clinician included.",
		),
		(
			{"group_share": 0.1, "group_clients": 8},
			f"group_clients: a call by {CHIME} holds 8 people, the clinician included.",
		),
	],
)
def test_bad_input_is_refused_in_a_sentence(changes: dict[str, Any], sentence: str) -> None:
	with pytest.raises(BadInput) as refused:
		described(CERTAIN | changes)
	assert str(refused.value) == sentence


@pytest.mark.parametrize("key", ["clinicians", "visits_a_day"])
def test_what_has_to_be_there(key: str) -> None:
	with pytest.raises(BadInput, match=f"^{key} is missing.$"):
		described({name: value for name, value in CERTAIN.items() if name != key})


def test_an_unknown_provider_is_refused_with_those_there_are() -> None:
	with pytest.raises(BadInput, match=f"^provider: there is no 'Zoom'; there are {CHIME}, {PAIR}, "):
		described(CERTAIN | {"provider": "Zoom"})


def test_where_visits_are_booked_already_a_file_does_not_say_when_they_are() -> None:
	assert habits({"no_shows": 0.1}) == Habits(no_shows=0.1)
	with pytest.raises(BadInput, match="clinicians: there is no such key"):
		habits({"clinicians": 2})


@pytest.mark.parametrize(
	("name", "text", "sentence"),
	[
		("x.yaml", "clinicians: 2", "x.yaml is neither a .toml nor a .json file."),
		("x.json", "{", "x.json is not well-formed: Expecting property name"),
		("x.json", "[1]", "x.json does not hold keys and values."),
		("x.json", "[" * 100_000, "x.json is not well-formed: "),
		("x.toml", "clinicians", "x.toml is not well-formed: Expected '='"),
		("x.toml", "a = 1\na = 2", "x.toml is not well-formed: Cannot overwrite a value"),
		("x.toml", b"\xff\xfe", "x.toml is not well-formed: 'utf-8' codec"),
	],
)
def test_a_file_that_cannot_be_understood(
	tmp_path: Path, name: str, text: str | bytes, sentence: str
) -> None:
	file = tmp_path / name
	file.write_bytes(text if isinstance(text, bytes) else text.encode())
	with pytest.raises(BadInput) as refused:
		read_file(file)
	assert str(refused.value).startswith(sentence)
	assert "\n" not in str(refused.value)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
	with pytest.raises(BadInput, match=r"^no\.toml cannot be read: No such file or directory\.$"):
		read_file(tmp_path / "no.toml")
