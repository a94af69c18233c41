"""The clinic's accounts at Amazon, as where events come from: their SNS topics and their EventBridge keys."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

import frappe

from theranvio_telehealth.domain.enums import Adapter
from theranvio_telehealth.providers import registry
from theranvio_telehealth.providers.chime.events import has_key
from theranvio_telehealth.providers.chime.names import topic_parts
from theranvio_telehealth.site.ports import Configuration


@dataclass(frozen=True, slots=True)
class Source:
	"""One Media Provider, in use or not: events of its meetings may still arrive. `changed_on`: when it was last saved."""

	provider: str
	adapter: Adapter
	account_id: str
	topic_arn: str
	changed_on: datetime

	@property
	def account(self) -> str:
		"""Its own or its topic's. Empty if neither says: then any account may be meant."""
		parts = topic_parts(self.topic_arn)
		return self.account_id or (parts[1] if parts else "")


def sources() -> list[Source]:
	rows = frappe.db.sql(
		"select name, adapter, ifnull(account_id, ''), ifnull(sns_topic_arn, ''), modified from `tabMedia Provider` "
		"where adapter in %s order by name",
		([adapter.value for adapter in registry.event_senders()],),
	)
	return [Source(name, Adapter(adapter), *more) for name, adapter, *more in rows]


def callers(key: str) -> list[Source]:
	"""Whose EventBridge calls with this key. Every key is compared, whichever it is."""
	return [source for source in sources() if has_key(key, _keys(frappe.local.site, source))]


@lru_cache(maxsize=32)
def _keys(site: str, source: Source) -> tuple[str, ...]:
	"""Opened once for every state of the Media Provider."""
	return tuple((Configuration(source.provider).get("eventbridge_keys") or "").split())


def confirm(source: Source, token: str) -> None:
	"""Take up the subscription to the source's topic."""
	from theranvio_telehealth.providers.chime.provider import ChimeProvider

	ChimeProvider.configured(Configuration(source.provider)).confirm_subscription(source.topic_arn, token)
