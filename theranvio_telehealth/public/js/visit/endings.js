/* Why a visit is over, in words that are true for their reader. Pure. */
import { isHost, overReason } from "./state.js";
import { __ } from "./words.js";

const AGAIN = () => __("Please contact the clinic if you need a new appointment.");
const BOOK = () => __("To meet after all, book a new appointment.");
const CANCELLED = () => __("This visit was cancelled");
const ENDED = () => __("The visit has ended");
const NOT_HELD = () => __("This visit did not take place");
const NO_VIDEO = () => __("This appointment is not held by video");

/** By why it is over: a drawing, and for host and client each a title and what to do.
    @type {Record<Why, { drawing: Drawing, host: Sentences, client: Sentences }>} */
const ENDINGS = {
	host: {
		drawing: "check",
		host: [ENDED, () => __("It was ended for everyone. Nobody can come back in.")],
		client: [ENDED, () => __("You can close this page.")],
	},
	time: {
		drawing: "clock",
		host: [ENDED, () => __("Its time was over, so it was closed for everyone.")],
		client: [() => __("The time for this visit is over"), AGAIN],
	},
	not_held: {
		drawing: "clock",
		host: [NOT_HELD, () => __("It was not started while it was open. To meet, book a new appointment.")],
		client: [() => __("The time for this visit is over"), AGAIN],
	},
	cancelled: {
		drawing: "calendar",
		host: [
			CANCELLED,
			() => __("Its appointment was cancelled. The client sees the same on this page."),
			BOOK,
		],
		client: [CANCELLED, AGAIN],
	},
	no_show: {
		drawing: "calendar",
		host: [NOT_HELD, () => __("Its appointment is marked as No Show."), BOOK],
		client: [NOT_HELD, AGAIN],
	},
	video_off: {
		drawing: "calendar",
		host: [
			NO_VIDEO,
			() =>
				__(
					"Video was switched off in the appointment, which stands. Switch it on again to meet here."
				),
		],
		client: [NO_VIDEO, () => __("Your appointment stands. Please ask the clinic how it will be held.")],
	},
	deleted: {
		drawing: "calendar",
		host: [CANCELLED, () => __("Its appointment was deleted."), BOOK],
		client: [CANCELLED, AGAIN],
	},
};

/** By status, from a server that does not say why.
    @type {Record<OverReason, Why>} */
const USUAL = { ended: "host", cancelled: "cancelled", expired: "not_held" };

/** `{ drawing, title, text }` for a visit that is over.
    @param {VisitState} state */
export function endingOf(state) {
	const why = state.over ? state.over.why : USUAL[/** @type {OverReason} */ (overReason(state))];
	const { drawing, host, client } = ENDINGS[why];
	const [title, ...text] = isHost(state) ? host : client;
	return { drawing, title: titleOf(state, title), text: text.map((sentence) => sentence()).join(" ") };
}

/** @param {VisitState} state
    @param {() => string} title */
function titleOf(state, title) {
	return state.over && state.over.by_me ? __("You have ended the visit") : title();
}
