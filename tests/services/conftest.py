"""The fixture that the services' tests share."""

from __future__ import annotations

import pytest

from tests.services.acts import Visit


@pytest.fixture
def visit() -> Visit:
	"""A booked visit at noon, its room open, nobody there yet."""
	return Visit()
