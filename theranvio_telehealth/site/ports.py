"""This site's adapters of the ports, put together."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from functools import lru_cache, partial
from typing import Any

import frappe

from theranvio_telehealth.domain.entities import ProviderAccount
from theranvio_telehealth.providers import registry
from theranvio_telehealth.providers.base import MediaProvider
from theranvio_telehealth.providers.breaker import CircuitBreakerProvider
from theranvio_telehealth.services.ports import Ports
from theranvio_telehealth.site.background import SiteBackground
from theranvio_telehealth.site.bell import SiteBell
from theranvio_telehealth.site.circuits import SiteCircuits
from theranvio_telehealth.site.clock import SiteClock
from theranvio_telehealth.site.directory import SiteDirectory
from theranvio_telehealth.site.log import SiteLog
from theranvio_telehealth.site.mailbox import SiteMailbox
from theranvio_telehealth.site.presence import SitePresence
from theranvio_telehealth.site.realtime import SiteNudge
from theranvio_telehealth.site.store import SiteStore

#: Site configuration: an emulator of Amazon Chime on this machine, for tests. No form shows it.
ENDPOINT_SETTING = "theranvio_chime_endpoint"


def ports() -> Ports:
	store = SiteStore()
	return Ports(
		store=store,
		agreements=store,
		directory=SiteDirectory(),
		mailbox=SiteMailbox(),
		presence=SitePresence(),
		nudge=SiteNudge(),
		bell=SiteBell(),
		clock=SiteClock(),
		new_token=partial(secrets.token_hex, 16),
		background=SiteBackground(ports),
		log=SiteLog(),
		media=lambda account: _made(frappe.local.site, account, frappe.conf.get(ENDPOINT_SETTING)),
	)


@lru_cache(maxsize=32)
def _made(site: str, account: ProviderAccount, endpoint: str | None) -> MediaProvider:
	"""Made once for every state of its Media Provider, as opening the credentials costs more than a whole poll."""
	made = registry.make(account.adapter, Configuration(account.name))
	return CircuitBreakerProvider(made, account.name, SiteCircuits(), SiteClock().now)


class Configuration(Mapping[str, Any]):
	"""A Media Provider's fields, its passwords opened when they are asked for, and the endpoint of an emulator."""

	def __init__(self, name: str) -> None:
		self._doc = frappe.get_doc("Media Provider", name)

	def __getitem__(self, field: str) -> Any:
		if field == "endpoint_url":
			return frappe.conf.get(ENDPOINT_SETTING)
		described = self._doc.meta.get_field(field)
		if described is None:
			raise KeyError(field)
		if described.fieldtype == "Password":
			return self._doc.get_password(field, raise_exception=False)
		return self._doc.get(field)

	def __iter__(self) -> Iterator[str]:
		return iter([*(field.fieldname for field in self._doc.meta.fields), "endpoint_url"])

	def __len__(self) -> int:
		return len(self._doc.meta.fields) + 1
