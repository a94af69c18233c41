"""Answers over HTTP: what was asked for, or a refusal with its status and one sentence. Never a trace of how it came about."""

import json
from typing import Any

import frappe
from frappe import _
from frappe.api import ApiVersion, get_api_version
from werkzeug.wrappers import Response

from theranvio_telehealth.services.messages import ERROR_RESPONSES, REFUSAL_STATUS, quieted

RETRY_AFTER = 60
#: For those who send messages rather than open pages. Amazon sends again what was answered with 5xx.
TO_SENDERS: dict[str, tuple[int, str]] = {
	"wrong_key": (401, "The API key is missing or wrong."),
	"not_believed": (403, "This message is not known to come from Amazon."),
	"unavailable": (503, "This message cannot be taken now. Send it again later."),
}
HEADERS = {
	"Cache-Control": "no-store",
	"X-Content-Type-Options": "nosniff",
	"Referrer-Policy": "no-referrer",
}


class Answer(Response):
	"""Made by this app; whatever else comes out of our endpoints was made by the platform and is replaced."""

	default_mimetype = "application/json"

	def __init__(self, *given: Any, **named: Any) -> None:
		super().__init__(*given, **named)
		frappe.flags.theranvio_answer = self


def success(data: Any) -> Answer:
	label = "data" if get_api_version() == ApiVersion.V2 else "message"
	return Answer(json.dumps({label: data}, separators=(",", ":")), headers=HEADERS)


def refusal(code: str) -> Answer:
	answers = ERROR_RESPONSES | TO_SENDERS
	code = code if code in answers else "failed"
	status, sentence = answers[code]
	body = {"error": {"code": code, "message": _(sentence)}}
	wished = frappe.get_request_header(REFUSAL_STATUS, "") if frappe.request else ""
	answer = Answer(json.dumps(body), status=quieted(code, status, wished), headers=HEADERS)
	if status == 429:
		answer.headers["Retry-After"] = str(RETRY_AFTER)
	return answer


def is_signed_in() -> bool:
	return (getattr(frappe.local, "session", None) or {}).get("user") not in (None, "", "Guest")
