"""Which class serves which adapter, found only when it is asked for."""

from __future__ import annotations

import subprocess
import sys

import pytest

from theranvio_telehealth.domain.enums import Adapter
from theranvio_telehealth.providers.base import MediaProvider, Rejected
from theranvio_telehealth.providers.registry import _PROVIDERS, FIRST, event_senders, make, provider_class

BROUGHT = sorted(_PROVIDERS)
NAMES = {
	Adapter.CHIME: "ChimeProvider",
	Adapter.PEER_TO_PEER: "PeerToPeerProvider",
	Adapter.EXTERNAL_LINK: "ExternalLinkProvider",
	Adapter.FAKE: "FakeProvider",
}


@pytest.mark.parametrize("adapter", BROUGHT, ids=str)
def test_every_adapter_that_is_listed_can_be_made(adapter: Adapter) -> None:
	assert isinstance(make(adapter, {}), MediaProvider)


@pytest.mark.parametrize("adapter", NAMES, ids=str)
def test_the_adapters_of_this_version_have_their_classes(adapter: Adapter) -> None:
	assert type(make(adapter, {})).__name__ == NAMES[adapter]


@pytest.mark.parametrize("adapter", sorted(set(Adapter) - set(_PROVIDERS)), ids=str)
def test_an_adapter_that_this_version_does_not_bring_is_rejected(adapter: Adapter) -> None:
	with pytest.raises(Rejected):
		make(adapter, {})


def test_a_site_begins_with_one_that_needs_no_account() -> None:
	assert make(FIRST, {}).check()[0].ok


def test_anyone_who_sends_events_can_read_them() -> None:
	"""And the others never accept one: the contract's own method refuses everything."""
	own = {adapter for adapter in BROUGHT if "read_event" in vars(provider_class(adapter))}
	assert own == set(event_senders()) == {Adapter.CHIME}


def test_two_adapters_are_two_classes() -> None:
	assert len({type(make(adapter, {})) for adapter in BROUGHT}) == len(BROUGHT)


def test_the_configuration_arrives() -> None:
	made = make(Adapter.EXTERNAL_LINK, {"link": "https://meet.example.org/x"})
	assert made.link == "https://meet.example.org/x"  # type: ignore[attr-defined]


def test_only_the_one_asked_for_is_imported() -> None:
	script = (
		"import sys; from theranvio_telehealth.domain.enums import Adapter; "
		"from theranvio_telehealth.providers.registry import make; make(Adapter.FAKE, {}); "
		"print(sorted(m for m in sys.modules if m.startswith('theranvio_telehealth.providers.')))"
	)
	printed = subprocess.run(
		[sys.executable, "-c", script], capture_output=True, text=True, check=True
	).stdout
	names = ("base", "fake", "registry")
	assert printed.strip() == str([f"theranvio_telehealth.providers.{name}" for name in names])
