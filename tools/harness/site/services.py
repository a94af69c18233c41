"""What a bench needs running, on ports of its own: MariaDB, Redis, gunicorn, realtime, nginx and, on demand, a worker."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from tools.harness.site.overlay import DB_ROOT_PASSWORD, Overlay
from tools.harness.site.processes import Process

NGINX = """
daemon off;
worker_processes 1;
pid {run}/nginx.pid;
error_log stderr;
events {{ worker_connections 4096; }}
http {{
	include /etc/nginx/mime.types;
	access_log {run}/access.log;
	client_body_temp_path {run}/body;
	proxy_temp_path {run}/proxy;
	fastcgi_temp_path {run}/fastcgi;
	uwsgi_temp_path {run}/uwsgi;
	scgi_temp_path {run}/scgi;
	server {{
		listen 127.0.0.1:{port};
		root {sites};
		client_max_body_size 50m;
		proxy_buffer_size 128k;
		proxy_buffers 4 256k;
		proxy_busy_buffers_size 256k;
		add_header X-Frame-Options "SAMEORIGIN";
		add_header X-Content-Type-Options nosniff;
		add_header Referrer-Policy "same-origin, strict-origin-when-cross-origin";
		gzip on;
		gzip_comp_level 5;
		gzip_types application/javascript application/json text/css text/plain;
		location /assets {{
			try_files $uri =404;
			add_header Cache-Control "max-age=31536000";
		}}
		location /socket.io {{
			proxy_http_version 1.1;
			proxy_set_header Upgrade $http_upgrade;
			proxy_set_header Connection "upgrade";
			proxy_set_header X-Frappe-Site-Name {site};
			proxy_set_header Origin $scheme://$http_host;
			proxy_set_header Host $http_host;
			proxy_pass http://127.0.0.1:{realtime};
		}}
		location / {{
			try_files /{site}/public/$uri @webserver;
		}}
		location @webserver {{
			proxy_http_version 1.1;
			proxy_set_header X-Forwarded-For $remote_addr;
			proxy_set_header X-Forwarded-Proto $scheme;
			proxy_set_header X-Frappe-Site-Name {site};
			proxy_set_header Host $http_host;
			proxy_set_header X-Use-X-Accel-Redirect True;
			proxy_read_timeout 120;
			proxy_redirect off;
			proxy_pass http://127.0.0.1:{web};
		}}
	}}
}}
"""


class Services:
	"""`data` is MariaDB's directory, on tmpfs where there is one."""

	def __init__(self, bench: Overlay, data: Path) -> None:
		self.bench = bench
		self.data = data
		self.run = bench.root / "run"
		self.run.mkdir(exist_ok=True)
		ports = bench.ports
		self.mariadb = self._service("mariadb", ports.db, *self._mariadbd())
		self.redis = self._service("redis", ports.redis, *self._redis())
		self.web = self._service("web", ports.web, *self._gunicorn())
		socketio = str(bench.real / "apps/frappe/socketio.js")
		self.realtime = self._service("realtime", ports.realtime, "node", socketio)
		self.nginx = self._service("nginx", ports.nginx, *self._nginx())
		self.worker = self._service(
			"worker", None, *self._python("frappe.utils.bench_helper", "frappe", "worker")
		)

	@property
	def all(self) -> list[Process]:
		return [self.mariadb, self.redis, self.web, self.realtime, self.nginx, self.worker]

	def start_database(self) -> None:
		self.redis.start()
		self.mariadb.start()

	def start_web(self) -> None:
		for process in (self.web, self.realtime, self.nginx):
			process.start()

	def stop(self) -> None:
		for process in reversed(self.all):
			process.stop()

	def _service(self, name: str, port: int | None, *command: str) -> Process:
		bench = self.bench
		return Process(name, command, bench.sites, bench.env, self.run / f"{name}.log", port)

	def _python(self, module: str, *arguments: str) -> tuple[str, ...]:
		return (sys.executable, "-m", module, *arguments)

	def _gunicorn(self) -> tuple[str, ...]:
		bind = f"127.0.0.1:{self.bench.ports.web}"
		return self._python(
			"gunicorn", "-b", bind, "-w2", "-k", "gthread", "--threads=4", "frappe.app:application"
		)

	def _redis(self) -> tuple[str, ...]:
		port = str(self.bench.ports.redis)
		keep_nothing = ("--save", "", "--appendonly", "no", "--dir", str(self.run))
		return ("redis-server", "--port", port, "--bind", "127.0.0.1", *keep_nothing)

	def _mariadbd(self) -> tuple[str, ...]:
		return (
			command("mariadbd"),
			"--no-defaults",
			f"--datadir={self.data}",
			f"--socket={self.run}/mariadb.sock",
			f"--pid-file={self.run}/mariadb.pid",
			"--bind-address=127.0.0.1",
			f"--port={self.bench.ports.db}",
			"--character-set-server=utf8mb4",
			"--collation-server=utf8mb4_unicode_ci",
			"--skip-name-resolve",
			"--skip-log-bin",
			"--innodb-buffer-pool-size=512M",
			"--innodb-log-file-size=48M",
			"--innodb-flush-log-at-trx-commit=2",
		)

	def _nginx(self) -> tuple[str, ...]:
		bench, ports = self.bench, self.bench.ports
		text = NGINX.format(
			run=self.run,
			port=ports.nginx,
			sites=bench.sites,
			site=bench.site,
			realtime=ports.realtime,
			web=ports.web,
		)
		config = self.run / "nginx.conf"
		config.write_text(text)
		return (command("nginx"), "-e", "stderr", "-c", str(config), "-p", str(self.run))

	def install_database(self) -> None:
		"""An empty MariaDB whose root has a password."""
		self.data.mkdir(parents=True, exist_ok=True)
		install = ("--no-defaults", f"--datadir={self.data}", "--auth-root-authentication-method=normal")
		self.bench.run(command("mariadb-install-db"), *install, "--skip-test-db")
		self.mariadb.start()
		statements = (
			f"ALTER USER root@localhost IDENTIFIED BY '{DB_ROOT_PASSWORD}'",
			f"CREATE OR REPLACE USER root@'127.0.0.1' IDENTIFIED BY '{DB_ROOT_PASSWORD}'",
			"GRANT ALL ON *.* TO root@'127.0.0.1' WITH GRANT OPTION",
		)
		client = ("mariadb", "--no-defaults", f"--socket={self.run}/mariadb.sock", "-uroot")
		self.bench.run(*client, "-e", "; ".join(statements))


def command(name: str) -> str:
	"""Daemons live in sbin, which is not on everybody's path."""
	return shutil.which(name) or shutil.which(name, path="/usr/sbin:/sbin:/usr/local/sbin") or name
