"""Answers over HTTP: what was asked for, or a refusal with its status and one sentence. Never a trace of how it came about."""

import json
from typing import Any

import frappe
from frappe import _
from frappe.api import ApiVersion, get_api_version
from werkzeug.wrappers import Response

from theranvio_telehealth.services.messages import ANSWERS

RETRY_AFTER = 60
HEADERS = {
	"Cache-Control": "no-store",
	"X-Content-Type-Options": "nosniff",
	"Referrer-Policy": "no-referrer",
}


class Answer(Response):
	"""Made by this app; whatever else comes out of our endpoints was made by the host and is replaced."""

	default_mimetype = "application/json"


def success(data: Any) -> Answer:
	label = "data" if get_api_version() == ApiVersion.V2 else "message"
	return Answer(json.dumps({label: data}, separators=(",", ":")), headers=HEADERS)


def refusal(code: str) -> Answer:
	code = code if code in ANSWERS else "failed"
	status, sentence = ANSWERS[code]
	body = {"error": {"code": code, "message": _(sentence)}}
	answer = Answer(json.dumps(body), status=status, headers=HEADERS)
	if status == 429:
		answer.headers["Retry-After"] = str(RETRY_AFTER)
	return answer


def is_signed_in() -> bool:
	return (getattr(frappe.local, "session", None) or {}).get("user") not in (None, "", "Guest")
