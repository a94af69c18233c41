"""Every refusal's HTTP status and sentence, for the site and the demo. `_` only marks the text: it is translated where the answer is made."""

from __future__ import annotations

from theranvio_telehealth.domain.errors import TelehealthError


def _(text: str) -> str:
	return text


ERROR_RESPONSES: dict[str, tuple[int, str]] = {
	"malformed": (400, _("This request was not understood. Reload the page and try again.")),
	"sign_in": (401, _("You are not signed in. Sign in and open the visit again.")),
	"csrf": (403, _("This page is out of date. Reload it and try again.")),
	"host_only": (403, _("Only the clinician can do this.")),
	"too_early": (403, _("The visit is not open yet. You can leave this page open until it is.")),
	"window_closed": (
		403,
		_("The time for this visit is over. Please contact the clinic for a new appointment."),
	),
	"visit_locked": (403, _("The clinician has locked the visit. Please contact the clinic.")),
	"not_admitted": (403, _("The clinician has not let you in yet. Please wait.")),
	"declined": (403, _("The clinician cannot see you now. Please contact the clinic.")),
	"removed": (403, _("The clinician has ended your part in this visit. Please contact the clinic.")),
	"not_found": (
		404,
		_("There is no such visit here. Check the link, or sign in as the person it was booked for."),
	),
	"wrong_method": (405, _("This request was not understood. Reload the page and try again.")),
	"superseded": (
		409,
		_("You joined this visit in another tab or on another device. You can continue there."),
	),
	"room_full": (
		409,
		_("Everyone this kind of call can hold is already in it. Someone has to leave first."),
	),
	"wrong_move": (409, _("That is no longer possible. The page now shows how things stand.")),
	"allowance_exhausted": (
		409,
		_(
			"The video minutes are used up, so nobody new can be admitted. Use the fallback link, "
			"or ask your administrator to raise the allowance."
		),
	),
	"extension_exhausted": (
		409,
		_("This visit cannot be extended any further. Bring it to an end, and book another appointment."),
	),
	"no_fallback": (409, _("This appointment has no fallback link. Add one to the appointment first.")),
	"phi_not_permitted": (
		409,
		_(
			"Embedded video is switched off here until the clinic's agreements for US health information are in "
			"order. The appointment stands: use the fallback link."
		),
	),
	"visit_over": (410, _("This visit is over.")),
	"too_large": (413, _("This request is too large.")),
	"too_many_requests": (429, _("Too many requests. Wait a minute and try again.")),
	"failed": (
		500,
		_("Something went wrong on our side, and it was recorded. Try again, or use the fallback link."),
	),
	"provider_unavailable": (
		503,
		_(
			"The video service does not answer right now. The appointment stands: meet another way, or try again."
		),
	),
}


#: How a page asks for `PUT_OUT` to come with this status, so that the browser makes no error of it in its console.
REFUSAL_STATUS = "X-Refusal-Status"
QUIET = 200
#: What a page that asks by itself learns in the ordinary course of a visit: that its person is no longer in it.
PUT_OUT = frozenset(
	("not_admitted", "declined", "removed", "superseded", "room_full", "visit_over", "window_closed")
)


def quieted(code: str, status: int, wished: str) -> int:
	"""The status to answer with, where the request's header `REFUSAL_STATUS` is `wished`, or empty."""
	return QUIET if wished == str(QUIET) and code in PUT_OUT else status


def answer(error: TelehealthError) -> tuple[int, str]:
	"""HTTP status and untranslated sentence of a refusal."""
	return ERROR_RESPONSES.get(error.code, ERROR_RESPONSES["failed"])
