"""What is wrong with a clinic's account at a provider: by its fields alone, and by asking the provider. It changes nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from theranvio_telehealth.domain.enums import Adapter
from theranvio_telehealth.domain.errors import NotFound
from theranvio_telehealth.domain.sentences import translated
from theranvio_telehealth.providers import registry
from theranvio_telehealth.services.ports import Ports

Translate = Callable[[str], str]


def faults(adapter: Adapter, fields: Mapping[str, Any], translate: Translate) -> list[str]:
	"""What keeps visits from being held with these fields of a Media Provider, a sentence each."""
	found = registry.provider_class(adapter).check_form(fields)
	return [translated(finding.text, translate) for finding in found if not finding.ok]


def is_for_developers(adapter: Adapter) -> bool:
	return registry.provider_class(adapter).for_developers


def check(ports: Ports, name: str, translate: Translate) -> list[dict[str, Any]]:
	"""What the provider itself says. Raises `NotFound`, and `ProviderError` where there is nothing to ask."""
	account = ports.store.provider(name)
	if account is None:
		raise NotFound
	found = ports.media(account).check()
	return [{"ok": finding.ok, "text": translated(finding.text, translate)} for finding in found]
