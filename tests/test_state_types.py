"""The visit state has the same shape on the server, in the browser's code and in what is sent."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from types import ModuleType
from typing import Any, TypedDict

import pytest

from scripts import state_types
from tests.architecture.sources import ROOT
from theranvio_telehealth.domain.enums import Role
from theranvio_telehealth.services import visit_state

VISIT = ROOT / "theranvio_telehealth/public/js/visit"


def planted(**fields: Any) -> ModuleType:
	"""The server's types with other fields of one's own state."""
	module = ModuleType("planted")
	own = {**visit_state.OwnState.__annotations__, **fields}
	vars(module).update({**vars(visit_state), "OwnState": TypedDict("OwnState", own)})
	return module


def test_the_browsers_types_are_the_servers() -> None:
	"""Otherwise run `python scripts/state_types.py`."""
	assert state_types.TARGET.read_text() == state_types.rendered()


@pytest.mark.parametrize("fields", [{"knocked": bool}, {"role": str}, {"attendee": str | None}])
def test_a_planted_difference_is_found(fields: dict[str, Any]) -> None:
	assert state_types.TARGET.read_text() != state_types.rendered(planted(**fields))


def test_an_unchanged_plant_is_no_difference() -> None:
	assert state_types.rendered(planted(role=Role)) == state_types.rendered()


def test_the_page_is_checked_by_typescript() -> None:
	"""All of it, every parameter with a type, and no file or line exempt."""
	options = json.loads((ROOT / "tsconfig.json").read_text())["compilerOptions"]
	assert (options["checkJs"], options["strict"], options.get("noImplicitAny", True)) == (True, True, True)
	files = list(VISIT.rglob("*.js"))
	assert files
	assert [path.name for path in files if "@ts-" in path.read_text()] == []


def test_typescript_finds_what_is_planted(tmp_path: Path) -> None:
	"""A field and a word that the server does not send, a field that may be missing, and a parameter without a type."""
	visit = tmp_path / VISIT.relative_to(ROOT)
	shutil.copytree(VISIT, visit)
	shutil.copy(ROOT / "tsconfig.json", tmp_path)
	(tmp_path / "node_modules").symlink_to(ROOT / "node_modules")
	(visit / "planted.js").write_text(
		"/** @param {VisitState} state */\n"
		"export const found = (state) => [\n"
		"\tstate.me.knocked,\n"
		'\tstate.me.state === "Wating",\n'
		"\tstate.fallback.url,\n"
		"];\n"
		"export const untyped = (state) => state;\n"
	)
	command = (ROOT / "node_modules/.bin/tsc", "--pretty", "false")
	done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
	found = re.findall(r"planted\.js\((\d+),\d+\): error (\w+)", done.stdout)
	assert found == [("3", "TS2339"), ("4", "TS2367"), ("5", "TS18047"), ("7", "TS7006")]
	assert len(re.findall("error TS", done.stdout)) == len(found)
