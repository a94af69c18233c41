"""What `pip install --editable`, as bench installs the app, makes importable: the package, and no tool that signs people in."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.parametrize(
	("module", "found"),
	[
		("theranvio_telehealth", True),
		("theranvio_telehealth.embedded", False),
		("tools", False),
		("tests", False),
	],
)
def test_only_the_package_is_importable(module: str, found: bool, tmp_path: Path) -> None:
	code = f"from importlib.util import find_spec; print(bool(find_spec({module!r})))"
	done = subprocess.run(
		[sys.executable, "-c", code], cwd=tmp_path, env={}, capture_output=True, text=True, check=True
	)
	assert done.stdout.strip() == str(found)
