"""Runs the tiers of tests and says at the end which ran, which did not, and why: `python scripts/test.py [tier …]`."""

from __future__ import annotations

import importlib.util
import re
import shutil
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import site_tier

CHECKOUT = site_tier.CHECKOUT
TOOLS = Path(sys.executable).parent
#: Folders of tests that need the emulator of Amazon Chime.
CHIME = ("chime_emulator", "faults")
EMULATOR = ("aiohttp", "aiortc", "google.protobuf", "numpy")


@dataclass
class Outcome:
	"""What a tier came to. `why` is set when it could not run."""

	counts: dict[str, int] = field(default_factory=dict)
	seconds: float = 0.0
	why: str = ""

	@property
	def is_good(self) -> bool:
		return not (self.counts.get("failed") or self.counts.get("errors"))

	def __str__(self) -> str:
		if self.why:
			return f"did not run: {self.why}"
		return f"ran in {self.seconds:.0f} s: {phrase(self.counts)}"


def phrase(counts: dict[str, int]) -> str:
	parts = [
		f"{counts[word]} {word}" for word in ("failed", "passed", "skipped", "errors") if counts.get(word)
	]
	return ", ".join(parts) or "no tests"


def lint() -> Outcome:
	checks = (
		(TOOLS / "ruff", "check", "."),
		(TOOLS / "ruff", "format", "--check", "."),
		(TOOLS / "mypy",),
		(TOOLS / "lint-imports", "--no-cache"),
		(
			TOOLS / "pytest",
			"--quiet",
			"--import-mode=importlib",
			"-k",
			"vague_words",
			"tests/test_architecture.py",
		),
		("npm", "run", "--silent", "lint"),
		("npm", "run", "--silent", "size"),
	)
	good = sum(_call(*check) == 0 for check in checks)
	return Outcome({"passed": good, "failed": len(checks) - good})


def js() -> Outcome:
	files = sorted(str(path) for path in (CHECKOUT / "tests/js").glob("*.test.mjs"))
	# Their pages wait more than they work, and Node takes one file at a time where there are two cores.
	command = ("node", "--test", "--test-concurrency=3", "--test-reporter=tap", *files)
	done = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True)
	counts = {word: int(n) for word, n in re.findall(r"^# (pass|fail|skipped) (\d+)$", done.stdout, re.M)}
	failed = counts.get("fail", 0) or int(done.returncode != 0)
	if failed:
		print(done.stdout, done.stderr)
	return Outcome({"passed": counts.get("pass", 0), "failed": failed, "skipped": counts.get("skipped", 0)})


def rules() -> Outcome:
	elsewhere = (f"--ignore=tests/{name}" for name in ("demo", "parts", "site", *CHIME))
	return _pytest("tests", *elsewhere)


def chime() -> Outcome:
	"""The emulator of Amazon Chime proven with Amazon's own clients, and visits under every fault of it."""
	return _with(("chromium",), *(f"tests/{name}" for name in CHIME))


def parts() -> Outcome:
	"""Visits with other people's programs as Debian has them: Firefox on either side, coturn as the relay."""
	return _with(("chromium", "firefox-esr", "turnserver"), "tests/parts")


def demo() -> Outcome:
	return _pytest("tests/demo")


def site() -> Outcome:
	with tempfile.TemporaryDirectory() as folder:
		report = Path(folder) / "report.xml"
		try:
			code = site_tier.run(["tests/site"], report)
		except site_tier.CannotRun as why:
			return Outcome(why=str(why))
		return Outcome(_counts(report, code))


TIERS: dict[str, Callable[[], Outcome]] = {
	"lint": lint,
	"js": js,
	"rules": rules,
	"chime": chime,
	"demo": demo,
	"parts": parts,
	"site": site,
}


def _pytest(*arguments: str) -> Outcome:
	with tempfile.TemporaryDirectory() as folder:
		report = Path(folder) / "report.xml"
		options = ("--import-mode=importlib", f"--junitxml={report}")
		code = _call(sys.executable, "-m", "pytest", *options, *arguments)
		return Outcome(_counts(report, code))


def _with(programs: tuple[str, ...], *arguments: str) -> Outcome:
	"""Where the emulator of Amazon Chime and these programs can run; says so otherwise."""
	missing = [name for name in EMULATOR if not _is_importable(name)]
	if not (CHECKOUT / "node_modules/amazon-chime-sdk-js").exists():
		missing.append("amazon-chime-sdk-js")
	missing += [name for name in programs if not shutil.which(name)]
	if missing:
		return Outcome(why=f"{', '.join(missing)} missing; `scripts/setup.sh tests` installs it")
	return _pytest(*arguments)


def _is_importable(name: str) -> bool:
	try:
		return importlib.util.find_spec(name) is not None
	except ModuleNotFoundError:
		return False


def _call(*command: str | Path) -> int:
	return subprocess.run(command, cwd=CHECKOUT).returncode


def _counts(report: Path, code: int) -> dict[str, int]:
	"""From a JUnit report; a run that ended badly without one, or without a failed test in it, is an error."""
	counts = {"passed": 0, "failed": 0, "skipped": 0, "errors": 0}
	if report.exists():
		for suite in ElementTree.parse(report).iter("testsuite"):
			of_suite = {name: int(suite.get(name, 0)) for name in ("tests", "failures", "errors", "skipped")}
			counts["failed"] += of_suite["failures"]
			counts["errors"] += of_suite["errors"]
			counts["skipped"] += of_suite["skipped"]
			counts["passed"] += (
				of_suite["tests"] - of_suite["failures"] - of_suite["errors"] - of_suite["skipped"]
			)
	if code and not (counts["failed"] or counts["errors"]):
		counts["errors"] += 1
	return counts


def run(tier: str) -> Outcome:
	print(f"\n──── {tier}", flush=True)
	began = time.monotonic()
	outcome = TIERS[tier]()
	outcome.seconds = time.monotonic() - began
	return outcome


def report(outcomes: dict[str, Outcome]) -> None:
	print("\n──── tiers")
	for tier, outcome in outcomes.items():
		print(f"{tier:<10}{outcome}")
	total: dict[str, int] = {}
	for outcome in outcomes.values():
		for word, count in outcome.counts.items():
			total[word] = total.get(word, 0) + count
	seconds = sum(outcome.seconds for outcome in outcomes.values())
	print(f"===== {phrase(total)} in {seconds:.2f}s =====")


def main(names: list[str]) -> int:
	if unknown := set(names) - set(TIERS):
		print(f"There is no tier {' or '.join(unknown)}; there are {', '.join(TIERS)}.")
		return 2
	outcomes = {tier: run(tier) for tier in names or TIERS}
	report(outcomes)
	return 0 if all(outcome.is_good for outcome in outcomes.values()) else 1


if __name__ == "__main__":
	site_tier.end_politely()
	sys.exit(main(sys.argv[1:]))
