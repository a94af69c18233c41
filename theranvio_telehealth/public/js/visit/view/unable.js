/* A browser that cannot carry a call: why, before anybody tries, and what else there is. */
import { isHost } from "../state.js";
import { __ } from "../words.js";
import { besideQueue, home, out } from "./end_screens.js";
import { offer } from "./parts.js";
import { mayCome, meetElsewhere } from "./trouble.js";

/** @type {Record<Lack, () => string>} */
const LACKS = {
	insecure: () =>
		__(
			"This page was opened without https, and browsers allow video only with it. Open it by the clinic's https address."
		),
	calls: () =>
		__(
			"This browser cannot make video calls, or they are switched off in it. Open this page in another browser."
		),
	devices: () =>
		__("This browser does not let pages use a camera or microphone. Open this page in another browser."),
};

/** @param {PageWith<"lack">} page */
export function unable(page) {
	const title = __("Video does not work in this browser");
	return besideQueue(
		page,
		out(
			{ drawing: "warning", title, text: LACKS[page.flags.lack]() },
			isHost(page.state) ? hostWay(page) : ways(page)
		)
	);
}

/** @param {Page} page */
function hostWay(page) {
	return page.state.fallback ? meetElsewhere(page) : home(page);
}

/** @param {Page} page */
function ways(page) {
	const way = offer(page);
	return [way || mayCome(), home(page, way ? "plain" : "primary")];
}
