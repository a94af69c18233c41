"""A site with ERPNext, Healthcare and a clinic, made once per version of the platform and copied from a cache afterwards."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tools.harness.site.overlay import ADMIN_PASSWORD, DB_ROOT_PASSWORD, HOST_APPS, Overlay
from tools.harness.site.services import Services, command

MAX_AGE_DAYS = 14
FLAGS = (
	"--db-root-username=root",
	f"--db-root-password={DB_ROOT_PASSWORD}",
	f"--admin-password={ADMIN_PASSWORD}",
	"--mariadb-user-host-login-scope=%",
)


class BaseSite:
	"""What is cached is MariaDB's directory and the site's folder, under a name that says what they were made from."""

	def __init__(self, bench: Overlay, services: Services, cache: Path) -> None:
		self.bench = bench
		self.services = services
		self.cache = cache
		self.stored = cache / f"base-{self._key()}"

	def put_in_place(self) -> bool:
		"""Leave the database running with the site in it; say whether it came from the cache."""
		self.cache.mkdir(parents=True, exist_ok=True)
		with self._locked():
			_forget_old(self.cache, self.stored)
			known = self.stored.exists()
			if known:
				os.utime(self.stored)
				shutil.copytree(self.stored / "site", self.bench.sites / self.bench.site)
				shutil.copytree(self.stored / "data", self.services.data)
			else:
				self._make()
				self._keep()
		self.services.start_database()
		return known

	def _make(self) -> None:
		bench = self.bench
		self.services.install_database()
		self.services.start_database()
		bench.frappe("new-site", bench.site, *FLAGS, site=False)
		for app in HOST_APPS[1:]:
			bench.frappe("install-app", app)
		bench.run(self.services.web.command[0], "-m", "tools.harness.site.clinic", bench.site)

	def _keep(self) -> None:
		self.services.mariadb.stop()
		half = self.cache / f"half-{os.getpid()}"
		shutil.copytree(self.bench.sites / self.bench.site, half / "site")
		shutil.copytree(self.services.data, half / "data")
		half.rename(self.stored)

	@contextmanager
	def _locked(self) -> Iterator[None]:
		with (self.cache / "lock").open("w") as lock:
			fcntl.flock(lock, fcntl.LOCK_EX)
			yield

	def _key(self) -> str:
		"""Changes with the platform's code, MariaDB, the site's name and the code that creates the clinic."""
		digest = hashlib.sha256(self.bench.site.encode())
		digest.update(self.bench.run(command("mariadbd"), "--version").encode())
		for app in HOST_APPS:
			package = self.bench.real / "apps" / app
			digest.update((package / app / "__init__.py").read_bytes())
			digest.update(_head(package))
		here = Path(__file__).parent
		for name in ("base_site.py", "clinic.py", "people.py"):
			digest.update((here / name).read_bytes())
		return digest.hexdigest()[:16]


def _head(package: Path) -> bytes:
	"""The commit that is checked out, where there is one to be read."""
	head = package / ".git/HEAD"
	if not head.is_file():
		return b""
	text = head.read_bytes().strip()
	branch = package / ".git" / text.removeprefix(b"ref: ").decode()
	return branch.read_bytes() if text.startswith(b"ref: ") and branch.is_file() else text


def _forget_old(cache: Path, stored: Path) -> None:
	oldest = time.time() - MAX_AGE_DAYS * 86400
	for folder in cache.glob("base-*"):
		if folder != stored and folder.stat().st_mtime < oldest:
			shutil.rmtree(folder)
	for half in cache.glob("half-*"):
		shutil.rmtree(half)
