"""`yarn.lock`, by which `bench build` installs, and `package-lock.json`, by which everything else does, name the same versions."""

from __future__ import annotations

import json
import re

import pytest

from tests.architecture.sources import ROOT

#: Stands for a package that nothing needs: npm links it, yarn copies it.
ABSENT = ("@aws-sdk/client-chime-sdk-messaging", "3.999.0")
NPM = (ROOT / "package-lock.json").read_text()
YARN = (ROOT / "yarn.lock").read_text()

Versions = set[tuple[str, str]]


def npm_versions(lock: str) -> Versions:
	return {
		(path.rpartition("node_modules/")[2], package["version"])
		for path, package in json.loads(lock)["packages"].items()
		if "node_modules/" in path and not package.get("link")
	}


def yarn_versions(lock: str) -> Versions:
	return set(re.findall(r'^"?(@?[^@\s"]+)@.*:\n  version "(.+)"', lock, re.M)) - {ABSENT}


def unlike(npm: str, yarn: str) -> Versions:
	return npm_versions(npm) ^ yarn_versions(yarn)


def unlocked(package: str, yarn: str) -> set[str]:
	"""What package.json asks for in other words than yarn.lock answers; `yarn install --frozen-lockfile` refuses it."""
	asked = json.loads(package)
	wanted = {
		f"{name}@{version}"
		for kind in ("dependencies", "devDependencies")
		for name, version in asked[kind].items()
	}
	answered = {name.strip('" ') for line in re.findall(r"^(\S.*):$", yarn, re.M) for name in line.split(",")}
	return wanted - answered


def test_both_name_the_same_versions() -> None:
	assert npm_versions(NPM)
	assert unlike(NPM, YARN) == set()


def test_yarn_answers_what_the_package_asks_for() -> None:
	assert unlocked((ROOT / "package.json").read_text(), YARN) == set()


@pytest.mark.parametrize(
	("npm", "yarn"),
	[
		(NPM, re.sub(r'(preact@.*:\n  version )".+"', r'\1"11.9.9"', YARN)),
		(NPM, re.sub(r'preact@.*:\n  version ".+"', "", YARN)),
		(NPM, YARN + '\nleft-pad@^1.3.0:\n  version "1.3.0"\n'),
		(NPM.replace("node_modules/preact", "node_modules/preact-x"), YARN),
	],
)
def test_a_planted_difference_is_found(npm: str, yarn: str) -> None:
	assert unlike(npm, yarn)


def test_a_planted_range_is_found() -> None:
	package = re.sub(r'"preact": "[^"]+"', '"preact": "^10.0.0"', (ROOT / "package.json").read_text())
	assert unlocked(package, YARN) == {"preact@^10.0.0"}
