"""What an administrator asks of a Media Provider from its form."""

from typing import Annotated, Any

import frappe
from frappe import _
from pydantic import StringConstraints

from theranvio_telehealth.api.guards import guarded
from theranvio_telehealth.domain.errors import NotFound
from theranvio_telehealth.services import provider_check
from theranvio_telehealth.site.ports import ports

DOCTYPE = "Media Provider"
#: Entered by a person, unlike a `Name`.
ProviderName = Annotated[str, StringConstraints(min_length=1, max_length=140)]


@frappe.whitelist(methods=["POST"])
@guarded(per_minute=10)
def check(provider: ProviderName) -> dict[str, Any]:
	"""For those who may change it, as it was saved; nothing is saved by asking."""
	if not frappe.db.exists(DOCTYPE, provider) or not frappe.has_permission(DOCTYPE, "write", doc=provider):
		raise NotFound
	return {"findings": provider_check.check(ports(), provider, _)}
