"""Media Provider: one account at a service that carries the media, with its secrets. What it can do is in `providers/`."""

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import escape_html, now_datetime

from theranvio_telehealth.domain import bounds
from theranvio_telehealth.domain.addresses import is_https, tidy
from theranvio_telehealth.domain.entities import ProviderAccount
from theranvio_telehealth.domain.enums import Adapter
from theranvio_telehealth.services.provider_check import faults, is_for_developers
from theranvio_telehealth.site.log import discreet
from theranvio_telehealth.telehealth.numbers import require_comparable_caps, require_within


class MediaProvider(Document):
	# begin: auto-generated types
	# This code is auto-generated. Do not modify anything in this block.

	from typing import TYPE_CHECKING

	if TYPE_CHECKING:
		from frappe.types import DF

		access_key_id: DF.Password | None
		account_id: DF.Data | None
		adapter: DF.Literal["", "Amazon Chime SDK", "Peer-to-Peer", "External Link", "Fake"]
		allowed_regions: DF.SmallText | None
		content_resolution: DF.Literal["FHD", "UHD"]
		control_region: DF.Data | None
		enabled: DF.Check
		eventbridge_keys: DF.Password | None
		link: DF.Data | None
		media_region: DF.Data | None
		price_currency: DF.Link | None
		price_per_minute: DF.Float
		price_set_by: DF.Link | None
		price_set_on: DF.Datetime | None
		relay_only: DF.Check
		screen_sharing: DF.Literal["Everyone", "Hosts Only", "Nobody"]
		secret_access_key: DF.Password | None
		sns_topic_arn: DF.Data | None
		stun_urls: DF.SmallText | None
		turn_secrets: DF.Password | None
		turn_urls: DF.SmallText | None
		use_instance_role: DF.Check
		video_resolution: DF.Literal["HD", "FHD"]

	# end: auto-generated types
	@discreet
	def validate(self) -> None:
		if self.adapter not in list(Adapter):
			return  # the platform says so next
		self._check_link()
		self._check_price()
		self._check_adapter()
		self._check_account()
		self._check_region()
		self._check_default()

	def on_trash(self) -> None:
		for doctype in ("Appointment Room", "Usage Entry"):
			if frappe.db.exists(doctype, {"provider": self.name}):
				frappe.throw(
					_("{0} has carried visits and stays on record. Disable it instead.").format(self.name)
				)

	def account(self) -> ProviderAccount:
		return ProviderAccount(
			name=self.name,
			adapter=Adapter(self.adapter),
			enabled=bool(self.enabled),
			account_id=self.account_id or "",
			control_region=self.control_region or "",
			media_region=self.media_region or "",
			allowed_regions=tuple((self.allowed_regions or "").split()),
		)

	def _check_adapter(self) -> None:
		if self.enabled and is_for_developers(Adapter(self.adapter)) and not frappe.conf.developer_mode:
			frappe.throw(_("This adapter carries no media and is for developers. Choose another one."))

	def _check_account(self) -> None:
		found = self._faults() if self.enabled else []
		if found:
			frappe.throw([escape_html(sentence) for sentence in found], as_list=True)

	def _faults(self) -> list[str]:
		"""By what will be stored: a key that is not entered anew is in the form as asterisks."""
		given = self.as_dict()
		for field in self.meta.get("fields", {"fieldtype": "Password"}):
			if self.is_dummy_password(self.get(field.fieldname) or ""):
				given[field.fieldname] = self.get_password(field.fieldname, raise_exception=False)
		return faults(Adapter(self.adapter), given, _)

	def _check_region(self) -> None:
		allowed = self.account().allowed_regions
		for region in (self.control_region, self.media_region):
			if allowed and region and region not in allowed:
				frappe.throw(
					_("{0} is not an allowed region. Choose one of: {1}.").format(region, ", ".join(allowed))
				)

	def _check_link(self) -> None:
		"""Of a draft too: the desk shows what is stored."""
		self.link = tidy(self.link)
		if self.link and not is_https(self.link):
			frappe.throw(
				_(
					"The link must be an https address without blanks, quotes or a user name. Enter one that begins with "
					"https://."
				)
			)

	def _check_price(self) -> None:
		"""Who set it, and when, stays beside it."""
		require_within(self, bounds.PROVIDER)
		if self.price_per_minute and not self.price_currency:
			frappe.throw(_("Choose the currency of the price per participant-minute."))
		require_comparable_caps(self)
		if self.has_value_changed("price_per_minute") or self.has_value_changed("price_currency"):
			self.price_set_on, self.price_set_by = now_datetime(), frappe.session.user
		elif before := self.get_doc_before_save():
			self.price_set_on, self.price_set_by = before.price_set_on, before.price_set_by

	def _check_default(self) -> None:
		if self.enabled:
			return
		texts = {
			"default_provider": _(
				"New rooms use {0}. Choose another one in Telehealth Settings, then disable it."
			),
			"failover_provider": _(
				"{0} takes over where another provider fails. Choose another one in Telehealth Settings, or none, "
				"then disable it."
			),
		}
		for field, text in texts.items():
			if frappe.db.get_single_value("Telehealth Settings", field, cache=False) == self.name:
				frappe.throw(text.format(self.name))
