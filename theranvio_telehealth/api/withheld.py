"""What the platform would tell a client of their own appointment, and the visit page tells only when it is time.

The portal's form, its list and `get_form_data` hand out whole rows, the fallback link with them. There is no one place for
that in the platform but the response: docs/adr/0015."""

import re

import frappe
from werkzeug.wrappers import Response

FIELD = b"theranvio_fallback_url"
#: The field with its value, in JSON and in JSON that is quoted in JSON or HTML.
VALUE = re.compile(
	rb"""(theranvio_fallback_url)(\\*(?:"|&quot;|&#34;))(\s*:\s*)\2(?:(?!\2).|(?<=\\)\2)*\2""", re.DOTALL
)


def withhold(response: Response) -> None:
	if response.is_streamed or response.direct_passthrough or FIELD not in response.get_data():
		return
	if not _is_staff():
		response.set_data(VALUE.sub(rb"\1\2\3null", response.get_data()))


def _is_staff() -> bool:
	user = (getattr(frappe.local, "session", None) or {}).get("user") or "Guest"
	return frappe.get_cached_value("User", user, "user_type") == "System User"  # type: ignore[no-any-return]
