"""Runs pytest against a site of its own on a copy of this checkout, over the bench at hand, which is only ever read.

`python3 scripts/site_tier.py [pytest arguments]`; `make test-site ARGS="-k cancel"`. It needs no package."""

from __future__ import annotations

import ast
import hashlib
import os
import pwd
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

CHECKOUT = Path(__file__).resolve().parent.parent
APP = "theranvio_telehealth"
SITE = "theranvio-test.localhost"
HOST_APPS = ("frappe", "erpnext", "healthcare")
COMMANDS = ("mariadbd", "mariadb-install-db", "mariadb", "redis-server", "nginx", "node", "yarn", "chromium")
SBIN = "/usr/local/sbin:/usr/sbin:/sbin"
TOOLS = (
	"aiohttp>=3.9,<4",
	"aiortc>=1.9,<2",
	"flask>=3,<4",
	"hypothesis>=6.100,<7",
	"playwright>=1.45,<2",
	"protobuf>=4,<8",
	"pytest>=8,<10",
	"requests>=2.31,<3",
	"sqlalchemy>=2,<3",
)
GIT = ("git", "-c", "safe.directory=*")
COMMITTER = ("-c", "user.name=The site tier", "-c", "user.email=nobody@localhost")
MEMORY = Path("/dev/shm")
MEMORY_NEEDED = 1_500_000_000


class CannotRun(Exception):
	"""Why there can be no site tier on this machine, in a sentence."""


@dataclass(frozen=True)
class Bench:
	"""An existing bench and the account it belongs to, in whose name everything runs."""

	path: Path

	@property
	def owner(self) -> pwd.struct_passwd:
		return pwd.getpwuid(self.path.stat().st_uid)

	@property
	def cache(self) -> Path:
		return Path(self.owner.pw_dir) / ".cache" / APP

	@property
	def env(self) -> dict[str, str]:
		name = self.owner.pw_name
		path = f"{os.environ.get('PATH', '/usr/bin:/bin')}:{SBIN}"
		mine = {
			k: v for k, v in os.environ.items() if not k.startswith(("XDG_", "VIRTUAL_ENV", "PYTHONPATH"))
		}
		return mine | {"HOME": self.owner.pw_dir, "USER": name, "LOGNAME": name, "PATH": path}

	@property
	def account(self) -> dict[str, object]:
		"""For subprocess: become the owner, where we are not already."""
		if os.getuid() == self.owner.pw_uid:
			return {}
		return {"user": self.owner.pw_uid, "group": self.owner.pw_gid, "extra_groups": []}

	def call(self, *command: str | Path) -> None:
		subprocess.run(command, env=self.env, cwd=self.path, check=True, **self.account)


def find_bench() -> Bench:
	"""The bench to be used. Raises `CannotRun`."""
	given = os.environ.get("BENCH_DIR")
	places = [Path(given)] if given else [Path("/home/frappe/frappe-bench"), Path.home() / "frappe-bench"]
	found = next((p for p in places if (p / "apps/frappe").is_dir()), None)
	if found is None:
		raise CannotRun(
			f"there is no bench at {' or '.join(map(str, places))} (set BENCH_DIR, or see make site)"
		)
	bench = Bench(found.resolve())
	if missing := [app for app in HOST_APPS if not (bench.path / "apps" / app).is_dir()]:
		raise CannotRun(f"the bench at {found} has no {' and no '.join(missing)}")
	if os.getuid() not in (0, bench.owner.pw_uid):
		raise CannotRun(
			f"the bench at {found} belongs to {bench.owner.pw_name}: run this as that account, or as root"
		)
	if absent := [c for c in COMMANDS if not which(c)]:
		raise CannotRun(f"these programs are not installed: {', '.join(absent)}")
	return bench


def which(command: str) -> str | None:
	return shutil.which(command) or shutil.which(command, path=SBIN)


def site_name() -> str:
	"""A name that means this machine, which realtime needs; root may make it so."""
	try:
		socket.gethostbyname(SITE)
	except OSError:
		if os.getuid():
			return "localhost"
		with Path("/etc/hosts").open("a") as hosts:
			hosts.write(f"127.0.0.1 {SITE}\n")
	return SITE


def copy_checkout(to: Path) -> None:
	"""What git knows or would know, as a repository of its own, and what the bundle needs from node_modules."""
	_copy(_listed(*GIT, "ls-files", "-co", "--exclude-standard"), to)
	for command in (("init", "-q"), ("add", "-A"), ("commit", "-q", "-m", "as it is")):
		subprocess.run((*GIT, *COMMITTER, *command), cwd=to, check=True)
	_copy(_packages(), to)


def _copy(paths: Iterable[str], to: Path) -> None:
	for path in paths:
		target = to / path
		target.parent.mkdir(parents=True, exist_ok=True)
		if (CHECKOUT / path).is_dir():
			shutil.copytree(CHECKOUT / path, target, dirs_exist_ok=True, symlinks=True)
		elif (CHECKOUT / path).exists():
			shutil.copy2(CHECKOUT / path, target)


