"""The fixtures that the services' tests share."""

from __future__ import annotations

import pytest

from tests.factories import House, make_house
from tests.services.acts import Visit


@pytest.fixture
def house() -> House:
	"""A clinic with nothing booked."""
	return make_house()


@pytest.fixture
def visit() -> Visit:
	"""A booked visit at noon, its room open, nobody there yet."""
	return Visit()
