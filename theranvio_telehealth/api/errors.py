"""Answers over HTTP: what was asked for, or a refusal with its status and one sentence. Never a trace of how it came about."""

import json
from typing import Any

import frappe
from frappe import _
from frappe.api import ApiVersion, get_api_version
from werkzeug.wrappers import Response

from theranvio_telehealth.domain.errors import (
	REFUSAL_STATUS,
	TelehealthError,
	TooManyRequests,
	status_of,
)

RETRY_AFTER = 60
HEADERS = {
	"Cache-Control": "no-store",
	"X-Content-Type-Options": "nosniff",
	"Referrer-Policy": "no-referrer",
}


class Answer(Response):
	"""Made by this app; whatever else comes out of our endpoints was made by the platform and is replaced."""

	default_mimetype = "application/json"


def success(data: Any) -> Answer:
	label = "data" if get_api_version() == ApiVersion.V2 else "message"
	return Answer(json.dumps({label: data}, separators=(",", ":")), headers=HEADERS)


def refusal(error: type[TelehealthError]) -> Answer:
	body = {"error": {"code": error.code, "message": _(error.text)}}
	wished = frappe.get_request_header(REFUSAL_STATUS, "") if frappe.request else ""
	answer = Answer(json.dumps(body), status=status_of(error, wished), headers=HEADERS)
	if error is TooManyRequests:
		answer.headers["Retry-After"] = str(RETRY_AFTER)
	return answer


def is_signed_in() -> bool:
	return (getattr(frappe.local, "session", None) or {}).get("user") not in (None, "", "Guest")
