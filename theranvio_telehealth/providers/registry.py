"""Which class serves which adapter. Imports only the one that is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any

from theranvio_telehealth.domain.enums import Adapter
from theranvio_telehealth.providers.base import MediaProvider, Rejected

_PROVIDERS = {
	Adapter.CHIME: "chime.provider:ChimeProvider",
	Adapter.PEER_TO_PEER: "peer_to_peer:PeerToPeerProvider",
	Adapter.EXTERNAL_LINK: "external_link:ExternalLinkProvider",
	Adapter.FAKE: "fake:FakeProvider",
}
#: What a new site begins with: it needs no account anywhere.
FIRST = Adapter.PEER_TO_PEER


def provider_class(adapter: Adapter) -> type[MediaProvider]:
	"""Raises `Rejected` for an adapter that this version does not bring."""
	if adapter not in _PROVIDERS:
		raise Rejected
	module, _, name = _PROVIDERS[adapter].partition(":")
	found: type[MediaProvider] = getattr(import_module(f"theranvio_telehealth.providers.{module}"), name)
	return found


def make(adapter: Adapter, config: Mapping[str, Any]) -> MediaProvider:
	"""The adapter's provider as configured. Raises `Rejected` as above."""
	return provider_class(adapter).configured(config)


def event_senders() -> tuple[Adapter, ...]:
	"""The adapters whose providers report what happens in their meetings."""
	return tuple(adapter for adapter in _PROVIDERS if provider_class(adapter).sends_events)
