"""Amazon's answers on loopback for the tests of its provider. No assertions live here."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.providers.chime_stub import ACCOUNT, SECRET, ChimeStub


@pytest.fixture(scope="session")
def _served() -> Iterator[ChimeStub]:
	stub = ChimeStub()
	yield stub
	stub.stop()


@pytest.fixture
def amazon(_served: ChimeStub, monkeypatch: pytest.MonkeyPatch) -> ChimeStub:
	"""botocore waits between attempts; only how often it tries is of interest."""
	monkeypatch.setattr("botocore.retries.standard.ExponentialBackoff.delay_amount", lambda self, context: 0)
	_served.reset()
	return _served


@pytest.fixture
def config(amazon: ChimeStub) -> dict[str, Any]:
	return {
		"account_id": ACCOUNT,
		"control_region": "ca-central-1",
		"media_region": "ca-central-1",
		"allowed_regions": "ca-central-1\nus-east-1\n",
		"access_key_id": "AKIDEXAMPLE",
		"secret_access_key": SECRET,
		"endpoint_url": amazon.url,
	}
