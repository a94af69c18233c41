"""Random names, and signing keys derived from the site's own encryption key."""

from __future__ import annotations

import hmac
import secrets

from frappe.utils.password import get_encryption_key


class SiteSecrets:
	def token(self) -> str:
		return secrets.token_hex(16)

	def keys(self) -> tuple[bytes, ...]:
		return (hmac.digest(get_encryption_key().encode(), b"theranvio telehealth links", "sha256"),)
