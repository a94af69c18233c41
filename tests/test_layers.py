"""The import table of docs/architecture.md and the purity of `domain`, as import-linter and ruff check them in `make lint`: each
rule finds what is planted against it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import grimp
import pytest

from tests.architecture.sources import PACKAGE, ROOT

TOOLS = Path(sysconfig.get_path("scripts"))
#: The folder where an import is planted, the import, and the module that import-linter finds there.
PLANTED = [
	("domain", "import tools.demo.people", "tools.demo.people"),
	("site", "import tests.services.acts", "tests"),
	("../tools/demo", "import frappe", "frappe"),
	("../tools/demo", "from theranvio_telehealth.site import clock", f"{PACKAGE}.site.clock"),
	("../tools/demo", "from tools.harness import factories", "tools.harness.factories"),
	("../tools/demo", "from tests.services import acts", "tests"),
	("../tools/chime_emulator", "from theranvio_telehealth.domain import rooms", f"{PACKAGE}.domain.rooms"),
	("../tools/harness", "from tests.services import acts", "tests"),
	("domain", "import frappe", "frappe"),
	("domain", "from theranvio_telehealth.services import visit", f"{PACKAGE}.services.visit"),
	("domain", "from theranvio_telehealth import services", f"{PACKAGE}.services"),
	(
		"domain",
		"def f():\n\tfrom theranvio_telehealth.providers.base import Meeting",
		f"{PACKAGE}.providers.base",
	),
	("domain", "from ..services import view", f"{PACKAGE}.services.view"),
	("domain", "import requests", "requests"),
	("plan", "from theranvio_telehealth.services import usage", f"{PACKAGE}.services.usage"),
	("plan", "import frappe", "frappe"),
	("providers", "from theranvio_telehealth.plan import clinic", f"{PACKAGE}.plan.clinic"),
	("services", "import numpy", "numpy"),
	("services", "import click", "click"),
	("providers", "import boto3", "boto3"),
	("providers", "from botocore.config import Config", "botocore"),
	("providers", "from theranvio_telehealth.services.ports import Ports", f"{PACKAGE}.services.ports"),
	("site", "import requests", "requests"),
	(
		"services",
		"from theranvio_telehealth.providers.chime.config import ChimeConfig",
		f"{PACKAGE}.providers.chime.config",
	),
	("site", "from theranvio_telehealth.providers import peer_to_peer", f"{PACKAGE}.providers.peer_to_peer"),
	("api", "from certifi import where", "certifi"),
	("services", "import frappe.utils", "frappe"),
	("services", "from theranvio_telehealth.site.store import SiteStore", f"{PACKAGE}.site.store"),
	("services", "from theranvio_telehealth import compat", f"{PACKAGE}.compat"),
	("site", "from theranvio_telehealth.api import visit", f"{PACKAGE}.api.visit"),
	("site", "from theranvio_telehealth.custom_fields import MODULE", f"{PACKAGE}.custom_fields"),
	("api", "from theranvio_telehealth.overrides import appointment", f"{PACKAGE}.overrides.appointment"),
	("telehealth", "from theranvio_telehealth.api import guards", f"{PACKAGE}.api.guards"),
	("telehealth", "from theranvio_telehealth.providers import base", f"{PACKAGE}.providers.base"),
]


def planted_module(number: int) -> str:
	folder = PLANTED[number][0]
	inside = folder.removeprefix("../") if folder.startswith("../") else f"{PACKAGE}/{folder}"
	return f"{inside}/planted_{number}".replace("/", ".")


def copied(folder: Path) -> Path:
	only_python = shutil.ignore_patterns("public", "locale", "*.json", "__pycache__")
	for package in (PACKAGE, "tools"):
		shutil.copytree(ROOT / package, folder / package, ignore=only_python)
	shutil.copy(ROOT / "pyproject.toml", folder)
	return folder


def checked(folder: Path) -> subprocess.CompletedProcess[str]:
	command = (TOOLS / "lint-imports", "--no-cache")
	wide = {**os.environ, "COLUMNS": "400", "PYTHONPATH": str(folder)}
	return subprocess.run(command, cwd=folder, env=wide, capture_output=True, text=True)


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> str:
	"""What import-linter says of a copy with every planted import."""
	folder = copied(tmp_path_factory.mktemp("planted"))
	for number, (_, text, _) in enumerate(PLANTED):
		(folder / planted_module(number).replace(".", "/")).with_suffix(".py").write_text(text)
	done = checked(folder)
	assert done.returncode == 1
	return done.stdout


def test_an_unchanged_copy_is_fine(tmp_path: Path) -> None:
	done = checked(copied(tmp_path))
	assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("number", range(len(PLANTED)), ids=lambda n: f"{PLANTED[n][0]} {PLANTED[n][2]}")
def test_a_planted_import_is_found(number: int, report: str) -> None:
	assert f"{planted_module(number)} -> {PLANTED[number][2]} " in report


@pytest.mark.parametrize(("path", "text"), [("hooks.py", "import frappe"), ("newfolder/__init__.py", "")])
def test_a_changed_copy_is_refused(path: str, text: str, tmp_path: Path) -> None:
	"""The hooks import nothing; a new folder has to be put into a layer."""
	file = copied(tmp_path) / PACKAGE / path
	file.parent.mkdir(exist_ok=True)
	file.write_text(text)
	assert checked(tmp_path).returncode == 1


def unprotected(modules: set[str], configuration: str) -> set[str]:
	others = {name for name in modules if name.partition(".")[0] not in sys.stdlib_module_names}
	return {name for name in others if name != PACKAGE and f'"{name}"' not in configuration}


def test_every_package_that_is_imported_is_protected() -> None:
	graph = grimp.build_graph(PACKAGE, include_external_packages=True, cache_dir=None)
	configuration = (ROOT / "pyproject.toml").read_text()
	modules = {name for name in graph.modules if not name.startswith(f"{PACKAGE}.")}
	assert unprotected(modules, configuration) == set()
	assert unprotected({*modules, "flask"}, configuration) == {"flask"}


@pytest.mark.parametrize(
	("path", "text", "rule"),
	[
		("domain/x.py", "import os\n\nos.getpid()", "TID251"),
		("domain/x.py", "from time import time\n\ntime()", "TID251"),
		(
			"domain/x.py",
			"from datetime import datetime, timezone\n\nx = datetime.now(timezone.utc)",
			"TID251",
		),
		("domain/x.py", "from datetime import date\n\nx = date.today()", "TID251"),
		("domain/x.py", "x = open('file')", "PTH123"),
		("domain/x.py", "print()", "T201"),
		("domain/x.py", "def f(x) -> int: ...", "ANN001"),
		("domain/x.py", "def f(x: int): ...", "ANN201"),
		("domain/x.py", "def f(*, x=1) -> int: ...", "ANN001"),
		("domain/x.py", "def f(*args, **kwargs) -> int: ...", "ANN002"),
		("domain/x.py", "class C:\n\tdef f(self, x) -> int: ...", "ANN001"),
		("domain/x.py", "class C:\n\t@staticmethod\n\tdef f(x) -> int: ...", "ANN001"),
		("domain/x.py", "x = 1", "D100"),
		("domain/x.py", "# a comment is none\nx = 1", "D100"),
		("../tests/x.py", "def f(x) -> int: ...", "ANN001"),
		("../tests/x.py", "x = 1", "D100"),
	],
)
def test_ruff_finds_what_is_planted(path: str, text: str, rule: str) -> None:
	assert rule in ruff(path, text)


@pytest.mark.parametrize(
	("path", "text"),
	[
		("services/x.py", '"""X."""\n\nimport os\n\nx = os.getpid()\n'),
		("domain/x.py", '"""X."""\n\nfrom datetime import timedelta\n\nx = timedelta()\n'),
		("domain/x.py", '"""X."""\n\n\nclass C:\n\tdef f(self, x: int) -> int: ...\n'),
		("domain/__init__.py", ""),
	],
)
def test_ruff_leaves_alone_what_keeps_the_rules(path: str, text: str) -> None:
	assert ruff(path, text) == ""


def ruff(path: str, text: str) -> str:
	command = (
		TOOLS / "ruff",
		"check",
		"--quiet",
		"--output-format=concise",
		"--stdin-filename",
		f"{PACKAGE}/{path}",
		"-",
	)
	return subprocess.run(command, cwd=ROOT, input=text, capture_output=True, text=True).stdout
