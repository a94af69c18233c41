"""The errors of Amazon's control plane, as values that know their status, code and wire form."""

from __future__ import annotations

import json
import uuid

from aiohttp import web

STATUS_OF = {
	"BadRequestException": 400,
	"LimitExceededException": 400,
	"SerializationException": 400,
	"UnauthorizedException": 401,
	"MissingAuthenticationTokenException": 403,
	"UnrecognizedClientException": 403,
	"InvalidSignatureException": 403,
	"AccessDeniedException": 403,
	"ForbiddenException": 403,
	"NotFoundException": 404,
	"UnknownOperationException": 404,
	"ConflictException": 409,
	"UnprocessableEntityException": 422,
	"ThrottledClientException": 429,
	"ThrottlingException": 429,
	"ServiceFailureException": 500,
	"ServiceUnavailableException": 503,
}


class AwsError(Exception):
	"""One refusal of the control plane; boto3 raises the exception named `code` for it."""

	def __init__(self, code: str, message: str, status: int = 0) -> None:
		super().__init__(message)
		self.code = code
		self.message = message
		self.status = status or STATUS_OF[code]


def not_found(what: str) -> AwsError:
	return AwsError("NotFoundException", f"The {what} does not exist.")


def bad_request(message: str) -> AwsError:
	return AwsError("BadRequestException", message)


def json_form(error: AwsError) -> tuple[dict[str, str], str]:
	"""Headers and body: the exception's name in a header, and again without its suffix in the body."""
	request_id = str(uuid.uuid4())
	headers = {"x-amzn-ErrorType": error.code, "x-amzn-RequestId": request_id}
	if error.status == 503:
		headers["Retry-After"] = "1"
	body = {"Code": error.code.removesuffix("Exception"), "Message": error.message, "RequestId": request_id}
	return headers, json.dumps(body)


def xml_response(error: AwsError) -> web.Response:
	"""The XML form of the older services (STS, SNS)."""
	kind = "Receiver" if error.status >= 500 else "Sender"
	code = "InvalidClientTokenId" if error.code == "UnrecognizedClientException" else error.code
	text = (
		f"<ErrorResponse><Error><Type>{kind}</Type><Code>{code}</Code><Message>{error.message}</Message></Error>"
		f"<RequestId>{uuid.uuid4()}</RequestId></ErrorResponse>"
	)
	return web.Response(status=error.status, text=text, content_type="text/xml")
