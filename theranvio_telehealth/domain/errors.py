"""Why an act is refused, as classes. Each has its public name, its HTTP status and one sentence for users.

TelehealthError
├── NotFound             no such room, or none of the caller's business
├── HostOnly  TooEarly  WindowClosed  VisitOver  VisitLocked
├── NotAdmitted  Declined  Removed  Superseded  RoomFull
├── AllowanceExhausted  ExtensionExhausted  PhiNotPermitted  NoFallback  ProviderUnavailable
├── WrongMove            the state machine has no such edge from here
├── Malformed  SignIn  Csrf  WrongMethod  TooLarge  TooManyRequests    the request itself
└── Failed               a fault of ours
"""

from __future__ import annotations

from typing import ClassVar

from theranvio_telehealth.domain.sentences import _

#: The request header by which a page asks for `puts_out` to come with this status, so that the browser makes no error of
#: it in its console.
REFUSAL_STATUS = "X-Refusal-Status"
QUIET = 200


class TelehealthError(Exception):
	"""Root of every refusal. `code` is its stable public name, `status` HTTP's, `text` an English sentence that says what
	happened and what to do next. `puts_out`: a page that asks by itself learns it in the ordinary course of a visit."""

	code: ClassVar[str]
	status: ClassVar[int]
	text: ClassVar[str]
	puts_out: ClassVar[bool] = False

	def __init_subclass__(cls) -> None:
		missing = [name for name in ("code", "status", "text") if name not in vars(cls)]
		if missing:
			raise TypeError(f"{cls.__name__} does not define {', '.join(missing)}")


def status_of(error: type[TelehealthError], wished: str) -> int:
	"""The status to answer with, where the request's header `REFUSAL_STATUS` is `wished`, or empty."""
	return QUIET if error.puts_out and wished == str(QUIET) else error.status


class NotFound(TelehealthError):
	code = "not_found"
	status = 404
	text = _("There is no such visit here. Check the link, or sign in as the person it was booked for.")


class Malformed(TelehealthError):
	code = "malformed"
	status = 400
	text = _("This request was not understood. Reload the page and try again.")


class HostOnly(TelehealthError):
	code = "host_only"
	status = 403
	text = _("Only the clinician can do this.")


class TooEarly(TelehealthError):
	code = "too_early"
	status = 403
	text = _("The visit is not open yet. You can leave this page open until it is.")


class WindowClosed(TelehealthError):
	code = "window_closed"
	status = 403
	text = _("The time for this visit is over. Please contact the clinic for a new appointment.")
	puts_out = True


class VisitOver(TelehealthError):
	code = "visit_over"
	status = 410
	text = _("This visit is over.")
	puts_out = True


class VisitLocked(TelehealthError):
	code = "visit_locked"
	status = 403
	text = _("The clinician has locked the visit. Please contact the clinic.")


class NotAdmitted(TelehealthError):
	code = "not_admitted"
	status = 403
	text = _("The clinician has not let you in yet. Please wait.")
	puts_out = True


class Declined(TelehealthError):
	code = "declined"
	status = 403
	text = _("The clinician cannot see you now. Please contact the clinic.")
	puts_out = True


class Removed(TelehealthError):
	code = "removed"
	status = 403
	text = _("The clinician has ended your part in this visit. Please contact the clinic.")
	puts_out = True


class Superseded(TelehealthError):
	code = "superseded"
	status = 409
	text = _("You joined this visit in another tab or on another device. You can continue there.")
	puts_out = True


class RoomFull(TelehealthError):
	code = "room_full"
	status = 409
	text = _("Everyone this kind of call can hold is already in it. Someone has to leave first.")
	puts_out = True


class AllowanceExhausted(TelehealthError):
	code = "allowance_exhausted"
	status = 409
	text = _(
		"The video minutes are used up, so nobody new can be admitted. Use the fallback link, or ask "
		"your administrator to raise the allowance."
	)


class ExtensionExhausted(TelehealthError):
	code = "extension_exhausted"
	status = 409
	text = _("This visit cannot be extended any further. Bring it to an end, and book another appointment.")


class PhiNotPermitted(TelehealthError):
	code = "phi_not_permitted"
	status = 409
	text = _(
		"Embedded video is switched off here until the clinic's agreements for US health information "
		"are in order. The appointment stands: use the fallback link."
	)


class NoFallback(TelehealthError):
	code = "no_fallback"
	status = 409
	text = _("This appointment has no fallback link. Add one to the appointment first.")


class ProviderUnavailable(TelehealthError):
	code = "provider_unavailable"
	status = 503
	text = _(
		"The video service does not answer right now. The appointment stands: meet another way, or try again."
	)


class WrongMove(TelehealthError):
	code = "wrong_move"
	status = 409
	text = _("That is no longer possible. The page now shows how things stand.")


class SignIn(TelehealthError):
	code = "sign_in"
	status = 401
	text = _("You are not signed in. Sign in and open the visit again.")


class Csrf(TelehealthError):
	code = "csrf"
	status = 403
	text = _("This page is out of date. Reload it and try again.")


class WrongMethod(TelehealthError):
	code = "wrong_method"
	status = 405
	text = _("This request was not understood. Reload the page and try again.")


class TooLarge(TelehealthError):
	code = "too_large"
	status = 413
	text = _("This request is too large.")


class TooManyRequests(TelehealthError):
	code = "too_many_requests"
	status = 429
	text = _("Too many requests. Wait a minute and try again.")


class Failed(TelehealthError):
	code = "failed"
	status = 500
	text = _("Something went wrong on our side, and it was recorded. Try again, or use the fallback link.")
