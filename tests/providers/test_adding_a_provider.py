"""`docs/adding-a-provider.md` followed literally, in a copy of the checkout: its blocks are applied, its command is run."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from tests.architecture.sources import ROOT, SKIPPED

TOOLS = Path(sysconfig.get_path("scripts"))
PAGE = (ROOT / "docs/adding-a-provider.md").read_text(encoding="utf-8")
#: Each block: its language, the file it is of, if it says so, and its text.
BLOCKS = re.findall(r"^```(\w+) ?(\S*)\n(.*?)^```$", PAGE, re.M | re.S)
NEW = {name: text for _language, name, text in BLOCKS if name}
OPENED = """
const { opener } = await import("./media/registry.js");
await import("./media/meeting_server.js");
opener("Meeting Server")({ credentials: { url: "https://meet.clinic.example/x" }, on: { link: console.log } });
"""


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
	"""The checkout with everything done to it that the page says."""
	root = tmp_path_factory.mktemp("adding") / "checkout"
	shutil.copytree(
		ROOT, root, ignore=shutil.ignore_patterns(*SKIPPED - {"package-lock.json"}, ".venv", "pictures")
	)
	for name, text in NEW.items():
		assert not (root / name).exists()
		(root / name).write_text(text, encoding="utf-8")
	for language, _name, text in BLOCKS:
		if language == "diff":
			done = ran(root, ["git", "apply", "--recount", "-"], text)
			assert done.returncode == 0, done.stderr
	return root


def ran(root: Path, command: list[str], given: str = "") -> subprocess.CompletedProcess[str]:
	return subprocess.run(command, cwd=root, input=given, capture_output=True, text=True)


def test_the_page_has_every_kind_of_step() -> None:
	assert {language for language, _name, _text in BLOCKS} == {"python", "diff", "js", "sh"}
	assert len(NEW) == 3


def test_its_command_passes(copy: Path) -> None:
	"""The contract's suite for the new provider, the registry, and the guards over the changed checkout."""
	(command,) = [text for language, _name, text in BLOCKS if language == "sh"]
	python, *rest = shlex.split(command)
	assert python == "python"
	done = ran(copy, [sys.executable, *rest])
	assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]


@pytest.mark.parametrize("command", ["ruff check .", "ruff format --check .", "lint-imports --no-cache"])
def test_the_linters_find_nothing(copy: Path, command: str) -> None:
	tool, *rest = command.split()
	done = ran(copy, [str(TOOLS / tool), *rest])
	assert done.returncode == 0, done.stdout


def test_the_contracts_members_are_all_described() -> None:
	from theranvio_telehealth.providers.base import MediaProvider

	members = {name for name in (*vars(MediaProvider), *MediaProvider.__annotations__) if name[0] != "_"}
	described = set(re.findall(r"`(\w+)`", "".join(re.findall(r"^\| (`.*?) \|", PAGE, re.M))))
	assert described == members


@pytest.mark.skipif(not shutil.which("node"), reason="Node runs the page's part")
def test_its_part_of_the_page_shows_the_link(copy: Path) -> None:
	folder = copy / "theranvio_telehealth/public/js/visit"
	done = ran(folder, ["node", "--input-type=module", "-e", OPENED])
	assert done.stdout == "https://meet.clinic.example/x\n", done.stderr
