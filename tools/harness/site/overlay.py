"""The overlay bench: own sites, logs and a copy of this app on top of the given bench, which is only ever read."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from tools.network import free_port

APP = "theranvio_telehealth"
HOST_APPS = ("frappe", "erpnext", "healthcare")
DB_ROOT_PASSWORD = "rootpw"
ADMIN_PASSWORD = "admin"


class CommandFailed(RuntimeError):
	"""A bench command ended with an error; the text is the end of its output."""


@dataclass
class Ports:
	db: int = field(default_factory=free_port)
	redis: int = field(default_factory=free_port)
	web: int = field(default_factory=free_port)
	realtime: int = field(default_factory=free_port)
	nginx: int = field(default_factory=free_port)


@dataclass
class Overlay:
	"""`root` is made by `scripts/site_tier.py` and holds apps/theranvio_telehealth; `real` is the given bench."""

	root: Path
	real: Path
	site: str
	ports: Ports = field(default_factory=Ports)

	@property
	def sites(self) -> Path:
		return self.root / "sites"

	@property
	def app(self) -> Path:
		return self.root / "apps" / APP

	@property
	def base_url(self) -> str:
		"""As browsers reach it: nginx."""
		return f"http://{self.site}:{self.ports.nginx}"

	@property
	def direct_url(self) -> str:
		"""Gunicorn itself, without nginx in front."""
		return f"http://{self.site}:{self.ports.web}"

	@property
	def env(self) -> dict[str, str]:
		redis = f"redis://127.0.0.1:{self.ports.redis}"
		return os.environ | {
			"FRAPPE_BENCH_ROOT": str(self.root),
			"FRAPPE_DB_HOST": "127.0.0.1",
			"FRAPPE_DB_PORT": str(self.ports.db),
			"FRAPPE_REDIS_CACHE": redis,
			"FRAPPE_REDIS_QUEUE": redis,
			"FRAPPE_REDIS_SOCKETIO": redis,
			"FRAPPE_SOCKETIO_PORT": str(self.ports.realtime),
			"FRAPPE_SITE": self.site,
			"PYTHONPATH": str(self.app),
			"PYTHONDONTWRITEBYTECODE": "1",
		}

	def lay(self) -> None:
		"""Directories, links to the platform's apps, and assets with their build manifest."""
		for folder in ("sites", "logs", "config/pids"):
			(self.root / folder).mkdir(parents=True, exist_ok=True)
		for app in HOST_APPS:
			(self.root / "apps" / app).symlink_to(self.real / "apps" / app)
		shutil.copytree(self.real / "sites/assets", self.sites / "assets", symlinks=True)
		(self.sites / "assets" / APP).unlink(missing_ok=True)
		(self.sites / "apps.txt").write_text("\n".join((*HOST_APPS, APP)) + "\n")
		config = {"socketio_port": self.ports.realtime, "webserver_port": self.ports.web, "developer_mode": 0}
		(self.sites / "common_site_config.json").write_text(json.dumps(config))

	def frappe(self, *command: str, site: bool = True, timeout: float = 600, **env: str) -> str:
		"""Run a bench command as `bench` itself does."""
		on = ("--site", self.site) if site else ()
		return self.run(
			sys.executable, "-m", "frappe.utils.bench_helper", "frappe", *on, *command, timeout=timeout, **env
		)

	def build(self, app: str = APP) -> str:
		"""Build an app's bundles, in temporary folders so deep that the platform's style builder, whose names there
		climb from its own folder, does not come out at the sources: they are outside of its bench."""
		deep = self.root.joinpath("tmp", *"abcdefghij")
		deep.mkdir(parents=True, exist_ok=True)
		return self.frappe("build", "--app", app, site=False, TMPDIR=str(deep))

	def run(self, *command: str, timeout: float = 600, **env: str) -> str:
		done = subprocess.run(
			command,
			cwd=self.sites,
			env=self.env | env,
			stdin=subprocess.DEVNULL,
			stdout=subprocess.PIPE,
			stderr=subprocess.STDOUT,
			text=True,
			timeout=timeout,
		)
		if done.returncode:
			raise CommandFailed(
				f"{' '.join(command[1:6])} … ended with {done.returncode}:\n{done.stdout[-6000:]}"
			)
		return done.stdout
