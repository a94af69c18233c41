"""Until when a join's credentials hold: not past the last instant at which the join itself can be going on."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from tests.services.acts import CLIENT, HOST, Visit
from theranvio_telehealth.domain.access_window import latest_close
from theranvio_telehealth.domain.entities import Caller, Policy
from theranvio_telehealth.providers.peer_to_peer import PeerToPeerConfig, PeerToPeerProvider
from theranvio_telehealth.services import joining
from tools.harness.ports import NOON

RELAY = PeerToPeerConfig(turn_urls=("turn:relay.example.org",), turn_secrets=("shared",))


def expiry(visit: Visit, user: str) -> datetime:
	"""What coturn reads in the user name of this person's newest join."""
	(server,) = joining.join(visit.ports, Caller(user), visit.name)["credentials"]["ice_servers"]
	return datetime.fromtimestamp(int(server["username"].partition(":")[0]), NOON.tzinfo)


@pytest.fixture(params=[20, 50, 5 * 60], ids="{} minutes".format)
def visit(request: pytest.FixtureRequest) -> Visit:
	made = Visit(provider=PeerToPeerProvider(RELAY), minutes=request.param)
	made.let_in()
	return made


@pytest.mark.parametrize("user", [HOST, CLIENT])
def test_a_relays_password_ends_with_the_longest_that_the_visit_can_last(visit: Visit, user: str) -> None:
	end = visit.room.ends_on + Policy().overrun
	assert expiry(visit, user) == end == latest_close(visit.room, Policy())


def test_a_later_join_gains_nothing(visit: Visit) -> None:
	first = expiry(visit, CLIENT)
	visit.later(seconds=900)
	assert expiry(visit, CLIENT) == first


def test_a_visit_that_was_lengthened_has_longer_passwords_from_the_next_join_on(visit: Visit) -> None:
	before = expiry(visit, HOST)
	visit.rewrite(minutes=visit.appointment.minutes + 30)
	visit.enter(HOST)
	assert expiry(visit, HOST) == before + timedelta(minutes=30)