def _packages() -> Iterator[str]:
	for path in _listed("npm", "ls", "--omit=dev", "--all", "--parseable"):
		if "node_modules" in path:
			yield str(Path(path).relative_to(CHECKOUT))


def _listed(*command: str) -> list[str]:
	return subprocess.run(
		command, cwd=CHECKOUT, capture_output=True, text=True, check=True
	).stdout.splitlines()


def python_of(bench: Bench) -> Path:
	"""A Python that sees the bench's packages and, in its own place, the test tools and what this app needs beyond."""
	wanted = (*TOOLS, *_dependencies())
	interpreter = (bench.path / "env/bin/python").resolve()
	(theirs,) = (bench.path / "env/lib").glob("python3*/site-packages")
	installed = sorted(path.name for path in theirs.glob("*.dist-info"))
	key = hashlib.sha256(repr((wanted, str(theirs), str(interpreter), installed)).encode()).hexdigest()[:16]
	env = bench.cache / f"python-{key}"
	if not (env / "complete").exists():
		bench.call(bench.path / "env/bin/python", "-m", "venv", "--clear", env)
		layer = env / "lib" / theirs.relative_to(bench.path / "env/lib") / "bench.pth"
		bench.call("sh", "-c", f"echo \"import site; site.addsitedir('{theirs}')\" > '{layer}'")
		bench.call(env / "bin/python", "-m", "pip", "install", "--quiet", *wanted)
		bench.call("touch", env / "complete")
	return env / "bin/python"


def _dependencies() -> list[str]:
	text = (CHECKOUT / "pyproject.toml").read_text()
	return ast.literal_eval(re.search(r"^dependencies = (\[.*?\])", text, re.M | re.S)[1])


@contextmanager
def directories(bench: Bench) -> Iterator[tuple[Path, Path]]:
	"""One for the overlay, one for the database: in memory where there is room. Both are gone afterwards."""
	in_memory = MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > MEMORY_NEEDED
	made = [
		tempfile.mkdtemp(prefix="theranvio-"),
		tempfile.mkdtemp(prefix="theranvio-", dir=MEMORY if in_memory else None),
	]
	root, memory = map(Path, made)
	try:
		copy_checkout(root / "apps" / APP)
		(root / "apps/logs").mkdir()  # where Frappe's logger writes in a process that runs in an app's folder
		_give(bench, root, memory)
		yield root, memory / "data"
	finally:
		shutil.rmtree(root, ignore_errors=True)
		shutil.rmtree(memory, ignore_errors=True)


def _give(bench: Bench, *folders: Path) -> None:
	if not bench.account:
		return
	for folder in folders:
		for path in (folder, *folder.rglob("*")):
			os.chown(path, bench.owner.pw_uid, bench.owner.pw_gid, follow_symlinks=False)


def run(arguments: Sequence[str], report: Path | None = None) -> int:
	"""Pytest's exit code. Raises `CannotRun`. `report` gets the JUnit report."""
	bench, site = find_bench(), site_name()
	python = python_of(bench)
	with directories(bench) as (root, data):
		app = root / "apps" / APP
		env = bench.env | {
			"THERANVIO_ROOT": str(root),
			"THERANVIO_REAL": str(bench.path),
			"THERANVIO_DATA": str(data),
			"THERANVIO_CACHE": str(bench.cache),
			"THERANVIO_SITE": site,
			"PYTHONPATH": str(app),
			"PYTHONDONTWRITEBYTECODE": "1",
		}
		junit = root / "report.xml"
		options = ("-p", "no:cacheprovider", "--import-mode=importlib", f"--junitxml={junit}")
		began = time.time()
		code = _pytest(bench, [python, "-m", "pytest", *options, *arguments], app, env)
		if report and junit.exists():
			shutil.copyfile(junit, report)
		_bring_home(app, began)
		return code


def _pytest(bench: Bench, command: Sequence[str | Path], app: Path, env: Mapping[str, str]) -> int:
	with subprocess.Popen(command, cwd=app, env=env, **bench.account) as child:
		try:
			return child.wait()
		except BaseException:
			child.terminate()
			child.wait(60)
			raise


def _bring_home(app: Path, began: float) -> None:
	"""Pictures and measurements that the tests have made since; the copy brought older ones along."""
	for made in (*(app / "docs/pictures").glob("*.png"), app / "docs/benchmarks.md"):
		target = CHECKOUT / made.relative_to(app)
		if made.is_file() and made.stat().st_mtime >= began:
			target.parent.mkdir(parents=True, exist_ok=True)
			shutil.copyfile(made, target)


def end_politely() -> None:
	"""Have SIGTERM end us as an exception does, so that nothing is left running."""

	def end(_signal: int, _frame: object) -> NoReturn:
		sys.exit(143)

	signal.signal(signal.SIGTERM, end)


if __name__ == "__main__":
	end_politely()
	try:
		sys.exit(run(sys.argv[1:] or ["tests/site"]))
	except CannotRun as why:
		sys.exit(f"The site tier cannot run: {why}.")
