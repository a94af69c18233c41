/* When the video does not work: why, and what to do meanwhile. The appointment stands in either case. */
import { h } from "preact";
import { isHost, isOffered, siteOf } from "../state.js";
import { __ } from "../words.js";
import { besideQueue, out } from "./end_screens.js";
import { button, fallbackLink, offer, outward } from "./parts.js";

/** @type {Record<CutReason, () => string>} */
export const WHY = {
	connection: () => __("The connection to the call was lost and did not come back. Check your network."),
	network: () =>
		__("Your network does not let the call through. Switch off a VPN, or try another network."),
	cameras: () => __("The call takes no more cameras. Turn yours off before you try again."),
	browser: () =>
		__("Your browser could not keep the call going. Reload the page, update the browser or use another."),
	service: () => __("The video service had a problem."),
};

/** The call has ended by itself, for us alone.
    @param {Page & { flags: { trouble: Cut } }} page */
export function cut(page) {
	const { flags, state } = page;
	return besideQueue(
		page,
		out(
			{ drawing: "warning", title: __("The call was interrupted"), text: WHY[flags.trouble.why]() },
			again(page, "primary"),
			isHost(state) ? fallbackLink(state, "plain") : offer(page)
		)
	);
}

/** No provider answers.
    @param {OutagePage} page */
export function outage(page) {
	return isHost(page.state) ? hostOutage(page) : clientOutage(page);
}

/** @param {OutagePage} page */
function hostOutage(page) {
	const { state, flags } = page;
	const title = __("Video is not available right now");
	return besideQueue(
		page,
		out(
			{ drawing: "warning", title, text: flags.trouble.message },
			h("p", null, state.fallback ? meanwhile(state) : NO_LINK()),
			state.fallback ? meetElsewhere(page) : null,
			again(page, state.fallback ? "quiet" : "plain")
		)
	);
}

const NO_LINK = () =>
	__(
		"Call the client, or add a fallback link to the appointment: it then appears here. The appointment stands."
	);

/** @param {VisitState} state */
function meanwhile(state) {
	return isOffered(state)
		? __("Everyone in the visit is offered the fallback link. The appointment stands.")
		: __(
				"One click opens the fallback link and offers it to everyone in the visit. The appointment stands."
			);
}

/** A link, so that no browser takes it for a pop-up.
    @param {Page} page */
export function meetElsewhere({ state, actions }) {
	if (!state.fallback) return null;
	return outward({
		url: state.fallback.url,
		action: "meet-elsewhere",
		label: __("Meet at {0} instead", [siteOf(state.fallback.url)]),
		kind: "primary",
		press: actions.meetElsewhere,
	});
}

/** @param {Page} page */
function clientOutage(page) {
	const title = __("Video is not available right now");
	const text = __("Please stay on this page. It tries again by itself, and your appointment stands.");
	return out({ drawing: "clock", title, text }, offer(page) || mayCome(), again(page, "plain"));
}

export function mayCome() {
	const hint = __(
		"If the clinician offers another way to meet, it appears here. You can also contact the clinic."
	);
	return h("p", null, hint);
}

/** @param {Page} page
    @param {string} kind */
function again({ flags, actions }, kind) {
	return button({ action: "join", label: __("Try again"), kind, busy: flags.joining, press: actions.join });
}
