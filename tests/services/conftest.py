"""The fixtures that the services' tests share."""

from __future__ import annotations

import pytest

from tests.services.acts import Visit
from tools.harness.factories import Harness, make_harness


@pytest.fixture
def harness() -> Harness:
	"""A clinic with nothing booked."""
	return make_harness()


@pytest.fixture
def visit() -> Visit:
	"""A booked visit at noon, its room open and empty."""
	return Visit()
