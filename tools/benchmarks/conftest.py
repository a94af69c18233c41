"""The benchmarks run on a bench of their own (`make benchmark`); what they find goes to docs/benchmarks.md."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tools.benchmarks.report import Report

HAS_BENCH = "THERANVIO_ROOT" in os.environ

if HAS_BENCH:
	from tools.harness.site.fixtures import *  # noqa: F403
	from tools.harness.site.fixtures import _around_every_test  # noqa: F401
else:
	collect_ignore_glob = ["test_*.py"]


@pytest.fixture(scope="session")
def report(request: pytest.FixtureRequest) -> Iterator[Report]:
	"""Written only if every benchmark ran in this session."""
	report = Report()
	yield report
	print("", *report.rows, sep="\n")
	if request.config.args == ["tools/benchmarks"] and not request.config.option.keyword:
		report.write()
