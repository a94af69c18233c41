"""Who signed a request. The presence and form of Signature Version 4 are checked, the signature itself is not."""

from __future__ import annotations

import re
from collections.abc import Mapping

from tools.chime_emulator.control import Caller
from tools.chime_emulator.errors import AwsError
from tools.chime_emulator.settings import CONTROL_REGIONS, Settings

_AUTHORIZATION = re.compile(
	r"AWS4-HMAC-SHA256 Credential=(?P<key>\w+)/(?P<day>\d{8})/(?P<region>[\w-]+)/(?P<service>[\w-]+)/aws4_request,"
	r"\s*SignedHeaders=[\w;-]*host[\w;-]*,\s*Signature=[0-9a-f]{64}"
)


def signer(headers: Mapping[str, str], service: str, settings: Settings) -> Caller:
	"""The caller whose access key signed for `service`; refused as Amazon refuses it."""
	header = headers.get("Authorization", "")
	if not header:
		raise AwsError("MissingAuthenticationTokenException", "Missing Authentication Token")
	match = _AUTHORIZATION.fullmatch(header)
	if match is None or not headers.get("X-Amz-Date", "").startswith(match["day"]):
		raise AwsError("InvalidSignatureException", "The request's signature is not of Signature Version 4.")
	if match["service"] != service:
		raise AwsError(
			"InvalidSignatureException", f"Credential should be scoped to correct service: '{service}'."
		)
	if match["region"] not in CONTROL_REGIONS:
		raise AwsError("InvalidSignatureException", "Credential should be scoped to a valid region.")
	account = settings.accounts.get(match["key"])
	if account is None:
		raise AwsError(
			"UnrecognizedClientException", "The security token included in the request is invalid."
		)
	return Caller(account, match["region"])
