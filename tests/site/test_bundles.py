"""That `bench build` makes what Frappe's own esbuild cannot, and that a site serves it."""

from __future__ import annotations

import json
import subprocess
from typing import Any

import requests


def test_the_bundle_for_amazon_chime_is_served(base_url: str) -> None:
	answer = requests.get(f"{base_url}/assets/theranvio_telehealth/built/chime.js", timeout=30)
	assert answer.status_code == 200
	assert "javascript" in answer.headers["Content-Type"]
	assert '"Amazon Chime SDK"' in answer.text


def test_what_a_bench_makes_leaves_no_trace_in_git(bench: Any) -> None:
	"""`bench get-app` installs with yarn and builds; `bench update` refuses a tree that is not as it was committed."""
	app = bench.bench.app
	subprocess.run(("yarn", "install", "--check-files", "--silent"), cwd=app, check=True, timeout=300)
	bench.bench.build()
	assert (app / "theranvio_telehealth/public/node_modules").is_symlink()
	assert (app / "theranvio_telehealth/public/dist").is_dir()
	changed = subprocess.run(
		("git", "status", "--porcelain"), cwd=app, capture_output=True, text=True, check=True
	)
	assert changed.stdout == ""


def test_a_bench_installs_what_is_locked_and_nothing_newer(bench: Any) -> None:
	"""By the app's own `.yarnrc`, as bench has no option for how it calls yarn."""
	app = bench.bench.app
	package = app / "package.json"
	before = package.read_text()
	asked = json.loads(before)
	asked["dependencies"]["lit-html"] = "^3.0.0"
	package.write_text(json.dumps(asked))
	try:
		refused = subprocess.run(("yarn", "install"), cwd=app, capture_output=True, text=True, timeout=300)
	finally:
		package.write_text(before)
	assert refused.returncode
	assert "lockfile needs to be updated" in refused.stderr
